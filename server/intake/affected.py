"""Which dialogs a batch of reports is about: all that it may lock, told before anything of it is written."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from connectors.contract import Deletion, Echo, Edit, Reaction, Receipt, split_mark
from server.db.schema import message
from server.delivery import part_queries, queries
from server.delivery.reactions import queries as reaction_queries
from server.delivery.reactions import reports as reaction_reports
from server.delivery.receipts import by_references
from server.intake.keys import Entry
from server.unit_of_work import Transaction

_EXTERNAL_LENGTH = 255


def dialogs_of(tx: Transaction, by_channel: Mapping[int, Sequence[Entry]]) -> set[int]:
    """The dialogs of the deliveries, of the people and of the messages that these reports name."""
    found: set[int] = set()
    for channel_id, entries in by_channel.items():
        items = [entry.item for entry in entries]
        receipts = [item for item in items if isinstance(item, Receipt)]
        echoes = [item for item in items if isinstance(item, Echo)]
        ids = [id_ for receipt in receipts for id_ in receipt.external_ids]
        ids += [echo.external_id for echo in echoes]
        marks = {receipt.tracker for receipt in receipts} | {echo.metadata for echo in echoes}
        peers = {r.peer.id for r in receipts if r.peer is not None and r.watermark_ms is not None}
        targets = {
            item.target[:_EXTERNAL_LENGTH] for item in items if isinstance(item, Edit | Deletion | Reaction)
        }
        found |= _of_deliveries(tx, channel_id, {id_[:_EXTERNAL_LENGTH] for id_ in ids}, marks, receipts)
        found |= _present(tx, channel_id, {echo.peer.id for echo in echoes} | peers)
        found |= _unread(tx, channel_id, peers)
        found |= _of_messages(tx, channel_id, targets)
        found |= _of_reactions(tx, receipts)
    return found


def _of_deliveries(
    tx: Transaction,
    channel_id: int,
    ids: Iterable[str],
    marks: Iterable[str | None],
    receipts: Sequence[Receipt],
) -> set[int]:
    named = part_queries.by_external_ids(tx.connection, channel_id, ids) if ids else {}
    given = {split_mark(mark)[0] for mark in marks if mark}
    marked = queries.by_trackers(tx.connection, channel_id, given) if given else {}
    referred = by_references(tx.connection, channel_id, receipts, named)
    deliveries = {*marked.values(), *(id_ for id_, _ in (*named.values(), *referred.values()))}
    return set(queries.dialogs_of(tx.connection, deliveries).values()) if deliveries else set()


def _of_reactions(tx: Transaction, receipts: Sequence[Receipt]) -> set[int]:
    reacted = reaction_reports.messages_of(receipts)
    return set(reaction_queries.dialogs_of(tx.connection, reacted).values()) if reacted else set()


def _present(tx: Transaction, channel_id: int, peers: Iterable[str]) -> set[int]:
    """Where something that is new belongs."""
    identities = queries.identities_by_address(tx.connection, channel_id, peers) if peers else {}
    return (
        set(queries.dialogs_of_identities(tx.connection, identities.values()).values())
        if identities
        else set()
    )


def _unread(tx: Transaction, channel_id: int, peers: Iterable[str]) -> set[int]:
    """Where a report on all that was written up to a moment may change something; that may be in dialogs long closed."""
    identities = queries.identities_by_address(tx.connection, channel_id, peers) if peers else {}
    return part_queries.dialogs_of_unread(tx.connection, identities.values()) if identities else set()


def _of_messages(tx: Transaction, channel_id: int, targets: Iterable[str]) -> set[int]:
    if not targets:
        return set()
    statement = select(message.c.dialog_id).where(
        message.c.channel_id == channel_id, message.c.external_id.in_(list(targets))
    )
    return set(tx.connection.execute(statement).scalars())
