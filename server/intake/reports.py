"""What providers report about messages that exist already: receipts, echoes, edits, deletions, reactions.

All of it is idempotent by what it says (states only move forward, an edit sets a value), so it needs no keys.

The order of locks: first every dialog that the batch is about, sorted, whatever their channels; later locks only
repeat those, so that nothing is waited for once the event head is taken.  What the dialogs say (who is responsible)
is read under their locks.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from connectors.contract import ChannelAlert, Deletion, Echo, Edit, Reaction, Receipt
from server.db.schema import channel, dialog, identity, message
from server.delivery.moves import scope_of
from server.delivery.queries import DialogKey, lock_dialogs
from server.delivery.receipts import apply_echoes, apply_receipts
from server.dialogs.queries import message_now
from server.events.model import MessageUpdated
from server.intake.affected import dialogs_of
from server.intake.keys import Entry
from server.unit_of_work import Transaction

_TEXT_LENGTH = 200_000

Change = Edit | Deletion | Reaction
REPORTS = (Receipt, Echo, Edit, Deletion, Reaction, ChannelAlert)
"""The kinds of item that are written here."""


def write_reports(tx: Transaction, entries: Sequence[Entry]) -> None:
    by_channel: dict[int, list[Entry]] = {}
    for entry in entries:
        by_channel.setdefault(entry.channel_id, []).append(entry)
    dialogs = lock_dialogs(tx.connection, dialogs_of(tx, by_channel))
    for channel_id in sorted(by_channel):
        items = [entry.item for entry in by_channel[channel_id]]
        if echoes := [item for item in items if isinstance(item, Echo)]:
            apply_echoes(tx, channel_id, echoes)
        if receipts := [item for item in items if isinstance(item, Receipt)]:
            apply_receipts(tx, channel_id, receipts)
        for item in items:
            if isinstance(item, Change):
                _change_message(tx, channel_id, item, dialogs)
            elif isinstance(item, ChannelAlert):
                _note_alert(tx, channel_id, item)


def _change_message(tx: Transaction, channel_id: int, item: Change, dialogs: Mapping[int, DialogKey]) -> None:
    row = _target(tx, channel_id, item)
    if row is None or row["dialog_id"] not in dialogs:
        return
    values = _values(tx, row, item)
    if values is None:
        return
    seq = tx.seq()
    tx.connection.execute(update(message).where(message.c.id == row["id"]).values(seq=seq, **values))
    scope = scope_of(row["dialog_id"], dialogs[row["dialog_id"]])
    tx.emit(seq, scope, MessageUpdated(message=message_now(tx.connection, row["id"])))


def _target(tx: Transaction, channel_id: int, item: Change) -> dict[str, Any] | None:
    """The message meant: ids are unique per peer on some channels, so the peer decides where it is known."""
    statement = (
        select(
            message.c.id, message.c.dialog_id, message.c.text, message.c.edited_at, message.c.deleted_at,
            message.c.reaction,
        )
        .where(message.c.channel_id == channel_id, message.c.external_id == item.target)
        .order_by(message.c.id.desc())
        .limit(1)
    )  # fmt: skip
    if item.peer is not None:
        statement = (
            statement.join(dialog, dialog.c.id == message.c.dialog_id)
            .join(identity, identity.c.id == dialog.c.identity_id)
            .where(identity.c.address == item.peer.id)
        )
    row = tx.connection.execute(statement).mappings().one_or_none()
    return None if row is None else dict(row)


def _values(tx: Transaction, row: dict[str, Any], item: Change) -> dict[str, Any] | None:
    """The columns to set, or None when nothing changes."""
    if isinstance(item, Deletion):
        return {"deleted_at": tx.now_ms} if row["deleted_at"] is None else None
    if isinstance(item, Reaction):
        emoji = (item.emoji or "♥")[:32] if item.added else None
        return {"reaction": emoji} if emoji != row["reaction"] else None
    if item.text is None or item.text == row["text"]:
        return None
    text = item.text[:_TEXT_LENGTH]
    return {"text": text, "search": text, "edited_at": tx.now_ms}


def _note_alert(tx: Transaction, channel_id: int, item: ChannelAlert) -> None:
    tx.connection.execute(
        update(channel)
        .where(channel.c.id == channel_id)
        .values(last_error=item.text[:1000], last_error_at=tx.now_ms)
    )
