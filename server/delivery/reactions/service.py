"""What agents do: put an emoji on a customer's message, and take it back."""

from collections.abc import Mapping
from typing import Any

from connectors.contract import Capabilities
from server import reasons
from server.agents.access import Access
from server.bus.base import Topic
from server.delivery.content import reaction_of
from server.delivery.queries import DialogKey
from server.delivery.reactions import model, queries
from server.delivery.reactions.model import By, OwnReaction
from server.delivery.service import check_may_reply
from server.delivery.templates.lists import ConnectorSource
from server.dialogs.model import check_may_write
from server.dialogs.queries import lock_visible, message_now, visible_row
from server.entities import Message
from server.errors import Conflict, NotFound
from server.unit_of_work import Transaction, UnitOfWork


class Reactions:
    """One transaction each: what is wanted, and its event, are there, or nothing is."""

    def __init__(self, units: UnitOfWork, channels: ConnectorSource) -> None:
        self._units = units
        self._channels = channels

    async def put(self, access: Access, dialog_id: int, message_id: int, emoji: str | None) -> Message:
        """Let the customer see ``emoji`` on their message in the place of ours that is there; None takes ours back.

        Asking twice asks once.  What needs no call (it is there as wished) is possible when nothing can be sent.
        """
        row = await self._units.database.read(lambda c: visible_row(c, access, dialog_id))
        try:
            connector = await self._channels.open_to_send(row["channel_id"])
        except NotFound:
            can = None
        else:
            can = connector.capabilities
        return await self._units.run(lambda tx: _put(tx, access, dialog_id, message_id, emoji, can))


def _put(
    tx: Transaction,
    access: Access,
    dialog_id: int,
    message_id: int,
    emoji: str | None,
    can: Capabilities | None,
) -> Message:
    """``can`` None: the channel is paused."""
    dialog = lock_visible(tx.connection, access, dialog_id)
    _check_target(tx, dialog_id, message_id)
    check_may_write(access, dialog["assignee_id"])
    by = By(agent_id=access.agent_id, agent_name=access.name, at=tx.now_ms)
    row = _row(tx, dialog, message_id, by)
    if emoji is not None and emoji != row.seen and can is not None:
        emoji = reaction_of(emoji, can)
    if model.wish(row, emoji, by):
        if row.state in ("queued", "sending"):
            _check_can_be_sent(tx, access, dialog, can)
            tx.wake(Topic.REACTIONS, str(dialog["channel_id"]))
        key = DialogKey(dialog["channel_id"], dialog["assignee_id"])
        queries.write(tx, [row], {dialog_id: key})
    return message_now(tx.connection, message_id)


def _check_target(tx: Transaction, dialog_id: int, message_id: int) -> None:
    target = queries.target(tx.connection, dialog_id, message_id)
    if target is None:
        raise NotFound(reasons.NO_SUCH_MESSAGE)
    is_theirs = target.direction == "inbound" and target.external_id is not None
    if not is_theirs or target.deleted_at is not None:
        raise Conflict("not_reactable", reasons.REACTION_TARGET)


def _row(tx: Transaction, dialog: Mapping[str, Any], message_id: int, by: By) -> OwnReaction:
    known = queries.of_messages(tx.connection, [message_id]).get(message_id)
    if known is not None:
        return known
    return model.none(message_id=message_id, dialog_id=dialog["id"], channel_id=dialog["channel_id"], by=by)


def _check_can_be_sent(
    tx: Transaction, access: Access, dialog: Mapping[str, Any], can: Capabilities | None
) -> None:
    """As a reply, but that a longer time for what a person writes does not hold: there is no mark for it."""
    if can is None:
        raise Conflict("channel_paused", reasons.CHANNEL_PAUSED_SENDING)
    if can.reactions is None:
        raise Conflict("reactions_unsupported", reasons.REACTIONS_UNSUPPORTED)
    check_may_reply(tx, access, dict(dialog), can, by_person=False)
