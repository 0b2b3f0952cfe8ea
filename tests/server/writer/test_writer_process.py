"""The writer process: what it commits is told here, and whatever becomes of it nothing is lost or stored twice."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from server.bus.base import Topic
from server.db import schema
from server.errors import Unavailable
from server.events import store as log
from server.events.model import DialogScope, Event
from server.intake.keys import Entry
from server.intake.store import Work
from tests.server.writer.writing import PATIENCE_S, Writer, attachment, message, rows, until_taken
from tests.support.backend import Backend


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
            asyncio.create_task(until_taken(writer, channel_id, message(str(number + n)))) for n in range(3)
        ]
        await asyncio.sleep(0.02)  # the frame is in the pipe
        os.kill(writer.pid, signal.SIGKILL if number % 2 else signal.SIGCONT)
        await asyncio.gather(*puts)
    assert writer.pid != first
    stored = sorted(int(m["external_id"]) for m in await rows(backend, schema.message))
    assert stored == list(range(16))
    assert await rows(backend, schema.quarantine) == []


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
        await until_taken(writer, channel_id, message("1"))
    assert writer.pid != first
    assert {m["external_id"] for m in await rows(backend, schema.message)} == {"0", "1"}


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
    bad = Entry(channel_id, message("2", attachments=(attachment(size=2**63),)))
    other = asyncio.create_task(writer.store.store(Work(entries=[bad])))
    await asyncio.sleep(0.05)
    os.kill(writer.pid, signal.SIGCONT)
    assert [refused.position for refused in (await other).refused] == [0]
    assert {m["external_id"] for m in await rows(backend, schema.message)} == {"0", "1"}


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
