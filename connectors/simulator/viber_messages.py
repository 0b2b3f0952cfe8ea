"""What a message of a Viber user holds.

Facts: developers.viber.com/docs/api/rest-bot-api (receive message from user), fixtures of Viber/viber-bot-node and
Yoctol/bottender.
"""

from typing import Any

from connectors.simulator.world import Entry

Json = dict[str, Any]

_STICKER = 46105
_KINDS = {"image": "picture", "video": "video"}


def message_of(entry: Entry, base_url: str) -> Json:
    """The ``message`` of a callback, without what the bot itself gave to be brought back."""
    attachment = entry.attachment
    if attachment is None:
        return {"type": "text", "text": entry.text}
    if (place := attachment.place) is not None:
        return {"type": "location", "location": {"lat": place.latitude, "lon": place.longitude}}
    if (card := attachment.card) is not None:
        return {"type": "contact", "contact": {"name": card.name, "phone_number": card.phone}}
    if attachment.kind == "sticker":
        return {"type": "sticker", "sticker_id": _STICKER}
    media = base_url + attachment.blob.path if attachment.blob else ""
    named = {"media": media, "file_name": attachment.name, "size": attachment.size}
    match attachment.kind:
        case "image":
            return {"type": "picture", "text": entry.text, "thumbnail": media} | named
        case "video":
            return {
                "type": "video",
                "text": entry.text,
                "thumbnail": media,
                "duration": attachment.seconds,
            } | named
    return {"type": "file"} | named
