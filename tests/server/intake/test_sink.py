"""How what came in is queued for its commit: in batches of about the same size, and never more than is allowed."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from connectors.contract import InboundMessage, Peer
from server import reasons
from server.errors import Unavailable
from server.intake.keys import Entry
from server.intake.sink import IntakeSink
from server.intake.store import Left, UnitStore, Work
from server.supervisor import Supervisor
from tests.support.backend import Backend
from tests.support.waiting import until

PATIENCE_S = 30


class Slow(UnitStore):
    """Takes two works at a time, and is done with one when it is let."""

    depth = 2

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend.units, 24)
        self.taken: asyncio.Queue[int] = asyncio.Queue()
        self.let = asyncio.Semaphore(0)

    async def store(self, work: Work) -> Left:
        self.taken.put_nowait(len(work.entries))
        await self.let.acquire()
        return await super().store(work)


@pytest.fixture
async def supervisor() -> AsyncIterator[Supervisor]:
    made = Supervisor()
    yield made
    await made.stop()


async def waiting(sink: IntakeSink, channel_id: int, count: int) -> list[asyncio.Task[None]]:
    """So many webhooks of a message each, all in the sink's queue."""
    puts = [
        asyncio.create_task(sink.put(channel_id, message(channel_id, str(number)), raw=b""))
        for number in range(count)
    ]
    await asyncio.sleep(0)
    return puts


def message(channel_id: int, key: str) -> list[Entry]:
    return [Entry(channel_id, InboundMessage(key=key, external_id=key, text="a", peer=Peer(id="77")))]


async def test_works_that_are_under_way_together_are_of_about_the_same_size(
    backend: Backend, supervisor: Supervisor
) -> None:
    """With all that waits in one of them, those who were answered together would come again together."""
    channel_id = await backend.add_channel()
    store = Slow(backend)
    sink = IntakeSink(store, batch_items=100, queue_bytes=10**6)
    puts = await waiting(sink, channel_id, 90)
    sink.start(supervisor)
    async with asyncio.timeout(PATIENCE_S):
        sizes = [await store.taken.get(), await store.taken.get()]
        for _ in range(2):
            store.let.release()
            sizes.append(await store.taken.get())
        store.let.release()
        store.let.release()
        await asyncio.gather(*puts)
    assert sizes == [30, 30, 20, 10]


async def test_a_costly_work_waits_until_it_is_as_large_as_what_is_under_way(
    backend: Backend, supervisor: Supervisor
) -> None:
    """Who is answered comes again meanwhile; but nobody waits for others when nothing is under way."""
    channel_id = await backend.add_channel()
    store = Slow(backend)
    store.is_costly = True
    sink = IntakeSink(store, batch_items=100, queue_bytes=10**6)

    def put(first: int, count: int) -> list[asyncio.Task[None]]:
        keys = map(str, range(first, first + count))
        return [asyncio.create_task(sink.put(channel_id, message(channel_id, key), raw=b"")) for key in keys]

    puts = put(0, 10)
    await asyncio.sleep(0)  # they wait
    sink.start(supervisor)
    async with asyncio.timeout(PATIENCE_S):
        sizes = [await store.taken.get()]
        puts += put(10, 31)
        await until(lambda: sink.depth == 31)
        assert store.taken.empty(), "31 are few, though more than the 10 under way"
        puts += put(41, 1)
        sizes.append(await store.taken.get())
        store.let.release()
        await asyncio.gather(*puts[:10])
        rest = put(42, 31)
        await until(lambda: sink.depth == 31)
        assert store.taken.empty(), "31 are fewer than the 32 under way"
        store.let.release()
        await asyncio.gather(*puts)
        sizes.append(await store.taken.get())
        store.let.release()
        await asyncio.gather(*rest)
    assert sizes == [10, 32, 31]


async def test_costly_works_halve_what_waits(backend: Backend, supervisor: Supervisor) -> None:
    channel_id = await backend.add_channel()
    store = Slow(backend)
    store.is_costly = True
    sink = IntakeSink(store, batch_items=100, queue_bytes=10**6)
    puts = await waiting(sink, channel_id, 80)
    sink.start(supervisor)
    async with asyncio.timeout(PATIENCE_S):
        sizes = [await store.taken.get(), await store.taken.get()]
        for _ in sizes:
            store.let.release()
        await asyncio.gather(*puts)
    assert sizes == [40, 40]


async def test_what_waits_is_bounded_in_bytes_and_counts_until_it_is_settled(
    backend: Backend, supervisor: Supervisor
) -> None:
    channel_id = await backend.add_channel()
    store = Slow(backend)
    sink = IntakeSink(store, batch_items=100, queue_bytes=3000)
    sink.start(supervisor)
    for n in range(4):  # again and again: nothing of it is left over
        put = asyncio.create_task(sink.put(channel_id, message(channel_id, str(n)), raw=b"x" * 1000))
        async with asyncio.timeout(PATIENCE_S):
            await store.taken.get()
            with pytest.raises(Unavailable, match=str(reasons.QUEUE_FULL)):
                await sink.put(channel_id, message(channel_id, "more"), raw=b"x" * 1000)
            store.let.release()
            await put


async def test_what_is_stored_while_the_server_stops_is_said_to_be_uncertain(backend: Backend) -> None:
    """Its provider comes again; without an answer it would wait as long as its own patience lasts."""
    channel_id = await backend.add_channel()
    store = Slow(backend)
    sink, supervisor, told = IntakeSink(store, batch_items=100, queue_bytes=10**6), Supervisor(), []
    sink.start(supervisor)
    sink.add(channel_id, message(channel_id, "1"), raw=b"", done=told.append)
    async with asyncio.timeout(PATIENCE_S):
        await store.taken.get()
    await supervisor.stop()
    assert [str(each) for each in told] == [str(reasons.NOT_CERTAIN)]
