"""The assembled server: every part is made here, told of the parts it needs, started and stopped in order."""

import asyncio
import logging
import random
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
from server.channels import setup_api as channel_setup_api
from server.channels.service import Channels
from server.channels.setup import ChannelSetup
from server.clock import Clock, SystemClock
from server.config import Config
from server.console import Console, SecurityHeaders, console_routes
from server.contacts import api as contacts_api
from server.contacts.service import Contacts
from server.db.engine import open_database
from server.db.migrate import migrate
from server.delivery import api as delivery_api
from server.delivery.hosts import HostManager, limits_of, new_owner
from server.delivery.model import RetryPolicy
from server.delivery.outbox import DatabaseOutbox
from server.delivery.service import Replies
from server.dialogs import api as dialogs_api
from server.dialogs.changes import DialogChanges
from server.dialogs.export import Exports
from server.dialogs.queries import dialogs_of_contact
from server.dialogs.search import SearchIndexer
from server.dialogs.service import Dialogs
from server.ids import Ids
from server.intake.missed import MissedAlterations
from server.intake.profiles import ProfileFetcher
from server.intake.sink import IntakeSink
from server.intake.store import UnitStore
from server.intake.webhooks import PREFIX as WEBHOOKS
from server.intake.webhooks import WebhookDoor
from server.media import api as media_api
from server.media.fetch import MediaFetcher
from server.media.links import MediaLinks, load_key
from server.media.pictures import Thumbnails
from server.media.service import Attachments
from server.media.stores import open_store
from server.observability import ROUTES as OBSERVABILITY_ROUTES
from server.observability import Observability
from server.problems import exception_handlers
from server.pruning import Pruning
from server.realtime.feed import Feed
from server.realtime.hub import Hub
from server.realtime.mark import HighWaterMark
from server.realtime.signals import Signals
from server.realtime.socket import SocketDoor
from server.supervisor import Supervisor
from server.unit_of_work import UnitOfWork
from server.visits import api as visits_api
from server.visits.cors import OpenToSites
from server.visits.service import Visits
from server.writer.process import WriterProcess

VERSION = "0.1.0"
_CHECK_SIGN_INS_EVERY_S = 60.0

log = logging.getLogger(__name__)


class Inbox:
    """All parts of one server.

    ``owner`` names it in leases.  With ``writer_process`` what comes in is stored by a process of its own.
    """

    def __init__(self, config: Config, clock: Clock | None = None, *, writer_process: bool = False) -> None:
        self.config = config
        self.clock = clock or SystemClock()
        self.owner = new_owner()
        self.database = open_database(config.database_url, pool_size=config.database.pool_size)
        self.bus = open_bus(config.bus.url)
        self.units = UnitOfWork(self.database, self.bus, self.clock, Ids(self.clock))
        self.supervisor = Supervisor()
        self.writer = WriterProcess(config, self.units) if writer_process else None
        self._make_features()
        self._make_delivery()
        self._make_doors()

    def _make_features(self) -> None:
        """Agents, channels, dialogs, contacts, visits."""
        self.passwords = Passwords()
        self.sessions = Sessions(self.units, self.config, self.passwords)
        self.authentication = Authentication(self.units, self.config, self.sessions)
        self.agents = Agents(self.units, self.config, self.passwords)
        self.channels = Channels(self.units, self.config, self.bus)
        self.channel_setup = ChannelSetup(self.units, self.channels.opened)
        self.search = SearchIndexer(self.database, self.bus)
        self.dialogs = Dialogs(self.database, self.search)
        self.changes = DialogChanges(self.units)
        self.exports = Exports(self.units, self.search)
        self.contacts = Contacts(self.database, dialogs_of_contact)
        self.visits = Visits(self.units, self.channels, self.config)

    def _make_delivery(self) -> None:
        """Media, the outbox and the channels' hosts."""
        media, delivery = self.config.media, self.config.delivery
        self.media = open_store(self.config)
        self.thumbnails = Thumbnails(self.media)
        links = MediaLinks(
            load_key(self.config.data_dir),
            self.clock,
            public_url=self.config.public_url,
            hours=media.link_hours,
        )
        self.attachments = Attachments(
            self.units, self.media, links, self.thumbnails, max_bytes=media.max_bytes
        )
        self.fetcher = MediaFetcher(
            self.units,
            self.bus,
            self.channels,
            self.media,
            self.thumbnails,
            max_bytes=media.max_bytes,
            fetch_seconds=media.fetch_seconds,
        )
        self.replies = Replies(self.units, self.channels)
        self.outbox = DatabaseOutbox(
            self.units,
            self.bus,
            self.attachments,
            owner=self.owner,
            policy=RetryPolicy(
                first_seconds=delivery.retry_first_seconds,
                max_seconds=delivery.retry_max_seconds,
                max_attempts=delivery.max_attempts,
                random=random.random,
            ),
            lease_seconds=delivery.lease_seconds,
            health=self.channels,
        )

    def _make_doors(self) -> None:
        """What comes in from outside: webhooks, polled updates, sockets."""
        server, intake, realtime = self.config.server, self.config.intake, self.config.realtime
        self.store = UnitStore(self.units, self.config.dialogs.reopen_within_hours)
        self.sink = IntakeSink(
            self.writer or self.store,
            batch_items=intake.batch_items,
            queue_bytes=intake.queue_bytes,
            owner=self.owner,
        )
        self.missed = MissedAlterations(self.units)
        self.profiles = ProfileFetcher(self.units, self.bus, self.channels)
        self.hosts = HostManager(
            self.units,
            self.bus,
            self.channels,
            self.outbox,
            self.sink,
            owner=self.owner,
            limits=limits_of(self.config.delivery, stop_seconds=server.stop_seconds / 3),
        )
        self.webhooks = WebhookDoor(
            self.channels,
            self.sink,
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
        await migrate(self.config.database_url)
        await self.bus.start()
        await self.feed.start(self.units, self.bus, self.supervisor)
        if self.writer is not None:
            self.supervisor.keep("writer process", self.writer.run)
        self.sink.start(self.supervisor)
        self.outbox.start(self.supervisor)
        self.hosts.start(self.supervisor)
        self.fetcher.start(self.supervisor)
        self.profiles.start(self.supervisor)
        self.attachments.start(self.supervisor)
        self.supervisor.keep("search index", self.search.run)
        self.supervisor.keep("missed alterations", self.missed.run)
        self.supervisor.keep("watermarks", self.hub.keep_moving)
        self.supervisor.keep("channel health", self.channels.keep_notes)
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

    async def stop(self) -> None:
        """End all tasks, then let connections go."""
        await self.supervisor.stop()
        if self.writer is not None:
            await self.writer.stop()
        await self.channels.close()
        await self.media.close()
        self.passwords.close()
        await self.bus.stop()
        await self.database.close()

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
        "dialogs": inbox.dialogs,
        "changes": inbox.changes,
        "exports": inbox.exports,
        "contacts": inbox.contacts,
        "visits": inbox.visits,
        "replies": inbox.replies,
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
        openapi_config=OpenAPIConfig(title="Centrala", version=VERSION, path="/schema", render_plugins=[]),
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
        *media_api.ROUTES,
        *visits_api.ROUTES,
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

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(WEBHOOKS):
            await self._webhooks(scope, receive, send)
        elif scope["type"] == "websocket" and scope["path"] == "/ws":
            await self._sockets(scope, receive, send)
        else:
            await self.litestar(scope, receive, send)
