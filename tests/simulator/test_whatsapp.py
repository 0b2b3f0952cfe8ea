"""The WhatsApp fake: shapes of its webhooks, sending by number, media behind the token, refusals, set-up."""

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from connectors.simulator import Customer, Simulator, sample_picture
from tests.simulator.conftest import Business

SECRET, NUMBER, WABA, TOKEN = "wa_app_secret", "106540352242922", "102290129340398", "EAAG-system-user"
SAMPLES = Path(__file__).parents[1] / "connectors/payloads/whatsapp"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def phone(sim: Simulator, business: Business) -> Customer:
    sim.add_account(
        "whatsapp",
        phone_number_id=NUMBER,
        waba_id=WABA,
        app_secret=SECRET,
        access_token=TOKEN,
        verify_token="meatyhamhock",
        webhook_url=business.url + "/webhooks/whatsapp",
    )
    return sim.customer("whatsapp", name="Żaneta Ćwik")


async def call(sim: Simulator, http: aiohttp.ClientSession, path: str, **options: Any) -> tuple[int, Any]:
    method = "POST" if {"json", "data"} & set(options) else "GET"
    options.setdefault("headers", HEADERS)
    async with http.request(method, f"{sim.api_base('whatsapp')}/{path}", **options) as response:
        return response.status, await response.json()


async def send(sim: Simulator, http: aiohttp.ClientSession, to: str, **message: Any) -> tuple[int, Any]:
    body = {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": "Tak"}, **message}
    return await call(sim, http, f"{NUMBER}/messages", json=body)


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_bytes())


def value(hook: Any) -> Any:
    assert hook.headers["X-Hub-Signature-256"] == (
        "sha256=" + hmac.new(SECRET.encode(), hook.body, hashlib.sha256).hexdigest()
    )
    ((change,),) = [entry["changes"] for entry in hook.json["entry"]]
    return change["value"]


async def test_webhooks_are_shaped_as_real_ones(
    sim: Simulator,
    business: Business,
    phone: Customer,
    http: aiohttp.ClientSession,
    assert_shaped: Callable[..., None],
) -> None:
    await phone.write("Dzień dobry")
    await phone.write("I jeszcze", reply_to="wamid.x")
    await phone.send_image(sample_picture())
    status, answer = await send(sim, http, phone.address, biz_opaque_callback_data="d.1")
    assert status == 200
    assert_shaped(answer, sample("api_send_ok.json"))
    await sim.settled()
    await phone.mark_read()
    await sim.settled()
    named = ("msg_text", "msg_reply", "msg_image", *["message_status_with_tracker"] * 3)
    assert len(business.hooks) == len(named)
    # Only newer webhooks have the business-scoped ids; what a message costs is told in statuses nowhere here.
    lacks = "user_id parent_user_id conversation pricing"
    for hook, name in zip(business.hooks, named, strict=True):
        assert_shaped(hook.json, sample(f"{name}.json"), lacks=lacks)
    statuses = [value(hook)["statuses"][0] for hook in business.hooks[3:]]
    (sent,) = sim.ledger
    assert [each["status"] for each in statuses] == ["sent", "delivered", "read"]
    assert {(each["id"], each["biz_opaque_callback_data"]) for each in statuses} == {(sent.id, "d.1")}
    assert (sent.tracker, answer["messages"][0]["id"]) == ("d.1", sent.id)


async def test_an_advertisement_comes_with_the_first_message_after_it(
    business: Business, phone: Customer
) -> None:
    await phone.start("120208")
    assert business.hooks == []
    await phone.write("a")
    await phone.write("b")
    first, second = (value(hook)["messages"][0] for hook in business.hooks)
    assert first["referral"]["source_id"] == "120208"
    assert "referral" not in second


