"""Templates: the way to write when WhatsApp's 24 hours are over, checked before they are queued, the same at every try."""

import asyncio
from typing import Any

import msgspec
import pytest

from connectors.contract import Connector, Templates
from connectors.simulator import sample_picture
from connectors.templates import TemplateList
from server.bus.base import Topic
from server.db import schema
from server.delivery.templates import api as template_api
from tests.server.delivery.whatsapp import DAY_MS, Number, problem
from tests.support.delivery import api_client

REMINDER = {"name": "visit_reminder", "language": "pl", "values": {"body.1": "Anno", "body.2": "jutro o 9"}}
WORDS = "Wizyta\n\nDzień dobry Anno, przypominamy o wizycie jutro o 9. Do zobaczenia!\n\nSalon Centrala"


async def test_a_template_goes_when_the_time_for_replies_is_over(number: Number) -> None:
    await number.begin()
    assert problem(await number.send(text="za późno"))[:2] == (409, "reply_window_closed")
    answer = (await number.list()).json()
    items = {f"{item['name']} {item['language']}": item for item in answer["items"]}
    assert answer["complete"] is True
    assert {key: item["obstacle"] for key, item in items.items() if item["obstacle"]} == {
        "cards pl": "cards",
        "code pl": "code",
        "sale pl": "state",
        "shop pl": "button",
        "winter pl": "state",
    }
    assert "paused" in items["winter pl"]["why"]
    assert (items["winter pl"]["state"], items["winter pl"]["quality"]) == ("paused", "low")
    blanks = items["visit_reminder pl"]["blanks"]
    assert [(blank["key"], blank["example"]) for blank in blanks if blank["required"]] == [
        ("body.1", "Anno"),
        ("body.2", "jutro o 9"),
    ]
    sent = await number.send(key="k1", template=REMINDER)
    assert (sent.status_code, sent.json()["text"]) == (201, WORDS)
    assert [each["title"] for each in sent.json()["quickReplies"]] == ["Potwierdzam"]
    # A repetition is the same message, although the template is gone meanwhile and nobody can be asked.
    number.open(api_base="http://127.0.0.1:1")
    again = await number.send(key="k1", template=REMINDER)
    assert (again.status_code, again.json()["id"]) == (201, sent.json()["id"])
    number.open()
    other = REMINDER | {"values": {"body.1": "Anno", "body.2": "w piątek"}}
    assert problem(await number.send(key="k1", template=other)) == (422, "invalid", ["Idempotency-Key"])
    await number.pump()
    [shown] = number.phone.received
    assert (shown.text, [button.title for button in shown.buttons]) == (WORDS, ["Potwierdzam"])


async def test_every_form_arrives_as_it_reads(number: Number) -> None:
    await number.begin()
    picture = await number.upload("o.jpg", sample_picture())
    place = {
        "place.name": "Salon",
        "place.address": "Długa 1",
        "place.latitude": "52.2297",
        "place.longitude": "21.0",
    }
    parcel = {"header.1": "A-1", "body.imie": "Anno", "body.kiedy": "jutro", "button.0": "A-1"}
    cases: list[tuple[str, dict[str, str], list[str], str]] = [
        ("parcel", parcel, [], "Paczka A-1\n\nDzień dobry Anno, paczka będzie jutro."),
        ("new_offer", {"body.1": "Anno", "body.2": "piątku"}, [picture], "Dzień dobry Anno, nowa oferta"),
        ("where_we_are", place, [], "Tu jesteśmy."),
        ("discount", {"body.1": "25%", "button.0": "WIOSNA25"}, [], "Rabat 25% dla Ciebie\n\nWIOSNA25"),
    ]
    for name, values, attachments, begin in cases:
        template = {"name": name, "language": "pl", "values": values}
        answer = await number.send(template=template, attachmentIds=attachments)
        assert answer.status_code == 201, answer.text
        assert answer.json()["text"].startswith(begin)
        await number.pump()
        message = await number.message(answer.json()["id"])
        assert message["state"] == "sent", message["failure"]
        assert message["purpose"] == ("marketing" if name == "discount" else "service")
    offer, where, discount = number.phone.received[1:]
    assert number.phone.received[0].text.endswith(
        "Śledź paczkę: https://centrala.example/p/A-1\nZadzwoń: +48732001003"
    )
    assert offer.attachment is not None
    assert offer.attachment.blob is not None
    assert offer.attachment.blob.data == sample_picture()
    assert where.text == "📍 Salon, Długa 1\n\nTu jesteśmy."
    assert discount.text == "Rabat 25% dla Ciebie\n\nWIOSNA25"
    [kept] = await number.desk.rows(schema.attachment, schema.attachment.c.kind == "location")
    assert (kept["title"], kept["name"], kept["latitude"], kept["state"]) == (
        "Salon",
        "Długa 1",
        52.2297,
        "none",
    )


