"""Messages that a bot sends: texts, files, buttons, quotes; and its reactions.

Facts: core.telegram.org/bots/api (sendMessage, sendPhoto …, InlineKeyboardMarkup, setMessageReaction), tdlib/telegram-bot-api Client.cpp
(error descriptions).
"""

from abc import ABC
from typing import Any

from connectors.simulator.phone import Phone
from connectors.simulator.provider import Form, as_attachment
from connectors.simulator.telegram_events import TelegramAccount, TelegramEvents
from connectors.simulator.telegram_messages import Json
from connectors.simulator.world import Attachment, Blob, Button

MEDIA = {
    "sendphoto": ("photo", "image"),
    "senddocument": ("document", "file"),
    "sendvideo": ("video", "video"),
    "sendaudio": ("audio", "audio"),
    "sendvoice": ("voice", "voice"),
}
_DATA_BYTES = 64
REACTIONS = frozenset(
    [
        "👍",
        "👎",
        "❤",
        "🔥",
        "🥰",
        "👏",
        "😁",
        "🤔",
        "🤯",
        "😱",
        "🤬",
        "😢",
        "🎉",
        "🤩",
        "🤮",
        "💩",
        "🙏",
        "👌",
        "🕊",
        "🤡",
        "🥱",
        "🥴",
        "😍",
        "🐳",
        "❤️\u200d🔥",
        "🌚",
        "🌭",
        "💯",
        "🤣",
        "⚡",
        "🍌",
        "🏆",
        "💔",
        "🤨",
        "😐",
        "🍓",
        "🍾",
        "💋",
        "🖕",
        "😈",
        "😴",
        "😭",
        "🤓",
        "👻",
        "👨\u200d💻",
        "👀",
        "🎃",
        "🙈",
        "😇",
        "😨",
        "🤝",
        "✍",
        "🤗",
        "🫡",
        "🎅",
        "🎄",
        "☃",
        "💅",
        "🤪",
        "🗿",
        "🆒",
        "💘",
        "🙉",
        "🦄",
        "😘",
        "💊",
        "🙊",
        "😎",
        "👾",
        "🤷\u200d♂️",
        "🤷",
        "🤷\u200d♀️",
        "😡",
    ]
)
"""What ReactionTypeEmoji lists."""


class BotError(Exception):
    """A call that the Bot API refuses."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class TelegramSends(TelegramEvents, ABC):
    """The methods that send."""

    async def send_message(self, account: TelegramAccount, form: Form, method: str) -> Json:
        customer = self.peer(account, form)
        text = form.text("text")
        if not text.strip():
            raise BotError(400, "Bad Request: message text is empty")
        if len(text) > 4096:
            raise BotError(400, "Bad Request: message is too long")
        return self._accept(account, customer, form, text, None)

    async def send_media(self, account: TelegramAccount, form: Form, method: str) -> Json:
        field_name, kind = MEDIA[method]
        customer = self.peer(account, form)
        caption = form.text("caption")
        if len(caption) > 1024:
            raise BotError(400, "Bad Request: message caption is too long")
        blob = await self._upload(account, form, field_name)
        return self._accept(account, customer, form, caption, as_attachment(blob, kind))

    async def set_reaction(self, account: TelegramAccount, form: Form, method: str) -> bool:
        """Of a bot: one at most, of the listed emoji; taking back what is not there is refused (REACTION_EMPTY)."""
        customer = self.peer(account, form)
        wanted = form.value("reaction") or []
        if len(wanted) > 1:
            raise BotError(400, "Bad Request: REACTIONS_TOO_MANY")
        emoji = "".join(_emoji_of(each) for each in wanted)
        entry = customer.find(form.text("message_id"))
        if entry is None or entry.is_deleted:
            raise BotError(400, "Bad Request: message to react not found")
        if not emoji and not entry.own_reaction:
            raise BotError(400, "Bad Request: REACTION_EMPTY")
        customer.reacted(entry.id, emoji)
        return True

    async def _upload(self, account: TelegramAccount, form: Form, field_name: str) -> Blob:
        """The file of a send: attached, a file_id, or an address that Telegram fetches."""
        value = form.text(field_name)
        blob = form.files.get(value.removeprefix("attach://")) or form.files.get(field_name)
        if blob is None:
            blob = account.files.blob(account.files.path(value))
        if blob is None and value.startswith(("http://", "https://")):
            blob = await self.courier.fetch(value, default_name="file")
            if blob is None:
                raise BotError(400, "Bad Request: failed to get HTTP URL content")
        if blob is None:
            raise BotError(400, f"Bad Request: there is no {field_name} in the request")
        return blob

    def peer(self, account: TelegramAccount, form: Form) -> Phone:
        customer = self.find(account, form.text("chat_id"))
        if customer is None:
            raise BotError(400, "Bad Request: chat not found")
        if not customer.has_written:
            raise BotError(403, "Forbidden: bot can't initiate conversation with a user")
        if customer.is_blocked:
            raise BotError(403, "Forbidden: bot was blocked by the user")
        return customer

    def _accept(
        self,
        account: TelegramAccount,
        customer: Phone,
        form: Form,
        text: str,
        attachment: Attachment | None,
    ) -> Json:
        parameters = form.value("reply_parameters")
        reply_to = str(parameters["message_id"]) if isinstance(parameters, dict) else None
        buttons = _buttons(form.value("reply_markup"))
        message_id = self.new_id(customer)
        entry = self.accept(
            account,
            customer.address,
            message_id,
            text=text,
            attachment=attachment,
            reply_to=reply_to,
            buttons=buttons,
        )
        customer.receive(entry)
        return self.message(customer, entry)


def _emoji_of(reaction: Any) -> str:
    if reaction.get("type") != "emoji" or reaction.get("emoji") not in REACTIONS:
        raise BotError(400, "Bad Request: REACTION_INVALID")
    return str(reaction["emoji"])


def _buttons(markup: Any) -> tuple[Button, ...]:
    """The buttons of an inline keyboard: each brings data back or opens an address, and gets a row of its own on the phone."""
    if markup is None or markup == "":
        return ()
    if not isinstance(markup, dict):
        raise BotError(400, "Bad Request: object expected as reply markup")
    return tuple(_button(button) for row in markup.get("inline_keyboard", []) for button in row)


def _button(button: Json) -> Button:
    title = button.get("text")
    if not title or not {"callback_data", "url"} & button.keys():
        raise BotError(400, "Bad Request: text buttons are unallowed in the inline keyboard")
    if "url" in button:
        return Button(title=title, url=_checked(button["url"]))
    if not 0 < len(button["callback_data"].encode()) <= _DATA_BYTES:
        raise BotError(400, "Bad Request: BUTTON_DATA_INVALID")
    return Button(title=title, payload=button["callback_data"])


def _checked(url: str) -> str:
    """Other protocols are refused, and hosts without a domain (the texts as authors of bots quote them)."""
    if url.startswith("tg://"):
        return url
    if not url.startswith(("http://", "https://")):
        why = "Unsupported URL protocol"
    elif "." not in url.partition("://")[2].partition("/")[0]:
        why = "Wrong HTTP URL"
    else:
        return url
    raise BotError(400, f"Bad Request: inline keyboard button URL '{url}' is invalid: {why}")
