"""The tail of the event log in this process: the newest events in memory, in order, without a gap.

It moves on by three ways, in this order of speed: the transactions of this process hand over what they committed; the
bus tells of other processes' commits; and every second the log is read anyway, because a wake-up may be lost.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from itertools import islice

from server.bus.base import Bus, Topic
from server.db.engine import Database
from server.db.failures import is_outage
from server.errors import Unavailable
from server.events import store
from server.events.model import Event
from server.realtime.mark import HighWaterMark
from server.supervisor import Supervisor, is_woken
from server.unit_of_work import UnitOfWork

_LOOK_EVERY_S = 1.0
_PAGE = 500

log = logging.getLogger(__name__)


class Feed:
    """``position`` is the last event that was handed to the listener; events come to it strictly in order."""

    def __init__(self, database: Database, mark: HighWaterMark, *, recent_events: int) -> None:
        self._database = database
        self._mark = mark
        self._recent: deque[Event] = deque(maxlen=recent_events)
        self._reading = asyncio.Lock()
        self._wake = asyncio.Event()
        self._listener: Callable[[list[Event]], None] = lambda _events: None
        self._epoch_listener: Callable[[], None] = lambda: None
        self.position = 0
        self.epoch = ""

    def on_events(self, listener: Callable[[list[Event]], None]) -> None:
        """Hand new events to ``listener``, each once, in order."""
        self._listener = listener

    def on_new_epoch(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when the log turns out to be another one than it was: all cursors are void."""
        self._epoch_listener = listener

    async def start(self, units: UnitOfWork, bus: Bus, supervisor: Supervisor) -> None:
        """Begin at the present end of the log; in a new epoch, when it ends before it once did."""
        self._units = units
        head = await self._database.read(store.head)
        before = self._mark.read()
        if before is not None and before.epoch == head.epoch and head.seq < before.seq:
            head = await self._begin_epoch(head)
        self.epoch, self.position = head
        units.on_commit(self._committed)
        bus.subscribe(Topic.EVENTS, self._heard)
        supervisor.keep("feed", self._follow)

    async def catch_up(self) -> None:
        """Read whatever is in the log beyond the position."""
        async with self._reading:
            while await self._read_page(self.position) == _PAGE:
                pass

    async def after(self, seq: int, limit: int) -> list[Event]:
        """Up to ``limit`` events after ``seq`` and not beyond the position; from memory where they are still there."""
        if seq >= self.position:
            return []
        if self._recent and self._recent[0].seq <= seq + 1:
            first = seq + 1 - self._recent[0].seq
            return list(islice(self._recent, first, first + limit))
        position = self.position
        page = await self._database.read(lambda c: store.read_after(c, seq, limit))
        return [event for event in page if event.seq <= position]

    async def oldest(self) -> int:
        """The number of the oldest event that is kept; one past the end when none is."""
        if self._recent and self._recent[0].seq == 1:
            return 1
        oldest = await self._database.read(store.oldest_seq)
        return self.position + 1 if oldest is None else oldest

    async def _read_page(self, position: int) -> int:
        page = await self._database.read(lambda c: store.read_after(c, position, _PAGE))
        # Meanwhile this process may have committed and handed over some of them itself.
        self._accept([event for event in page if event.seq > self.position])
        return len(page)

    def _committed(self, events: list[Event]) -> None:
        if events[0].seq == self.position + 1:
            self._accept(events)
        elif events[-1].seq > self.position:
            self._wake.set()

    def _heard(self, head: str | None) -> None:
        if head is None or int(head) > self.position:
            self._wake.set()

    def _accept(self, events: list[Event]) -> None:
        if events:
            self._recent.extend(events)
            self.position = events[-1].seq
            self._listener(events)

    async def _follow(self) -> None:
        while True:
            await is_woken(self._wake, _LOOK_EVERY_S)
            self._wake.clear()
            try:
                await self._look()
            except Exception as error:
                if not (isinstance(error, Unavailable) or is_outage(error)):
                    raise
                log.warning("the event log can't be read: %s", type(error).__name__)
                await asyncio.sleep(_LOOK_EVERY_S)

    async def _look(self) -> None:
        before = self.position
        head = await self._database.read(store.head)
        if head.epoch == self.epoch and head.seq < before:
            head = await self._begin_epoch(head)
        if head.epoch != self.epoch:
            # What is in memory belongs to another history.
            self.epoch, self.position = head
            self._recent.clear()
            self._epoch_listener()
        elif head.seq > self.position:
            await self.catch_up()
        self._mark.write(store.Head(self.epoch, self.position))

    async def _begin_epoch(self, head: store.Head) -> store.Head:
        """The log is shorter than it was: the database was put back.  Of several processes one changes the epoch."""
        log.warning("the event log ends before it once did: a backup was put back, all screens start afresh")
        return await self._units.run(lambda tx: store.change_epoch(tx.connection, head.epoch))
