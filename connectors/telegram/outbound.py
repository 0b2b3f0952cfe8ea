"""Sending through python-telegram-bot's ``Bot``, and answering pressed buttons."""

from collections.abc import Sequence

import msgspec
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Message, ReplyParameters

from connectors.contract import AnyItem, AttachmentKind, OutboundAttachment, Postback, WebhookReply
from connectors.sending import Piece, content, payloads, unclear
from connectors.telegram.request import CallFailed

_PAYLOAD_BYTES = 64


async def send_piece(bot: Bot, chat: str, piece: Piece) -> str:
    """The id of the message.  Raises what ``Connector.send`` may raise."""
    try:
        return str((await _sent(bot, chat, piece)).message_id)
    except CallFailed as failed:
        raise failed.error from None
    except (KeyError, TypeError, ValueError, AttributeError):
        # The library could not read the message in an answer that said ok.
        raise unclear("Telegram", "accepted the message but named no id") from None


async def _sent(bot: Bot, chat: str, piece: Piece) -> Message:
    reply, buttons = _reply_parameters(piece.reply_to), _keyboard(piece)
    if piece.attachment is None:
        return await bot.send_message(chat, piece.text, reply_parameters=reply, reply_markup=buttons)
    file, caption = await _upload(piece.attachment), piece.text or None
    match piece.attachment.kind:
        case AttachmentKind.IMAGE:
            return await bot.send_photo(chat, file, caption=caption, reply_parameters=reply)
        case AttachmentKind.VIDEO:
            return await bot.send_video(chat, file, caption=caption, reply_parameters=reply)
        case AttachmentKind.AUDIO:
            return await bot.send_audio(chat, file, caption=caption, reply_parameters=reply)
        case AttachmentKind.VOICE:
            return await bot.send_voice(chat, file, caption=caption, reply_parameters=reply)
        case _:
            return await bot.send_document(chat, file, caption=caption, reply_parameters=reply)


async def _upload(attachment: OutboundAttachment) -> InputFile:
    return InputFile(await content(attachment), filename=attachment.name)


def _keyboard(piece: Piece) -> InlineKeyboardMarkup | None:
    """Buttons under the message, each in a row of its own.

    Unlike a reply keyboard's they bring a payload back, or open an address: exactly one of ``callback_data`` and ``url``
    (core.telegram.org/bots/api#inlinekeyboardbutton).
    """
    data = payloads(piece.quick_replies, _PAYLOAD_BYTES)
    buttons = [
        *(
            InlineKeyboardButton(reply.title, callback_data=payload)
            for reply, payload in zip(piece.quick_replies, data, strict=True)
        ),
        *(InlineKeyboardButton(link.title, url=link.url) for link in piece.link_buttons),
    ]
    return InlineKeyboardMarkup([[button] for button in buttons]) if buttons else None


def _reply_parameters(reply_to: str | None) -> ReplyParameters | None:
    if reply_to is None or not reply_to.isdecimal():
        return None
    return ReplyParameters(message_id=int(reply_to), allow_sending_without_reply=True)


def answered(items: Sequence[AnyItem]) -> WebhookReply:
    """What a webhook answers: the phone shows a pressed button as busy until ``answerCallbackQuery``.

    Telegram takes one call of a method as the body of the answer: core.telegram.org/bots/api#making-requests-when-getting-updates.
    """
    pressed = next((item for item in items if isinstance(item, Postback)), None)
    if pressed is None:
        return WebhookReply()
    call = {"method": "answerCallbackQuery", "callback_query_id": pressed.key}
    return WebhookReply(body=msgspec.json.encode(call), content_type="application/json")
