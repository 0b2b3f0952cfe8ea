"""What the writer process can't store or even read: it comes back by its place and is kept, and the rest is stored."""

import asyncio
import os
import signal
from typing import Any

import pytest

from connectors.contract import Ignored, Unknown
from server.db import schema
from server.db.leases import acquire
from server.intake.keys import Entry
from server.intake.store import LeaseLost, Work
from server.writer.process import NotStored
from tests.server.writer.writing import Writer, attachment, message, rows
from tests.support.backend import Backend


async def test_what_it_can_not_store_goes_to_quarantine_alone(backend: Backend, writer: Writer) -> None:
    channel_id = await backend.add_channel()
    too_large = message("2", attachments=(attachment(size=2**63),))
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
    assert [type(each) for each in ended] == [type(None), NotStored]
    assert {m["external_id"] for m in await rows(backend, schema.message)} == {"1", "2"}


async def test_a_cursor_or_a_body_of_a_wrong_type_fails_alone(backend: Backend, writer: Writer) -> None:
    """Whoever sent the others must not be told to come again, as long as a connector has its mistake."""
    channel_id, polled = await backend.add_channel(), await backend.add_channel(name="polled")
    now = backend.clock.now_ms()
    await backend.units.run(lambda tx: acquire(tx.connection, f"poll:{polled}", "me", now + 60_000, now))
    cursor: Any = 8.5
    body: Any = "text"
    unknown = Unknown(key="u", why="no such event")
    await writer.put(channel_id, message("0"))
    first = writer.pid
    ended = await asyncio.gather(
        writer.put(channel_id, message("1")),
        writer.put(channel_id, message("2"), cursor=cursor),
        writer.put(polled, message("3"), cursor="9"),
        writer.put(channel_id, message("4"), unknown, raw=body),
        writer.put(channel_id, unknown, raw=b"new"),
        return_exceptions=True,
    )
    assert [type(each) for each in ended] == [type(None), NotStored, type(None), NotStored, type(None)]
    assert {m["external_id"] for m in await rows(backend, schema.message)} == set("01234")
    cursors = {row["id"]: row["poll_cursor"] for row in await rows(backend, schema.channel)}
    assert cursors == {channel_id: None, polled: "9"}
    assert [row["body"] for row in await rows(backend, schema.quarantine)] == [b"new"]
    assert writer.pid == first


async def test_what_is_refused_is_named_by_its_place_and_kept_before_a_cursor_moves(
    backend: Backend, writer: Writer
) -> None:
    channel_id, now = await backend.add_channel(), backend.clock.now_ms()
    await backend.units.run(lambda tx: acquire(tx.connection, f"poll:{channel_id}", "me", now + 60_000, now))
    wrong: Any = 1.5
    unreadable = message("1", at_ms=wrong)
    too_large = message("3", attachments=(attachment(size=2**63),))
    items = [unreadable, message("2"), too_large]
    left = await writer.store.store(Work(entries=[Entry(channel_id, item) for item in items]))
    assert sorted(refused.position for refused in left.refused) == [0, 2]
    await writer.put(channel_id, unreadable, raw=b"polled", cursor="8")
    assert {m["external_id"] for m in await rows(backend, schema.message)} == {"2"}
    assert [row["body"] for row in await rows(backend, schema.quarantine)] == [b"polled"]
    assert [row["poll_cursor"] for row in await rows(backend, schema.channel)] == ["8"]


async def test_what_follows_a_bad_batch_is_stored_after_all_of_it(backend: Backend, writer: Writer) -> None:
    channel_id = await backend.add_channel()
    await writer.put(channel_id, message("0"))
    os.kill(writer.pid, signal.SIGSTOP)
    bad = message("2", attachments=(attachment(size=2**63),))
    puts = [asyncio.create_task(writer.put(channel_id, message("1"), bad, message("3"), raw=b"raw body"))]
    await asyncio.sleep(0.02)
    puts.append(asyncio.create_task(writer.put(channel_id, message("4"))))
    await asyncio.sleep(0.02)
    os.kill(writer.pid, signal.SIGCONT)
    await asyncio.gather(*puts)
    stored = sorted(await rows(backend, schema.message), key=lambda m: m["seq"])
    assert [m["external_id"] for m in stored] == ["0", "1", "3", "4"]
    assert [row["body"] for row in await rows(backend, schema.quarantine)] == [b"raw body"]
