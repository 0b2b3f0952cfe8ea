"""What a message of a WhatsApp user holds.

Facts: developers.facebook.com, business-messaging/whatsapp/webhooks/reference/messages; recorded updates of
david-lev/pywa.
"""

import base64
import hashlib
from collections.abc import Callable

from connectors.simulator.meta import Json
from connectors.simulator.world import Attachment, Blob, Card, Entry

_TYPES = {"file": "document", "voice": "audio"}


def content_of(entry: Entry, sender: str, keep: Callable[[Blob], str]) -> Json:
    """``type`` and the field of that name; ``keep`` gives a file's media id."""
    attachment = entry.attachment
    if attachment is None:
        return {"type": "text", "text": {"body": entry.text}}
    if (place := attachment.place) is not None:
        named = {"name": place.title, "address": place.address} if place.title else {}
        where = {"latitude": place.latitude, "longitude": place.longitude}
        return {"type": "location", "location": where | named}
    if attachment.card is not None:
        return {"type": "contacts", "contacts": [_contact(attachment.card, sender)]}
    kind = _TYPES.get(attachment.kind, attachment.kind)
    media = _media(attachment, keep) | ({"caption": entry.text} if entry.text else {})
    if kind == "audio":
        media["voice"] = attachment.kind == "voice"
    if kind == "sticker":
        media["animated"] = False
    if kind == "document":
        media["filename"] = attachment.name
    return {"type": kind, kind: media}


def _media(attachment: Attachment, keep: Callable[[Blob], str]) -> Json:
    """An id; the bytes need the access token."""
    blob = attachment.blob
    if blob is None:
        return {}
    codec = "; codecs=opus" if attachment.kind == "voice" else ""
    digest = base64.b64encode(hashlib.sha256(blob.data).digest()).decode()
    return {"mime_type": blob.mime + codec, "sha256": digest, "id": keep(blob)}


def _contact(card: Card, sender: str) -> Json:
    """The number as it stands in the sender's address book; a card of a WhatsApp user has the id too."""
    first, _, last = card.name.partition(" ")
    names = {"first_name": first, "formatted_name": card.name} | ({"last_name": last} if last else {})
    own = {"wa_id": sender} if card.is_own else {}
    return {"name": names, "phones": [{"phone": card.phone, "type": "CELL"} | own]}
