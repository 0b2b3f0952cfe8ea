"""What providers report about what we sent: receipts and echoes.

States only move forward by rank, so reports may come in any order, twice, or before the answer to the send itself,
and the end is the same.  A report is about one part of a message; the message's state follows from all of them
(:mod:`server.delivery.parts`).  One about an id that we don't know yet is parked and counts as soon as it is recorded.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection

from connectors.contract import Echo, Receipt, ReceiptState, split_mark
from connectors.errors import Failure
from server.delivery import blocked, moves, parking, part_queries, queries
from server.delivery.echoes import add_sent_elsewhere
from server.delivery.model import ACCEPTED, REPORTED, told_at
from server.delivery.moves import Teller
from server.delivery.parts import EXTERNAL_LENGTH, Parts, next_move, report
from server.delivery.queries import Delivery, DialogKey
from server.entities import DeliveryState
from server.unit_of_work import Transaction

Where = tuple[int, int]
"""A delivery and the number of one of its parts."""

_UNSAID = Failure(code="not_delivered", text="The provider reported that the message was not delivered.")


class _Report(msgspec.Struct, kw_only=True):
    """One report about one part of a delivery."""

    number: int
    state: DeliveryState
    at: int
    external_id: str | None = None
    names_us: bool = False
    """It carried our own mark: proof enough that the provider accepted a part whose end is unknown."""
    failure: str | None = None


def apply_receipts(tx: Transaction, channel_id: int, receipts: Sequence[Receipt]) -> dict[int, str]:
    """Apply a batch of receipts of one channel: by provider ids, by our mark, and by watermark.

    Returns whom the provider named for deliveries whose answer we don't have (yet): delivery → id of the person.
    """
    found = _Found(tx, channel_id)
    found.look_up(
        (id_ for receipt in receipts for id_ in receipt.external_ids), (r.tracker for r in receipts)
    )
    found.by_reference = by_references(tx.connection, channel_id, receipts, found.by_id)
    for receipt in receipts:
        _sort(found, receipt)
    _apply_watermarks(found, [r for r in receipts if r.watermark_ms is not None and r.peer is not None])
    found.apply("receipt")
    return found.recipients


def by_references(
    connection: Connection, channel_id: int, receipts: Iterable[Receipt], known: Collection[str]
) -> dict[tuple[str, str], Where]:
    """Person and reference → the part, for reports whose id is not ``known`` and that bring no more of our mark."""
    given = {
        (receipt.peer.id, receipt.reference)
        for receipt in receipts
        if receipt.peer is not None
        and receipt.reference
        and not any(id_[:EXTERNAL_LENGTH] in known for id_ in receipt.external_ids)
    }
    return queries.by_references(connection, channel_id, given)


def apply_echoes(tx: Transaction, channel_id: int, echoes: Sequence[Echo]) -> None:
    """Apply what our own account sent: ours settles its delivery, a colleague's joins the dialog as a message."""
    found = _Found(tx, channel_id)
    found.look_up((echo.external_id for echo in echoes), (echo.metadata for echo in echoes))
    foreign: list[Echo] = []
    for echo in echoes:
        external_id = echo.external_id[:EXTERNAL_LENGTH]
        if external_id in found.by_id:
            continue  # known already, so it tells nothing new
        ours = found.by_mark(echo.metadata)
        if ours is None:
            foreign.append(echo)
        else:
            at = told_at(echo.at_ms, tx.now_ms)
            found.add(ours, state="sent", at=at, external_id=external_id, names_us=True)
    found.apply("echo")
    add_sent_elsewhere(tx, channel_id, foreign)


def sent_elsewhere(tx: Transaction, channel_id: int, echoes: Sequence[Echo]) -> list[Echo]:
    """Those of these echoes that are neither stored already nor of what we sent ourselves."""
    if not echoes:
        return []
    found = _Found(tx, channel_id)
    found.look_up((echo.external_id for echo in echoes), (echo.metadata for echo in echoes))
    return [
        echo
        for echo in echoes
        if echo.external_id[:EXTERNAL_LENGTH] not in found.by_id and found.by_mark(echo.metadata) is None
    ]


