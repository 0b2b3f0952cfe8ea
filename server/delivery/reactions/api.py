"""``/api/v1/dialogs/{id}/messages/{id}/reaction``: what we put on a customer's message."""

from typing import Annotated

from litestar import delete, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from server import reasons
from server.agents.access import Access
from server.delivery.reactions.service import Reactions
from server.entities import Entity, Message
from server.ids import named_id

_PATH = "/api/v1/dialogs/{dialog_id:str}/messages/{message_id:str}/reaction"
_EMOJI_MAX = 32


class ReactionBody(Entity, frozen=True, kw_only=True, forbid_unknown_fields=True):
    emoji: Annotated[str, Meta(max_length=_EMOJI_MAX)]
    """One of the channel's ``capabilities.reactions``."""


@put(_PATH, operation_id="reactToMessage", tags=["messages"])
async def react_to_message(
    dialog_id: FromPath[str],
    message_id: FromPath[str],
    data: JSONBody[ReactionBody],
    access: NamedDependency[Access],
    reactions: NamedDependency[Reactions],
) -> Message:
    """Put an emoji on a customer's message, in the place of ours that is there; what becomes of it is told by events."""
    emoji = data.emoji.replace("\0", "")
    return await reactions.put(access, _dialog(dialog_id), _message(message_id), emoji)


@delete(_PATH, operation_id="takeReactionBack", status_code=200, tags=["messages"])
async def take_reaction_back(
    dialog_id: FromPath[str],
    message_id: FromPath[str],
    access: NamedDependency[Access],
    reactions: NamedDependency[Reactions],
) -> Message:
    """Take our emoji off a customer's message; without one nothing happens."""
    return await reactions.put(access, _dialog(dialog_id), _message(message_id), None)


def _dialog(text: str) -> int:
    return named_id(text, reasons.NO_SUCH_DIALOG)


def _message(text: str) -> int:
    return named_id(text, reasons.NO_SUCH_MESSAGE)


ROUTES = [react_to_message, take_reaction_back]
