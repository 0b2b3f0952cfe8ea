"""What is sent, as the Send API wants it.

Facts: developers.facebook.com, messenger-platform: send-messages/quick-replies, send-messages/template/button and
send-messages/buttons/url (all of 22 April 2026).  A message with quick replies has a text or an attachment, so that the
button template may have some too.
"""

from typing import Any, Final

import msgspec

from connectors import button_marks
from connectors.contract import LinkButton, OutboundAttachment, QuickReply
from connectors.http import Part
from connectors.sending import Piece, content, payloads

PAYLOAD: Final = 1000 - button_marks.ROOM
"""Bytes of a quick reply's payload, less our mark."""


def body(piece: Piece, mark: str) -> dict[str, Any]:
    """The ``message`` of the request, without its metadata."""
    if piece.attachment is not None:
        return {"attachment": {"type": str(piece.attachment.kind), "payload": {"is_reusable": False}}}
    said = _template(piece.text, piece.link_buttons) if piece.link_buttons else {"text": piece.text}
    return said | ({"quick_replies": _answers(piece.quick_replies, mark)} if piece.quick_replies else {})


def _template(text: str, buttons: tuple[LinkButton, ...]) -> dict[str, Any]:
    shown = [{"type": "web_url", "title": button.title, "url": button.url} for button in buttons]
    payload = {"template_type": "button", "text": text, "buttons": shown}
    return {"attachment": {"type": "template", "payload": payload}}


def _answers(replies: tuple[QuickReply, ...], mark: str) -> list[dict[str, Any]]:
    return [
        {"content_type": "text", "title": reply.title, "payload": button_marks.marked(mark, payload)}
        for reply, payload in zip(replies, payloads(replies, PAYLOAD), strict=True)
    ]


def form_fields(fields: dict[str, Any]) -> list[Part]:
    """Objects go as JSON text beside the upload."""
    return [
        Part(name=name, value=value if isinstance(value, str) else msgspec.json.encode(value).decode())
        for name, value in fields.items()
    ]


async def file_part(attachment: OutboundAttachment) -> Part:
    data = await content(attachment)
    return Part(name="filedata", value=data, filename=attachment.name, content_type=attachment.mime)
