"""Runs a host for every active channel, and follows changes without a restart."""

import asyncio
import logging
import os
import secrets
import socket
from collections.abc import Sequence
from typing import Protocol

import msgspec

from connectors.contract import Connector, Outbox, Paced, ReactionBox, Sink
from connectors.errors import Failure
from connectors.host import ChannelHost, HostLimits
from server.bus.base import Bus, Topic
from server.channels.running import EVERY, RunningKinds
from server.config import Delivery
from server.db import leases
from server.delivery import queries
from server.errors import InboxError
from server.supervisor import Supervisor, is_woken
from server.unit_of_work import UnitOfWork

_LOOK_SECONDS = 3.0
_POLL_LEASE_MS = 6_000
_RELEASE_SECONDS = 1.0
_PARTS_SECONDS = 10.0
"""How much longer than one call a message of several parts may take (``connectors.sending``)."""

log = logging.getLogger(__name__)


class ActiveChannel(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def connector(self) -> Connector: ...


class ChannelSource(Protocol):
    """What is needed of ``server.channels.service.Channels``."""

    async def all_active(self) -> Sequence[ActiveChannel]: ...

    def note_error(self, channel_id: int, failure: Failure) -> None: ...

    def note_received(self, channel_id: int) -> None: ...

    def note_works(self, channel_id: int) -> None: ...


def new_owner() -> str:
    """A name for this process in leases, which no other process has, nor this one after a restart."""
    return f"{socket.gethostname()[:20]}-{os.getpid()}-{secrets.token_hex(3)}"


def limits_of(config: Delivery, *, stop_seconds: float) -> HostLimits:
    """Every call ends before the lease of its delivery does."""
    call = min(config.call_seconds + _PARTS_SECONDS, config.lease_seconds * 0.9)
    return HostLimits(concurrency=config.concurrency, call_seconds=call, stop_seconds=stop_seconds)


class _Running(msgspec.Struct, kw_only=True):
    connector: Connector
    task: "asyncio.Task[None]"


class HostManager:
    """One host per active channel of these ``kinds``.  ``owner`` is also the name under which the Sink checks the polling lease."""

    def __init__(
        self,
        units: UnitOfWork,
        bus: Bus,
        channels: ChannelSource,
        outbox: Outbox,
        sink: Sink,
        *,
        owner: str,
        limits: HostLimits,
        kinds: RunningKinds = EVERY,
        reactions: ReactionBox | None = None,
    ) -> None:
        self._units = units
        self._channels = channels
        self._outbox = outbox
        self._sink = sink
        self._owner = owner
        self._limits = limits
        self._kinds = kinds
        self._reactions = reactions
        self._running: dict[int, _Running] = {}
        self._changed = asyncio.Event()
        bus.subscribe(Topic.CHANNELS, lambda _: self._changed.set())

    def start(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        supervisor.keep("channel hosts", self._follow)

    async def _follow(self) -> None:
        """Bring what runs in line with what should, whenever something changed and every few seconds."""
        while True:
            self._changed.clear()
            await self._align()
            await is_woken(self._changed, _LOOK_SECONDS)

    async def _align(self) -> None:
        active = await self._channels.all_active()
        wanted = {channel.id: channel.connector for channel in active if self._kinds.has(channel.kind)}
        for channel_id, running in list(self._running.items()):
            if wanted.get(channel_id) is not running.connector or running.task.done():
                running.task.cancel()
                await asyncio.gather(running.task, return_exceptions=True)
                del self._running[channel_id]
        for channel_id, connector in wanted.items():
            if channel_id not in self._running:
                task = self._supervisor.once(f"channel {channel_id}", self._run(channel_id, connector))
                self._running[channel_id] = _Running(connector=connector, task=task)

    async def _run(self, channel_id: int, connector: Connector) -> None:
        port = _PollLease(self._units, channel_id, self._owner)
        host = ChannelHost(
            str(channel_id),
            connector,
            outbox=self._outbox,
            sink=self._sink,
            poll_port=port,
            health=_Health(self._channels, channel_id),
            limits=self._limits,
            reactions=self._reactions,
        )
        try:
            await host.run()
        finally:
            if connector.polls or isinstance(connector, Paced):
                await port.release()


class _Health:
    def __init__(self, channels: ChannelSource, channel_id: int) -> None:
        self._channels = channels
        self._channel_id = channel_id

    async def failed(self, failure: Failure) -> None:
        self._channels.note_error(self._channel_id, failure)

    async def works(self, *, received: bool) -> None:
        if received:
            self._channels.note_received(self._channel_id)
        self._channels.note_works(self._channel_id)


class _PollLease:
    """The right to poll a channel: a lease in the database, which the Sink checks again as it moves the cursor."""

    def __init__(self, units: UnitOfWork, channel_id: int, owner: str) -> None:
        self._units = units
        self._channel_id = channel_id
        self._name = f"poll:{channel_id}"
        self._owner = owner

    async def may_poll(self) -> bool:
        return await self._units.run(
            lambda tx: leases.acquire(
                tx.connection, self._name, self._owner, tx.now_ms + _POLL_LEASE_MS, tx.now_ms
            )
        )

    async def cursor(self) -> str | None:
        return await self._units.database.read(lambda c: queries.poll_cursor(c, self._channel_id))

    async def release(self) -> None:
        """Let another process go on at once; otherwise it would wait for the lease to run out."""
        try:
            async with asyncio.timeout(_RELEASE_SECONDS):
                await self._units.run(lambda tx: leases.release(tx.connection, self._name, self._owner))
        except (TimeoutError, InboxError):
            log.info("the right to poll channel %d runs out by itself", self._channel_id)
