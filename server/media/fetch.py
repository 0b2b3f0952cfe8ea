"""Fetches the files that customers sent, after their message was committed: never in the way of a webhook.

A file that can't be had just now is tried for about a day.  Time in which we could not even ask (the channel is
paused, our database or the store is away) does not count.  A provider's address is forgotten with the last attempt: it
may let in whoever has it.  An id, which only our credentials open, is kept so that an agent can have it tried again.
"""

import asyncio
import logging
import random
from typing import Any, Protocol

from connectors.contract import Connector, Media
from connectors.errors import FetchFailed
from server.bus.base import Bus, Topic
from server.channels.running import EVERY, RunningKinds
from server.errors import NotFound, Unavailable
from server.media import queries
from server.media.pictures import Thumbnails
from server.media.queries import ToFetch
from server.media.sniff import clean_name, type_of
from server.media.store import MediaStore
from server.media.telling import tell
from server.slots import Slots
from server.supervisor import Supervisor, is_woken
from server.unit_of_work import Transaction, UnitOfWork

_LOOK_SECONDS = 2.0
_AT_ONCE = 4
_PER_CHANNEL = 2
"""So that one provider that hangs leaves room for the others."""
_ATTEMPTS = 100
"""With the pauses between them this is about a day."""
_FIRST_PAUSE_MS = 2_000
_LONGEST_PAUSE_MS = 900_000
_REST_MS = 120_000
"""How long to wait for a channel that is paused."""
_HOPELESS = frozenset({"too_large", "refused"})
"""Reasons that asking again does not change."""

log = logging.getLogger(__name__)


class ConnectorSource(Protocol):
    """What is needed of ``server.channels.service.Channels``."""

    async def open(self, channel_id: int) -> Connector: ...


class MediaFetcher:
    """Works through pending attachments; several processes may, each file is fetched by one at a time."""

    def __init__(
        self,
        units: UnitOfWork,
        bus: Bus,
        channels: ConnectorSource,
        store: MediaStore,
        thumbnails: Thumbnails,
        *,
        max_bytes: int,
        fetch_seconds: float,
        kinds: RunningKinds = EVERY,
    ) -> None:
        self._units = units
        self._channels = channels
        self._store = store
        self._thumbnails = thumbnails
        self._max_bytes = max_bytes
        self._fetch_seconds = fetch_seconds
        self._kinds = kinds
        self._woken = asyncio.Event()
        self._slots = Slots(_AT_ONCE, _PER_CHANNEL, self._woken.set)
        bus.subscribe(Topic.MEDIA, lambda _: self._woken.set())

    def start(self, supervisor: Supervisor) -> None:
        supervisor.keep("media", lambda: self._fetch_for_ever(supervisor))

    async def fetch_due(self) -> int:
        """Try what is due and has room, and wait until it ended; how many there were."""
        taken = await self._take()
        results = await asyncio.gather(
            *(self._slots.hold(self._fetch_one, each) for each in taken), return_exceptions=True
        )
        for each, result in zip(taken, results, strict=True):
            if isinstance(result, BaseException):
                log.error("attachment %d could not be handled", each.id, exc_info=result)
        return len(taken)

    async def _fetch_for_ever(self, supervisor: Supervisor) -> None:
        while True:
            self._woken.clear()
            while taken := await self._take():
                for each in taken:
                    _task = supervisor.once(f"attachment {each.id}", self._slots.hold(self._fetch_one, each))
            await is_woken(self._woken, _LOOK_SECONDS)

    async def _take(self) -> list[ToFetch]:
        """What is due and has room, each begun so that nobody else begins it."""
        if not self._slots.free:
            return []
        now = self._units.clock.now_ms()
        found = await self._units.database.read(
            lambda c: queries.due(c, now, self._slots.free, self._kinds, without=self._slots.full)
        )
        fitting = self._slots.fitting(found)
        if not fitting:
            return []
        until = now + int(self._fetch_seconds * 2000)
        return await self._units.run(
            lambda tx: [each for each in fitting if queries.take(tx.connection, each, now, until)]
        )

    async def _fetch_one(self, wanted: ToFetch) -> None:
        try:
            connector = await self._channels.open(wanted.channel_id)
            async with asyncio.timeout(self._fetch_seconds):
                media = await connector.fetch(wanted.source, self._max_bytes)
            values = await self._keep(wanted, media)
        except FetchFailed as error:
            await self._failed(wanted, error.code, str(error), temporary=error.temporary)
        except (NotFound, Unavailable):  # the channel is paused, or our database is away: nothing was asked
            await self._put_off(wanted, _REST_MS, wanted.attempts, wanted.failure)
        except TimeoutError:
            await self._failed(wanted, "slow", "it took too long", temporary=True)
        except Exception as error:
            log.exception("fetching attachment %d failed in an unexpected way", wanted.id)
            await self._failed(wanted, "provider", type(error).__name__, temporary=True)
        else:
            await self._units.run(lambda tx: _finish(tx, wanted, values))

    async def _keep(self, wanted: ToFetch, media: Media) -> dict[str, Any]:
        if len(media.data) > self._max_bytes:
            raise FetchFailed("the file is too large", temporary=False, code="too_large")
        stored = await self._store.put(media.data)
        name = wanted.name or media.name
        mime = type_of(stored.head, wanted.mime or media.mime)
        return {
            "state": "stored",
            "source": None,
            "failure": None,
            "sha256": stored.sha256,
            "size": stored.size,
            "mime": mime,
            "name": clean_name(name) if name else None,
            **await self._thumbnails.make(media.data, mime),
        }

    async def _failed(self, wanted: ToFetch, code: str, why: str, *, temporary: bool) -> None:
        attempts = wanted.attempts + 1
        log.warning("attachment %d could not be fetched (attempt %d): %s", wanted.id, attempts, why)
        if not temporary or attempts >= _ATTEMPTS:
            source = None if code in _HOPELESS or "://" in wanted.source else wanted.source
            values = {"state": "failed", "failure": code, "source": source}
            await self._units.run(lambda tx: _finish(tx, wanted, values))
            return
        pause = min(_FIRST_PAUSE_MS * 4 ** (attempts - 1), _LONGEST_PAUSE_MS)
        await self._put_off(wanted, pause, attempts, code)

    async def _put_off(self, wanted: ToFetch, pause_ms: int, attempts: int, failure: str | None) -> None:
        until = self._units.clock.now_ms() + int(pause_ms * random.uniform(0.8, 1.2))  # noqa: S311 - no secret
        await self._units.run(lambda tx: _rest(tx, wanted, until, attempts, failure))


def _finish(tx: Transaction, wanted: ToFetch, values: dict[str, Any]) -> None:
    """Show the end of it: the file, or that it can't be had."""
    assignee = queries.lock_dialog(tx.connection, wanted.dialog_id)
    if queries.finish(tx.connection, wanted.id, values):
        tell(tx, wanted, assignee)


def _rest(tx: Transaction, wanted: ToFetch, until: int, attempts: int, failure: str | None) -> None:
    """Wait for the next attempt; a new reason is shown."""
    assignee = queries.lock_dialog(tx.connection, wanted.dialog_id)
    waits = queries.put_off(tx.connection, wanted.id, until, attempts, failure)
    if waits and failure != wanted.failure:
        tell(tx, wanted, assignee)
