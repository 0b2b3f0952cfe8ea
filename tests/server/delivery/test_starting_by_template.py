"""Writing first on WhatsApp: by a template only, to a number that becomes a person, whose answer lands in the dialog."""

from typing import Any

import msgspec
import pytest

from connectors.contract import InboundMessage, Peer, Receipt, ReceiptState, Sent
from connectors.errors import Failure, Uncertain
from connectors.simulator import sample_picture
from server.db import schema
from server.intake.batch import Batch
from server.intake.keys import Entry
from server.intake.store import UnitStore, Work
from tests.server.delivery.whatsapp import Number, problem

HELLO = {"name": "hello", "language": "pl"}
WORDS = "Dzień dobry! Czy możemy wrócić do naszej rozmowy?"


def typed(number: Number) -> str:
    """The customer's number as an agent types it."""
    return f"+{number.phone.address[:2]} {number.phone.address[2:5]} {number.phone.address[5:]}"


async def dialogs(number: Number) -> list[dict[str, Any]]:
    return await number.desk.rows(schema.dialog)


async def wrote(number: Number, address: str, text: str = "Tak") -> None:
    """An inbound message: its dialog is found by the address alone."""
    key = f"in{number.desk.units.ids.new()}"
    item = InboundMessage(key=key, external_id=key, text=text, peer=Peer(id=address, name="Zofia"))
    await number.desk.units.run(lambda tx: Batch(tx, 24).write([Entry(number.desk.channel_id, item)]))


async def test_the_first_message_is_a_template_and_its_answer_comes_into_the_dialog(number: Number) -> None:
    refused = await number.start(typed(number), text="Dzień dobry")
    assert problem(refused)[:2] == (409, "template_needed")
    assert await dialogs(number) == await number.desk.rows(schema.contact) == []
    started = await number.start(typed(number), key="k", template=HELLO)
    assert started.status_code == 201, started.text
    number.dialog = int(started.json()["id"])
    # The identity is the WhatsApp id, the telephone number is the contact's.
    assert started.json()["contact"]["address"] == number.phone.address
    [contact] = await number.desk.rows(schema.contact)
    assert contact["phone"] == "+" + number.phone.address
    number.open(api_base="http://127.0.0.1:1")
    again = await number.start(typed(number), key="k", template=HELLO)
    assert (again.status_code, again.json()["id"]) == (200, str(number.dialog))
    number.open()
    claimed = await number.pump()
    assert claimed.peer_id == number.phone.address
    assert [entry.text for entry in number.phone.received] == [WORDS]
    # Until the customer writes nothing else goes, how often we write ourselves.
    assert problem(await number.send(text="I jeszcze"))[:2] == (409, "template_needed")
    assert (await number.send(template=HELLO)).status_code == 201
    await number.pump()
    await wrote(number, number.phone.address)
    [dialog] = await dialogs(number)
    assert (dialog["id"], dialog["message_count"], dialog["inbound_count"]) == (number.dialog, 3, 1)
    number.phone.touch()
    assert (await number.send(text="Świetnie")).status_code == 201


async def test_a_template_with_a_picture_begins_a_dialog(number: Number) -> None:
    picture = await number.upload("o.jpg", sample_picture())
    offer = {"name": "new_offer", "language": "pl", "values": {"body.1": "Anno", "body.2": "piątku"}}
    assert problem(await number.start(typed(number), template=offer)) == (422, "invalid", ["attachmentIds"])
    bare = await number.start(typed(number), text="Dzień dobry", attachmentIds=[picture])
    assert problem(bare) == (422, "invalid", ["attachmentIds"])
    both = await number.start(typed(number), text="Dzień dobry", template=HELLO)
    assert problem(both) == (422, "invalid", ["template"])
    started = await number.start(typed(number), template=offer, attachmentIds=[picture])
    assert started.status_code == 201, started.text
    await number.pump()
    [shown] = number.phone.received
    assert shown.attachment is not None
    assert shown.attachment.blob is not None
    assert shown.attachment.blob.data == sample_picture()


async def test_a_number_without_whatsapp_fails_with_a_reason(number: Number) -> None:
    started = await number.start("+48 601 000 000", template=HELLO)
    assert started.status_code == 201
    await number.pump()
    [message] = await number.desk.rows(schema.message)
    assert (message["state"], "it has no WhatsApp" in message["failure"]) == ("failed", True)


