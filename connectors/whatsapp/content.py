"""What a WhatsApp message holds, whoever wrote it."""

from typing import Final, NamedTuple

from connectors import numbers, wire
from connectors.contract import Attachment, AttachmentKind
from connectors.whatsapp import payloads

_MEDIA: Final = {
    "image": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.AUDIO,
    "voice": AttachmentKind.VOICE,
    "document": AttachmentKind.FILE,
    "sticker": AttachmentKind.STICKER,
}


_MOST_NUMBERS: Final = 10
"""Of one card."""


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
        return Content(attachments=tuple(one for card in message.contacts for one in _card(card)))
    if kind == "button" and message.button is not None:
        return Content(message.button.text or "", payload=message.button.payload)
    if kind == "interactive":
        return _interactive(message.interactive or payloads.Interactive())
    if kind == "order" and message.order is not None:
        return Content(message.order.text or "", note="unsupported:order")
    if kind == "unsupported" and message.unsupported is not None:
        kind = message.unsupported.type or kind
    words = (message.text.body if message.text else None) or ""  # some come with it all the same
    return Content(words, note="unsupported" if kind in ("", "unsupported") else f"unsupported:{kind}")


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


def _card(card: payloads.Card) -> list[Attachment]:
    """A contact card, once for each of its numbers; the WhatsApp id beside one is already in the international form."""
    called = card.name or payloads.CardName()
    name = called.formatted_name or " ".join(filter(None, (called.first_name, called.last_name)))
    given = [
        wire.text_id(each.phone) or numbers.from_whatsapp(wire.text_id(each.wa_id) or "")
        for each in card.phones or ()
    ]
    phones: list[str | None] = [*dict.fromkeys(filter(None, given))] or [None]
    return [
        Attachment(kind=AttachmentKind.CONTACT, name=name or None, phone=phone)
        for phone in phones[:_MOST_NUMBERS]
    ]


def _interactive(answer: payloads.Interactive) -> Content:
    chosen = answer.button_reply or answer.list_reply
    if chosen is not None:
        return Content(chosen.title or "", payload=wire.text_id(chosen.id))
    if answer.nfm_reply is not None:
        return Content(answer.nfm_reply.body or "", payload=answer.nfm_reply.response_json)
    return Content(note=f"unsupported:{answer.type or 'interactive'}")
