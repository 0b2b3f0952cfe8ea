"""What can't be stored, or may not: it fails alone, is kept, and holds nobody up."""

import asyncio
from typing import Any

import pytest

from connectors.contract import (
    Attachment,
    AttachmentKind,
    InboundMessage,
    Peer,
    Receipt,
    ReceiptState,
    Unknown,
)
from server.db import schema
from server.db.leases import acquire
from server.errors import Unavailable
from server.intake.keys import Entry
from server.intake.sink import IntakeSink
from server.intake.store import LeaseLost
from tests.server.intake.receiving import message, rows
from tests.support.backend import Backend


async def test_a_bad_item_fails_alone(backend: Backend, sink: IntakeSink) -> None:
    channel_id = await backend.add_channel()
    bad = message("2", reply_to="x" * 10)
    bad = InboundMessage(
        key="2", external_id="2", text="a", peer=Peer(id="bad", language="x" * 5000, name="\0")
    )
    good = [message("1", peer="a"), message("3", peer="b")]
    await asyncio.gather(
        sink.ingest(str(channel_id), [good[0]]),
        sink.ingest(str(channel_id), [bad], raw=b"raw body"),
        sink.ingest(str(channel_id), [good[1]]),
    )
    stored = {m["external_id"] for m in await rows(backend, schema.message)}
    assert {"1", "3"} <= stored
    kept = await rows(backend, schema.quarantine)
    assert ("2" in stored) != bool(kept), "the odd one is either stored or in quarantine"


async def test_what_is_not_understood_is_kept_once_per_content(backend: Backend, sink: IntakeSink) -> None:
    channel_id = await backend.add_channel()
    for _ in range(3):
        await sink.ingest(str(channel_id), [Unknown(key="u", why="no such event")], raw=b'{"event":"new"}')
    [kept] = await rows(backend, schema.quarantine)
    assert (kept["count"], kept["body"], kept["why"]) == (3, b'{"event":"new"}', "no such event")


async def test_a_cursor_is_not_moved_by_who_lost_the_lease(backend: Backend, sink: IntakeSink) -> None:
    channel_id = await backend.add_channel()
    with pytest.raises(LeaseLost):
        await sink.ingest(str(channel_id), [message("1")], cursor="8")
    [channel] = await rows(backend, schema.channel)
    assert channel["poll_cursor"] is None
    now = backend.clock.now_ms()
    await backend.units.run(
        lambda tx: acquire(tx.connection, f"poll:{channel_id}", backend.inbox.owner, now + 60_000, now)
    )
    await sink.ingest(str(channel_id), [message("1")], cursor="8")
    [channel] = await rows(backend, schema.channel)
    assert channel["poll_cursor"] == "8"
    assert len(await rows(backend, schema.message)) == 1


async def test_who_lost_a_lease_fails_alone(backend: Backend, sink: IntakeSink) -> None:
    """Also where a batch has nothing but cursors and what was not understood."""
    lost, held, other = [await backend.add_channel(name=name) for name in ("lost", "held", "other")]
    now = backend.clock.now_ms()
    await backend.units.run(
        lambda tx: acquire(tx.connection, f"poll:{held}", backend.inbox.owner, now + 60_000, now)
    )
    unknown = Entry(other, Unknown(key="u", why="no such event"))
    ended = await asyncio.gather(
        sink.put(lost, [], raw=b"", cursor="8"),
        sink.put(other, [unknown], raw=b"new"),
        sink.put(held, [], raw=b"", cursor="9"),
        return_exceptions=True,
    )
    assert [type(each) for each in ended] == [LeaseLost, type(None), type(None)]
    cursors = {row["id"]: row["poll_cursor"] for row in await rows(backend, schema.channel)}
    assert cursors == {lost: None, held: "9", other: None}
    assert [row["body"] for row in await rows(backend, schema.quarantine)] == [b"new"]


async def test_what_fails_because_the_database_is_away_is_not_taken_for_bad(
    backend: Backend, sink: IntakeSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a moment, while a batch with a bad item is taken apart: whoever sent it comes again."""
    channel_id = await backend.add_channel()
    bad = message("2", attachments=(Attachment(kind=AttachmentKind.FILE, size=2**63),))
    items = [Entry(channel_id, item) for item in (message("1"), bad, message("3"))]
    write, transactions = backend.database.write, 0

    async def be_away_once(work: Any) -> Any:
        nonlocal transactions
        transactions += 1
        if transactions == 4:  # all, the first, the bad one, the third
            raise ConnectionError
        return await write(work)

    monkeypatch.setattr(backend.database, "write", be_away_once)
    with pytest.raises(Unavailable):
        await sink.put(channel_id, items, raw=b"raw body")
    assert [row["external_id"] for row in await rows(backend, schema.message)] == ["1"]
    assert await rows(backend, schema.quarantine) == []
    await sink.put(channel_id, items, raw=b"raw body")
    assert [row["external_id"] for row in await rows(backend, schema.message)] == ["1", "3"]
    assert [row["body"] for row in await rows(backend, schema.quarantine)] == [b"raw body"]


async def test_why_something_was_not_understood_may_be_any_text(backend: Backend, sink: IntakeSink) -> None:
    """Signed, but odd: a zero or half a character, quoted from the body."""
    channel_id = await backend.add_channel()
    why = "unknown_kind: a\0b \ud800"
    wrong: Any = None  # a connector's mistake that its types don't show
    items = [Unknown(key="u", why=why), message("1")]
    await asyncio.gather(
        sink.ingest(str(channel_id), items[:1], raw=b"alone"),
        sink.ingest(str(channel_id), items, raw=b"new"),
        sink.ingest(str(channel_id), [Unknown(key="v", why=wrong)], raw=b"none"),
    )
    assert len(await rows(backend, schema.message)) == 1
    kept = {row["body"]: (row["why"], row["count"]) for row in await rows(backend, schema.quarantine)}
    assert kept == dict.fromkeys((b"alone", b"new"), ("unknown_kind: a?b ?", 1)) | {b"none": ("None", 1)}


async def test_what_is_kept_is_counted_once_when_its_batch_is_taken_apart(
    backend: Backend, sink: IntakeSink
) -> None:
    """Here content could be stored and a report could not."""
    channel_id = await backend.add_channel()
    await sink.ingest(str(channel_id), [message("1")])
    odd = Receipt(key="r", state=ReceiptState.READ, watermark_ms=2**63, peer=Peer(id="77"))
    entries = [Entry(channel_id, item) for item in (message("2"), Unknown(key="u", why="new"), odd)]
    await asyncio.gather(
        sink.put(channel_id, entries[:2], raw=b"new"), sink.put(channel_id, entries[2:], raw=b"odd")
    )
    assert [row["external_id"] for row in await rows(backend, schema.message)] == ["1", "2"]
    kept = {row["body"]: (row["why"], row["count"]) for row in await rows(backend, schema.quarantine)}
    assert kept[b"new"] == ("new", 1)
    assert kept[b"odd"][0].startswith("not_stored: ")