async def test_a_wrong_template_is_refused_by_its_field(number: Number) -> None:
    await number.begin()
    picture = await number.upload("o.jpg", sample_picture())
    note = await number.upload("o.txt", b"words")
    one, two = {"body.1": "Anno"}, {"body.1": "Anno", "body.2": "jutro"}
    offer = {"name": "new_offer", "values": two}
    cases: list[tuple[dict[str, Any], list[str], list[str]]] = [
        ({"values": one}, [], ["template.values.body.2"]),
        ({"values": {}}, [], ["template.values.body.1", "template.values.body.2"]),
        ({"values": {"body.1": "An\nno", "body.2": "a     b"}}, [], ["template.values.body.1", "template.values.body.2"]),
        ({"values": two | {"body.3": "x"}}, [], ["template.values.body.3"]),
        ({"values": two | {"body.1": "x" * 1025}}, [], ["template.values.body.1"]),
        ({"name": "sale"}, [], ["template.name"]),
        ({"name": "code"}, [], ["template.name"]),
        ({"name": "nobody"}, [], ["template.name"]),
        ({"language": "uk"}, [], ["template.language"]),
        ({}, [picture], ["attachmentIds"]),
        (offer, [], ["attachmentIds"]),
        (offer, [note], ["attachmentIds[0]"]),
        ({"name": "leaflet", "values": {}}, [picture], ["attachmentIds[0]"]),
    ]  # fmt: skip
    for changes, attachments, fields in cases:
        answer = await number.send(template=REMINDER | changes, attachmentIds=attachments)
        assert problem(answer) == (422, "invalid", fields), (changes, answer.text)
    for beside in ({"text": "i jeszcze"}, {"kind": "note"}, {"quickReplies": [{"title": "Tak"}]}):
        assert problem(await number.send(template=REMINDER, **beside)) == (422, "invalid", ["template"])
    assert await number.desk.deliveries() == []


async def test_advertising_is_not_for_who_wants_none(number: Number) -> None:
    await number.begin()
    discount = {"name": "discount", "language": "pl", "values": {"body.1": "25%", "button.0": "W25"}}
    queued = (await number.send(template=discount)).json()["id"]
    [identity] = await number.desk.rows(schema.identity)
    await number.desk.set(schema.identity, identity["id"], opted_out=True)
    await number.desk.set(schema.dialog, number.dialog, opted_out=True)
    assert problem(await number.send(template=discount))[:2] == (409, "opted_out")
    # What waits already is not sent either; what is no advertising goes on.
    assert (await number.send(template=REMINDER)).status_code == 201
    assert await number.desk.claim() == []
    await number.pump()
    assert [entry.text for entry in number.phone.received] == [WORDS]
    assert "consent_withdrawn" in (await number.message(queued))["failure"]


async def test_trouble_with_the_list_is_told(number: Number) -> None:
    number.sim.faults["whatsapp"].server_error(503, on="templates")
    assert problem(await number.list())[:2] == (503, "unavailable")
    assert (await number.list()).status_code == 200
    # For a minute the list is remembered; then, or with other settings at once, it is asked for again.
    number.sim.faults["whatsapp"].server_error(503, times=None, on="templates")
    assert (await number.list()).status_code == 200
    number.desk.backend.clock.move(seconds=61)
    assert problem(await number.list())[:2] == (503, "unavailable")
    number.open(waba_id="1")
    number.sim.faults["whatsapp"].clear()
    answer = await number.list()
    assert problem(answer)[:2] == (409, "templates_refused")
    assert "whatsapp_business_management" in answer.json()["detail"]
    number.open(waba_id="")
    assert problem(await number.list())[:2] == (409, "no_templates")
    number.desk.channels.paused.add(number.desk.channel_id)
    assert problem(await number.list())[:2] == (409, "channel_paused")
    stranger = msgspec.structs.replace(number.desk.access, channel_ids=frozenset())
    administrator = number.desk.backend.access(number.desk.access.agent_id, "administrator")
    for access, channel_id in ((stranger, number.desk.channel), (administrator, "1"), (administrator, "x")):
        async with api_client(template_api.ROUTES, access=access, templates=number.desk.templates) as client:
            hidden = await client.get(f"/api/v1/channels/{channel_id}/templates")
            assert problem(hidden)[:2] == (404, "not_found"), (access.role, channel_id)


