"""Typing and viewing notices: over the bus to everybody who sees the dialog, never stored."""

import logging

import msgspec

from server.agents.access import Access
from server.bus.base import Bus, Topic
from server.db.engine import Database
from server.dialogs.queries import place_of
from server.entities import AgentRef
from server.ids import parse_id
from server.realtime import frames
from server.realtime.hub import Hub

log = logging.getLogger(__name__)


class _Notice(msgspec.Struct, frozen=True):
    kind: str
    dialog_id: int
    channel_id: int
    assignee_id: int | None
    agent_id: int
    agent_name: str


class Signals:
    def __init__(self, database: Database, bus: Bus, hub: Hub) -> None:
        self._database = database
        self._bus = bus
        self._hub = hub
        bus.subscribe(Topic.SIGNALS, self._hear)

    async def give(self, access: Access, kind: frames.SignalKind, dialog_id: str) -> None:
        """Pass a notice on, if it is about a dialog that its author sees; otherwise it is dropped in silence."""
        wanted = parse_id(dialog_id)
        if wanted is None:
            return
        place = await self._database.read(lambda c: place_of(c, wanted))
        if place is None or not access.sees(*place):
            return
        notice = _Notice(kind, wanted, place[0], place[1], access.agent_id, access.name)
        self._bus.publish(Topic.SIGNALS, msgspec.json.encode(notice).decode())

    def _hear(self, message: str | None) -> None:
        if message is None:
            return
        notice = msgspec.json.decode(message, type=_Notice)
        agent = AgentRef(id=str(notice.agent_id), name=notice.agent_name)
        frame = frames.signal(notice.kind, str(notice.dialog_id), agent)
        self._hub.tell(frame, notice.channel_id, notice.assignee_id, but=notice.agent_id)
