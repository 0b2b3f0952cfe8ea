"""What is sent, as the REST API wants it, made with viberbot's message classes."""

from html import escape
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from viberbot.api.messages import FileMessage, PictureMessage, TextMessage, VideoMessage
from viberbot.api.messages.message import Message

from connectors import answers
from connectors.contract import AttachmentKind, OutboundAttachment, QuickReply
from connectors.sending import Piece, content
from connectors.viber.clips import seconds_of

_NAME_MAX: Final = 256
_CLIP_SECONDS: Final = 180
_SUFFIXES: Final = {
    "image/jpeg": ".jpeg",
    "image/png": ".png",
    "image/gif": ".gif",
    "video/mp4": ".mp4",
    "audio/ogg": ".ogg",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "application/pdf": ".pdf",
}


async def message_of(piece: Piece, mark: str) -> dict[str, Any]:
    """The fields of the message itself, without to whom and from whom.

    Every message is marked, as the customer's next one brings the mark back ("tracking_data": "will be passed back with
    the user's reply", REST API, send_message): it tells which question a pressed button answers, and that we were heard.
    """
    fields: dict[str, Any] = (await _message(piece)).to_dict()
    if mark:
        fields["tracking_data"] = answers.marked(mark)
    # viberbot writes what is absent as null.
    return {name: value for name, value in fields.items() if value is not None}


async def _message(piece: Piece) -> Message:
    attachment = piece.attachment
    if attachment is None:
        return TextMessage(text=piece.text, keyboard=_keyboard(piece.quick_replies))
    name = _file_name(attachment)
    link = f"{attachment.link}/{quote(name, safe='')}"
    if attachment.kind is AttachmentKind.IMAGE:
        return PictureMessage(text=piece.text, media=link)
    if attachment.kind is AttachmentKind.VIDEO:
        seconds = seconds_of(await content(attachment))
        if seconds is None or seconds <= _CLIP_SECONDS:
            return VideoMessage(media=link, size=attachment.size, duration=seconds)
    return FileMessage(media=link, size=attachment.size, file_name=name)


def _file_name(attachment: OutboundAttachment) -> str:
    """Viber refuses links and names without the suffix of their type, and long names."""
    name = PurePosixPath(attachment.name)
    wanted = _SUFFIXES.get(attachment.mime)
    same = {".jpg": ".jpeg"}.get(name.suffix.lower(), name.suffix.lower())
    if wanted is not None and same != wanted:
        name = PurePosixPath(f"{name.stem}{wanted}")
    elif not name.suffix:
        name = PurePosixPath(f"{name}.bin")
    return name.stem[: _NAME_MAX - len(name.suffix)] + name.suffix


def _keyboard(replies: tuple[QuickReply, ...]) -> dict[str, Any] | None:
    """Pressing a button sends its ``ActionBody`` as the customer's own text, so that is the title."""
    if not replies:
        return None
    buttons = [
        {
            "Columns": 6,
            "Rows": 1,
            "ActionType": "reply",
            "ActionBody": reply.title,
            "Text": escape(reply.title, quote=False),
        }
        for reply in replies
    ]
    return {"Type": "keyboard", "DefaultHeight": False, "Buttons": buttons}
