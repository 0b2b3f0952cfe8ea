"""The Viber fake: signed callbacks, HTTP 200 with a status, and the provider's own client against it."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from connectors.simulator import Customer, Simulator, State, sample_picture
from tests.simulator.conftest import Business, Hook

TOKEN = "44dafb7e0f40021e-61a47a1e6778d187-f2c5a676a07050b3"
OURS = {"min_api_version": 1, "sender": {"name": "Sklep"}, "type": "text"}


def signature(body: bytes) -> str:
    return hmac.new(TOKEN.encode(), body, hashlib.sha256).hexdigest()


@pytest.fixture
def phone(sim: Simulator, business: Business) -> Customer:
    sim.add_account("viber", auth_token=TOKEN, webhook_url=business.url + "/webhooks/viber")
    return sim.customer("viber", name="Łucja Śliwa")


async def call(sim: Simulator, http: aiohttp.ClientSession, method: str, **body: Any) -> Any:
    headers = {"X-Viber-Auth-Token": TOKEN}
    async with http.post(f"{sim.base_url}/pa/{method}", json=body, headers=headers) as response:
        assert response.status == 200
        return await response.json()


async def send(sim: Simulator, http: aiohttp.ClientSession, phone: Customer, text: str, **more: Any) -> Any:
    return await call(sim, http, "send_message", **{**OURS, "receiver": phone.address, "text": text, **more})


def test_the_official_signature_vector() -> None:
    body = b'{"event":"webhook","timestamp":4977069964384421269,"message_token":1478683725125}'
    assert signature(body) == "d21b343448c8aee33b8e93768ef6ceb64a6ba6163099973a2b8bd028fea510ef"


async def test_callbacks_are_signed_and_shaped_as_real_ones(
    business: Business,
    phone: Customer,
    sim: Simulator,
    http: aiohttp.ClientSession,
    sample: Callable[[str], Any],
    assert_shaped: Callable[..., None],
) -> None:
    await phone.start("ref_1")
    await phone.write("Zażółć 🐢")
    await send(sim, http, phone, "Witamy", tracking_data="d:1")
    await sim.settled()
    await phone.mark_read()
    await phone.send_image(sample_picture(), "Zdjęcie")
    await phone.block()
    await phone.unblock()
    expected = {
        "conversation_started": "viber_bt_conversation_started.json",
        "message": "viber_bt_text.json",
        "delivered": "viber_bt_delivered.json",
        "seen": "viber_bt_seen.json",
        "picture": "viber_bt_picture.json",
        "unsubscribed": "viber_bt_unsubscribed.json",
        "subscribed": "viber_bt_subscribed.json",
    }
    assert len(business.hooks) == len(expected)
    for hook, (event, name) in zip(business.hooks, expected.items(), strict=True):
        assert hook.headers["X-Viber-Content-Signature"] == signature(hook.body)
        assert hook.headers["Content-Type"] == "application/json"
        assert hook.json["event"] == ("message" if event == "picture" else event)
        assert_shaped(
            hook.json,
            sample(name),
            lacks="avatar tracking_data",
            extra="chat_hostname silent thumbnail file_name size tracking_data",
        )
    assert business.hooks[0].json["context"] == "ref_1"
    assert "Zażółć 🐢".encode() in business.hooks[1].body
    assert business.hooks[1].json["message_token"] > 2**53
    assert business.hooks[4].json["message"]["tracking_data"] == "d:1"
    async with http.get(business.hooks[4].json["message"]["media"]) as response:
        assert await response.read() == sample_picture()


async def test_set_webhook_calls_the_address_during_the_request(
    sim: Simulator,
    business: Business,
    http: aiohttp.ClientSession,
    sample: Callable[[str], Any],
    assert_shaped: Callable[..., None],
) -> None:
    sim.add_account("viber", auth_token=TOKEN)
    answer = await call(
        sim, http, "set_webhook", url=business.url + "/v", event_types=["seen"], send_name=True
    )
    assert (answer["status"], answer["event_types"]) == (0, ["seen"])
    (hook,) = business.hooks
    assert_shaped(hook.json, sample("viber_py_webhook_signed.json"), extra="chat_hostname")
    assert hook.headers["X-Viber-Content-Signature"] == signature(hook.body)
    info = await call(sim, http, "get_account_info")
    assert_shaped(info, sample("viber_api_account_info.json"))
    assert info["webhook"] == business.url + "/v"
    business.answers = [web.Response(status=500)]
    refused = await call(sim, http, "set_webhook", url=business.url + "/other")
    assert refused == {"status": 1, "status_message": "invalidUrl"}
    assert (await call(sim, http, "get_account_info"))["webhook"] == business.url + "/v"


async def test_receipts_follow_the_phone(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await phone.write("hello")
    await phone.go_offline()
    token = (await send(sim, http, phone, "one", tracking_data="delivery-1"))["message_token"]
    await sim.settled()
    assert events(business.hooks) == ["message"]
    await phone.online()
    assert events(business.hooks) == ["message", "delivered"]
    await phone.open_thread()
    await send(sim, http, phone, "two")
    await sim.settled()
    assert events(business.hooks) == ["message", "delivered", "seen", "delivered", "seen"]
    assert [hook.json["message_token"] for hook in business.hooks[1:3]] == [token, token]
    assert [entry.state for entry in phone.received] == [State.READ, State.READ]
    assert [(line.id, line.tracker) for line in sim.ledger][:1] == [(str(token), "delivery-1")]


def events(hooks: list[Hook]) -> list[str]:
    return [hook.json["event"] for hook in hooks]


async def test_the_answer_to_conversation_started_is_the_welcome(
    sim: Simulator, business: Business, phone: Customer, sample: Callable[[str], Any]
) -> None:
    business.answers = [web.json_response(sample("viber_welcome_reply.json"))]
    await phone.start("ctx")
    assert [entry.text for entry in phone.received] == ["Witamy! Napisz do nas."]
    assert [line.tracker for line in sim.ledger] == ["wid_1"]
    assert business.hooks[0].json["subscribed"] is False


async def test_refusals_are_http_200_with_a_status(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession, sample: Callable[[str], Any]
) -> None:
    assert (await send(sim, http, phone, "x"))["status"] == 6
    await phone.write("hello")
    assert (await send(sim, http, phone, "x", receiver="nobody="))["status"] == 5
    assert (await send(sim, http, phone, ""))["status"] == 4
    assert (await send(sim, http, phone, "x" * 7001))["status"] == 3
    assert (await send(sim, http, phone, "x", tracking_data="y" * 31_000))["status"] == 3
    await phone.block()
    blocked = await send(sim, http, phone, "x")
    assert blocked.items() <= sample("viber_api_err_6.json").items()
    async with http.post(f"{sim.base_url}/pa/send_message", json=OURS | {"auth_token": "wrong"}) as response:
        assert (response.status, (await response.json())["status"]) == (200, 2)
    assert sim.ledger == []


async def test_a_hundred_messages_an_hour_without_an_answer(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await phone.write("hello")
    for number in range(100):
        assert (await send(sim, http, phone, str(number)))["status"] == 0
    assert (await send(sim, http, phone, "one too many"))["status"] == 12
    await phone.write("thanks")
    assert (await send(sim, http, phone, "again"))["status"] == 0
    assert len(sim.ledger) == 101


async def test_faults(
    sim: Simulator,
    phone: Customer,
    http: aiohttp.ClientSession,
    sample: Callable[[str], Any],
    assert_shaped: Callable[..., None],
) -> None:
    await phone.write("hello")
    sim.faults["viber"].rate_limit()
    limited = await send(sim, http, phone, "x")
    assert_shaped(limited, sample("viber_api_err_12_rate.json"))
    assert limited["status"] == 12
    sim.faults["viber"].error_body()
    assert await send(sim, http, phone, "x") == sample("viber_api_err_99.json")
    assert sim.ledger == []


async def test_user_details(
    sim: Simulator,
    phone: Customer,
    http: aiohttp.ClientSession,
    sample: Callable[[str], Any],
    assert_shaped: Callable[..., None],
) -> None:
    details = await call(sim, http, "get_user_details", id=phone.address)
    assert_shaped(details, sample("viber_api_user_details.json"))
    assert details["user"]["name"] == "Łucja Śliwa"
    assert await call(sim, http, "get_user_details", id="nobody=") == sample("viber_api_err_5.json")


async def test_the_provider_s_own_client(
    sim: Simulator, business: Business, phone: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    viber = pytest.importorskip("viberbot")
    from viberbot.api.messages import PictureMessage, TextMessage

    monkeypatch.setattr("viberbot.api.api.VIBER_BOT_API_URL", sim.base_url + "/pa")
    api = viber.Api(viber.BotConfiguration(auth_token=TOKEN, name="Sklep", avatar=""))
    event_types = await asyncio.to_thread(api.set_webhook, business.url + "/v")
    assert "seen" in event_types
    await phone.write("hello")
    assert all(
        api.verify_signature(hook.body, hook.headers["X-Viber-Content-Signature"]) for hook in business.hooks
    )
    assert api.parse_request(business.hooks[-1].body).message.text == "hello"
    business.picture = sample_picture()
    picture = PictureMessage(media=business.url + "/link/picture.png", text="Taki?")
    tokens = await asyncio.to_thread(api.send_messages, phone.address, [TextMessage(text="Cześć"), picture])
    assert [str(token) for token in tokens] == [line.id for line in sim.ledger]
    assert [(line.text, bool(line.attachment)) for line in sim.ledger] == [("Cześć", False), ("Taki?", True)]
    assert sim.ledger[1].attachment is not None
    assert sim.ledger[1].attachment.size == len(sample_picture())


def keyboard(*titles: str, **more: Any) -> dict[str, Any]:
    buttons = [{"ActionType": "reply", "ActionBody": f"go {t}", "Text": f"<b>{t}</b>"} | more for t in titles]
    return {"Type": "keyboard", "Buttons": buttons}


async def test_a_pressed_button_is_a_text_with_the_tracking_data(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await phone.write("Dzień dobry")
    answer = await send(
        sim, http, phone, "Pasuje?", keyboard=keyboard("Tak &amp; już", "Nie"), tracking_data="d:7"
    )
    assert answer["status"] == 0
    await sim.settled()
    question = phone.received[-1]
    assert [button.title for button in phone.buttons(question)] == ["Tak & już", "Nie"]
    await phone.press(str(answer["message_token"]), "Nie")
    message = business.hooks[-1].json["message"]
    assert message == {"type": "text", "text": "go Nie", "tracking_data": "d:7"}
    assert phone.buttons(question) != ()
    await send(sim, http, phone, "Dziękuję")
    assert phone.buttons(question) == ()


async def test_keyboards_that_viber_refuses(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await phone.write("Dzień dobry")
    for wrong in (
        keyboard(),
        keyboard("Tak") | {"Type": "rich_media"},
        keyboard("Tak", ActionBody=""),
        keyboard("Tak", Columns=7),
        keyboard("Tak", Rows=3),
        keyboard("x" * 251),
        {"Type": "keyboard", "Buttons": [{"Text": "Tak"}]},
    ):
        assert (await send(sim, http, phone, "Pasuje?", keyboard=wrong))["status"] == 3
    assert sim.ledger == []
