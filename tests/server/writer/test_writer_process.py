"""The writer process: what it commits is told here, and whatever becomes of it nothing is lost or stored twice."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connectors.contract import Ignored, InboundMessage, Peer, Unknown
from server.bus.base import Topic
from server.db import schema
from server.db.leases import acquire
from server.errors import Unavailable
from server.events import store as log
from server.events.model import DialogScope, Event
from server.intake.keys import Entry
from server.intake.sink import IntakeSink
from server.intake.store import LeaseLost, Work
from server.supervisor import Supervisor
from server.writer.process import NotStored, WriterProcess
from tests.support.backend import Backend

PATIENCE_S = 30


class Writer:
    """A sink whose store is a process."""

    def __init__(self, backend: Backend) -> None:
        self.store = WriterProcess(backend.config, backend.units)
        self.sink = IntakeSink(self.store, batch_items=100, queue_bytes=10**6, owner="me")
        self.supervisor = Supervisor()

    def start(self) -> None:
        self.supervisor.keep("writer process", self.store.run)
        self.sink.start(self.supervisor)

    @property
    def pid(self) -> int:
        assert self.store._newest is not None
        return self.store._newest.process.pid

    async def stop(self) -> None:
        await self.supervisor.stop()
        await self.store.stop()

    async def put(self, channel_id: int, *items: Any, raw: bytes = b"", cursor: str | None = None) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self.sink.ingest(str(channel_id), items, raw=raw, cursor=cursor)


@pytest.fixture
async def writer(backend: Backend) -> AsyncIterator[Writer]:
    made = Writer(backend)
    made.start()
    yield made
    await made.stop()


def message(key: str, text: str = "Zażółć gęślą jaźń", **more: Any) -> InboundMessage:
    return InboundMessage(key=key, external_id=key, text=text, peer=Peer(id="77", name="Zofia"), **more)


async def rows(backend: Backend, table: Any) -> list[dict[str, Any]]:
    return await backend.database.read(lambda c: [dict(r) for r in c.execute(select(table)).mappings()])


async def test_what_it_commits_is_told_here_as_it_stands_in_the_log(backend: Backend, writer: Writer) -> None:
    channel_id = await backend.add_channel()
    told: list[Event] = []
    woken: list[str | None] = []
    backend.units.on_commit(told.extend)
    backend.inbox.bus.subscribe(Topic.EVENTS, woken.append)
    await writer.put(channel_id, message("1"), message("2"))
    stored = await backend.database.read(lambda c: log.read_after(c, 0, 10))
    assert [event.name for event in told] == ["dialog.created", "message.received", "message.received"]
    assert told == stored
    assert isinstance(told[0].scope, DialogScope)
    assert woken[-1] == str(told[-1].seq)


async def test_when_it_dies_with_a_batch_in_hand_the_next_one_goes_on(
    backend: Backend, writer: Writer
) -> None:
    channel_id = await backend.add_channel()
    await writer.put(channel_id, message("0"))
    first = writer.pid
    for number in range(1, 16, 3):
        os.kill(writer.pid, signal.SIGSTOP)
        puts = [
            asyncio.create_task(_until_taken(writer, channel_id, message(str(number + n)))) for n in range(3)
        ]
        await asyncio.sleep(0.02)  # the frame is in the pipe
        os.kill(writer.pid, signal.SIGKILL if number % 2 else signal.SIGCONT)
        await asyncio.gather(*puts)
    assert writer.pid != first
    stored = sorted(int(m["external_id"]) for m in await rows(backend, schema.message))
    assert stored == list(range(16))
    assert await rows(backend, schema.quarantine) == []


async def _until_taken(writer: Writer, channel_id: int, item: InboundMessage) -> None:
    """As a provider does: again and again until it is taken."""
    while True:
        try:
            await writer.put(channel_id, item)
        except Unavailable:
            await asyncio.sleep(0.05)
        else:
            return


async def test_one_that_does_not_answer_is_replaced(
    backend: Backend, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel_id = await backend.add_channel()
    await writer.put(channel_id, message("0"))
    first = writer.pid
    monkeypatch.setattr("server.writer.process._ANSWER_S", 0.2)
    os.kill(first, signal.SIGSTOP)
    with pytest.raises(Unavailable):
        await writer.put(channel_id, message("1"))
    monkeypatch.setattr("server.writer.process._ANSWER_S", 10)
    async with asyncio.timeout(PATIENCE_S):
        await _until_taken(writer, channel_id, message("1"))
    assert writer.pid != first
    assert {m["external_id"] for m in await rows(backend, schema.message)} == {"0", "1"}


async def test_what_it_can_not_store_goes_to_quarantine_alone(backend: Backend, writer: Writer) -> None:
    channel_id = await backend.add_channel()
    too_large = message("2", attachments=(_attachment(size=2**63),))
    await asyncio.gather(
        writer.put(channel_id, message("1")),
        writer.put(channel_id, too_large, raw=b"raw body"),
        writer.put(channel_id, message("3")),
        writer.put(channel_id, Unknown(key="u", why="no such event"), raw=b"new"),
        writer.put(channel_id, Ignored(key="i", why="typing"), raw=b"ignored"),
    )
    assert {m["external_id"] for m in await rows(backend, schema.message)} == {"1", "3"}
    found = await rows(backend, schema.quarantine)
    assert [row["body"] for row in found if row["ignored"]] == [b"ignored"]
    kept = {row["body"]: row["why"] for row in found}
    assert kept[b"new"] == "no such event"
    assert kept[b"raw body"].startswith("not_stored: ")
    assert "NotStored" not in kept[b"raw body"]


def _attachment(size: int) -> Any:
    from connectors.contract import Attachment, AttachmentKind

    return Attachment(kind=AttachmentKind.FILE, size=size)


async def test_a_lost_lease_is_told(backend: Backend, writer: Writer) -> None:
    channel_id = await backend.add_channel()
    with pytest.raises(LeaseLost):
        await writer.put(channel_id, message("1"), cursor="8")
    # What came is real, whoever fetched it; the other process brings it again, which is harmless.
    assert [m["external_id"] for m in await rows(backend, schema.message)] == ["1"]
    assert [c["poll_cursor"] for c in await rows(backend, schema.channel)] == [None]


async def test_what_it_can_not_even_read_goes_to_quarantine_alone(backend: Backend, writer: Writer) -> None:
    """A connector's mistake that its types don't show: the child refuses it, and lives on."""
    channel_id = await backend.add_channel()
    wrong: Any = 1.5
    await writer.put(channel_id, message("0"))
    first = writer.pid
    await asyncio.gather(
        writer.put(channel_id, message("1")),
        writer.put(channel_id, message("2", at_ms=wrong), raw=b"raw body"),
        writer.put(channel_id, message("3", text="\ud800"), raw=b"half a character"),
    )
    assert {m["external_id"] for m in await rows(backend, schema.message)} == {"0", "1"}
    assert {row["body"] for row in await rows(backend, schema.quarantine)} == {
        b"raw body",
        b"half a character",
    }
    assert writer.pid == first


async def test_what_can_not_be_passed_on_is_not_taken_for_stored(backend: Backend, writer: Writer) -> None:
    channel_id = await backend.add_channel()
    with pytest.raises(UnicodeEncodeError):
        await writer.put(channel_id, message("1"), cursor="\ud800")
    wrong: Any = 1.5
    unreadable = [Entry(wrong, Unknown(key="u", why="new"))]
    ended = await asyncio.gather(
        writer.sink.put(channel_id, [Entry(channel_id, message("2"))], raw=b""),
        writer.sink.put(channel_id, unreadable, raw=b"new"),
        return_exceptions=True,
    )
    assert [type(each) for each in ended] == [NotStored, NotStored]
    assert {m["external_id"] for m in await rows(backend, schema.message)} == {"1"}


async def test_what_no_pipe_holds_goes_through_in_order(backend: Backend, writer: Writer) -> None:
    """There and, as events, back: two works of several megabytes while neither side reads."""
    channel_id = await backend.add_channel()
    told: list[Event] = []
    backend.units.on_commit(told.extend)
    await writer.put(channel_id, message("0"))
    os.kill(writer.pid, signal.SIGSTOP)
    works = [
        Work(entries=[Entry(channel_id, message(f"{work}.{n}", "ż" * 100_000)) for n in range(20)])
        for work in range(3)
    ]
    storing = [asyncio.create_task(writer.store.store(work)) for work in works]
    await asyncio.sleep(0.05)
    os.kill(writer.pid, signal.SIGCONT)
    async with asyncio.timeout(PATIENCE_S):
        assert not any(await asyncio.gather(*storing))
    assert len(await rows(backend, schema.message)) == 61
    assert told == await backend.database.read(lambda c: log.read_after(c, 0, 100))


async def test_what_is_refused_is_named_by_its_place_and_kept_before_a_cursor_moves(
    backend: Backend, writer: Writer
) -> None:
    channel_id, now = await backend.add_channel(), backend.clock.now_ms()
    await backend.units.run(lambda tx: acquire(tx.connection, f"poll:{channel_id}", "me", now + 60_000, now))
    wrong: Any = 1.5
    unreadable = message("1", at_ms=wrong)
    too_large = message("3", attachments=(_attachment(size=2**63),))
    items = [unreadable, message("2"), too_large]
    left = await writer.store.store(Work(entries=[Entry(channel_id, item) for item in items]))
    assert sorted(refused.position for refused in left.refused) == [0, 2]
    await writer.put(channel_id, unreadable, raw=b"polled", cursor="8")
    assert {m["external_id"] for m in await rows(backend, schema.message)} == {"2"}
    assert [row["body"] for row in await rows(backend, schema.quarantine)] == [b"polled"]
    assert [row["poll_cursor"] for row in await rows(backend, schema.channel)] == ["8"]


async def test_who_did_not_wait_for_an_answer_does_not_give_it_to_another(
    backend: Backend, writer: Writer
) -> None:
    channel_id = await backend.add_channel()
    await writer.put(channel_id, message("0"))
    os.kill(writer.pid, signal.SIGSTOP)
    left = asyncio.create_task(writer.store.store(Work(entries=[Entry(channel_id, message("1"))])))
    await asyncio.sleep(0.05)
    left.cancel()
    await asyncio.wait([left])
    bad = Entry(channel_id, message("2", attachments=(_attachment(size=2**63),)))
    other = asyncio.create_task(writer.store.store(Work(entries=[bad])))
    await asyncio.sleep(0.05)
    os.kill(writer.pid, signal.SIGCONT)
    assert [refused.position for refused in (await other).refused] == [0]
    assert {m["external_id"] for m in await rows(backend, schema.message)} == {"0", "1"}


async def test_what_follows_a_bad_batch_is_stored_after_all_of_it(backend: Backend, writer: Writer) -> None:
    channel_id = await backend.add_channel()
    await writer.put(channel_id, message("0"))
    os.kill(writer.pid, signal.SIGSTOP)
    bad = message("2", attachments=(_attachment(size=2**63),))
    puts = [asyncio.create_task(writer.put(channel_id, message("1"), bad, message("3"), raw=b"raw body"))]
    await asyncio.sleep(0.02)
    puts.append(asyncio.create_task(writer.put(channel_id, message("4"))))
    await asyncio.sleep(0.02)
    os.kill(writer.pid, signal.SIGCONT)
    await asyncio.gather(*puts)
    stored = sorted(await rows(backend, schema.message), key=lambda m: m["seq"])
    assert [m["external_id"] for m in stored] == ["0", "1", "3", "4"]
    assert [row["body"] for row in await rows(backend, schema.quarantine)] == [b"raw body"]


async def test_others_write_while_it_is_never_without_work(backend: Backend, writer: Writer) -> None:
    channel_id = await backend.add_channel()
    await writer.put(channel_id, message("0"))
    written = 0

    async def pour(lane: int) -> None:
        nonlocal written
        while True:
            await writer.store.store(Work(entries=[Entry(channel_id, message(f"{lane}.{written}"))]))
            written += 1

    pouring = [asyncio.create_task(pour(lane)) for lane in range(3)]
    waited: list[int] = []
    for _ in range(5):
        await asyncio.sleep(0.02)
        before = written
        async with asyncio.timeout(PATIENCE_S):
            await backend.units.run(lambda tx: tx.number("dialog"))
        waited.append(written - before)
    for lane in pouring:
        lane.cancel()
    assert written > 0
    if backend.database.dialect == "sqlite":  # PostgreSQL lets both write at once
        assert max(waited) <= 2 * writer.store.depth


async def test_a_stop_lets_it_finish_and_then_it_is_gone(backend: Backend) -> None:
    writer = Writer(backend)
    writer.start()
    channel_id = await backend.add_channel()
    await writer.put(channel_id, message("1"))
    pid = writer.pid
    os.kill(pid, signal.SIGSTOP)
    put = asyncio.create_task(writer.put(channel_id, message("2")))
    await asyncio.sleep(0.05)
    stopping = asyncio.create_task(writer.stop())
    await asyncio.sleep(0.5)
    os.kill(pid, signal.SIGCONT)
    await stopping
    with pytest.raises((Unavailable, asyncio.CancelledError)):
        await put
    assert len(await rows(backend, schema.message)) == 2
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_what_stands_in_the_folder_of_the_start_is_not_imported(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("server.py", "secrets.py"):
        (tmp_path / name).write_text("raise SystemExit('not this one')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    writer = Writer(backend)
    writer.start()
    await writer.put(await backend.add_channel(), message("1"))
    await writer.stop()
    assert len(await rows(backend, schema.message)) == 1
