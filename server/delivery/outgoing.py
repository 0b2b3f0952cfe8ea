"""Adding a message of our side to a dialog: what a reply, a note and an echo from elsewhere have in common."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from connectors.templates import FilledTemplate
from server.delivery import part_queries, queries
from server.delivery.model import tracker_of
from server.delivery.moves import Teller, scope_of
from server.delivery.part_queries import Part
from server.delivery.queries import DialogKey
from server.delivery.templates.model import encoded
from server.dialogs.queries import dialog_now, message_now, set_dialog
from server.dialogs.views import preview_text
from server.entities import Author, DeliveryState, Entity, LinkButtonView, Message, QuickReplyView
from server.events.model import MessageAdded
from server.unit_of_work import Transaction

Values = Mapping[str, Any]


class Outgoing(msgspec.Struct, kw_only=True):
    """What to add; ``state`` is the first state of its delivery, None for a note."""

    kind: Literal["message", "note"]
    author: Author
    text: str
    at: int
    state: DeliveryState | None
    teller: Teller
    purpose: Literal["service", "marketing"] = "service"
    """Marketing is not sent to contacts who opted out of it."""
    reply_to: int | None = None
    quick_replies: tuple[QuickReplyView, ...] = ()
    link_buttons: tuple[LinkButtonView, ...] = ()
    template: FilledTemplate | None = None
    external_id: str | None = None
    first_attachment: str | None = None
    """Kind of the first attachment, for lists."""


def add(tx: Transaction, dialog: Values, outgoing: Outgoing, attachments: Sequence[Values] = ()) -> int:
    """Insert the message with its delivery, update the dialog (whose row is locked) and tell of it.

    ``attachments`` are rows to insert; ``message_id`` is set here.  Returns the message's id.
    """
    message_id, delivery_id = tx.ids.new(), tx.ids.new()
    row = _message_row(tx, dialog, outgoing, message_id)
    queries.insert_message(tx.connection, row, [{**a, "message_id": message_id} for a in attachments])
    if outgoing.state is not None:
        add_delivery(tx, dialog, message_id, delivery_id, state=outgoing.state, teller=outgoing.teller)
    if outgoing.external_id is not None:
        part = Part(
            delivery_id=delivery_id,
            number=1,
            channel_id=dialog["channel_id"],
            identity_id=dialog["identity_id"],
            external_id=outgoing.external_id,
            state="sent",
            sent_at=tx.now_ms,
        )
        part_queries.insert(tx.connection, [part])
        queries.set_count(tx.connection, delivery_id, 1)
    return message_id


def tell(tx: Transaction, dialog: Values, outgoing: Outgoing, message_id: int) -> Message:
    """Give the message and its dialog the number of their event; the last step of the transaction."""
    seq = tx.seq()
    queries.update_messages(tx.connection, [{"id": message_id, "seq": seq, "created_seq": seq}])
    set_dialog(tx.connection, dialog["id"], {"seq": seq} | _dialog_values(dialog, outgoing))
    scope = scope_of(dialog["id"], DialogKey(dialog["channel_id"], dialog["assignee_id"]))
    message = message_now(tx.connection, message_id)
    tx.emit(seq, scope, MessageAdded(dialog=dialog_now(tx.connection, dialog["id"]), message=message))
    return message


def add_delivery(
    tx: Transaction,
    dialog: Values,
    message_id: int,
    delivery_id: int,
    *,
    state: DeliveryState,
    teller: Teller,
) -> None:
    """A delivery of a message of this dialog, with the beginning of its history."""
    delivery = {
        "id": delivery_id,
        "message_id": message_id,
        "dialog_id": dialog["id"],
        "identity_id": dialog["identity_id"],
        "channel_id": dialog["channel_id"],
        "state": state,
        "attempt": 0,
        "next_attempt_at": tx.now_ms,
        "tracker": tracker_of(delivery_id),
        "created_at": tx.now_ms,
        "sent_at": tx.now_ms if state == "sent" else None,
    }
    history = {
        "id": tx.ids.new(),
        "delivery_id": delivery_id,
        "state": state,
        "attempt": 0,
        "source": teller,
        "detail": None,
        "at": tx.now_ms,
    }
    queries.insert_delivery(tx.connection, delivery)
    queries.add_history(tx.connection, [history])


def _message_row(tx: Transaction, dialog: Values, outgoing: Outgoing, message_id: int) -> dict[str, Any]:
    return {
        "id": message_id,
        "seq": 0,
        "dialog_id": dialog["id"],
        "channel_id": dialog["channel_id"],
        "direction": "outbound",
        "kind": outgoing.kind,
        "origin": "agent",
        "purpose": outgoing.purpose,
        "author_type": outgoing.author.type,
        "author_id": int(outgoing.author.id) if outgoing.author.id else None,
        "author_name": outgoing.author.name,
        "text": outgoing.text,
        "external_id": outgoing.external_id,
        "reply_to": outgoing.reply_to,
        "quick_replies": _kept(outgoing.quick_replies),
        "link_buttons": _kept(outgoing.link_buttons),
        "template": encoded(outgoing.template),
        "state": outgoing.state,
        "at": outgoing.at,
        "received_at": tx.now_ms,
        "search": outgoing.text,
    }


def _kept(buttons: tuple[Entity, ...]) -> str | None:
    return msgspec.json.encode(buttons).decode() if buttons else None


def _dialog_values(dialog: Values, outgoing: Outgoing) -> dict[str, Any]:
    """What changes in the dialog: nothing by a note, which the customer never sees."""
    if outgoing.kind == "note":
        return {}
    return {
        "message_count": dialog["message_count"] + 1,
        "last_message_at": max(dialog["last_message_at"] or 0, outgoing.at),
        "waiting_since": None,
        "last_replied_type": "agent",
        "last_replied_name": outgoing.author.name,
        "last_replied_agent_id": int(outgoing.author.id) if outgoing.author.id else None,
        "preview_direction": "outbound",
        "preview_text": preview_text(outgoing.text),
        "preview_attachment": outgoing.first_attachment,
    }
