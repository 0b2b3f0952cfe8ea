"""The interface that outside checks rely on: what agents send, and what becomes of it."""

import asyncio

import aiohttp
import pytest

from connectors.simulator import KINDS, State, sample_picture
from tests.blackbox.conftest import Site, new_dialog, reaches, reply

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENDS = {"sms": "delivered", "messenger": "read", "telegram": "sent", "viber": "read", "whatsapp": "read"}
"""How far each channel reports."""


@pytest.mark.parametrize("kind", KINDS)
async def test_an_answer_reaches_the_phone_and_its_ticks_move(site: Site, kind: str) -> None:
    phone = site.person(kind)
    await phone.open_thread()
    async with site.ala.follow() as screen:
        await phone.write("Czy paczka wyszła?")
        dialog = (await screen.event("message.received"))["data"]["dialog"]
        message = await reply(site.ala, dialog, "Tak, dziś rano 📦")
        assert message["state"] == "queued"
        states = [(await screen.event("message.added", id=message["id"]))["data"]["message"]["state"]]
        while states[-1] != ENDS[kind]:
            event = await screen.event("message.updated", id=message["id"])
            states.append(event["data"]["message"]["state"])
    ranks = ["queued", "sending", "sent", "delivered", "read"]
    assert states == sorted(set(states), key=ranks.index), "ticks went back"
    assert {"queued", "sending"} <= set(states)
    [arrived] = phone.received
    assert arrived.text == "Tak, dziś rano 📦"
    [accepted] = [line for line in site.sim.ledger if line.peer == phone.address]
    stored = (await site.ala.messages(dialog["id"]))[-1]
    assert (stored["externalId"], stored["state"]) == (accepted.id, ENDS[kind])
    assert (stored["direction"], stored["origin"]) == ("outbound", "agent")
    assert stored["author"]["name"] == "Ala"
    after = await site.ala.get(f"/dialogs/{dialog['id']}")
    assert after["lastRepliedBy"]["type"] == "agent"
    assert after["lastRepliedBy"]["name"] == "Ala"


async def test_ticks_wait_for_what_really_happened(site: Site) -> None:
    phone = site.person("viber")
    await phone.write("Halo")
    await phone.go_offline()
    dialog = await site.dialog_with(phone.address)
    message = await reply(site.ala, dialog, "Tak?")
    await reaches(site.ala, dialog, message, "sent")
    await phone.online()
    await reaches(site.ala, dialog, message, "delivered")
    assert phone.received[0].state is State.DELIVERED
    await phone.mark_read()
    await reaches(site.ala, dialog, message, "read")


async def test_a_template_writes_first_and_what_becomes_of_it_is_known_at_once(site: Site) -> None:
    phone, channel = site.person("whatsapp"), site.channels["whatsapp"]["id"]
    listed = f"/channels/{channel}/templates"

    async def state() -> str:
        items = (await site.ala.get(listed))["items"]
        [found] = [each["state"] for each in items if (each["name"], each["language"]) == ("hello", "pl")]
        return str(found)

    assert await state() == "approved"
    body = {
        "channelId": channel,
        "address": f"+{phone.address}",
        "template": {"name": "hello", "language": "pl"},
    }
    status, dialog = await site.ala.call("POST", "/dialogs", body)
    assert status == 201, dialog
    [message] = await site.ala.messages(dialog["id"])
    await reaches(site.ala, dialog, message, "delivered")
    assert [entry.text for entry in phone.received] == [message["text"]]
    await phone.write("Tak, proszę")
    answered = await site.dialog_with(phone.address)
    assert (answered["id"], answered["messageCount"]) == (dialog["id"], 2)
    await reply(site.ala, dialog, "Już piszę")
    await site.sim.change_template(site.accounts["whatsapp"], "hello", "pl", "PAUSED", "low quality")
    assert await state() == "paused"
    status, refused = await site.ala.call("POST", "/dialogs", body)
    assert (status, refused["errors"][0]["reason"]) == (422, "template_paused")
    await site.sim.change_template(site.accounts["whatsapp"], "hello", "pl", "APPROVED")
    assert await state() == "approved"


async def test_one_key_sends_once(site: Site) -> None:
    dialog = await new_dialog(site)
    path = f"/dialogs/{dialog['id']}/messages"
    body = {"text": "raz", "kind": "message"}
    answers = await asyncio.gather(
        *(site.ala.call("POST", path, body, Idempotency_Key="klucz-1") for _ in range(5))
    )
    assert {status for status, _ in answers} <= {200, 201}
    assert len({message["id"] for _, message in answers}) == 1
    await reaches(site.ala, dialog, answers[0][1], "sent")
    address = dialog["contact"]["address"]
    assert [line.text for line in site.sim.ledger if line.peer == address] == ["raz"]


async def test_a_note_stays_inside(site: Site) -> None:
    dialog = await new_dialog(site)
    address = dialog["contact"]["address"]
    note = await reply(site.ala, dialog, "klient VIP, ostrożnie", kind="note")
    assert (note["kind"], note["state"]) == ("note", None)
    message = await reply(site.ala, dialog, "Dzień dobry Pani")
    await reaches(site.ala, dialog, message, "sent")
    assert [line.text for line in site.sim.ledger if line.peer == address] == ["Dzień dobry Pani"]


@pytest.mark.parametrize("kind", ["telegram", "viber", "messenger", "whatsapp"])
async def test_a_picture_goes_out(site: Site, kind: str) -> None:
    dialog = await new_dialog(site, kind)
    address = dialog["contact"]["address"]
    form = aiohttp.FormData()
    form.add_field("file", sample_picture(), filename="kot.jpg", content_type="image/jpeg")
    headers = {"Authorization": f"Bearer {site.ala.token}"}
    url = f"{site.outside.base}/api/v1/attachments"
    async with site.http.post(url, data=form, headers=headers) as answer:
        assert answer.status == 201
        uploaded = await answer.json()
    message = await reply(site.ala, dialog, "", attachmentIds=[uploaded["id"]])
    await reaches(site.ala, dialog, message, "sent" if kind == "telegram" else "delivered")
    [line] = [line for line in site.sim.ledger if line.peer == address]
    assert line.attachment is not None
    assert line.attachment.blob is not None
    assert line.attachment.blob.data == sample_picture()


async def test_who_answers_an_older_state_is_told(site: Site) -> None:
    phone = site.person("telegram")
    await phone.write("pierwsze")
    dialog = await site.dialog_with(phone.address)
    seen = (await site.ala.messages(dialog["id"]))[-1]["seq"]
    await phone.write("drugie")
    body = {"text": "odpowiedź na pierwsze", "kind": "message", "seenSeq": seen}
    status, problem = await site.ala.call("POST", f"/dialogs/{dialog['id']}/messages", body)
    assert status == 409
    assert problem["type"] == "urn:centrala:problem:dialog_moved_on"
    assert [missed["text"] for missed in problem["missed"]] == ["drugie"]
    now = (await site.ala.messages(dialog["id"]))[-1]["seq"]
    await reply(site.ala, dialog, "na oba", seenSeq=now)
