"""The Messenger fake: escaped and signed webhooks, echoes, watermarks, the Send API and its errors."""

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from connectors.simulator import Customer, Simulator, sample_picture
from tests.simulator.conftest import Business

SECRET, PAGE, PAGE_TOKEN = "fb_app_secret", "102938475610293", "EAAG-page-token"
PAYLOADS = Path(__file__).parents[1] / "connectors/payloads/messenger"


@pytest.fixture
def phone(sim: Simulator, business: Business) -> Customer:
    sim.add_account(
        "messenger",
        page_id=PAGE,
        app_secret=SECRET,
        page_token=PAGE_TOKEN,
        verify_token="meatyhamhock",
        webhook_url=business.url + "/webhooks/messenger?x=1",
    )
    return sim.customer("messenger", name="Zofia Żółw")


async def send(
    sim: Simulator, http: aiohttp.ClientSession, phone: Customer, message: Any, **more: Any
) -> Any:
    body = {"recipient": {"id": phone.address}, "messaging_type": "RESPONSE", "message": message} | more
    headers = {"Authorization": f"Bearer {PAGE_TOKEN}"}
    async with http.post(f"{sim.base_url}/v26.0/me/messages", json=body, headers=headers) as response:
        return response.status, await response.json()


def item(hook: Any) -> Any:
    assert hook.headers["X-Hub-Signature-256"] == (
        "sha256=" + hmac.new(SECRET.encode(), hook.body, hashlib.sha256).hexdigest()
    )
    ((messaging,),) = [entry["messaging"] for entry in hook.json["entry"]]
    return messaging


async def test_the_body_is_escaped_as_meta_does_before_signing(business: Business, phone: Customer) -> None:
    real = (Path(__file__).parent / "samples/messenger_odd_emoji_escaped_raw.json").read_bytes().strip()
    text = json.loads(real)["entry"][0]["messaging"][0]["message"]["text"]
    await phone.write(text)
    (hook,) = business.hooks
    assert item(hook)["message"]["text"] == text
    escaped = real[real.index(b'"text"') :]
    assert hook.body.endswith(escaped)
    assert hook.target == "/webhooks/messenger?x=1"
    assert json.dumps(hook.json).encode() != hook.body


async def test_webhooks_are_shaped_as_real_ones(
    sim: Simulator,
    business: Business,
    phone: Customer,
    http: aiohttp.ClientSession,
    sample: Callable[[str], Any],
    assert_shaped: Callable[..., None],
) -> None:
    await phone.start("aaaa")
    await phone.start("bbbb")
    await phone.write("hello")
    await phone.send_image(sample_picture())
    assert (await send(sim, http, phone, {"text": "Tak", "metadata": "delivery-1"}))[0] == 200
    await sim.settled()
    await phone.mark_read()
    names = (
        "postback_get_started_ref",
        "referral_mme",
        "text",
        "image",
        "doc_echo_with_metadata",
        "delivery",
        "read",
    )
    assert len(business.hooks) == len(names)
    for hook, name in zip(business.hooks, names, strict=True):
        extra = "mid" if "postback" in name else ""
        assert_shaped(hook.json, sample(f"messenger_{name}.json"), lacks="seq", extra=extra)
    postback, referral, _, image, echo, delivery, read = [item(hook) for hook in business.hooks]
    assert (postback["postback"]["referral"]["ref"], referral["referral"]["ref"]) == ("aaaa", "bbbb")
    async with http.get(image["message"]["attachments"][0]["payload"]["url"]) as response:
        assert await response.read() == sample_picture()
    (sent,) = sim.ledger
    assert (sent.id, sent.tracker) == (echo["message"]["mid"], "delivery-1")
    assert (echo["sender"]["id"], echo["recipient"]["id"]) == (PAGE, phone.address)
    assert echo["message"]["metadata"] == "delivery-1"
    assert delivery["delivery"]["mids"] == [sent.id]
    assert delivery["delivery"]["watermark"] == read["read"]["watermark"] == sent.at_ms == echo["timestamp"]


