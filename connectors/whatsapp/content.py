"""What a WhatsApp message holds, whoever wrote it."""

from typing import Final, NamedTuple

from connectors import numbers, wire
from connectors.contract import Attachment, AttachmentKind
from connectors.whatsapp import payloads

_MEDIA: Final = {
    "image": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.AUDIO,
    "document": AttachmentKind.FILE,
    "sticker": AttachmentKind.STICKER,
}


class Content(NamedTuple):
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    payload: str | None = None
    note: str | None = None


def content_of(message: payloads.Message) -> Content:
    """Text, attachments and what a button carried; of a type newer than this code, at least its name."""
    kind = message.type or ""
    if kind == "text":
        text = (message.text.body if message.text else None) or ""
        return Content(text, note=None if text else "empty")
    if kind in _MEDIA:
        return _media(kind, getattr(message, kind))
    if kind == "location" and message.location is not None:
        return Content(attachments=(_location(message.location),))
    if kind == "contacts" and message.contacts:
        return Content(attachments=tuple(_card(card) for card in message.contacts))
    if kind == "button" and message.button is not None:
        return Content(message.button.text or "", payload=message.button.payload)
    if kind == "interactive":
        return _interactive(message.interactive or payloads.Interactive())
    if kind == "order" and message.order is not None:
        return Content(message.order.text or "", note="unsupported:order")
    return Content(note="unsupported" if kind in ("", "unsupported") else f"unsupported:{kind}")


def _media(kind: str, media: payloads.Media | None) -> Content:
    if media is None:
        return Content(note=f"unsupported:{kind}")
    attachment = Attachment(
        kind=AttachmentKind.VOICE if media.voice else _MEDIA[kind],
        # Always the id: the address that newer webhooks hold beside it is good for five minutes only.
        source=wire.text_id(media.id),
        name=media.filename,
        mime=media.mime_type,
    )
    return Content(media.caption or "", (attachment,))


def _location(place: payloads.Location) -> Attachment:
    return Attachment(
        kind=AttachmentKind.LOCATION,
        name=place.address,
        title=place.name,
        latitude=wire.as_float(place.latitude),
        longitude=wire.as_float(place.longitude),
    )


def _card(card: payloads.Card) -> Attachment:
    """One contact card with its first number; the WhatsApp id beside it is already in the international form."""
    first = card.phones[0] if card.phones else payloads.CardPhone()
    written = wire.text_id(first.phone)
    return Attachment(
        kind=AttachmentKind.CONTACT,
        name=(card.name.formatted_name if card.name else None) or None,
        phone=written or numbers.from_whatsapp(wire.text_id(first.wa_id) or ""),
    )


def _interactive(answer: payloads.Interactive) -> Content:
    chosen = answer.button_reply or answer.list_reply
    if chosen is not None:
        return Content(chosen.title or "", payload=wire.text_id(chosen.id))
    if answer.nfm_reply is not None:
        return Content(answer.nfm_reply.body or "", payload=answer.nfm_reply.response_json)
    return Content(note=f"unsupported:{answer.type or 'interactive'}")
