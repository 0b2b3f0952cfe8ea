"""The parts of deliveries: read once, changed in memory, written once, by who holds the locks of their dialogs.

A message may go out as several calls.  Each part has a state of its own, which only ever moves forward once the
provider accepted it, and the delivery's follows from theirs (:func:`whole`).  A delivery of one part has its row from
the acceptance on; before that its own state says everything.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from connectors.errors import Failure
from server.delivery import parking, part_queries
from server.delivery.model import ACCEPTED, RANKS, RETRYABLE, Progress, advance, not_to_send, worst_of
from server.delivery.moves import Move, Teller, encode_failure, named
from server.delivery.part_queries import Part
from server.delivery.queries import Delivery, has_later, set_external_ids
from server.entities import DeliveryState
from server.unit_of_work import Transaction

EXTERNAL_LENGTH = 255
_SOON_MS = 600_000
REST = Failure(code="rest_waits", text="The rest of the message is sent shortly.")
_MISSING = Failure(
    code="parts_missing", text="The message was not sent as a whole: from this part on it is missing."
)
_TIMES = ("sent_at", "delivered_at", "read_at")


class Parts:
    def __init__(self, tx: Transaction, deliveries: Iterable[Delivery]) -> None:
        self._tx = tx
        self._deliveries = {of.id: of for of in deliveries}
        self._rows: dict[int, dict[int, Part]] = {id_: {} for id_ in self._deliveries}
        for part in part_queries.parts_of(tx.connection, self._deliveries):
            self._rows[part.delivery_id][part.number] = part
        self._before = {id_: {n: _copy(p) for n, p in rows.items()} for id_, rows in self._rows.items()}
        self._fresh: list[Part] = []

    def of(self, delivery_id: int) -> dict[int, Part]:
        """By number, in their order."""
        return dict(sorted(self._rows[delivery_id].items()))

    def add(self, of: Delivery, number: int, state: DeliveryState) -> Part:
        """The part, new in this state if there was none."""
        found = self._rows[of.id].get(number)
        if found is None:
            found = Part(
                delivery_id=of.id,
                number=number,
                channel_id=of.channel_id,
                identity_id=of.identity_id,
                state=state,
            )
            self._rows[of.id][number] = found
        return found

    def accept(self, of: Delivery, number: int, external_id: str | None, at: int) -> Part:
        """The provider certainly has this part."""
        part = self.add(of, number, "sent")
        is_new = part.sent_at is None
        if is_new:
            part.state, part.failure, part.sent_at = "sent", None, at
        if external_id is not None and part.external_id is None:
            part.external_id, is_new = external_id[:EXTERNAL_LENGTH], True
        if is_new:
            self._fresh.append(part)
        return part

    def next_of(self, of: Delivery, deliveries: Sequence[Progress]) -> Part | None:
        """The first that this one of the message's deliveries is to send; None while nobody knows its parts."""
        done = not_to_send(deliveries, of.id)
        return next((part for number, part in self.of(of.id).items() if number not in done), None)

    def goes_out(self, of: Delivery, number: int | None) -> None:
        """This part, or else the first that was not accepted, is on its way now."""
        for part in self.of(of.id).values():
            if part.sent_at is None and number in (None, part.number):
                part.state, part.failure = "sending", None
                return

    def look_again(self) -> None:
        """Let :meth:`settle` look for reports about all parts that were accepted."""
        self._fresh = [part for rows in self._rows.values() for part in rows.values() if part.sent_at]

    def settle(self) -> None:
        """Apply what was reported of the parts that were just accepted, before they were known to be."""
        by_channel: dict[int, list[Part]] = {}
        for part in self._fresh:
            by_channel.setdefault(part.channel_id, []).append(part)
        for channel_id, fresh in by_channel.items():
            self._settle(channel_id, fresh)

    def _settle(self, channel_id: int, fresh: Sequence[Part]) -> None:
        marks = {parking.watermark_key(self._deliveries[part.delivery_id].identity_id) for part in fresh}
        named = {part.external_id: part for part in fresh if part.external_id is not None}
        found = parking.parked(self._tx.connection, channel_id, [*named, *marks])
        for told in found:
            if told.external_id in named:
                report(named[told.external_id], told.state, told.at, told.failure)
        for part in fresh:
            of = self._deliveries[part.delivery_id]
            for told in found:
                key = parking.watermark_key(of.identity_id)
                if told.external_id == key and told.at >= (part.begun_at or of.message_at):
                    report(part, told.state, told.at, told.failure)
        parking.unpark(self._tx.connection, [told.id for told in found if told.external_id in named])

    def rest_may_follow(self, of: Delivery) -> bool:
        """Whether the doubt about one part was all that held up the rest: soon after, and nothing was written since."""
        rows = self.of(of.id).values()
        if of.state != "unknown" or whole(part.state for part in rows) is not None:
            return False
        begun = max(part.begun_at or of.message_at for part in rows if part.sent_at is not None)
        is_soon = self._tx.now_ms - begun <= _SOON_MS
        return is_soon and not has_later(self._tx.connection, of.identity_id, of.id)

    def write(self) -> None:
        """Write what changed."""
        new, changed = [], []
        for id_, rows in self._rows.items():
            known = self._before[id_]
            new += [part for number, part in rows.items() if number not in known]
            changed += [part for number, part in rows.items() if number in known and part != known[number]]
        part_queries.insert(self._tx.connection, new)
        part_queries.update(self._tx.connection, changed)
        first = {
            self._deliveries[part.delivery_id].message_id: part.external_id
            for part in self._fresh
            if part.number == 1 and part.external_id is not None
        }
        set_external_ids(self._tx.connection, first)


