"""What is sent, as the Cloud API wants it, and what it answers.

Facts: developers.facebook.com, business-messaging/whatsapp, send messages (the answer: ``contacts[].wa_id``, also
``user_id`` of a business-scoped id; ``messages[].id``); messages/interactive-cta-url-messages (2 July 2026: one button, its
text 20 characters, the body 1024; both kinds of buttons in one message are for Direct Send only).
"""

from typing import Any

from connectors.contract import AttachmentKind, Outbound, OutboundAttachment, OutboundReaction
from connectors.sending import Piece, payloads, unclear

_TYPES = {AttachmentKind.VOICE: "audio", AttachmentKind.FILE: "document"}


def frame(message: Outbound, piece: Piece) -> dict[str, Any]:
    """To whom, in answer to what, with our mark; ``recipient`` takes business-scoped ids, ``to`` only numbers."""
    body = _addressed(message.peer_id, message.tracker)
    if piece.reply_to:
        body["context"] = {"message_id": piece.reply_to}
    return body


def reaction_of(reaction: OutboundReaction) -> dict[str, Any]:
    """A message about a message (messages/reaction-messages, 3 November 2025); an empty emoji takes ours back."""
    about = {"message_id": reaction.target, "emoji": reaction.emoji or ""}
    return _addressed(reaction.peer_id, reaction.tracker) | {"type": "reaction", "reaction": about}


def _addressed(peer_id: str, tracker: str) -> dict[str, Any]:
    to = "to" if peer_id.lstrip("+").isdecimal() else "recipient"
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        to: peer_id,
    }
    if tracker:
        body["biz_opaque_callback_data"] = tracker
    return body


def media(attachment: OutboundAttachment, media_id: str, caption: str) -> dict[str, Any]:
    """A file by the id of its upload; only documents have a name, and sounds have no caption."""
    kind = _TYPES.get(attachment.kind, str(attachment.kind))
    value: dict[str, Any] = {"id": media_id}
    if caption:
        value["caption"] = caption
    if kind == "document":
        value["filename"] = attachment.name
    if attachment.kind is AttachmentKind.VOICE:
        value["voice"] = True
    return {"type": kind, kind: value}


def interactive(piece: Piece) -> dict[str, Any]:
    """A text with reply buttons, or with the one button that opens an address."""
    if piece.link_buttons:
        [link] = piece.link_buttons
        action = {"name": "cta_url", "parameters": {"display_text": link.title, "url": link.url}}
        shown = {"type": "cta_url", "body": {"text": piece.text}, "action": action}
        return {"type": "interactive", "interactive": shown}
    ids = payloads(piece.quick_replies, 256)
    buttons = [
        {"type": "reply", "reply": {"id": id_, "title": reply.title}}
        for reply, id_ in zip(piece.quick_replies, ids, strict=True)
    ]
    shown = {"type": "button", "body": {"text": piece.text}, "action": {"buttons": buttons}}
    return {"type": "interactive", "interactive": shown}


def message_in(answer: dict[str, Any]) -> str:
    """The id of the accepted message.  Raises Uncertain: accepted, but nothing names it."""
    message_id = _first(answer, "messages").get("id")
    if not isinstance(message_id, str) or not message_id:
        raise unclear("WhatsApp", "accepted the message but named no id")
    return message_id


def peer_in(answer: dict[str, Any]) -> str | None:
    """Who the message went to, under the id that their messages will come from: see ``frame.Frame.peer``."""
    contact = _first(answer, "contacts")
    found = (contact.get("wa_id"), contact.get("user_id"))
    return next((each.lstrip("+") for each in found if isinstance(each, str) and each), None)


def _first(answer: dict[str, Any], name: str) -> dict[str, Any]:
    listed = answer.get(name)
    first = listed[0] if isinstance(listed, list) and listed else None
    return first if isinstance(first, dict) else {}
