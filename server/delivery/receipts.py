"""What providers report about what we sent: receipts and echoes.

States only move forward by rank, so reports may come in any order, twice, or before the answer to the send itself,
and the end is the same.  A report about a delivery whose attempt has not ended, or about an id that we don't know
yet, is parked and counts as soon as the attempt ends or the id is recorded (:func:`settled`).
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from connectors.contract import Echo, Receipt, ReceiptState
from connectors.errors import Failure
from server.delivery import blocked, elsewhere, moves, parking, queries
from server.delivery.model import ACCEPTED, REPORTED, advance
from server.delivery.moves import Move, Teller
from server.delivery.queries import Delivery, DialogKey
from server.entities import DeliveryState
from server.unit_of_work import Transaction

_EXTERNAL_LENGTH = 255
_NOT_ENDED: tuple[DeliveryState, ...] = ("queued", "sending", "unknown")
_UNSAID = Failure(code="not_delivered", text="The provider reported that the message was not delivered.")


class _Report(msgspec.Struct, kw_only=True):
    """One report about one delivery."""

    state: DeliveryState
    at: int
    key: str
    """Under which it is parked if it can't count yet."""
    names_us: bool = False
    """It carried our own mark: proof enough that the provider accepted an attempt whose end is unknown."""
    failure: str | None = None


def apply_receipts(tx: Transaction, channel_id: int, receipts: Sequence[Receipt]) -> None:
    """Apply a batch of receipts of one channel: by provider ids, by our mark, and by watermark."""
    found = _Found(tx, channel_id)
    found.look_up(
        (id_ for receipt in receipts for id_ in receipt.external_ids), (r.tracker for r in receipts)
    )
    for receipt in receipts:
        _sort(found, receipt)
    _apply_watermarks(found, [r for r in receipts if r.watermark_ms is not None and r.peer is not None])
    found.apply("receipt")


def apply_echoes(tx: Transaction, channel_id: int, echoes: Sequence[Echo]) -> None:
    """Apply what our own account sent: ours settles its delivery, a colleague's joins the dialog as a message."""
    found = _Found(tx, channel_id)
    found.look_up((echo.external_id for echo in echoes), (echo.metadata for echo in echoes))
    foreign: list[Echo] = []
    for echo in echoes:
        external_id = echo.external_id[:_EXTERNAL_LENGTH]
        if external_id in found.by_id:
            continue  # known already, so it tells nothing new
        delivery_id = found.by_tracker.get(echo.metadata or "")
        if delivery_id is None:
            foreign.append(echo)
        else:
            found.name(external_id, delivery_id)
            at = _clamp(echo.at_ms, tx.now_ms)
            found.add(delivery_id, _Report(state="sent", at=at, key=external_id, names_us=True))
    found.apply("echo")
    elsewhere.add(tx, channel_id, foreign)


def settled(
    tx: Transaction, of: Delivery, state: DeliveryState, keys: Iterable[str], failure: str | None = None
) -> tuple[DeliveryState, str | None, dict[str, Any]]:
    """The state of a delivery whose attempt just ended as ``state``, with what was parked for it taken along.

    Also returns its failure, and the times to set.
    """
    watermark = _watermark_key(of.identity_id)
    found = parking.parked(tx.connection, of.channel_id, [*keys, of.tracker, watermark])
    named = [report for report in found if report.external_id != watermark]
    accepted = state in ACCEPTED or bool(named)
    counted = named + [r for r in found if accepted and r.external_id == watermark and r.at >= of.message_at]
    times: dict[str, Any] = {"sent_at": of.sent_at or tx.now_ms} if accepted else {}
    for report in counted:
        if advance(state, report.state) != state:
            state, failure = report.state, report.failure
        _note_times(times, report.state, report.at)
    parking.unpark(tx.connection, [report.id for report in named])
    return state, failure, {name: _earliest(getattr(of, name), at) for name, at in times.items()}