async def test_who_waits_for_a_list_that_can_not_be_had_is_told_with_the_first(
    number: Number, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise each would ask in turn, for as long as a provider takes that gives no answer."""
    assert isinstance(number.connector, Templates)
    ask, asked, go = number.connector.templates, list[None](), asyncio.Event()
    find, there = number.desk.channels.open, asyncio.Semaphore(0)

    async def slow() -> TemplateList:
        asked.append(None)
        await go.wait()
        return await ask()

    async def found(channel_id: int) -> Connector:
        there.release()
        return await find(channel_id)

    monkeypatch.setattr(number.connector, "templates", slow)
    monkeypatch.setattr(number.desk.channels, "open", found)
    number.sim.faults["whatsapp"].server_error(503, times=None, on="templates")
    waiting = [asyncio.create_task(number.list()) for _ in range(3)]
    for _ in waiting:  # all three are there, and nothing but the list is waited for after that
        await there.acquire()
    go.set()
    assert [problem(each)[:2] for each in await asyncio.gather(*waiting)] == [(503, "unavailable")] * 3
    assert len(asked) == 1
    number.sim.faults["whatsapp"].clear()
    assert (await number.list()).status_code == 200


async def test_a_list_that_was_asked_for_before_a_change_is_not_kept(
    number: Number, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(number.connector, Templates)
    ask, asked, go = number.connector.templates, asyncio.Event(), asyncio.Event()

    async def slow() -> TemplateList:
        found = await ask()
        asked.set()
        await go.wait()
        return found

    monkeypatch.setattr(number.connector, "templates", slow)
    before = asyncio.create_task(number.list())
    await asked.wait()
    for each in number.account.templates:
        each["status"] = "PAUSED"
    number.desk.backend.inbox.bus.publish(Topic.TEMPLATES, "")
    go.set()
    assert "approved" in {item["state"] for item in (await before).json()["items"]}
    assert {item["state"] for item in (await number.list()).json()["items"]} == {"paused"}


async def test_the_list_is_asked_for_anew_when_a_template_changed_or_a_person_wants_it(
    number: Number,
) -> None:
    async def states() -> dict[str, str]:
        items = (await number.list()).json()["items"]
        return {item["name"]: item["state"] for item in items}

    assert (await states())["parcel"] == "approved"
    [parcel] = [each for each in number.account.templates if each["name"] == "parcel"]
    parcel["status"] = "PAUSED"
    assert (await states())["parcel"] == "approved"
    number.desk.backend.inbox.bus.publish(Topic.TEMPLATES, "")
    assert (await states())["parcel"] == "paused"
    parcel["status"] = "APPROVED"
    # Not more often than every three seconds, whoever asks.
    assert (await number.list(anew=True)).json()["items"] == (await number.list()).json()["items"]
    number.desk.backend.clock.move(seconds=4)
    anew = (await number.list(anew=True)).json()
    assert {item["name"]: item["state"] for item in anew["items"]}["parcel"] == "approved"
    assert (await states())["parcel"] == "approved"


async def test_sending_again_sends_the_same_template(number: Number) -> None:
    await number.begin()
    sent = await number.send(template=REMINDER)
    kept, number.account.templates = number.account.templates, []
    first = await number.pump()
    message_id = int(sent.json()["id"])
    row = await number.message(message_id)
    assert (row["state"], "no such template" in row["failure"]) == ("failed", True)
    number.account.templates = kept
    await number.desk.replies.retry(number.desk.access, number.dialog, message_id)
    second = await number.pump()
    assert second.template == first.template
    assert [entry.text for entry in number.phone.received] == [WORDS]


@pytest.mark.parametrize(
    ("status", "word"), [("PAUSED", "paused"), ("DISABLED", "disabled"), ("REJECTED", "no such")]
)
async def test_what_was_withdrawn_meanwhile_fails_with_a_reason(
    number: Number, status: str, word: str
) -> None:
    await number.begin()
    sent = await number.send(template=REMINDER)
    for each in number.account.templates:
        each["status"] = status
    await number.pump()
    assert word in (await number.message(sent.json()["id"]))["failure"]


async def test_the_answer_to_a_template_opens_the_time_for_replies(number: Number) -> None:
    await number.begin()
    await number.send(template=REMINDER)
    await number.pump()
    number.phone.last_wrote_ms += 2 * DAY_MS
    await number.desk.dialog(number.phone.address, "Potwierdzam")
    assert (await number.send(text="Do jutra")).status_code == 201
