"""Telling screens how an attachment is."""

from server.dialogs.queries import message_now
from server.events.model import DialogScope, MessageUpdated
from server.media import queries
from server.media.queries import ToFetch
from server.unit_of_work import Transaction


def tell(tx: Transaction, of: ToFetch, assignee: int | None) -> None:
    """The message as it is now, to all who see its dialog, which is locked and ``assignee``'s."""
    seq = tx.seq()
    queries.set_message_seq(tx.connection, of.message_id, seq)
    scope = DialogScope(
        dialog_id=of.dialog_id,
        channel_id=of.channel_id,
        assignee_before=assignee,
        assignee_after=assignee,
    )
    tx.emit(seq, scope, MessageUpdated(message=message_now(tx.connection, of.message_id)))