class _Found:
    """The deliveries that a batch of reports is about."""

    def __init__(self, tx: Transaction, channel_id: int) -> None:
        self.tx = tx
        self.channel_id = channel_id
        self.by_id: dict[str, int] = {}
        self.by_tracker: dict[str, int] = {}
        self._named: list[tuple[int, str, int]] = []
        self._reports: dict[int, list[_Report]] = {}
        self._parked: list[dict[str, Any]] = []

    def look_up(self, external_ids: Iterable[str], trackers: Iterable[str | None]) -> None:
        ids = {id_[:_EXTERNAL_LENGTH] for id_ in external_ids}
        self.by_id = queries.by_external_ids(self.tx.connection, self.channel_id, ids) if ids else {}
        marks = {tracker for tracker in trackers if tracker}
        self.by_tracker = queries.by_trackers(self.tx.connection, self.channel_id, marks) if marks else {}

    def name(self, external_id: str, delivery_id: int) -> None:
        """Record an id that a report with our mark told."""
        self.by_id[external_id] = delivery_id
        self._named.append((self.channel_id, external_id, delivery_id))

    def add(self, delivery_id: int, report: _Report) -> None:
        self._reports.setdefault(delivery_id, []).append(report)

    def park(self, key: str, state: DeliveryState, at: int, failure: str | None) -> None:
        self._parked.append(
            {
                "id": self.tx.ids.new(),
                "channel_id": self.channel_id,
                "external_id": key,
                "state": state,
                "failure": failure,
                "at": at,
                "created_at": self.tx.now_ms,
            }
        )

    def apply(self, teller: Teller) -> None:
        """Lock, decide for each delivery, and write all of it."""
        connection = self.tx.connection
        dialogs: dict[int, DialogKey] = {}
        if self._reports:
            dialogs = queries.lock_dialogs(connection, queries.dialogs_of(connection, self._reports).values())
        deliveries = queries.deliveries_by_id(connection, self._reports)
        queries.add_external_ids(connection, self._named)
        made = [
            move
            for delivery_id, reports in self._reports.items()
            if (move := self._decide(deliveries[delivery_id], reports, teller)) is not None
        ]
        parking.park(connection, self._parked)
        moves.make(self.tx, made, dialogs)
        blocked.note(self.tx, made, dialogs)

    def _decide(self, of: Delivery, reports: Sequence[_Report], teller: Teller) -> Move | None:
        settles = of.state == "unknown" and any(report.names_us for report in reports)
        if of.state in _NOT_ENDED and not settles:
            for report in reports:
                self.park(report.key, report.state, report.at, report.failure)
            return None
        if of.state == "failed" and of.sent_at is None:
            # It was never accepted as a whole: a part of it that arrived is not the message.
            reports = [report for report in reports if report.names_us]
            if not reports:
                return None
        state, failure, at = of.state, of.failure, reports[0].at
        times: dict[str, Any] = {}
        if settles:
            ids = queries.external_ids_of(self.tx.connection, [of.id]).get(of.id, [])
            state, failure, times = settled(self.tx, of, "sent", ids)
        for report in reports:
            if advance(state, report.state) != state:
                state, failure, at = report.state, report.failure, report.at
            _note_times(times, report.state, report.at)
        times = {name: _earliest(getattr(of, name), at_) for name, at_ in times.items()}
        if state == of.state and all(getattr(of, name) == value for name, value in times.items()):
            return None
        return Move(of=of, state=state, teller=teller, at=at, failure=failure, values=times)


def _sort(found: _Found, receipt: Receipt) -> None:
    """Find the deliveries that a receipt names; what names none that we know is parked."""
    state, at = REPORTED[receipt.state], _clamp(receipt.at_ms, found.tx.now_ms)
    failure = moves.encode_failure(receipt.failure or _UNSAID) if state == "failed" else None
    marked = found.by_tracker.get(receipt.tracker or "")
    if marked is not None and not receipt.external_ids:
        key = receipt.tracker or ""
        found.add(marked, _Report(state=state, at=at, key=key, names_us=True, failure=failure))
    for external_id in dict.fromkeys(id_[:_EXTERNAL_LENGTH] for id_ in receipt.external_ids):
        delivery_id = found.by_id.get(external_id)
        names_us = delivery_id is None and marked is not None
        if marked is not None and delivery_id is None:
            found.name(external_id, marked)
            delivery_id = marked
        if delivery_id is None:
            found.park(external_id, state, at, failure)
        else:
            report = _Report(state=state, at=at, key=external_id, names_us=names_us, failure=failure)
            found.add(delivery_id, report)


def _apply_watermarks(found: _Found, receipts: Sequence[Receipt]) -> None:
    """All that was accepted for a peer and written up to the watermark; what is still on its way may follow."""
    newest: dict[tuple[str, ReceiptState], int] = {}
    for receipt in receipts:
        if (
            receipt.peer is not None
            and receipt.watermark_ms is not None
            and REPORTED[receipt.state] in ACCEPTED
        ):
            key = (receipt.peer.id, receipt.state)
            newest[key] = max(newest.get(key, 0), receipt.watermark_ms)
    if not newest:
        return
    connection = found.tx.connection
    identities = queries.identities_by_address(connection, found.channel_id, {peer for peer, _ in newest})
    for (peer, word), watermark in newest.items():
        identity_id = identities.get(peer)
        if identity_id is None:
            continue
        state, at = REPORTED[word], _clamp(watermark, found.tx.now_ms)
        lower = ("sent", "failed", "delivered") if state == "read" else ("sent", "failed")
        for delivery_id in queries.accepted_up_to(connection, identity_id, watermark, lower):
            found.add(delivery_id, _Report(state=state, at=at, key=""))
        if queries.open_up_to(connection, identity_id, watermark):
            found.park(_watermark_key(identity_id), state, watermark, None)


def _watermark_key(identity_id: int) -> str:
    """Under which a watermark waits for a peer's deliveries that have not ended."""
    return f"watermark:{identity_id}"


def _note_times(times: dict[str, Any], state: DeliveryState, at: int) -> None:
    """The times that a report tells; "read" implies "delivered"."""
    names = {"delivered": ("delivered_at",), "read": ("delivered_at", "read_at"), "failed": ("failed_at",)}
    for name in names.get(state, ()):
        times[name] = _earliest(times.get(name), at)


def _earliest(known: int | None, at: int) -> int:
    return at if known is None else min(known, at)


def _clamp(at_ms: int | None, now_ms: int) -> int:
    return at_ms if at_ms is not None and 0 < at_ms <= now_ms else now_ms
