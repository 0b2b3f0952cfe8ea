"""The assembled server: every part is made here, told of the parts it needs, started and stopped in order."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from litestar import Litestar
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig

from server.agents import api as agents_api
from server.agents.authentication import (
    Authentication,
    AuthenticationMiddleware,
    provide_access,
    provide_caller,
)
from server.agents.passwords import Passwords
from server.agents.service import Agents
from server.agents.sessions import Sessions
from server.bus import open_bus
from server.bus.base import Topic
from server.channels import api as channels_api
from server.channels.service import Channels
from server.clock import Clock, SystemClock
from server.config import Config
from server.db.engine import open_database
from server.db.migrate import migrate
from server.events import store
from server.ids import Ids
from server.intake import quarantine
from server.intake.sink import IntakeSink
from server.intake.webhooks import PREFIX as WEBHOOKS
from server.intake.webhooks import WebhookDoor
from server.problems import exception_handlers
from server.realtime.feed import Feed
from server.realtime.hub import Hub
from server.realtime.signals import Signals
from server.realtime.socket import SocketDoor
from server.supervisor import Supervisor
from server.unit_of_work import UnitOfWork

VERSION = "0.1.0"
_PRUNE_EVERY_S = 600.0
_CHECK_SIGN_INS_EVERY_S = 60.0

log = logging.getLogger(__name__)


class Inbox:
    """All parts of one server process."""

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        self.config = config
        self.clock = clock or SystemClock()
        self.database = open_database(config.database_url, pool_size=config.database.pool_size)
        self.bus = open_bus(config.bus.url)
        self.units = UnitOfWork(self.database, self.bus, self.clock, Ids(self.clock))
        self.supervisor = Supervisor()
        self.passwords = Passwords()
        self.sessions = Sessions(self.units, config, self.passwords)
        self.authentication = Authentication(self.units, config, self.sessions)
        self.agents = Agents(self.units, config, self.passwords)
        self.channels = Channels(self.units, config, self.bus)
        self.sink = IntakeSink(
            self.units,
            reopen_within_hours=config.dialogs.reopen_within_hours,
            batch_items=config.intake.batch_items,
            queue_bytes=config.intake.queue_bytes,
        )
        self.webhooks = WebhookDoor(
            self.channels,
            self.sink,
            public_url=config.public_url,
            max_bytes=config.server.webhook_max_bytes,
            read_seconds=config.server.webhook_read_seconds,
        )
        self.feed = Feed(self.database, recent_events=config.realtime.recent_events)
        self.hub = Hub(self.feed)
        self.signals = Signals(self.database, self.bus, self.hub)
        self.sockets = SocketDoor(self.authentication, self.feed, self.hub, self.signals, config.realtime)

    async def start(self) -> None:
        """Migrate, then start everything that works by itself."""
        await migrate(self.config.database_url)
        await self.bus.start()
        await self.feed.start(self.units, self.bus, self.supervisor)
        self.sink.start(self.supervisor)
        self.supervisor.keep("watermarks", self.hub.keep_moving)
        self.supervisor.keep("channel health", self.channels.keep_notes)
        self.supervisor.keep("sign-ins", self._check_sign_ins)
        self.supervisor.keep("pruning", self._prune)
        self.bus.subscribe(Topic.SESSIONS, self._sessions_ended)

    async def stop(self) -> None:
        """End all tasks, then let connections go."""
        await self.supervisor.stop()
        await self.channels.close()
        await self.bus.stop()
        await self.database.close()

    def _sessions_ended(self, agent_id: str | None) -> None:
        whose = None if agent_id is None else int(agent_id)
        _task = self.supervisor.once("sign-ins of one agent", self.sockets.check_sign_ins(whose))

    async def _check_sign_ins(self) -> None:
        while True:
            await asyncio.sleep(_CHECK_SIGN_INS_EVERY_S)
            await self.sockets.check_sign_ins()

    async def _prune(self) -> None:
        keep_ms = self.config.retention.quarantine_days * 86_400_000
        while True:
            await self.units.run(lambda tx: store.prune(tx.connection, self.config.realtime.keep_events))
            await self.units.run(lambda tx: quarantine.forget(tx, older_than_ms=keep_ms))
            await asyncio.sleep(_PRUNE_EVERY_S)


def create_app(inbox: Inbox) -> Litestar:
    """The HTTP API and the console; webhooks and sockets have doors of their own (see :class:`Front`)."""
    provided: dict[str, Any] = {
        "config": inbox.config,
        "database": inbox.database,
        "units": inbox.units,
        "sessions": inbox.sessions,
        "authentication": inbox.authentication,
        "agents": inbox.agents,
        "channels": inbox.channels,
    }
    dependencies = {name: Provide(_constant(value), sync_to_thread=False) for name, value in provided.items()}
    dependencies["access"] = Provide(provide_access, sync_to_thread=False)
    dependencies["caller"] = Provide(provide_caller, sync_to_thread=False)
    return Litestar(
        route_handlers=_routes(),
        dependencies=dependencies,
        middleware=[AuthenticationMiddleware(inbox.authentication)],
        exception_handlers=exception_handlers,
        openapi_config=OpenAPIConfig(title="Centrala", version=VERSION, path="/schema"),
        on_startup=[inbox.start],
        on_shutdown=[inbox.stop],
    )


def _routes() -> Sequence[Any]:
    return [*agents_api.ROUTES, *channels_api.ROUTES]


def _constant(value: Any) -> Any:
    def provide() -> Any:
        return value

    return provide


class Front:
    """The ASGI application: webhooks and sockets go straight to their doors, all else through Litestar."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.litestar = create_app(inbox)
        self._webhooks = inbox.webhooks
        self._sockets = inbox.sockets

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(WEBHOOKS):
            await self._webhooks(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] == "/ws":
            await self._sockets(scope, receive, send)
        else:
            await self.litestar(scope, receive, send)
