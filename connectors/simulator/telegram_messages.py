"""The objects of the Bot API as JSON: users, chats, messages and files.

Facts: core.telegram.org/bots/api; fixtures of botman/driver-telegram and chatwoot.
"""

import hashlib
import itertools
import mimetypes
from typing import Any

from connectors.simulator.images import dimensions
from connectors.simulator.phone import Phone
from connectors.simulator.world import Attachment, Blob, Button, Card, Entry

Json = dict[str, Any]


class Files:
    """The files that one bot has seen, by file_id and by file_path."""

    def __init__(self) -> None:
        self._paths: dict[str, str] = {}
        self._blobs: dict[str, Blob] = {}
        self._numbers = itertools.count()

    def add(self, blob: Blob, folder: str) -> str:
        """The file_id of this file."""
        file_id = "AgACAgQAAxkBAAI" + blob.id
        if file_id not in self._paths:
            suffix = mimetypes.guess_extension(blob.mime) or ".bin"
            path = f"{folder}/file_{next(self._numbers)}{suffix}"
            self._paths[file_id] = path
            self._blobs[path] = blob
        return file_id

    def path(self, file_id: str) -> str | None:
        return self._paths.get(file_id)

    def blob(self, path: str | None) -> Blob | None:
        return self._blobs.get(path) if path else None


def user(customer: Phone) -> Json:
    base = {"id": int(customer.address), "is_bot": False}
    return base | _names(customer) | {"language_code": customer.language}


def chat(customer: Phone) -> Json:
    return {"id": int(customer.address)} | _names(customer) | {"type": "private"}


def _names(customer: Phone) -> Json:
    first, _, last = customer.name.partition(" ")
    return {"first_name": first or customer.address} | ({"last_name": last} if last else {})


def message(bot: Json, files: Files, customer: Phone, entry: Entry, *, quoting: bool = True) -> Json:
    """A message of the private chat between the customer and the bot; a quoted one does not quote again."""
    head: Json = {
        "message_id": int(entry.id),
        "from": user(customer) if entry.outgoing else bot,
        "chat": chat(customer),
        "date": entry.at_ms // 1000,
    }
    if entry.reply_to and (found := customer.find(entry.reply_to)) is not None and quoting:
        head["reply_to_message"] = message(bot, files, customer, found, quoting=False)
    if entry.buttons:
        head["reply_markup"] = {"inline_keyboard": [[_button(button)] for button in entry.buttons]}
    content = _content(files, customer, entry.attachment) if entry.attachment is not None else {}
    if not content:
        return head | {"text": entry.text}
    return head | content | ({"caption": entry.text} if entry.text else {})


def _content(files: Files, customer: Phone, attachment: Attachment) -> Json:
    """The field of the message that stands for its attachment."""
    if (place := attachment.place) is not None:
        spot = {"latitude": place.latitude, "longitude": place.longitude}
        named = (
            {"venue": {"location": spot, "title": place.title, "address": place.address}}
            if place.title
            else {}
        )
        return {"location": spot} | named
    if (card := attachment.card) is not None:
        return {"contact": _contact(customer, card)}
    if (blob := attachment.blob) is None:
        return {}
    typed = {"mime_type": blob.mime}
    match attachment.kind:
        case "image":
            return {"photo": _sizes(files.add(blob, "photos"), blob)}
        case "voice":
            return {"voice": file(files.add(blob, "voice"), blob) | typed | {"duration": attachment.seconds}}
        case "audio":
            played = {"duration": attachment.seconds, "file_name": blob.name}
            return {"audio": file(files.add(blob, "music"), blob) | typed | played}
        case "video":
            size = {"duration": attachment.seconds, "width": 320, "height": 400, "file_name": blob.name}
            return {"video": file(files.add(blob, "videos"), blob) | typed | size}
        case "sticker":
            size = {"width": 512, "height": 512, "emoji": "😊", "set_name": "centrala"}
            kind = {"type": "regular", "is_animated": False, "is_video": False}
            return {"sticker": file(files.add(blob, "stickers"), blob) | size | kind}
    return {"document": file(files.add(blob, "documents"), blob) | typed | {"file_name": blob.name}}


def _contact(customer: Phone, card: Card) -> Json:
    """The number without its plus; ``user_id`` proves that a card is the sender's own."""
    first, _, last = card.name.partition(" ")
    own = {"user_id": int(customer.address)} if card.is_own else {}
    names = {"first_name": first} | ({"last_name": last} if last else {})
    return {"phone_number": card.phone.lstrip("+")} | names | own


def _button(button: Button) -> Json:
    return {"text": button.title} | ({"url": button.url} if button.url else {"callback_data": button.payload})


def file(file_id: str, blob: Blob) -> Json:
    unique = hashlib.sha256(blob.id.encode()).hexdigest()[:15]
    return {"file_id": file_id, "file_unique_id": unique, "file_size": len(blob.data)}


def _sizes(file_id: str, blob: Blob) -> list[Json]:
    """Telegram offers a photo in several sizes, the largest last."""
    width, height = dimensions(blob.data)
    scale = min(90 / max(width, height), 1.0)
    small = {"width": max(int(width * scale), 1), "height": max(int(height * scale), 1)}
    return [file(file_id, blob) | small, file(file_id, blob) | {"width": width, "height": height}]
