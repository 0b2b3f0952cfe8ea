"""Our emoji on a customer's message: ``setMessageReaction`` (core.telegram.org/bots/api#setmessagereaction).

A bot has one reaction on a message, and of the standard emoji only those that ``ReactionTypeEmoji`` lists.
"""

from typing import Final

from telegram import Bot, ReactionTypeEmoji
from telegram.constants import ReactionEmoji

from connectors.contract import OutboundReaction
from connectors.emoji import as_picture, plain
from connectors.errors import Failure, Refused
from connectors.telegram.request import CallFailed

_SYMBOLS: Final = "\u2764\u270d\u2603\U0001f54a"
"""Of the list those that a screen shows as plain symbols unless asked otherwise."""
EMOJI: Final = tuple(as_picture(each) if each in _SYMBOLS else str(each.value) for each in ReactionEmoji)
_WIRE: Final = {plain(each): str(each.value) for each in ReactionEmoji}
_AS_WANTED: Final = ("reaction_empty", "message_not_modified", "message is not modified")
"""What the Bot API answers when there was nothing to change: taking back what is not there, or the same once more."""


async def set_reaction(bot: Bot, reaction: OutboundReaction) -> None:
    """Raises what ``Reacts.react`` may raise."""
    if not reaction.target.isdecimal():
        text = "Telegram has no such message."
        raise Refused(Failure(code="message_gone", text=text))
    wanted = [] if reaction.emoji is None else [ReactionTypeEmoji(_on_wire(reaction.emoji))]
    try:
        await bot.set_message_reaction(reaction.peer_id, int(reaction.target), wanted)
    except CallFailed as failed:
        said = (failed.error.failure.provider_code or "").lower()
        if not any(words in said for words in _AS_WANTED):
            raise failed.error from None


def _on_wire(emoji: str) -> str:
    found = _WIRE.get(plain(emoji))
    if found is None:
        text = "Telegram does not take this emoji as a reaction."
        raise Refused(Failure(code="reaction_unsupported", text=text))
    return found