class _Found:
    """The deliveries that a batch of reports is about."""

    def __init__(self, tx: Transaction, channel_id: int) -> None:
        self.tx = tx
        self.channel_id = channel_id
        self.by_id: dict[str, Where] = {}
        self.by_reference: dict[tuple[str, str], Where] = {}
        self.recipients: dict[int, str] = {}
        self._by_tracker: dict[str, int] = {}
        self._reports: dict[int, list[_Report]] = {}
        self._parked: list[dict[str, Any]] = []

    def look_up(self, external_ids: Iterable[str], trackers: Iterable[str | None]) -> None:
        ids = {id_[:EXTERNAL_LENGTH] for id_ in external_ids}
        self.by_id = part_queries.by_external_ids(self.tx.connection, self.channel_id, ids) if ids else {}
        marks = {split_mark(tracker)[0] for tracker in trackers if tracker}
        self._by_tracker = queries.by_trackers(self.tx.connection, self.channel_id, marks) if marks else {}

    def by_mark(self, mark: str | None) -> Where | None:
        """The part that carries this mark of ours."""
        tracker, number = split_mark(mark or "")
        delivery_id = self._by_tracker.get(tracker)
        return None if delivery_id is None else (delivery_id, number)

    def add(self, where: Where, **told: Any) -> None:
        """A report about this part."""
        delivery_id, number = where
        self._reports.setdefault(delivery_id, []).append(_Report(number=number, **told))

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
        parts = Parts(self.tx, deliveries.values())
        for delivery_id, reports in self._reports.items():
            _note(parts, deliveries[delivery_id], reports)
        parts.settle()
        made = [
            move
            for delivery_id, reports in self._reports.items()
            if (move := next_move(deliveries[delivery_id], parts, teller, max(r.at for r in reports)))
        ]
        parts.write()
        parking.park(connection, self._parked)
        moves.make(self.tx, made, dialogs, also={of.message_id: of.dialog_id for of in deliveries.values()})
        blocked.note(self.tx, made, dialogs)


def _note(parts: Parts, of: Delivery, reports: Sequence[_Report]) -> None:
    """Note these reports of its parts; our own mark proves that the provider has a part, whatever we know of its call.
    Those without it were found by an id or a time of acceptance, so they are of accepted parts.
    """
    for told in reports:
        if told.names_us:
            parts.accept(of, told.number, told.external_id, told.at)
        report(parts.of(of.id)[told.number], told.state, told.at, told.failure)


def _sort(found: _Found, receipt: Receipt) -> None:
    """Find the deliveries that a receipt names; what names none that we know is parked."""
    state, at = REPORTED[receipt.state], told_at(receipt.at_ms, found.tx.now_ms)
    failure = moves.encode_failure(receipt.failure or _UNSAID) if state == "failed" else None
    marked = found.by_mark(receipt.tracker)
    if marked is None and receipt.peer is not None:
        marked = found.by_reference.get((receipt.peer.id, receipt.reference or ""))
    is_news = marked is not None and not any(id_ in found.by_id for id_ in receipt.external_ids)
    if marked is not None and is_news and receipt.peer is not None and receipt.watermark_ms is None:
        found.recipients[marked[0]] = receipt.peer.id
    if marked is not None and not receipt.external_ids:
        found.add(marked, state=state, at=at, names_us=True, failure=failure)
    for external_id in dict.fromkeys(id_[:EXTERNAL_LENGTH] for id_ in receipt.external_ids):
        known = found.by_id.get(external_id)
        if known is not None:
            found.add(known, state=state, at=at, failure=failure)
        elif marked is not None:
            found.add(marked, state=state, at=at, external_id=external_id, names_us=True, failure=failure)
        else:
            found.park(external_id, state, at, failure)


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
        state, at = REPORTED[word], told_at(watermark, found.tx.now_ms)
        lower = ("sent", "failed", "delivered") if state == "read" else ("sent", "failed")
        for where in part_queries.accepted_up_to(connection, identity_id, watermark, lower):
            found.add(where, state=state, at=at)
        if queries.open_up_to(connection, identity_id, watermark):
            found.park(parking.watermark_key(identity_id), state, watermark, None)