def report(part: Part, state: DeliveryState, at: int, failure: str | None) -> None:
    """A word of the provider about a part that it accepted; forward only, whatever the order."""
    if advance(part.state, state) != part.state:
        part.state, part.failure = state, failure if state in RETRYABLE else None
    names = {"delivered": ("delivered_at",), "read": ("delivered_at", "read_at"), "failed": ("failed_at",)}
    for name in names.get(state, ()):
        known = getattr(part, name)
        setattr(part, name, at if known is None else min(known, at))


def whole(states: Iterable[DeliveryState]) -> DeliveryState | None:
    """What parts in these states are together; None while some were not begun."""
    all_of = set(states)
    if (worst := worst_of(all_of)) is not None:
        return worst
    if not all_of or not all_of <= ACCEPTED:
        return None
    return min(all_of, key=RANKS.__getitem__)


def failure_of(parts: Mapping[int, Part], state: DeliveryState, count: int | None) -> str | None:
    """Why, and of which part where there are several."""
    for number, part in sorted(parts.items()):
        if part.state == state and part.failure is not None:
            return named(part.failure, number) if (count or len(parts)) > 1 else part.failure
    return None


def next_move(of: Delivery, parts: Parts, teller: Teller, at: int) -> Move | None:
    """The move of a delivery that nobody is sending to where its parts are now; None: it is there."""
    found = parts.of(of.id)
    waits = of.state == "queued" and whole(part.state for part in found.values()) not in ACCEPTED
    if not found or of.state == "sending" or waits:
        return None
    if parts.rest_may_follow(of):
        values = {"next_attempt_at": at}
        return Move(of=of, state="queued", teller=teller, at=at, failure=encode_failure(REST), values=values)
    move = move_to_parts(of, found, teller, at)
    same = (move.state, move.failure) == (of.state, of.failure)
    return None if same and all(getattr(of, name) == value for name, value in move.values.items()) else move


def move_to_parts(of: Delivery, found: Mapping[int, Part], teller: Teller, at: int) -> Move:
    """The move of a delivery whose attempt has ended to what its parts came to; it has some."""
    values = times_of(of, found)
    state = whole(part.state for part in found.values()) or "failed"
    failure = failure_of(found, state, of.parts) or (_missing(found) if state == "failed" else None)
    if state in ACCEPTED:
        values["parts"] = of.parts or max(found)
    return Move(of=of, state=state, teller=teller, at=at, failure=failure, values=values)


def _missing(parts: Mapping[int, Part]) -> str:
    left = (number for number, part in sorted(parts.items()) if part.sent_at is None)
    return named(encode_failure(_MISSING), next(left, 1))


def times_of(of: Delivery, parts: Mapping[int, Part]) -> dict[str, Any]:
    """When all of it was sent, delivered, read; and when the first of it failed."""
    times: dict[str, Any] = {}
    for name in _TIMES:
        found = [getattr(part, name) for part in parts.values()]
        if found and None not in found:
            times[name] = of.sent_at or max(found) if name == "sent_at" else max(found)
    failed = [part.failed_at for part in parts.values() if part.failed_at is not None]
    return times | ({"failed_at": min(failed)} if failed else {})


def _copy(part: Part) -> Part:
    return msgspec.structs.replace(part)
