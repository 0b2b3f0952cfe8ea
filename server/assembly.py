"""What every process has that runs channels, with or without HTTP: made, started and stopped in order.

``server/app.py`` adds what serves agents and takes webhooks; ``server/connecting.py`` runs this alone.
"""

import random

from server.bus import open_bus
from server.channels.running import RunningKinds
from server.channels.service import Channels
from server.clock import Clock, SystemClock
from server.config import Config
from server.db.engine import open_database
from server.db.migrate import migrate
from server.delivery.hosts import HostManager, limits_of, new_owner
from server.delivery.model import RetryPolicy
from server.delivery.outbox import DatabaseOutbox
from server.delivery.reactions.box import DatabaseReactions
from server.ids import Ids
from server.intake.aside import Aside
from server.intake.keywords import Keywords
from server.intake.naming import Names
from server.intake.profiles import ProfileFetcher
from server.intake.sink import IntakeSink
from server.intake.store import UnitStore
from server.intake.telling import ContactTeller
from server.keyring import Keyring
from server.media.fetch import MediaFetcher
from server.media.links import MediaLinks, load_key
from server.media.pictures import Thumbnails
from server.media.service import Attachments
from server.media.stores import open_store
from server.supervisor import Supervisor
from server.unit_of_work import UnitOfWork
from server.writer.process import WriterProcess


class Assembly:
    """What sends, polls, fetches files and names for channels, and stores what came in.

    ``owner`` names the process in leases.  With ``writer_process`` what comes in is stored by a process of its own.
    """

    def __init__(
        self, config: Config, clock: Clock | None = None, *, kinds: RunningKinds, writer_process: bool = False
    ) -> None:
        """``kinds`` are those whose channels this process runs."""
        self.config = config
        self.clock = clock or SystemClock()
        self.kinds = kinds
        self.owner = new_owner()
        self.database = open_database(config.database_url, pool_size=config.database.pool_size)
        self.bus = open_bus(config.bus.url)
        self.units = UnitOfWork(self.database, self.bus, self.clock, Ids(self.clock))
        self.supervisor = Supervisor()
        self.writer = WriterProcess(config, self.units) if writer_process else None
        self.keyring = Keyring(config)
        self.channels = Channels(self.units, self.config, self.bus, self.keyring)
        self._make_fetching()
        self._make_sending()
        self._make_intake()

    def _make_fetching(self) -> None:
        """Files, sent and received, and names of customers."""
        media = self.config.media
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
            kinds=self.kinds,
        )
        self.teller = ContactTeller(self.units, self.bus)
        self.profiles = ProfileFetcher(self.units, self.bus, self.channels, self.thumbnails, kinds=self.kinds)

    def _make_sending(self) -> None:
        delivery = self.config.delivery
        policy = RetryPolicy(
            first_seconds=delivery.retry_first_seconds,
            max_seconds=delivery.retry_max_seconds,
            max_attempts=delivery.max_attempts,
            random=random.random,
        )
        self.outbox = DatabaseOutbox(
            self.units,
            self.bus,
            self.attachments,
            owner=self.owner,
            policy=policy,
            lease_seconds=delivery.lease_seconds,
            health=self.channels,
            recipients=Names(self.units),
        )
        self.reactions = DatabaseReactions(
            self.units,
            self.bus,
            policy=policy,
            lease_seconds=delivery.lease_seconds,
            health=self.channels,
        )

    def _make_intake(self) -> None:
        intake = self.config.intake
        keywords = Keywords.of(self.config.consent)
        self.store = UnitStore(self.units, self.config.dialogs.reopen_within_hours, keywords)
        self.sink = IntakeSink(
            self.writer or self.store,
            batch_items=intake.batch_items,
            queue_bytes=intake.queue_bytes,
            owner=self.owner,
            aside=Aside(self.channels.opened, keywords),
        )
        self.hosts = HostManager(
            self.units,
            self.bus,
            self.channels,
            self.outbox,
            self.sink,
            owner=self.owner,
            limits=limits_of(self.config.delivery, stop_seconds=self.config.server.stop_seconds / 3),
            kinds=self.kinds,
            reactions=self.reactions,
        )

    async def start(self) -> None:
        """Migrate, then start everything that works by itself."""
        await migrate(self.config.database_url)
        await self.bus.start()
        await self._start_reading()
        if self.writer is not None:
            self.supervisor.keep("writer process", self.writer.run)
        self.sink.start(self.supervisor)
        self.outbox.start(self.supervisor)
        self.hosts.start(self.supervisor)
        self.fetcher.start(self.supervisor)
        self.profiles.start(self.supervisor)
        self.teller.start(self.supervisor)
        self.supervisor.keep("channel health", self.channels.keep_notes)

    async def _start_reading(self) -> None:
        """What follows the log of events, and so has to stand where it ends before anything is added to it."""

    async def stop(self) -> None:
        """End all tasks, then let connections go."""
        await self.supervisor.stop()
        self.sink.stop()
        if self.writer is not None:
            await self.writer.stop()
        await self.channels.close()
        await self.media.close()
        await self.bus.stop()
        await self.database.close()
