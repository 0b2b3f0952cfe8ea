"""What is sent, as the REST API wants it, made with viberbot's message classes."""

from html import escape
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from viberbot.api.messages import FileMessage, PictureMessage, TextMessage, VideoMessage
from viberbot.api.messages.message import Message

from connectors import button_marks
from connectors.contract import AttachmentKind, LinkButton, OutboundAttachment, QuickReply
from connectors.sending import Piece, content
from connectors.viber.clips import seconds_of

_NAME_MAX: Final = 256
_CLIP_SECONDS: Final = 180
_SILENT_LEVEL: Final = 6
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
        fields["tracking_data"] = button_marks.marked(mark)
    if piece.link_buttons:
        # The documents name no level for Silent; users of Bogdaan/viber-bot-php (issue 48) saw it work from this one on.
        fields["min_api_version"] = _SILENT_LEVEL
    # viberbot writes what is absent as null.
    return {name: value for name, value in fields.items() if value is not None}


async def _message(piece: Piece) -> Message:
    attachment = piece.attachment
    if attachment is None:
        return TextMessage(text=piece.text, keyboard=_keyboard(piece))
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


def _keyboard(piece: Piece) -> dict[str, Any] | None:
    """One button in a row (developers.viber.com/docs/tools/keyboards)."""
    buttons = [*map(_answer, piece.quick_replies), *map(_link, piece.link_buttons)]
    return {"Type": "keyboard", "DefaultHeight": False, "Buttons": buttons} if buttons else None


def _answer(reply: QuickReply) -> dict[str, Any]:
    """Pressing a button sends its ``ActionBody`` as the customer's own text, so that is the title."""
    return _button(reply.title, "reply", reply.title)


def _link(button: LinkButton) -> dict[str, Any]:
    """Pressing it opens the address *and* sends it as the customer's own text (keyboards, "reply logic").

    ``Silent`` keeps that text out of what the customer sees of the chat.
    """
    return _button(button.title, "open-url", button.url) | {"Silent": True}


def _button(title: str, action: str, body: str) -> dict[str, Any]:
    text = escape(title, quote=False)
    return {"Columns": 6, "Rows": 1, "ActionType": action, "ActionBody": body, "Text": text}