async def test_an_answer_that_overtakes_the_send_is_in_the_same_dialog(number: Number) -> None:
    started = await number.start(typed(number), template=HELLO)
    [claimed] = await number.desk.claim()
    sent = await number.connector.send(claimed)
    await wrote(number, number.phone.address)
    await number.desk.end(claimed, sent=sent)
    [dialog] = await dialogs(number)
    assert (dialog["id"], dialog["inbound_count"]) == (int(started.json()["id"]), 1)
    [message] = await number.desk.rows(schema.message, schema.message.c.direction == "outbound")
    assert message["state"] == "sent"


async def test_the_provider_knows_the_person_under_another_id(number: Number) -> None:
    """With and without the 9 of Brazil, say, or by a business-scoped id; only its answer tells."""
    number.account.other_numbers["551187654321"] = number.phone.address
    await number.start("+55 11 8765-4321", template=HELLO)
    await number.pump()
    [identity] = await number.desk.rows(schema.identity)
    assert identity["address"] == number.phone.address
    told = [event.name for event in await number.desk.events()][-1]
    assert told == "dialog.updated"
    await wrote(number, number.phone.address)
    [dialog] = await dialogs(number)
    assert dialog["inbound_count"] == 1
    # Who has written is who they are; what a later answer says changes nothing.
    number.phone.touch()
    number.dialog = dialog["id"]
    await number.send(template=HELLO)
    [claimed] = await number.desk.claim()
    await number.desk.end(claimed, sent=Sent(external_ids=("w2",), peer_id="PL.1349"))
    assert [row["address"] for row in await number.desk.rows(schema.identity)] == [number.phone.address]


async def test_an_answer_that_overtakes_the_send_from_another_id_is_the_same_contacts(number: Number) -> None:
    """Nothing in it names the number or our message: see the connector's README, Limits."""
    number.account.other_numbers["551187654321"] = number.phone.address
    started = await number.start("+55 11 8765-4321", template=HELLO)
    [claimed] = await number.desk.claim()
    sent = await number.connector.send(claimed)
    await wrote(number, number.phone.address)
    await number.desk.end(claimed, sent=sent)
    first, second = await dialogs(number)
    assert (first["id"], first["inbound_count"], second["inbound_count"]) == (int(started.json()["id"]), 0, 1)
    assert first["contact_id"] == second["contact_id"]


async def test_a_report_tells_who_it_is_when_the_answer_was_lost(number: Number) -> None:
    number.account.other_numbers["551187654321"] = number.phone.address
    await number.start("+55 11 8765-4321", template=HELLO)
    [claimed] = await number.desk.claim()
    await number.connector.send(claimed)
    lost = Uncertain(Failure(code="no_clear_answer", text="no answer"))
    await number.desk.end(claimed, error=lost)
    report = Receipt(
        key="w:sent",
        state=ReceiptState.SENT,
        external_ids=("w",),
        tracker=claimed.tracker,
        peer=Peer(id=number.phone.address),
    )
    await UnitStore(number.desk.units, 24).write(Work(entries=[Entry(number.desk.channel_id, report)]))
    [message] = await number.desk.rows(schema.message)
    assert message["state"] == "sent"
    # What was known already tells nothing new, even about somebody else.
    again = msgspec.structs.replace(report, key="w:read", state=ReceiptState.READ, peer=Peer(id="PL.1"))
    await UnitStore(number.desk.units, 24).write(Work(entries=[Entry(number.desk.channel_id, again)]))
    assert [row["address"] for row in await number.desk.rows(schema.identity)] == [number.phone.address]
    await wrote(number, number.phone.address)
    [dialog] = await dialogs(number)
    assert (dialog["inbound_count"], dialog["message_count"]) == (1, 2)


@pytest.mark.parametrize("is_closed", [True, False])
async def test_a_known_person_under_another_number_is_one_contact(number: Number, is_closed: bool) -> None:
    await wrote(number, number.phone.address, "Dawno temu")
    [before] = await dialogs(number)
    if is_closed:
        await number.desk.set(schema.dialog, before["id"], status="closed", closed_at=1)
    number.account.other_numbers["551187654321"] = number.phone.address
    started = (await number.start("+55 11 8765-4321", template=HELLO)).json()["id"]
    await number.pump()
    rows = {row["id"]: row for row in await dialogs(number)}
    assert {row["contact_id"] for row in rows.values()} == {before["contact_id"]}
    await wrote(number, number.phone.address)
    [delivery], [part] = await number.desk.deliveries(), await number.desk.rows(schema.delivery_part)
    assert part["identity_id"] == delivery["identity_id"], "a watermark would not find it"
    answered = int(started) if is_closed else before["id"]
    assert [row["id"] for row in await dialogs(number) if row["message_count"] == 2] == [answered]
