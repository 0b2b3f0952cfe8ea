"""What customers do to messages: edits, deletions, reactions.

Providers repeat and reorder these.  A key is taken once.  Of two edits the provider's later one stays, whichever comes
first (within the same millisecond, or second where the provider counts those: the one that came last).  Nothing undoes
a deletion.  What an edit replaces, words and files, is kept as the message's earlier version.

What names a message that is not here yet is parked (:mod:`server.intake.parked`) and applied, by the same rules, by
the transaction that stores it; within one request, messages are stored first.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update

from connectors.contract import Deletion, Edit, Reaction
from server.db.schema import dialog, identity, message
from server.delivery.model import told_at
from server.delivery.moves import scope_of
from server.delivery.queries import DialogKey
from server.dialogs.queries import dialog_now, message_now, set_dialog
from server.dialogs.views import preview_text
from server.events.model import DialogUpdated, MessageUpdated
from server.intake import parked, versions
from server.intake.keys import Entry, unseen
from server.intake.parked import EXTERNAL_LENGTH, Alteration
from server.intake.versions import Files
from server.unit_of_work import Transaction

_TEXT_LENGTH = 200_000


def alter(tx: Transaction, entry: Entry, dialogs: Mapping[int, DialogKey]) -> None:
    """Apply one of them, told for the first time; ``dialogs`` are those that this transaction has locked."""
    item = entry.item
    if isinstance(item, Alteration) and not _says_nothing(item) and unseen(tx, [entry]):
        apply(tx, entry.channel_id, item, dialogs)


def apply(tx: Transaction, channel_id: int, item: Alteration, dialogs: Mapping[int, DialogKey]) -> None:
    """Apply one whose key is taken, or park it if its message is not in one of these dialogs."""
    row = _target(tx, channel_id, item)
    if row is None or row["dialog_id"] not in dialogs:
        parked.park(tx, channel_id, item)
        return
    values = _values(tx, row, item)
    if values is not None:
        _write(tx, row, values, _files(tx, row, item), dialogs[row["dialog_id"]])


def _says_nothing(item: Alteration) -> bool:
    """What changed is nothing that we show."""
    return isinstance(item, Edit) and item.text is None and item.attachments is None


def _target(tx: Transaction, channel_id: int, item: Alteration) -> dict[str, Any] | None:
    """The message meant: ids are unique per peer on some channels, so the peer decides where it is known."""
    c = message.c
    statement = (
        select(c.id, c.dialog_id, c.text, c.at, c.edited_at, c.deleted_at, c.reaction)
        .where(c.channel_id == channel_id, c.external_id == item.target[:EXTERNAL_LENGTH])
        .order_by(c.id.desc())
        .limit(1)
    )
    if item.peer is not None:
        statement = (
            statement.join(dialog, dialog.c.id == c.dialog_id)
            .join(identity, identity.c.id == dialog.c.identity_id)
            .where(identity.c.address == item.peer.id)
        )
    row = tx.connection.execute(statement).mappings().one_or_none()
    return None if row is None else dict(row)


def _values(tx: Transaction, row: dict[str, Any], item: Alteration) -> dict[str, Any] | None:
    """The columns to set, or None when nothing changes."""
    if isinstance(item, Deletion):
        return {"deleted_at": tx.now_ms} if row["deleted_at"] is None else None
    if isinstance(item, Reaction):
        emoji = (item.emoji or "♥")[:32] if item.added else None
        return {"reaction": emoji} if emoji != row["reaction"] else None
    at = told_at(item.at_ms, tx.now_ms)
    if row["deleted_at"] is not None or (row["edited_at"] is not None and at < row["edited_at"]):
        return None
    # Even the same is a later one: an earlier edit may still come.
    if item.text is None:
        return {"edited_at": at}
    text = item.text[:_TEXT_LENGTH]
    return {"text": text, "search": text, "edited_at": at}


def _files(tx: Transaction, row: dict[str, Any], item: Alteration) -> Files | None:
    return (
        Files(tx, row, item.attachments) if isinstance(item, Edit) and item.attachments is not None else None
    )


def _write(
    tx: Transaction, row: dict[str, Any], values: dict[str, Any], files: Files | None, key: DialogKey
) -> None:
    preview = _preview(tx, row, values, files)
    seq = tx.seq(1 if preview is None else 2)
    scope = scope_of(row["dialog_id"], key)
    _keep_what_was(tx, row, values, files)
    tx.connection.execute(update(message).where(message.c.id == row["id"]).values(seq=seq, **values))
    tx.emit(seq, scope, MessageUpdated(message=message_now(tx.connection, row["id"])))
    if preview is not None:
        set_dialog(tx.connection, row["dialog_id"], {"seq": seq + 1, **preview})
        tx.emit(seq + 1, scope, DialogUpdated(dialog=dialog_now(tx.connection, row["dialog_id"])))


def _keep_what_was(tx: Transaction, row: dict[str, Any], values: dict[str, Any], files: Files | None) -> None:
    says_else = values.get("text", row["text"]) != row["text"]
    has_others = files is not None and files.are_changed
    moved_again = files is not None and files.is_a_move and not says_else and versions.has_any(tx, row["id"])
    version = versions.keep(tx, row) if (says_else or has_others) and not moved_again else None
    if files is not None and has_others:
        files.replace(version)


def _preview(
    tx: Transaction, row: dict[str, Any], values: dict[str, Any], files: Files | None
) -> dict[str, Any] | None:
    """What lists show of the dialog from now on; None when they don't show this message, or nothing else of it."""
    deleted = "deleted_at" in values
    says_else = values.get("text", row["text"]) != row["text"]
    has_others = files is not None and files.are_changed
    if not deleted and not says_else and not has_others:
        return None
    newest = select(func.max(message.c.id)).where(
        message.c.dialog_id == row["dialog_id"], message.c.kind == "message"
    )
    if tx.connection.execute(newest).scalar_one() != row["id"]:
        return None
    if deleted:
        return {"preview_text": "", "preview_attachment": None}
    changed: dict[str, Any] = {"preview_text": preview_text(values["text"])} if says_else else {}
    return changed | {"preview_attachment": files.first_kind} if files is not None and has_others else changed
