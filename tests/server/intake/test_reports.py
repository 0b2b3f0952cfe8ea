"""Reports about messages that exist: locks in one order, and the truth about who sees what, whatever comes first."""

import asyncio
import itertools
import json

import pytest

from connectors.contract import (
    Deletion,
    Echo,
    Reaction,
    Receipt,
    ReceiptState,
)
from server.clock import rfc3339
from server.db import schema
from server.errors import NotFound
from server.intake.keys import Entry
from server.intake.reports import write_reports
from tests.server.intake.reporting import (
    ELEVEN,
    ONLY_POSTGRESQL,
    PEER,
    TEN,
    TWELVE,
    another_transaction,
    edit,
    first,
    receive,
    report,
)
from tests.support.delivery import Desk


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
        reporting = asyncio.create_task(desk.units.run(lambda tx: write_reports(tx, entries, 24)))
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
