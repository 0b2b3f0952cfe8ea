"""The templates of channels, as their providers list them: asked for when somebody needs them, and kept for a minute."""

import asyncio
from copy import copy
from typing import NamedTuple, Protocol

from connectors.contract import Connector, Templates
from connectors.errors import NotAccepted, SendError
from connectors.templates import TemplateList
from server import reasons
from server.agents.access import Access
from server.bus.base import Bus, Topic
from server.clock import Clock
from server.delivery.templates.model import Choice, Ready, ready
from server.errors import Conflict, NotFound, Unavailable

_FRESH_MS = 60_000
"""For so long a list is not asked for again; what was withdrawn meanwhile is refused by the provider."""
_ANEW_MS = 3_000
"""For so long not even by a person who wants it anew."""


class ConnectorSource(Protocol):
    """What is needed of ``server.channels.service.Channels``."""

    async def known(self, channel_id: int) -> object: ...

    async def open(self, channel_id: int) -> Connector: ...

    async def open_to_send(self, channel_id: int) -> Connector: ...


class Listed(NamedTuple):
    connector: Connector
    asked_at: int
    """Epoch milliseconds."""
    list: TemplateList


class _Failed:
    """How asking ended last, if in vain; each time an object of its own."""

    def __init__(self, connector: Connector, error: Conflict | Unavailable) -> None:
        self.connector = connector
        self._error = error

    def again(self) -> Conflict | Unavailable:
        return copy(self._error).with_traceback(None)


class TemplateLists:
    """One list for a channel, of its present settings; gone as soon as a provider tells that some template changed."""

    def __init__(self, clock: Clock, channels: ConnectorSource, bus: Bus) -> None:
        self._clock = clock
        self._channels = channels
        self._kept: dict[int, Listed] = {}
        self._asking: dict[int, asyncio.Lock] = {}
        self._failed: dict[int, _Failed] = {}
        self._changes = 0
        bus.subscribe(Topic.TEMPLATES, lambda _: self._forget())

    async def of(self, access: Access, channel_id: int, *, anew: bool = False) -> Listed:
        """Raises NotFound (no such channel for this agent) and what :meth:`of_connector` raises."""
        if not access.sees_channel(channel_id) or await self._channels.known(channel_id) is None:
            raise NotFound(reasons.NO_SUCH_CHANNEL_FOR_YOU)
        try:
            connector = await self._channels.open(channel_id)
        except NotFound:
            raise Conflict("channel_paused", reasons.CHANNEL_PAUSED) from None
        return await self.of_connector(channel_id, connector, anew=anew)

    async def of_connector(self, channel_id: int, connector: Connector, *, anew: bool = False) -> Listed:
        """Raises Conflict (``no_templates``, ``templates_refused``) or Unavailable."""
        if not connector.capabilities.templates or not isinstance(connector, Templates):
            raise Conflict("no_templates", reasons.NO_TEMPLATES)
        # Who comes while it is being asked for gets the same answer, also when that is that it can't be had.
        failed_before = self._failed.get(channel_id)
        async with self._asking.setdefault(channel_id, asyncio.Lock()):
            failed = self._failed.get(channel_id)
            if failed is not None and failed is not failed_before and failed.connector is connector:
                raise failed.again()
            kept = self._kept.get(channel_id)
            now = self._clock.now_ms()
            fresh = _ANEW_MS if anew else _FRESH_MS
            if kept is not None and kept.connector is connector and now - kept.asked_at < fresh:
                return kept
            before = self._changes
            try:
                found = Listed(connector, now, await _ask(connector))
            except (Conflict, Unavailable) as error:
                self._failed[channel_id] = _Failed(connector, error)
                raise
            if self._changes == before:  # else it may be of before the change
                self._kept[channel_id] = found
            return found

    def _forget(self) -> None:
        self._changes += 1
        self._kept.clear()

    async def ready(self, channel_id: int, connector: Connector, choice: Choice) -> Ready:
        """The message that a filled template becomes.  Raises Invalid and what :meth:`of_connector` raises."""
        listed = await self.of_connector(channel_id, connector)
        return ready(listed.list.templates, choice)


async def _ask(connector: Templates) -> TemplateList:
    try:
        return await connector.templates()
    except NotAccepted as error:
        raise Unavailable(reasons.TEMPLATES_AWAY.of(why=error.failure.text)) from None
    except SendError as error:
        raise Conflict("templates_refused", reasons.TEMPLATES_REFUSED.of(why=error.failure.text)) from None
