"""Rows that intake makes of what came in."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from connectors.contract import InboundMessage, Postback
from server.clock import rfc3339
from server.dialogs.views import attachment_view
from server.entities import Author, Message
from server.intake.answering import Answer
from server.unit_of_work import Transaction

_TEXT_LENGTH = 200_000
_EXTERNAL_LENGTH = 255
_NOTE_LENGTH = 60
_JUST_MS = 10_000

Row = dict[str, Any]


def activity_row(tx: Transaction, dialog_id: int, kind: str, actor: Author) -> Row:
    """A row of ``activity`` about nobody else; without a number yet."""
    return {
        "id": tx.ids.new(),
        "dialog_id": dialog_id,
        "type": kind,
        "actor_type": actor.type,
        "actor_id": None if actor.id is None else int(actor.id),
        "actor_name": actor.name,
        "subject_id": None,
        "subject_name": None,
        "previous_id": None,
        "previous_name": None,
        "at": tx.now_ms,
    }


IN_ALL_NEW = {
    "direction": "inbound",
    "kind": "message",
    "origin": "contact",
    "purpose": "service",
    "author_type": "contact",
}


class NewMessage(msgspec.Struct, kw_only=True):
    """A row of ``message`` that a contact wrote: its columns, but those that have the same in all of these."""

    id: int
    seq: int = 0
    created_seq: int = 0
    dialog_id: int
    channel_id: int
    author_id: int
    author_name: str
    text: str
    external_id: str
    reply_to: int | None
    payload: str | None
    unsupported: str | None
    at: int
    received_at: int
    search: str

    @classmethod
    def of(
        cls,
        item: InboundMessage,
        *,
        id_: int,
        dialog: Mapping[str, Any],
        author_name: str,
        answer: Answer,
        now_ms: int,
    ) -> "NewMessage":
        """What the item says, in this dialog; without a number yet."""
        text = item.text[:_TEXT_LENGTH]
        return cls(
            id=id_,
            dialog_id=dialog["id"],
            channel_id=dialog["channel_id"],
            author_id=dialog["contact_id"],
            author_name=author_name,
            text=text,
            external_id=item.external_id[:_EXTERNAL_LENGTH],
            reply_to=answer.message_id,
            payload=answer.payload,
            unsupported=item.note[:_NOTE_LENGTH] if item.note else None,
            at=_time(item.at_ms, dialog, now_ms),
            received_at=now_ms,
            search=text,
        )

    def view(self, attachments: Iterable[Mapping[str, Any]]) -> Message:
        """The same as ``views.message_view`` makes of the row, with less to look at."""
        seq = str(self.seq)
        return Message(
            id=str(self.id),
            seq=seq,
            dialog_id=str(self.dialog_id),
            direction="inbound",
            kind="message",
            origin="contact",
            purpose="service",
            author=Author(type="contact", id=str(self.author_id), name=self.author_name),
            text=self.text,
            attachments=tuple([attachment_view(each) for each in attachments]),
            external_id=self.external_id,
            state=None,
            failure=None,
            parts=(),
            at=rfc3339(self.at),
            reply_to=None if self.reply_to is None else str(self.reply_to),
            quick_replies=(),
            link_buttons=(),
            payload=self.payload,
            unsupported=self.unsupported,
            edited_at=None,
            deleted_at=None,
            reaction=None,
            own_reaction=None,
        )


def pressed(item: Postback) -> InboundMessage:
    """A pressed button, shown as the message that the customer sees on their own side."""
    return InboundMessage(
        key=item.key,
        at_ms=item.at_ms,
        peer=item.peer,
        external_id=item.key,
        text=item.title or item.payload,
        payload=item.payload,
        reply_to=item.on_message,
        standby=item.standby,
    )


def _time(at_ms: int | None, dialog: Mapping[str, Any], now_ms: int) -> int:
    """The provider's time, unless it gave none or one that can't be: then the time we received it.

    Some give whole seconds, so that an answer written in the second of what it answers would be sorted before that.  What
    has just come is therefore not earlier than what the dialog had in that very second; what comes late keeps its time.
    """
    if at_ms is None or not 0 < at_ms <= now_ms:
        return now_ms
    if at_ms % 1000 or now_ms - at_ms > _JUST_MS:
        return at_ms
    ours = 0 if dialog["last_replied_type"] in (None, "contact") else dialog["last_message_at"] or 0
    newest = max(ours, dialog["last_inbound_at"] or 0)
    return min(newest, now_ms) if at_ms < newest < at_ms + 1000 else at_ms
