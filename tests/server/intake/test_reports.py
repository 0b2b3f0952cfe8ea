"""Reports about messages that exist: locks in one order, and the truth about who sees what, whatever comes first."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from connectors.contract import (
    AnyItem,
    Attachment,
    AttachmentKind,
    Deletion,
    Echo,
    Edit,
    InboundMessage,
    Peer,
    Reaction,
    Receipt,
    ReceiptState,
)
from server.clock import rfc3339
from server.db import schema
from server.errors import NotFound
from server.intake.batch import Batch
from server.intake.keys import Entry
from server.intake.missed import MissedAlterations
from server.intake.reports import write_reports
from tests.support.backend import Backend
from tests.support.delivery import Desk

PEER = Peer(id="77", name="Zofia")
TEN, ELEVEN, TWELVE = 1_700_000_010_000, 1_700_000_011_000, 1_700_000_012_000


@pytest.fixture
async def desk(backend: Backend) -> Desk:
    return await Desk.make(backend)


def message(key: str, text: str = "pierwsza") -> InboundMessage:
    file = Attachment(kind=AttachmentKind.IMAGE, title="kot")
    return InboundMessage(key=key, external_id=key, text=text, peer=PEER, attachments=(file,))


async def receive(desk: Desk, key: str = "m1", text: str = "pierwsza", channel_id: int | None = None) -> int:
    """A customer's message; returns the id of its dialog."""
    entry = Entry(channel_id or desk.channel_id, message(key, text))
    await desk.units.run(lambda tx: Batch(tx, 24).write([entry]))
    [row] = await desk.rows(
        schema.message, schema.message.c.external_id == key, schema.message.c.channel_id == entry.channel_id
    )
    return int(row["dialog_id"])


async def report(desk: Desk, *items: AnyItem) -> None:
    await desk.units.run(lambda tx: write_reports(tx, [Entry(desk.channel_id, item) for item in items]))


def edit(text: str, at_ms: int | None = None, *, key: str = "", target: str = "m1") -> Edit:
    return Edit(key=key or f"{text}:{at_ms}", target=target, peer=PEER, text=text, at_ms=at_ms)


class Hand:
    """Another process's transaction on PostgreSQL, open for as long as the test needs it."""

    def __init__(self, connection: Any) -> None:
        self.run = connection.execute
        self._value = connection.fetchval

    async def somebody_waits(self) -> None:
        async with asyncio.timeout(10):
            waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
            while not await self._value(waiting):  # noqa: ASYNC110 - it is another process's work
                await asyncio.sleep(0.01)


ONLY_POSTGRESQL = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
"""SQLite has one writer at a time."""


@asynccontextmanager
async def another_transaction(backend: Backend) -> AsyncIterator[Hand]:
    url = backend.config.database_url.replace("+asyncpg", "")
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            yield Hand(connection)
    finally:
        await connection.close()


@ONLY_POSTGRESQL
async def test_the_event_head_is_not_held_while_a_dialog_is_waited_for(desk: Desk) -> None:
    """Two channels in one batch: the second one's dialog is locked by somebody who will want the head."""
    other = await desk.backend.add_channel(name="Other")
    dialog = await desk.dialog()
    await desk.write(dialog)
    [claimed] = await desk.claim()
    await desk.accept(claimed, "x1")
    receipt = Receipt(key="r", state=ReceiptState.DELIVERED, external_ids=("x1",))
    entries = [Entry(desk.channel_id, receipt)]
    second = await receive(desk, "m2", channel_id=other)
    entries.append(Entry(other, Echo(key="e", external_id="e", peer=PEER, text="Z telefonu")))
    async with another_transaction(desk.backend) as hand:
        await hand.run(f"SELECT 1 FROM dialog WHERE id = {second} FOR NO KEY UPDATE")
        reporting = asyncio.create_task(desk.units.run(lambda tx: write_reports(tx, entries)))
        await hand.somebody_waits()
        await hand.run("SET LOCAL lock_timeout = '500ms'")
        await hand.run("UPDATE event_head SET last_seq = last_seq")
    await reporting
    rows = await desk.rows(schema.message, schema.message.c.dialog_id == second)
    assert [row["text"] for row in rows] == ["pierwsza", "Z telefonu"]


@ONLY_POSTGRESQL
async def test_an_edit_during_a_hand_over_is_told_to_who_has_the_dialog_now(desk: Desk) -> None:
    dialog = await receive(desk)
    bolek = await desk.backend.add_agent("Bolek", channels=(desk.channel_id,))
    await desk.set(schema.dialog, dialog, assignee_id=desk.access.agent_id)
    async with another_transaction(desk.backend) as hand:
        await hand.run(f"UPDATE dialog SET assignee_id = {bolek} WHERE id = {dialog}")
        reporting = asyncio.create_task(report(desk, edit("poprawiona")))
        await hand.somebody_waits()
    await reporting
    [told] = [event for event in await desk.events() if event.name == "message.updated"]
    assert (told.scope.assignee_before, told.scope.assignee_after) == (bolek, bolek)


