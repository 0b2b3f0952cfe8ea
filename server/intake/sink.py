"""The way in: what connectors received is queued, committed in groups, and only then answered.

While what was given to the store is on its way the next batch gathers, so a quiet server waits for nobody and a busy one
commits many messages at once.  The store stores all that it can; an item that fails alone goes to quarantine, so that it can
never hold up its neighbours or be repeated by the provider for a day.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

import msgspec

from connectors.contract import AnyItem, Ignored, Unknown
from server import reasons
from server.errors import Unavailable
from server.failpoints import failpoint
from server.intake.allowance import Allowance
from server.intake.aside import Aside
from server.intake.keys import Entry
from server.intake.ownership import says_nothing
from server.intake.quarantine import Kept
from server.intake.store import STORED, Cursor, Left, Store, Work
from server.supervisor import Supervisor

_ITEM_OVERHEAD = 512
_LEAST_SHARE = 16
_LEAST_COSTLY = 32  # less costs more than is gained by working at two at a time

log = logging.getLogger(__name__)


Done = Callable[[Exception | None], None]
"""Called once: with None after the commit, else with why it is not known to be committed.  Must not block."""


class Job(msgspec.Struct, kw_only=True):
    """What one webhook or one poll brought."""

    channel_id: int
    entries: list[Entry]
    raw: bytes
    cursor: str | None
    done: Done
    size: int
    is_settled: bool = False

    def settle(self, error: Exception | None = None) -> None:
        """Tell whoever waits what became of it; later calls change nothing."""
        if self.is_settled:
            return
        self.is_settled = True
        try:
            self.done(error)
        except Exception:
            log.exception("what came in can't be answered")  # the others of its batch can


class IntakeSink:
    """The server's side of the port ``connectors.contract.Sink``."""

    def __init__(
        self,
        store: Store,
        *,
        batch_items: int,
        queue_bytes: int,
        owner: str = "",
        aside: Aside | None = None,
    ) -> None:
        self._store = store
        self._aside = aside
        self._allowance = Allowance()
        self._batch_items = batch_items
        self._queue_bytes = queue_bytes
        self._owner = owner
        self._jobs: deque[Job] = deque()
        self._waiting_bytes = 0
        self._under_way = 0
        self._arrived = asyncio.Event()
        self._enough = asyncio.Event()
        self._is_stopped = False

    @property
    def depth(self) -> int:
        """Webhooks that wait for their commit."""
        return len(self._jobs)

    def start(self, supervisor: Supervisor) -> None:
        for number in range(self._store.depth):
            supervisor.keep(f"intake {number + 1}", self._work)

    def stop(self) -> None:
        """Tell all who still wait that nothing was stored, and take no more; after the supervisor's end."""
        self._is_stopped = True
        while self._jobs:
            job = self._jobs.popleft()
            self._waiting_bytes -= job.size
            job.settle(_stopping())

    async def ingest(
        self, channel_id: str, items: Sequence[AnyItem], *, raw: bytes = b"", cursor: str | None = None
    ) -> None:
        entries = [Entry(int(channel_id), item) for item in items]
        if self._aside is not None:
            await self._aside.look(int(channel_id))
        await self.put(int(channel_id), entries, raw=raw, cursor=cursor)

    async def put(
        self, channel_id: int, entries: list[Entry], *, raw: bytes, cursor: str | None = None
    ) -> None:
        """The same, for entries that may belong to several channels; returns after the commit.

        Raises :class:`~server.errors.Unavailable` when it is not known to be committed.
        """
        future = asyncio.get_running_loop().create_future()

        def done(error: Exception | None) -> None:
            if not future.done():  # whoever waited may have been cancelled
                future.set_result(error)

        self.add(channel_id, entries, raw=raw, cursor=cursor, done=done)
        error = await future
        if error is not None:
            raise error

    def add(
        self, channel_id: int, entries: list[Entry], *, raw: bytes, done: Done, cursor: str | None = None
    ) -> None:
        """The same without waiting: ``done`` is called when it is over.  Raises Unavailable when the queue is full
        or the server stops.
        """
        if self._aside is not None:
            entries, raw = self._aside.sorted(entries, raw)
        size = len(raw) + _ITEM_OVERHEAD * (1 + len(entries))
        if self._is_stopped:
            raise _stopping()
        if self._waiting_bytes + size > self._queue_bytes:
            raise Unavailable(reasons.QUEUE_FULL)
        self._waiting_bytes += size
        self._jobs.append(
            Job(channel_id=channel_id, entries=entries, raw=raw, cursor=cursor, done=done, size=size)
        )
        self._arrived.set()
        if self._is_enough():
            self._enough.set()

    async def _work(self) -> None:
        while True:
            await self._arrived.wait()
            while self._store.is_costly and not self._is_enough():
                self._enough.clear()
                await self._enough.wait()
            jobs = self._take()
            if not self._jobs:
                self._arrived.clear()
            if jobs:
                await self._commit(jobs)

    def _is_enough(self) -> bool:
        """For a store to which a small work costs about as much as a large one: as much as is under way, if anything is."""
        return not self._under_way or len(self._jobs) >= max(self._under_way, _LEAST_COSTLY)

    def _take(self) -> list[Job]:
        """All that waits, up to the size of a batch; at least one job.

        A store that wants several at a time gets them of about the same size: with all that waits in one, those who
        were answered together would come again together, and the others find nothing to take.
        """
        limit = self._batch_items
        if self._store.depth > 1:
            is_costly, depth = self._store.is_costly, self._store.depth
            share = (len(self._jobs) + self._under_way) // (depth if is_costly else depth + 1)
            limit = min(limit, max(_LEAST_COSTLY if is_costly else _LEAST_SHARE, share))
        count, items = 0, 0
        for job in self._jobs:
            items += len(job.entries)
            if count and items > limit:
                break
            count += 1
        jobs = list(islice(self._jobs, count))
        for _ in jobs:
            self._jobs.popleft()
        return jobs

    async def _commit(self, jobs: list[Job]) -> None:
        self._under_way += len(jobs)
        try:
            kept = [self._kept(job) for job in jobs]
            work = self._work_of(jobs, [each for of_job in kept for each in of_job])
            left = await self._stored(work, len(jobs))
            failpoint("intake.committed")
            if left:
                await self._settle_each(jobs, kept, left)
            else:
                # The next batch is on its way before these are answered.
                asyncio.get_running_loop().call_soon(_settle, jobs)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            _settle(jobs, error)
        except BaseException:
            _settle(jobs, Unavailable(reasons.NOT_CERTAIN))
            raise
        finally:
            self._under_way -= len(jobs)
            self._enough.set()
            self._waiting_bytes -= sum(job.size for job in jobs)

    async def _stored(self, work: Work, jobs: int) -> Left:
        if not work:
            return Left()
        try:
            return await self._store.store(work)
        except Unavailable:
            raise
        except Exception as error:
            if work.entries or jobs == 1:
                raise
            log.warning("a batch of %d failed (%s): one by one now", jobs, type(error).__name__)
            return Left(rest=True)

    def _work_of(self, jobs: list[Job], kept: list[Kept]) -> Work:
        return Work(
            entries=[entry for job in jobs for entry in _entries(job)],
            kept=kept,
            cursors=[cursor for job in jobs for cursor in self._cursors(job)],
        )

    def _cursors(self, job: Job) -> list[Cursor]:
        return [] if job.cursor is None else [Cursor(job.channel_id, job.cursor, self._owner)]

    def _kept(self, job: Job) -> list[Kept]:
        """The body once for each channel, however much of it was not understood; of what is only ignored not everything."""
        kept: dict[int, Kept] = {}
        for channel_id, item in job.entries:
            # By the type itself: isinstance() asks the classes of structs, which every message would pay for.
            if type(item) is not Unknown and type(item) is not Ignored:
                continue
            known = kept.get(channel_id)
            if isinstance(item, Unknown):
                if known is None or known.ignored:
                    kept[channel_id] = Kept(channel_id, _storable(item.why), job.raw)
            elif known is None and job.raw and self._allowance.takes(channel_id, item.why):
                kept[channel_id] = Kept(channel_id, f"ignored: {_storable(item.why)}", job.raw, ignored=True)
        return list(kept.values())

    async def _settle_each(self, jobs: list[Job], kept_of: list[list[Kept]], left: Left) -> None:
        """Do for each job alone what is left of it: what was refused or not understood is kept, and its cursor moved."""
        refused = dict(left.refused)
        position = 0
        for job, kept in zip(jobs, kept_of, strict=True):
            for entry in _entries(job):
                if position in refused:
                    kept.append(Kept(entry.channel_id, f"not_stored: {refused[position]}", job.raw))
                position += 1
            cursors = self._cursors(job)
            try:
                if kept or cursors:  # stored whole, or it raises
                    await self._store.store(Work(entries=[], kept=kept, cursors=cursors))
            except Exception as error:  # noqa: BLE001 - handed to whoever waits
                job.settle(error)
            else:
                job.settle()


def _stopping() -> Unavailable:
    return Unavailable(reasons.STOPPING)


def _entries(job: Job) -> list[Entry]:
    return [e for e in job.entries if isinstance(e.item, STORED) and not says_nothing(e.item)]


def _storable(why: object) -> str:
    """It may quote half a character, or one that PostgreSQL has no place for; a connector's mistake may be no text."""
    return str(why).encode("utf-8", "replace").decode().replace("\0", "?")


def _settle(jobs: list[Job], error: Exception | None = None) -> None:
    for job in jobs:
        job.settle(error)
