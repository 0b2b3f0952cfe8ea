"""What a colleague sends elsewhere is never lost: it opens a dialog where none is open, by the rules for messages."""

import asyncio
from typing import Any

import pytest

from connectors.contract import (
    Attachment,
    AttachmentKind,
    Echo,
    Edit,
    InboundMessage,
    Peer,
    Receipt,
    ReceiptState,
)
from server.db import schema
from server.intake.keys import Entry
from server.intake.store import UnitStore, Work
from tests.server.intake.reporting import ONLY_POSTGRESQL, another_transaction
from tests.support.backend import Backend
from tests.support.delivery import Desk


@pytest.fixture
async def desk(backend: Backend) -> Desk:
    return await Desk.make(backend)


def echo(key: str = "e1", text: str = "Piszę z telefonu", peer: Peer | None = None, **more: Any) -> Echo:
    return Echo(key=key, external_id=key, text=text, peer=peer or Peer(id="77"), **more)


async def store(desk: Desk, *items: Any) -> None:
    entries = [Entry(desk.channel_id, item) for item in items]
    assert not await UnitStore(desk.units, 24).store(Work(entries=entries))


async def dialogs(desk: Desk) -> list[dict[str, Any]]:
    return await desk.rows(schema.dialog)


async def told(desk: Desk) -> list[str]:
    return [event.name for event in await desk.events()]


async def close(desk: Desk, dialog_id: int, **more: Any) -> None:
    now = desk.backend.clock.now_ms()
    await desk.set(schema.dialog, dialog_id, status="closed", closed_at=now, waiting_since=None, **more)


async def test_an_echo_to_a_stranger_begins_a_dialog_that_all_see_and_nobody_waits_in(desk: Desk) -> None:
    picture = Attachment(kind=AttachmentKind.IMAGE, source="https://cdn.example/1.jpg")
    for _ in range(2):
        await store(desk, echo(attachments=(picture,)))
    [dialog] = await dialogs(desk)
    assert (dialog["status"], dialog["assignee_id"], dialog["waiting_since"]) == ("open", None, None)
    assert (dialog["inbound_count"], dialog["message_count"], dialog["last_inbound_at"]) == (0, 1, None)
    assert (dialog["last_replied_type"], dialog["last_replied_agent_id"]) == ("agent", None)
    assert (dialog["preview_direction"], dialog["preview_text"]) == ("outbound", "Piszę z telefonu")
    assert (dialog["preview_attachment"], dialog["reply_allowed"], dialog["number"]) == ("image", True, 1)
    [message] = await desk.rows(schema.message)
    assert (message["direction"], message["state"], message["external_id"]) == ("outbound", "sent", "e1")
    [person] = await desk.rows(schema.identity)
    assert (person["address"], person["name"]) == ("77", "")
    assert person["profile_due_at"] <= desk.backend.clock.now_ms()  # the name is asked for at once
    created, added = await desk.events()
    assert (created.name, added.name) == ("dialog.created", "message.added")
    assert created.scope.is_new
    assert dialog["seq"] == added.seq
    [happened] = await desk.rows(schema.activity)
    assert (happened["type"], happened["actor_type"], happened["seq"]) == ("created", "agent", created.seq)
    [file] = await desk.rows(schema.attachment)
    assert (file["state"], file["message_id"]) == ("pending", message["id"])
    await store(desk, Receipt(key="r", state=ReceiptState.READ, external_ids=("e1",)))
    assert await desk.state(message["id"]) == "read"


async def test_the_customers_answer_comes_into_the_same_dialog(desk: Desk) -> None:
    await store(desk, echo())
    dialog_id = await desk.dialog()
    [dialog] = await dialogs(desk)
    assert (dialog["id"], dialog["message_count"], dialog["inbound_count"]) == (dialog_id, 2, 1)
    assert dialog["waiting_since"] is not None


async def test_whatever_a_batch_holds_is_in_one_dialog_for_each_person_and_changed_at_once(
    desk: Desk,
) -> None:
    second = Peer(id="78", name="Adam", phone="+48600100200")
    await store(
        desk,
        echo("e1"),
        Edit(key="x", target="e2", text="poprawione"),
        echo("e2", "do Adama", second),
        echo("e3", "jeszcze", second, standby=True),
        echo("e4", "obce", Peer(id="79"), standby=True),
    )
    found = {row["id"]: row for row in await dialogs(desk)}
    assert [row["message_count"] for row in found.values()] == [1, 2, 1]
    assert [row["elsewhere"] for row in found.values()] == [False, True, True]
    assert sorted(row["number"] for row in found.values()) == [1, 2, 3]
    texts = {row["external_id"]: row["text"] for row in await desk.rows(schema.message)}
    assert texts == {"e1": "Piszę z telefonu", "e2": "poprawione", "e3": "jeszcze", "e4": "obce"}
    people = {row["name"]: row["phone"] for row in await desk.rows(schema.contact)}
    assert people["Adam"] == "+48600100200"


