"""The assembled server: every part is made here, told of the parts it needs, started and stopped in order."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from litestar import Litestar
from litestar.di import Provide

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
from server.assembly import Assembly
from server.bus.base import Topic
from server.channels import api as channels_api
from server.channels import setup_api as channel_setup_api
from server.channels.running import all_but
from server.channels.setup import ChannelSetup
from server.channels.troubles import ChannelTroubles
from server.channels.watch import ChannelWatch
from server.clock import Clock
from server.config import Config
from server.console import Console, SecurityHeaders, console_routes
from server.contacts import api as contacts_api
from server.contacts.service import Contacts
from server.delivery import api as delivery_api
from server.delivery import start_api
from server.delivery.reactions import api as reactions_api
from server.delivery.reactions.service import Reactions
from server.delivery.service import Replies
from server.delivery.starting import DialogStarts
from server.delivery.templates import api as templates_api
from server.delivery.templates.lists import TemplateLists
from server.dialogs import api as dialogs_api
from server.dialogs.changes import DialogChanges
from server.dialogs.export import Exports
from server.dialogs.queries import dialogs_of_contact
from server.dialogs.search_indexer import SearchIndexer
from server.dialogs.service import Dialogs
from server.intake.missed import MissedAlterations
from server.intake.webhooks import PREFIX as WEBHOOKS
from server.intake.webhooks import WebhookDoor
from server.media import api as media_api
from server.observability import ROUTES as OBSERVABILITY_ROUTES
from server.observability import Observability
from server.openapi import DocumentConfig
from server.problems import exception_handlers
from server.pruning import Pruning
from server.realtime.feed import Feed
from server.realtime.hub import Hub
from server.realtime.mark import HighWaterMark
from server.realtime.signals import Signals
from server.realtime.socket import SocketDoor
from server.visits import api as visits_api
from server.visits import call_back_api
from server.visits.call_backs import CallBacks
from server.visits.cors import OpenToSites
from server.visits.service import Visits

VERSION = "0.1.0"
_CHECK_SIGN_INS_EVERY_S = 60.0

log = logging.getLogger(__name__)


class Inbox(Assembly):
    """All parts of one server: those that run channels, and those that serve agents and take webhooks."""

    def __init__(self, config: Config, clock: Clock | None = None, *, writer_process: bool = False) -> None:
        kinds = all_but(config.connectors.leave_out)
        super().__init__(config, clock, kinds=kinds, writer_process=writer_process)
        self._make_features()
        self._make_doors()

    def _make_features(self) -> None:
        """Agents, dialogs, contacts, visits, replies."""
        self.passwords = Passwords()
        self.sessions = Sessions(self.units, self.config, self.passwords)
        self.authentication = Authentication(self.units, self.config, self.sessions)
        self.agents = Agents(self.units, self.config, self.passwords)
        self.watch = ChannelWatch(
            self.units, self.channels, owner=self.owner, ask_seconds=self.config.connectors.ask_seconds
        )
        self.channel_setup = ChannelSetup(
            self.units, self.channels.opened, region=self.config.workspace.region
        )
        self.channel_troubles = ChannelTroubles(self.units, self.channels)
        self.search = SearchIndexer(self.database, self.bus)
        self.dialogs = Dialogs(self.database, self.search)
        self.changes = DialogChanges(self.units)
        self.exports = Exports(self.units, self.search)
        self.contacts = Contacts(self.database, dialogs_of_contact)
        self.visits = Visits(self.units, self.channels, self.config)
        self.templates = TemplateLists(self.clock, self.channels, self.bus)
        self.replies = Replies(self.units, self.channels, self.templates)
        self.reacting = Reactions(self.units, self.channels)
        self.call_backs = CallBacks(self.units, self.channels, self.sink, self.config)
        self.starts = DialogStarts(self.units, self.channels, self.templates, self.config.workspace.region)
        self.missed = MissedAlterations(self.units)

    def _make_doors(self) -> None:
        """What comes in from outside: webhooks and sockets."""
        server, realtime = self.config.server, self.config.realtime
        self.webhooks = WebhookDoor(
            self.channels,
            self.sink,
            self.bus,
            public_url=self.config.public_url,
            max_bytes=server.webhook_max_bytes,
            read_seconds=server.webhook_read_seconds,
        )
        mark = HighWaterMark(self.config.data_dir / "high-water.json")
        self.feed = Feed(self.database, mark, recent_events=realtime.recent_events)
        self.hub = Hub(self.feed)
        self.signals = Signals(self.database, self.bus, self.hub)
        self.sockets = SocketDoor(self.authentication, self.feed, self.hub, self.signals, realtime)
        self.observability = self._make_observability()

    def _make_observability(self) -> Observability:
        writer = self.writer
        is_writing = None if writer is None else lambda: writer.is_running
        made = Observability(self.database, self.bus, self.clock, is_writing)
        made.gauge("centrala_intake_waiting", "Webhooks waiting for their commit", lambda: self.sink.depth)
        made.gauge("centrala_sockets", "Open live connections", lambda: self.hub.socket_count)
        made.gauge("centrala_feed_position", "Last event handed to sockets", lambda: self.feed.position)
        return made

    async def start(self) -> None:
        """Migrate, then start everything that works by itself."""
        await super().start()
        self.attachments.start(self.supervisor)
        self.watch.start(self.supervisor)
        self.supervisor.keep("search index", self.search.run)
        self.supervisor.keep("missed alterations", self.missed.run)
        self.supervisor.keep("watermarks", self.hub.keep_moving)
        self.supervisor.keep("sign-ins", self._check_sign_ins)
        pruning = Pruning(
            self.units,
            self.config,
            self.outbox.prune,
            self.missed.prune,
            self.replies.prune,
            self.visits.prune,
            self.store.give_up_parts,
        )
        self.supervisor.keep("pruning", pruning.run)
        self.bus.subscribe(Topic.SESSIONS, self._sessions_ended)

    async def _start_reading(self) -> None:
        await self.feed.start(self.units, self.bus, self.supervisor)

    async def stop(self) -> None:
        """End all tasks, then let connections go."""
        await super().stop()
        self.passwords.close()

    def _sessions_ended(self, agent_id: str | None) -> None:
        whose = int(agent_id) if agent_id else None
        _task = self.supervisor.once("sign-ins of one agent", self.sockets.check_sign_ins(whose))

    async def _check_sign_ins(self) -> None:
        while True:
            await asyncio.sleep(_CHECK_SIGN_INS_EVERY_S)
            await self.sockets.check_sign_ins()


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
        "channel_setup": inbox.channel_setup,
        "channel_troubles": inbox.channel_troubles,
        "dialogs": inbox.dialogs,
        "changes": inbox.changes,
        "exports": inbox.exports,
        "contacts": inbox.contacts,
        "visits": inbox.visits,
        "replies": inbox.replies,
        "reactions": inbox.reacting,
        "templates": inbox.templates,
        "starts": inbox.starts,
        "call_backs": inbox.call_backs,
        "attachments": inbox.attachments,
        "observability": inbox.observability,
    }
    dependencies = {name: Provide(_constant(value), sync_to_thread=False) for name, value in provided.items()}
    dependencies["access"] = Provide(provide_access, sync_to_thread=False)
    dependencies["caller"] = Provide(provide_caller, sync_to_thread=False)
    return Litestar(
        route_handlers=_routes(inbox),
        dependencies=dependencies,
        middleware=[AuthenticationMiddleware(inbox.authentication)],
        exception_handlers=exception_handlers,
        logging_config=None,  # set up once, by the command line
        openapi_config=DocumentConfig(title="Centrala", version=VERSION, path="/schema", render_plugins=[]),
        on_startup=[inbox.start],
        on_shutdown=[inbox.stop],
    )


def _routes(inbox: Inbox) -> Sequence[Any]:
    return [
        *agents_api.ROUTES,
        *channels_api.ROUTES,
        *channel_setup_api.ROUTES,
        *contacts_api.ROUTES,
        *dialogs_api.ROUTES,
        *delivery_api.ROUTES,
        *reactions_api.ROUTES,
        *start_api.ROUTES,
        *templates_api.ROUTES,
        *media_api.ROUTES,
        *visits_api.ROUTES,
        *call_back_api.ROUTES,
        *OBSERVABILITY_ROUTES,
        *console_routes(Console()),
    ]


def _constant(value: Any) -> Any:
    def provide() -> Any:
        return value

    return provide


class Front:
    """The ASGI application: webhooks and sockets go straight to their doors, all else through Litestar."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.litestar = SecurityHeaders(OpenToSites(create_app(inbox)), inbox.config)
        self._webhooks = inbox.webhooks
        self._sockets = inbox.sockets
        self.trouble: Exception | None = None
        """Why the start failed."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(WEBHOOKS):
            await self._webhooks(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] == "HEAD":
            # Whoever watches us may ask so (RFC 9110, 9.3.2): as GET, and uvicorn leaves the body out.
            await self.litestar(scope | {"method": "GET"}, receive, send)
        elif scope["type"] == "websocket" and scope["path"] == "/ws":
            await self._sockets(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        else:
            await self.litestar(scope, receive, send)

    async def _live(self, scope: Any, receive: Any, send: Any) -> None:
        async def told(message: Any) -> None:
            if message["type"] == "lifespan.startup.failed":
                # Litestar's traceback stays out of the log: who started us says what the trouble is, in a sentence.
                message = {"type": message["type"]}
            await send(message)

        try:
            await self.litestar(scope, receive, told)
        except Exception as error:
            self.trouble = error
            while isinstance(self.trouble, ExceptionGroup) and len(self.trouble.exceptions) == 1:
                self.trouble = self.trouble.exceptions[0]
            raise