async def first(desk: Desk) -> dict[str, Any]:
    return (await desk.rows(schema.message))[0]


@pytest.mark.parametrize("order", list(itertools.permutations([TEN, ELEVEN, TWELVE])), ids=str)
async def test_of_several_edits_the_latest_stays(desk: Desk, order: tuple[int, ...]) -> None:
    await receive(desk)
    for at in order:
        await report(desk, edit(f"o {at}", at))
    row = await first(desk)
    assert (row["text"], row["edited_at"]) == (f"o {TWELVE}", TWELVE)


async def test_what_an_edit_replaced_can_be_read_by_who_sees_the_dialog(desk: Desk) -> None:
    dialog_id = await receive(desk)
    await report(desk, edit("druga", ELEVEN), edit("druga", ELEVEN, key="same"), edit("trzecia", TWELVE))
    message_id = (await first(desk))["id"]
    dialogs, root = desk.backend.inbox.dialogs, desk.backend.access(1, "administrator")
    shown = await dialogs.versions(root, dialog_id, message_id)
    assert [each.text for each in shown] == ["druga", "pierwsza"]
    assert shown[0].written_at == rfc3339(ELEVEN)
    with pytest.raises(NotFound):
        await dialogs.versions(desk.backend.access(2, "agent"), dialog_id, message_id)
    await report(desk, Deletion(key="d", target="m1", peer=PEER))
    assert await dialogs.versions(root, dialog_id, message_id) == []


async def test_an_edit_back_to_the_first_text_is_later_than_what_it_took_back(desk: Desk) -> None:
    await receive(desk, text="pierwsza")
    await report(desk, edit("pierwsza", ELEVEN))
    await report(desk, edit("druga", TEN))
    assert (await first(desk))["text"] == "pierwsza"


async def test_the_same_key_again_changes_nothing(desk: Desk) -> None:
    await receive(desk)
    await report(desk, edit("druga"), edit("trzecia"))
    await report(desk, edit("druga"))
    added, removed = (Reaction(key=k, target="m1", peer=PEER, added=k == "a") for k in "ar")
    await report(desk, added, removed)
    before = len(await desk.events())
    await report(desk, edit("druga"), added)
    row = await first(desk)
    assert (row["text"], row["reaction"]) == ("trzecia", None)
    assert len(await desk.events()) == before


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


async def test_nothing_undoes_a_deletion(desk: Desk) -> None:
    await receive(desk)
    await report(desk, Deletion(key="d", target="m1", peer=PEER))
    await report(desk, edit("druga"))
    row = await first(desk)
    assert (row["text"], row["edited_at"], row["deleted_at"] is None) == ("pierwsza", None, False)


async def test_a_deleted_message_is_shown_nowhere(desk: Desk) -> None:
    dialog = await receive(desk, text="nr karty 1234")
    before = len(await desk.events())
    await report(desk, Deletion(key="d", target="m1", peer=PEER))
    updated, listed = (await desk.events())[before:]
    assert (updated.name, listed.name) == ("message.updated", "dialog.updated")
    assert b"1234" not in updated.data + listed.data
    shown = json.loads(updated.data)["message"]
    assert (shown["text"], shown["attachments"], shown["deletedAt"] is None) == ("", [], False)
    preview = {"direction": "inbound", "text": "", "attachment": None}
    assert json.loads(listed.data)["dialog"]["preview"] == preview
    assert json.loads(listed.data)["dialog"]["seq"] == str(listed.seq)
    [row] = await desk.rows(schema.dialog, schema.dialog.c.id == dialog)
    assert (row["preview_text"], row["seq"]) == ("", listed.seq)


async def test_only_an_edit_of_the_newest_message_changes_the_preview(desk: Desk) -> None:
    dialog = await receive(desk)
    await receive(desk, "m2", "druga")
    await desk.write(dialog, "notatka", kind="note")
    await report(desk, edit("poprawiona pierwsza"))
    [row] = await desk.rows(schema.dialog)
    assert row["preview_text"] == "druga"
    before = len(await desk.events())
    await report(desk, edit("poprawiona  druga", target="m2"))
    [row] = await desk.rows(schema.dialog)
    assert (row["preview_text"], row["preview_attachment"]) == ("poprawiona druga", "image")
    assert [event.name for event in (await desk.events())[before:]] == ["message.updated", "dialog.updated"]