async def test_what_we_sent_ourselves_opens_nothing_even_before_the_answer_to_the_send(desk: Desk) -> None:
    dialog_id = await desk.dialog()
    written = await desk.write(dialog_id)
    [claimed] = await desk.claim()
    await close(desk, dialog_id)
    ours = echo("x1", metadata=claimed.tracker)
    await store(desk, ours)
    await desk.accept(claimed, "x1")
    await store(desk, ours)
    assert [row["status"] for row in await dialogs(desk)] == ["closed"]
    assert len(await desk.rows(schema.message)) == 2
    assert await desk.state(written.id) == "sent"


async def test_a_dialog_closed_lately_is_reopened_and_keeps_its_agent(desk: Desk) -> None:
    dialog_id = await desk.dialog()
    await close(desk, dialog_id, assignee_id=desk.access.agent_id)
    desk.backend.clock.move(hours=23)
    before = len(await desk.events())
    sent_at = desk.backend.clock.now_ms()
    for _ in range(2):
        await store(desk, echo(at_ms=sent_at))
    [dialog] = await dialogs(desk)
    assert (dialog["status"], dialog["assignee_id"], dialog["waiting_since"]) == (
        "open",
        desk.access.agent_id,
        None,
    )
    assert (dialog["reopen_count"], dialog["closed_at"], dialog["message_count"]) == (1, None, 2)
    assert (await told(desk))[before:] == ["dialog.reopened", "message.added"]
    await close(desk, dialog_id)
    await store(desk, echo(at_ms=sent_at))  # told once more: nothing new
    assert [row["status"] for row in await dialogs(desk)] == ["closed"]


async def test_after_that_a_new_dialog_points_to_the_old_one(desk: Desk) -> None:
    old = await desk.dialog()
    await close(desk, old, assignee_id=desk.access.agent_id)
    desk.backend.clock.move(hours=25)
    await store(desk, echo())
    _, new = await dialogs(desk)
    assert (new["status"], new["assignee_id"], new["previous_id"]) == ("open", None, old)
    assert (await told(desk))[-2:] == ["dialog.created", "message.added"]


async def test_what_was_sent_before_the_closing_and_is_told_late_stays_with_it(desk: Desk) -> None:
    dialog_id = await desk.dialog()
    sent_at = desk.backend.clock.now_ms()
    desk.backend.clock.move(hours=1)
    await close(desk, dialog_id)
    await store(desk, echo(at_ms=sent_at))
    [dialog] = await dialogs(desk)
    assert (dialog["status"], dialog["message_count"]) == ("closed", 2)
    [added] = await desk.rows(schema.message, schema.message.c.external_id == "e1")
    assert added["dialog_id"] == dialog_id


async def test_the_same_told_at_once_by_several_is_one_message_in_one_dialog(desk: Desk) -> None:
    first = InboundMessage(key="m", external_id="m", text="Dzień dobry", peer=Peer(id="77", name="Zofia"))
    await asyncio.gather(*(store(desk, echo()) for _ in range(4)), store(desk, first))
    [dialog] = await dialogs(desk)
    assert (dialog["message_count"], dialog["inbound_count"]) == (2, 1)
    assert sorted(row["external_id"] for row in await desk.rows(schema.message)) == ["e1", "m"]
    assert len(await desk.rows(schema.contact)) == 1


async def test_a_name_that_an_echo_brings_is_told_where_the_person_is_shown(desk: Desk) -> None:
    await store(desk, echo())
    before = len(await desk.events())
    await store(desk, echo("e2", peer=Peer(id="77", name="Zofia")))
    assert (await told(desk))[before:] == ["dialog.updated", "message.added"]
    [contact] = await desk.rows(schema.contact)
    assert contact["name"] == "Zofia"


@ONLY_POSTGRESQL
async def test_an_echo_whose_send_is_recorded_meanwhile_opens_nothing(desk: Desk) -> None:
    dialog_id = await desk.dialog()
    await desk.write(dialog_id)
    [claimed] = await desk.claim()
    await desk.accept(claimed, "x1")
    await close(desk, dialog_id)
    async with another_transaction(desk.backend) as hand:
        await hand.run("SELECT 1 FROM identity FOR NO KEY UPDATE")
        storing = asyncio.create_task(store(desk, echo()))
        await hand.somebody_waits()
        await hand.run(
            "SET LOCAL lock_timeout = '500ms'"
        )  # what comes later in the order is not held meanwhile
        await hand.run("SELECT 1 FROM dialog FOR UPDATE")
        await hand.run("UPDATE event_head SET last_seq = last_seq")
        await hand.run("UPDATE delivery_part SET external_id = 'e1'")
    await storing
    assert [row["status"] for row in await dialogs(desk)] == ["closed"]
    assert len(await desk.rows(schema.message)) == 2


async def test_of_several_dialogs_it_is_the_one_that_is_not_closed(desk: Desk) -> None:
    """After two addresses became one the newest need not be the open one."""
    older = await desk.dialog()
    await close(desk, older)
    desk.backend.clock.move(hours=25)
    await close(desk, await desk.dialog())
    await desk.set(schema.dialog, older, status="open", closed_at=None)
    await store(desk, echo())
    [added] = await desk.rows(schema.message, schema.message.c.external_id == "e1")
    assert added["dialog_id"] == older