async def test_media_go_both_ways_behind_the_token(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await phone.send_image(sample_picture())
    image = value(business.hooks[0])["messages"][0]["image"]
    _, link = await call(sim, http, image["id"])
    for headers, expected in ((HEADERS, 200), ({}, 401)):
        async with http.get(link["url"], headers=headers) as response:
            assert response.status == expected
            assert expected != 200 or await response.read() == sample_picture()
    status, answer = await upload(sim, http, "image/jpeg")
    assert status == 200
    picture = {"type": "image", "image": {"id": answer["id"], "caption": "Kot"}}
    assert (await send(sim, http, phone.address, **picture))[0] == 200
    (shown,) = phone.received
    assert shown.attachment is not None
    assert (shown.text, shown.attachment.kind, shown.attachment.size) == (
        "Kot",
        "image",
        len(sample_picture()),
    )
    assert (await upload(sim, http, "image/webp"))[1]["error"]["code"] == 131053


async def upload(sim: Simulator, http: aiohttp.ClientSession, mime: str) -> tuple[int, Any]:
    form = aiohttp.FormData({"messaging_product": "whatsapp", "type": mime})
    form.add_field("file", sample_picture(), filename="kot", content_type=mime)
    return await call(sim, http, f"{NUMBER}/media", data=form)


async def test_refusals(sim: Simulator, phone: Customer, http: aiohttp.ClientSession) -> None:
    async def code(to: str = phone.address, **message: Any) -> int:
        status, answer = await send(sim, http, to, **message)
        assert status == 400
        found: int = answer["error"]["code"]
        return found

    assert await code() == sample("api_err_window.json")["error"]["code"]
    await phone.write("a")
    assert await code("48600000000") == 131026
    assert await code(text={"body": "x" * 4097}) == 100
    assert await code(type="video") == 100
    assert await code(type="image", image={"id": "7"}) == 100
    assert await code(messaging_product="messenger") == 100
    phone.last_wrote_ms -= 25 * 3_600_000
    assert await code() == 131047
    status, answer = await call(sim, http, NUMBER, headers={"Authorization": "Bearer x"})
    assert (status, answer["error"]["code"]) == (401, 190)
    assert sim.ledger == []


async def test_who_blocked_the_business_is_told_by_a_status(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await phone.write("a")
    await phone.block()
    assert (await send(sim, http, phone.address))[0] == 200
    await sim.settled()
    (failed,) = value(business.hooks[-1])["statuses"]
    assert (failed["status"], failed["errors"][0]["code"]) == ("failed", 131026)
    assert phone.received == []


async def test_set_up_and_faults(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    assert (await call(sim, http, f"{WABA}/subscribed_apps", json={}))[1] == {"success": True}
    assert len((await call(sim, http, f"{WABA}/subscribed_apps"))[1]["data"]) == 1
    assert (await call(sim, http, "7/subscribed_apps", json={}))[0] == 400
    assert (await call(sim, http, NUMBER))[1]["id"] == NUMBER
    assert (await call(sim, http, "7"))[0] == 400
    account = next(iter(sim._providers["whatsapp"].accounts.values()))
    assert await sim.verify_webhook(account) is False
    assert business.hooks[0].target.endswith("&hub.verify_token=meatyhamhock")
    await phone.write("a")
    sim.faults["whatsapp"].rate_limit()
    status, answer = await send(sim, http, phone.address)
    assert (status, answer["error"]["code"]) == (429, 130429)


async def test_a_pressed_button_names_its_message(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await phone.write("Dzień dobry")
    replies = [{"type": "reply", "reply": {"id": f"i.{title}", "title": title}} for title in ("Tak", "Nie")]
    shown = {"type": "button", "body": {"text": "Pasuje?"}, "action": {"buttons": replies}}
    status, answer = await send(sim, http, phone.address, type="interactive", interactive=shown)
    assert status == 200
    await sim.settled()
    question = phone.received[-1]
    await phone.press(question.id, "Nie")
    message = value(business.hooks[-1])["messages"][0]
    assert message["interactive"] == {"type": "button_reply", "button_reply": {"id": "i.Nie", "title": "Nie"}}
    assert message["context"]["id"] == answer["messages"][0]["id"] == question.id
    assert (phone.thread[-1].text, phone.buttons(question)) == ("Nie", ())
