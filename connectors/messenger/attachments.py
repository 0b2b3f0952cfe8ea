"""Attachments of a Messenger message."""

from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

import msgspec

from connectors import wire
from connectors.contract import Attachment, AttachmentKind
from connectors.messenger import payloads

_KINDS: Final = {
    "image": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.AUDIO,
    "file": AttachmentKind.FILE,
    "sticker": AttachmentKind.STICKER,
    "location": AttachmentKind.LOCATION,
    "template": AttachmentKind.TEMPLATE,
    "appointment_booking": AttachmentKind.TEMPLATE,
    "fallback": AttachmentKind.LINK,
    "share": AttachmentKind.LINK,
    "reel": AttachmentKind.LINK,
    "ig_reel": AttachmentKind.LINK,
    "post": AttachmentKind.LINK,
    "ig_post": AttachmentKind.LINK,
}
_WITH_BYTES: Final = (
    AttachmentKind.IMAGE,
    AttachmentKind.VIDEO,
    AttachmentKind.AUDIO,
    AttachmentKind.FILE,
    AttachmentKind.STICKER,
)
_STICKERS: Final = (AttachmentKind.IMAGE, AttachmentKind.STICKER)


def attachments_of(message: payloads.Message) -> tuple[Attachment, ...]:
    """What came with the message; a sticker sent in both its forms (before 30 Aug 2026) counts once."""
    found: list[Attachment] = []
    stickers: set[str] = set()
    for attachment in _named(message, [_attachment(given) for given in message.attachments or ()]):
        if attachment.sticker_id in stickers:
            continue
        if attachment.sticker_id is not None:
            stickers.add(attachment.sticker_id)
        found.append(attachment)
    return tuple(found)


def _named(message: payloads.Message, given: list[Attachment]) -> list[Attachment]:
    """In the oldest form only the message tells that its picture is a sticker."""
    sticker_id = wire.text_id(message.sticker_id)
    if sticker_id is None or any(each.sticker_id for each in given):
        return given
    pictures = [index for index, each in enumerate(given) if each.kind in _STICKERS]
    if not pictures:
        return [*given, Attachment(kind=AttachmentKind.STICKER, sticker_id=sticker_id)]
    given[pictures[0]] = msgspec.structs.replace(
        given[pictures[0]], kind=AttachmentKind.STICKER, sticker_id=sticker_id
    )
    return given


def unsupported(message: payloads.Message) -> str | None:
    """The first type of attachment that is newer than this code."""
    types = (given.type for given in message.attachments or ())
    return next((kind or "unknown" for kind in types if kind not in _KINDS), None)


def _attachment(given: payloads.Attachment) -> Attachment:
    payload = given.payload or payloads.AttachmentPayload()
    sticker_id = wire.text_id(payload.sticker_id)
    kind = AttachmentKind.STICKER if sticker_id else _KINDS.get(given.type or "", AttachmentKind.LINK)
    url = payload.url or given.url or given.URL
    place = payload.coordinates
    return Attachment(
        kind=kind,
        source=wire.web_url(payload.url) if kind in _WITH_BYTES else None,
        name=_file_name(payload.url) if kind is AttachmentKind.FILE else None,
        title=given.title or payload.title or payload.text or _card(payload),
        # Fallbacks hold any nonsense as their url, such as "My Documents/foo.doc".
        url=wire.web_url(url) if kind not in _WITH_BYTES else None,
        sticker_id=sticker_id,
        latitude=wire.as_float(place.lat) if place else None,
        longitude=wire.as_float(place.long) if place else None,
    )


def _card(payload: payloads.AttachmentPayload) -> str | None:
    """What the first card of a template, or of a product that the customer asks about, is called."""
    cards = payload.elements or (payload.product.elements if payload.product else None) or ()
    return next((card.title for card in cards if card.title), None)


def _file_name(url: str | None) -> str | None:
    """Meta tells a file's name only in its address, which ends with it: ``…/123_n.pdf/order.pdf?_nc_cat=…``."""
    try:
        path = urlsplit(wire.web_url(url) or "").path
    except ValueError:
        return None
    name = PurePosixPath(wire.clean_text(unquote(path))).name
    return name if PurePosixPath(name).suffix else None
