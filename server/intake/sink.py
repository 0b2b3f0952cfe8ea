"""The way in: what connectors received is queued, committed in groups, and only then answered.

While one commit is on its way the next batch gathers, so a quiet server waits for nobody and a busy one commits many
messages at once.  A batch that fails is repeated item by item; an item that fails alone goes to quarantine, so that it
can never hold up its neighbours or be repeated by the provider for a day.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

import msgspec

from connectors.contract import AnyItem, Unknown
from server import reasons
from server.errors import Unavailable
from server.failpoints import failpoint
from server.intake.aside import Aside
from server.intake.keys import Entry
from server.intake.store import STORED, Cursor, Kept, LeaseLost, NotStored, Store, Work
from server.supervisor import Supervisor

_ITEM_OVERHEAD = 512

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
        self._batch_items = batch_items
        self._queue_bytes = queue_bytes
        self._owner = owner
        self._jobs: deque[Job] = deque()
        self._waiting_bytes = 0
        self._arrived = asyncio.Event()
        self._is_stopped = False

    @property
    def depth(self) -> int:
        """Webhooks that wait for their commit."""
        return len(self._jobs)

    def start(self, supervisor: Supervisor) -> None:
        supervisor.keep("intake", self._work)

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

    async def _work(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._jobs:
                jobs = self._take()
                try:
                    await self._commit(jobs)
                except BaseException:
                    for job in jobs:
                        job.settle(Unavailable(reasons.NOT_CERTAIN))
                    raise
                finally:
                    self._waiting_bytes -= sum(job.size for job in jobs)

    def _take(self) -> list[Job]:
        """All that waits, up to the size of a batch; at least one job."""
        count, items = 0, 0
        for job in self._jobs:
            items += len(job.entries)
            if count and items > self._batch_items:
                break
            count += 1
        jobs = list(islice(self._jobs, count))
        for _ in jobs:
            self._jobs.popleft()
        return jobs

    async def _commit(self, jobs: list[Job]) -> None:
        try:
            await self._write(jobs)
        except Unavailable as error:
            for job in jobs:
                job.settle(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the items are tried alone
            if len(jobs) == 1 and len(jobs[0].entries) <= 1:
                await self._give_up(jobs[0], error)
            else:
                log.warning("a batch of %d failed (%s): item by item now", len(jobs), type(error).__name__)
                for job in jobs:
                    await self._commit_alone(job)
        else:
            # The next batch is on its way before these are answered.
            asyncio.get_running_loop().call_soon(_settle, jobs)

    async def _commit_alone(self, job: Job) -> None:
        """Each item in a transaction of its own; the bad ones to quarantine."""
        try:
            for entry in job.entries:
                single = msgspec.structs.replace(job, entries=[entry], cursor=None)
                try:
                    await self._write([single])
                except Unavailable:
                    raise
                except Exception as error:  # noqa: BLE001 - kept in quarantine
                    await self._keep_raw(single, error)
            if job.cursor is not None:
                await self._write([msgspec.structs.replace(job, entries=[])])
        except Exception as error:  # noqa: BLE001 - handed to whoever waits for this job
            job.settle(error)
        else:
            job.settle()

    async def _give_up(self, job: Job, error: Exception) -> None:
        if isinstance(error, LeaseLost):
            job.settle(error)
            return
        await self._commit_alone(job)

    async def _keep_raw(self, job: Job, error: Exception) -> None:
        log.exception(
            "an item of channel %d can't be stored, kept in quarantine", job.channel_id, exc_info=error
        )
        name = str(error) if isinstance(error, NotStored) else type(error).__name__
        kept = Kept(job.channel_id, f"not_stored: {name}", job.raw)
        await self._store.write(Work(entries=[], kept=[kept]))

    async def _write(self, jobs: list[Job]) -> None:
        work = Work(
            entries=[entry for job in jobs for entry in job.entries if isinstance(entry.item, STORED)],
            kept=[kept for job in jobs for kept in _unknown(job)],
            cursors=[Cursor(j.channel_id, j.cursor, self._owner) for j in jobs if j.cursor is not None],
        )
        if work.entries or work.kept or work.cursors:
            await self._store.write(work)
        failpoint("intake.committed")


def _stopping() -> Unavailable:
    return Unavailable(reasons.STOPPING)


def _unknown(job: Job) -> list[Kept]:
    """The body once for each channel, however much of it was not understood."""
    kept: dict[int, Kept] = {}
    for channel_id, item in job.entries:
        if isinstance(item, Unknown):
            kept.setdefault(channel_id, Kept(channel_id, item.why, job.raw))
    return list(kept.values())


def _settle(jobs: list[Job]) -> None:
    for job in jobs:
        job.settle()
