"""Reports that come before the message they are about: parked, applied with it once, forgotten when it never comes."""

import asyncio
import itertools

import pytest

from connectors.contract import (
    Deletion,
    Edit,
    InboundMessage,
    Peer,
    Reaction,
)
from server.db import schema
from server.intake.batch import Batch
from server.intake.keys import Entry
from server.intake.missed import MissedAlterations
from tests.server.intake.reporting import (
    ELEVEN,
    ONLY_POSTGRESQL,
    PEER,
    TEN,
    TWELVE,
    another_transaction,
    edit,
    first,
    message,
    receive,
    report,
)
from tests.support.delivery import Desk

OVERTAKING = {
    "edit": (edit("poprawiona", TEN), ("text", "edited_at"), ("poprawiona", TEN)),
    "deletion": (Deletion(key="d", target="m1", peer=PEER), ("text", "reaction"), ("pierwsza", None)),
    "reaction": (Reaction(key="r", target="m1", peer=PEER, added=True, emoji="❤"), ("reaction",), ("❤",)),
    "without a peer": (Edit(key="e", target="m1", text="poprawiona"), ("text",), ("poprawiona",)),
}


@pytest.mark.parametrize("what", OVERTAKING)
async def test_what_overtakes_its_message_is_applied_with_it_once(desk: Desk, what: str) -> None:
    item, columns, values = OVERTAKING[what]
    await report(desk, item)
    await report(desk, item)
    assert len(await desk.rows(schema.alteration)) == 1
    await receive(desk)
    row = await first(desk)
    assert tuple(row[name] for name in columns) == values
    assert (row["deleted_at"] is not None) == (what == "deletion")
    assert await desk.rows(schema.alteration) == []
    events = await desk.events()
    assert [event.name for event in events][:3] == ["dialog.created", "message.received", "message.updated"]
    assert row["seq"] == events[2].seq
    [dialog] = await desk.rows(schema.dialog)
    shown = {"reaction": "pierwsza", "deletion": ""}
    told = events[1 if what == "reaction" else 3]
    assert (dialog["preview_text"], dialog["seq"]) == (shown.get(what, "poprawiona"), told.seq)
    await report(desk, item)
    await receive(desk)
    assert len(await desk.events()) == len(events)


@pytest.mark.parametrize("order", list(itertools.permutations([TEN, ELEVEN, TWELVE])), ids=str)
async def test_of_several_edits_around_the_message_the_latest_stays(
    desk: Desk, order: tuple[int, ...]
) -> None:
    await report(desk, edit(f"o {order[0]}", order[0]))
    await report(desk, edit(f"o {order[1]}", order[1]))
    await receive(desk)
    await report(desk, edit(f"o {order[2]}", order[2]))
    row = await first(desk)
    assert (row["text"], row["edited_at"]) == (f"o {TWELVE}", TWELVE)


async def test_what_is_parked_waits_for_its_own_message(desk: Desk) -> None:
    """Ids are unique per peer on some channels, and always only on their channel."""
    other = await desk.backend.add_channel(name="Other")
    await report(desk, edit("poprawiona"))
    await receive(desk, channel_id=other)
    stranger = InboundMessage(key="s", external_id="m1", text="obca", peer=Peer(id="78", name="Adam"))
    await desk.units.run(lambda tx: Batch(tx, 24).write([Entry(desk.channel_id, stranger)]))
    await MissedAlterations(desk.units).apply(since_ms=0)
    assert [row["text"] for row in await desk.rows(schema.message)] == ["pierwsza", "obca"]
    await desk.units.run(lambda tx: Batch(tx, 24).write([Entry(desk.channel_id, message("m1"))]))
    assert [row["text"] for row in await desk.rows(schema.message)] == ["pierwsza", "obca", "poprawiona"]


async def test_a_reaction_to_a_reply_whose_id_is_recorded_later(desk: Desk) -> None:
    written = await desk.write(await desk.dialog())
    [claimed] = await desk.claim()
    await report(desk, Reaction(key="r", target="x1", peer=PEER, added=True, emoji="❤"))
    await desk.accept(claimed, "x1")
    missed = MissedAlterations(desk.units)
    await missed.apply(since_ms=desk.units.clock.now_ms() - 60_000)
    await missed.apply(since_ms=0)
    [row] = await desk.rows(schema.message, schema.message.c.id == int(written.id))
    assert row["reaction"] == "❤"
    updates = [event for event in await desk.events() if b"\xe2\x9d\xa4" in event.data]
    assert len(updates) == 1


@ONLY_POSTGRESQL
async def test_a_message_stored_at_the_same_time_as_its_edit_is_parked_gets_it(desk: Desk) -> None:
    """Neither transaction sees the other's rows; the later look finds both."""
    async with another_transaction(desk.backend) as hand:
        await hand.run("UPDATE event_head SET last_seq = last_seq")
        storing = asyncio.create_task(receive(desk))
        await hand.somebody_waits()
        await report(desk, edit("poprawiona"))
    await storing
    assert (await first(desk))["text"] == "pierwsza"
    await MissedAlterations(desk.units).apply(since_ms=0)
    rows = await desk.rows(schema.message, schema.message.c.external_id == "m1")
    assert [row["text"] for row in rows] == ["poprawiona"]
    assert await desk.rows(schema.alteration) == []


async def test_what_is_never_claimed_is_forgotten(desk: Desk) -> None:
    await report(desk, edit("poprawiona"))
    missed = MissedAlterations(desk.units)
    desk.backend.clock.move(hours=29 * 24)
    await missed.prune()
    assert len(await desk.rows(schema.alteration)) == 1
    desk.backend.clock.move(hours=2 * 24)
    await missed.prune()
    assert await desk.rows(schema.alteration) == []