async def test_answer_of_the_send_api(sim: Simulator, phone: Customer, http: aiohttp.ClientSession) -> None:
    await phone.write("hello")
    status, answer = await send(sim, http, phone, {"text": "Dzień dobry"})
    assert (status, answer) == (200, {"recipient_id": phone.address, "message_id": sim.ledger[0].id})
    typing = {"recipient": {"id": phone.address}, "sender_action": "typing_on"}
    url = f"{sim.base_url}/v25.0/{PAGE}/messages?access_token={PAGE_TOKEN}"
    async with http.post(url, json=typing) as response:
        assert await response.json() == {"recipient_id": phone.address}
    assert len(sim.ledger) == 1


async def test_attachments_by_upload_and_by_link(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await phone.write("hello")
    form = aiohttp.FormData()
    form.add_field("recipient", json.dumps({"id": phone.address}))
    form.add_field("messaging_type", "RESPONSE")
    form.add_field("message", json.dumps({"attachment": {"type": "image", "payload": {}}, "metadata": "d2"}))
    form.add_field("filedata", sample_picture(), filename="kot.jpg", content_type="image/jpeg")
    url = f"{sim.base_url}/v26.0/me/messages?access_token={PAGE_TOKEN}"
    async with http.post(url, data=form) as response:
        assert response.status == 200
    business.picture = b"\x89PNG by link"
    link = {"attachment": {"type": "image", "payload": {"url": business.url + "/link/picture.png"}}}
    assert (await send(sim, http, phone, link))[0] == 200
    uploaded, linked = (line.attachment for line in sim.ledger)
    assert uploaded is not None
    assert uploaded.blob is not None
    assert linked is not None
    assert linked.blob is not None
    assert (uploaded.name, uploaded.blob.data, linked.blob.data) == (
        "kot.jpg",
        sample_picture(),
        b"\x89PNG by link",
    )
    broken = {"attachment": {"type": "image", "payload": {"url": "http://127.0.0.1:9/none.png"}}}
    status, answer = await send(sim, http, phone, broken)
    assert (status, answer["error"]["error_subcode"]) == (400, 2018008)


async def test_refusals(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession, sample: Callable[[str], Any]
) -> None:
    async def error(message: Any, **more: Any) -> Any:
        status, answer = await send(sim, http, phone, message, **more)
        assert status == 400
        return answer["error"] | {"fbtrace_id": "AbCdEf"}

    text = {"text": "x"}
    assert await error(text) == sample("messenger_api_err_window.json")["error"]
    await phone.write("hello")
    phone.last_wrote_ms -= 25 * 3_600_000
    assert await error(text) == sample("messenger_api_err_window.json")["error"]
    human = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    assert (await send(sim, http, phone, text, **human))[0] == 200
    assert (await error(text, messaging_type="MESSAGE_TAG", tag="ACCOUNT_UPDATE"))["code"] == 100
    assert await error(text, recipient={"id": "1"}) == sample("messenger_api_err_no_user.json")["error"]
    assert (await error({"text": "x" * 2001}))["code"] == 100
    assert (await error({}))["code"] == 100
    await phone.block()
    assert await error(text) == sample("messenger_api_err_unavailable.json")["error"]
    async with http.post(f"{sim.base_url}/v26.0/me/messages?access_token=wrong", json={}) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (400, 190)
    assert len(sim.ledger) == 1


async def test_faults(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession, sample: Callable[[str], Any]
) -> None:
    await phone.write("hello")
    sim.faults["messenger"].rate_limit()
    sim.faults["messenger"].error_body()
    for expected, name in ((400, "rate_4"), (200, "2")):
        status, answer = await send(sim, http, phone, {"text": "x"})
        wanted = sample(f"messenger_api_err_{name}.json")
        assert (status, answer["error"]["code"], answer["error"].keys()) == (
            expected,
            wanted["error"]["code"],
            wanted["error"].keys(),
        )
    assert sim.ledger == []


async def test_profile_and_subscription(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    graph = f"{sim.base_url}/v26.0"
    token = {"access_token": PAGE_TOKEN}
    fields = token | {"fields": "first_name,last_name,profile_pic"}
    async with http.get(f"{graph}/{phone.address}", params=fields) as response:
        assert await response.json() == {"first_name": "Zofia", "last_name": "Żółw", "id": phone.address}
    wanted = token | {"subscribed_fields": "messages,message_reads"}
    async with http.post(f"{graph}/{PAGE}/subscribed_apps", params=wanted) as response:
        assert await response.json() == {"success": True}
    async with http.get(f"{graph}/{PAGE}/subscribed_apps", params=token) as response:
        assert (await response.json())["data"][0]["subscribed_fields"] == ["messages", "message_reads"]
    await phone.write("told")
    await send(sim, http, phone, {"text": "no echo, no delivery"})
    await phone.mark_read()
    await sim.settled()
    assert [sorted(item(hook))[0] for hook in business.hooks] == ["message", "read"]


async def test_verification_of_the_callback_address(
    sim: Simulator, business: Business, phone: Customer
) -> None:
    account = next(iter(sim._providers["messenger"].accounts.values()))
    assert await sim.verify_webhook(account) is False
    (hook,) = business.hooks
    assert hook.method == "GET"
    assert "hub.mode=subscribe&hub.challenge=" in hook.target
    assert hook.target.endswith("&hub.verify_token=meatyhamhock")


async def test_a_right_challenge_verifies(sim: Simulator, http: aiohttp.ClientSession) -> None:
    async def challenge(request: web.Request) -> web.Response:
        return web.Response(text=request.query["hub.challenge"])

    app = web.Application()
    app.router.add_get("/", challenge)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    account = sim.add_account("messenger", page_id="1", app_secret="s", page_token="t", webhook_url=url)
    assert await sim.verify_webhook(account) is True
    await runner.cleanup()


async def test_webhooks_are_repeated_without_holding_up_later_ones(
    sim: Simulator, business: Business, phone: Customer
) -> None:
    business.refuses = b'"text":"first"'
    business.answers = [web.Response(status=500), web.Response(status=500)]
    await phone.write("first")
    await phone.write("second")
    await sim.settled()
    texts = [item(hook)["message"]["text"] for hook in business.hooks]
    assert sorted(texts) == ["first", "first", "first", "second"]
    assert texts[-1] == "first"
    assert [exchange.status for exchange in phone.exchanges if exchange.attempt == 1] == [500, 200]


async def test_a_pressed_quick_reply_is_a_message_with_its_payload(
    sim: Simulator,
    business: Business,
    phone: Customer,
    http: aiohttp.ClientSession,
    assert_shaped: Callable[..., None],
) -> None:
    await phone.write("hello")
    replies = [{"content_type": "text", "title": title, "payload": f"p.{title}"} for title in ("Tak", "Nie")]
    status, answer = await send(sim, http, phone, {"text": "Pasuje?", "quick_replies": replies})
    assert status == 200
    await sim.settled()
    question = phone.received[-1]
    await phone.press(answer["message_id"], "Nie")
    real = json.loads((PAYLOADS / "quick_reply.json").read_bytes())
    assert_shaped(business.hooks[-1].json, real, lacks="seq")
    message = item(business.hooks[-1])["message"]
    assert (message["text"], message["quick_reply"]) == ("Nie", {"payload": "p.Nie"})
    assert phone.thread[-1].text == "Nie"
    # The next message, here the customer's own, takes them away.
    assert phone.buttons(question) == ()
    with pytest.raises(LookupError):
        await phone.press(question.id, "Tak")


@pytest.mark.parametrize(
    "replies",
    [
        [],
        [{"content_type": "text", "title": "Tak", "payload": "p"}] * 14,
        [{"content_type": "text", "title": "x" * 21, "payload": "p"}],
        [{"content_type": "text", "title": "", "payload": "p"}],
        [{"content_type": "text", "title": "Tak", "payload": "x" * 1001}],
        [{"content_type": "text", "title": "Tak"}],
        [{"content_type": "colour", "title": "Tak", "payload": "p"}],
        [{"title": "Tak", "payload": "p"}],
    ],
)
async def test_quick_replies_that_meta_refuses(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession, replies: Any
) -> None:
    await phone.write("hello")
    status, answer = await send(sim, http, phone, {"text": "Pasuje?", "quick_replies": replies})
    assert (status, answer["error"]["code"], sim.ledger) == (400, 100, [])
