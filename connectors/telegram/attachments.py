"""Attachments of a Telegram message."""

from typing import Any, Final

from connectors import numbers, wire
from connectors.contract import Attachment, AttachmentKind
from connectors.telegram.payloads import Contact, File, Message

_AVATAR_PIXELS: Final = 120


def attachments_of(message: Message) -> tuple[Attachment, ...]:
    """What came with the message, without double entries: a venue repeats its location, an animation its document."""
    found = [
        _photo(message.photo),
        _file(AttachmentKind.VIDEO, message.video),
        _file(AttachmentKind.VIDEO, message.animation),
        _file(AttachmentKind.VIDEO_NOTE, message.video_note),
        _file(AttachmentKind.AUDIO, message.audio),
        _file(AttachmentKind.VOICE, message.voice),
        _file(AttachmentKind.FILE, message.document) if message.animation is None else None,
        _sticker(message.sticker),
        _place(message),
        _contact(message.contact),
    ]
    return tuple(attachment for attachment in found if attachment is not None)


def own_phone(message: Message) -> str | None:
    """The sender's own number: only that of a card whose user is the sender; people also forward other cards."""
    contact, sender = message.contact, message.sender
    if contact is None or sender is None:
        return None
    user_id, number = wire.text_id(contact.user_id), wire.text_id(contact.phone_number)
    if user_id is None or number is None or user_id != wire.text_id(sender.id):
        return None
    return numbers.from_msisdn(number)


def _file(kind: AttachmentKind, file: File | None) -> Attachment | None:
    if file is None:
        return None
    return Attachment(
        kind=kind,
        source=file.file_id,
        unique_id=file.file_unique_id,
        name=file.file_name,
        mime=file.mime_type,
        size=wire.as_int(file.file_size),
        title=file.title,
    )


def _photo(sizes: list[File] | None) -> Attachment | None:
    """The largest of the sizes; Telegram's photos are always JPEG."""
    if not sizes:
        return None
    largest = max(reversed(sizes), key=_extent)
    return Attachment(
        kind=AttachmentKind.IMAGE,
        source=largest.file_id,
        unique_id=largest.file_unique_id,
        mime="image/jpeg",
        size=wire.as_int(largest.file_size),
    )


def _extent(size: File) -> tuple[int, int]:
    """For comparison; of those that tell nothing the last is taken: Telegram begins with the smallest."""
    pixels = (wire.as_int(size.width) or 0) * (wire.as_int(size.height) or 0)
    return pixels, wire.as_int(size.file_size) or 0


def _sticker(sticker: File | None) -> Attachment | None:
    if sticker is None:
        return None
    mime = "image/webp"
    if sticker.is_animated:
        mime = "application/x-tgsticker"
    elif sticker.is_video:
        mime = "video/webm"
    return Attachment(
        kind=AttachmentKind.STICKER,
        source=sticker.file_id,
        unique_id=sticker.file_unique_id,
        mime=mime,
        size=wire.as_int(sticker.file_size),
        title=sticker.emoji,
        sticker_id=sticker.file_unique_id,
    )


def _place(message: Message) -> Attachment | None:
    venue = message.venue
    location = message.location or (venue.location if venue else None)
    if location is None and venue is None:
        return None
    return Attachment(
        kind=AttachmentKind.LOCATION,
        name=venue.address if venue else None,
        title=venue.title if venue else None,
        latitude=wire.as_float(location.latitude) if location else None,
        longitude=wire.as_float(location.longitude) if location else None,
    )


def _contact(contact: Contact | None) -> Attachment | None:
    if contact is None:
        return None
    name = " ".join(part for part in (contact.first_name, contact.last_name) if part)
    return Attachment(
        kind=AttachmentKind.CONTACT, name=name or None, phone=wire.text_id(contact.phone_number)
    )


def smallest_photo(found: Any) -> str | None:
    """The file id of the first of UserProfilePhotos in its smallest size that is not tiny."""
    photos = found.get("photos") if isinstance(found, dict) else None
    sizes = photos[0] if isinstance(photos, list) and photos and isinstance(photos[0], list) else []
    files = [
        (wire.as_int(size.get("width")) or 0, size["file_id"])
        for size in sizes
        if isinstance(size, dict) and isinstance(size.get("file_id"), str)
    ]
    wide = [each for each in files if each[0] >= _AVATAR_PIXELS]
    return min(wide)[1] if wide else max(files)[1] if files else None
