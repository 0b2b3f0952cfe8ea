"""What a bot is told: by webhook in order per chat, or by getUpdates with confirmation."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from connectors.simulator import Customer, Simulator, sample_picture
from tests.simulator.conftest import Business

TOKEN = "123456789:AAF-secret"


@pytest.fixture
def phone(sim: Simulator) -> Customer:
    sim.add_account("telegram", token=TOKEN)
    return sim.customer("telegram", name="Їжак Олена")


async def call(sim: Simulator, http: aiohttp.ClientSession, method: str, **parameters: Any) -> Any:
    async with http.post(f"{sim.base_url}/bot{TOKEN}/{method}", json=parameters) as response:
        return await response.json()


async def test_update_by_webhook_has_the_secret_and_the_shape_of_real_ones(
    sim: Simulator,
    business: Business,
    phone: Customer,
    http: aiohttp.ClientSession,
    sample: Callable[[str], Any],
    assert_shaped: Callable[..., None],
) -> None:
    answer = await call(
        sim, http, "setWebhook", url=business.url + "/hook/1?a=b%2Fc", secret_token="s3cret-Token_1"
    )
    assert answer == {"ok": True, "result": True}
    written = await phone.write("Привіт, żółw")
    await phone.write("yes", reply_to=written.id)
    await phone.start("aZ09_-")
    first, reply, start = business.hooks
    assert first.target == "/hook/1?a=b%2Fc"
    assert first.headers["X-Telegram-Bot-Api-Secret-Token"] == "s3cret-Token_1"
    assert first.headers["Content-Type"] == "application/json"
    assert first.body.isascii()
    assert_shaped(first.json, sample("telegram_cw_text.json"), lacks="username")
    assert first.json["message"]["text"] == "Привіт, żółw"
    assert first.json["message"]["from"]["first_name"] == "Їжак"
    assert_shaped(reply.json, sample("telegram_reply_to.json"))
    assert_shaped(start.json, sample("telegram_start_payload64.json"), lacks="username")
    assert start.json["message"]["text"] == "/start aZ09_-"
    assert [exchange.status for exchange in phone.exchanges] == [200, 200, 200]
    assert phone.exchanges[0].path == "/hook/1"


async def test_photo_with_caption_can_be_downloaded(
    sim: Simulator,
    business: Business,
    phone: Customer,
    http: aiohttp.ClientSession,
    sample: Callable[[str], Any],
    assert_shaped: Callable[..., None],
) -> None:
    await call(sim, http, "setWebhook", url=business.url)
    await phone.send_image(sample_picture(), "Zdjęcie")
    message = business.hooks[0].json["message"]
    assert_shaped(
        business.hooks[0].json, sample("telegram_cw_photo_one_size.json"), lacks="username", extra="caption"
    )
    assert message["caption"] == "Zdjęcie"
    large = message["photo"][-1]
    assert large["width"] > message["photo"][0]["width"]
    file = (await call(sim, http, "getFile", file_id=large["file_id"]))["result"]
    async with http.get(f"{sim.base_url}/file/bot{TOKEN}/{file['file_path']}") as response:
        assert await response.read() == sample_picture()


async def test_one_chat_is_in_order_and_waits_for_the_refused_update_while_others_go_on(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    other = sim.customer("telegram", name="Jan Nowak")
    await call(sim, http, "setWebhook", url=business.url)
    business.answers = [web.Response(status=500), web.Response(status=503, headers={"Retry-After": "2"})]
    business.refuses = b'"text":"1"'
    writing = asyncio.create_task(phone.burst(3, "{n}"))
    await business.wait_for(1)
    await other.write("other")
    await writing
    await sim.settled()
    texts = [hook.json["message"]["text"] for hook in business.hooks]
    assert [text for text in texts if text != "other"] == ["1", "1", "1", "2", "3"]
    assert texts.index("other") < texts.index("2")
    assert [exchange.attempt for exchange in phone.exchanges] == [1, 2, 3, 1, 1]
    info = (await call(sim, http, "getWebhookInfo"))["result"]
    assert info["pending_update_count"] == 0
    assert info["last_error_message"] == "Wrong response from the webhook: 503"


async def test_retry_after_of_our_answer_is_honoured(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await call(sim, http, "setWebhook", url=business.url)
    business.answers = [web.Response(status=503, headers={"Retry-After": "30"})]
    started = time.perf_counter()
    await phone.write("hello")
    await sim.settled()
    assert time.perf_counter() - started >= 0.3  # 30 s at a hundredth of the pace


async def test_duplicates_repeat_the_same_update(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await call(sim, http, "setWebhook", url=business.url)
    sim.faults["telegram"].duplicate = 1.0
    await phone.write("hello")
    await sim.settled()
    assert len(business.hooks) == 2
    assert business.hooks[0].body == business.hooks[1].body


async def test_block_and_unblock_are_chat_member_updates(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await call(sim, http, "setWebhook", url=business.url)
    await phone.block()
    await phone.unblock()
    states = [hook.json["my_chat_member"]["new_chat_member"]["status"] for hook in business.hooks]
    assert states == ["kicked", "member"]


async def test_updates_are_given_again_until_a_higher_offset_confirms_them(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await phone.burst(3, "{n}")
    first = (await call(sim, http, "getUpdates", limit=2))["result"]
    again = (await call(sim, http, "getUpdates", limit=100))["result"]
    assert [update["message"]["text"] for update in first] == ["1", "2"]
    assert [update["message"]["text"] for update in again] == ["1", "2", "3"]
    rest = (await call(sim, http, "getUpdates", offset=first[-1]["update_id"] + 1))["result"]
    assert [update["message"]["text"] for update in rest] == ["3"]
    await phone.burst(2, "later {n}")
    last = (await call(sim, http, "getUpdates", offset=-1))["result"]
    assert [update["message"]["text"] for update in last] == ["later 2"]
    assert (await call(sim, http, "getUpdates"))["result"] == last
    assert [exchange.path for exchange in phone.exchanges] == ["/bot123456789…/getUpdates"] * 4


async def test_long_poll_ends_with_the_first_update_or_empty(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession
) -> None:
    waiting = asyncio.create_task(call(sim, http, "getUpdates", timeout=10))
    await asyncio.sleep(0.1)
    await phone.write("now")
    async with asyncio.timeout(2):
        assert [update["message"]["text"] for update in (await waiting)["result"]] == ["now"]
    offset = 1 + (await call(sim, http, "getUpdates"))["result"][0]["update_id"]
    started = time.perf_counter()
    assert (await call(sim, http, "getUpdates", offset=offset, timeout=1))["result"] == []
    assert 0.9 < time.perf_counter() - started < 3


async def test_polling_conflicts(
    sim: Simulator,
    business: Business,
    phone: Customer,
    http: aiohttp.ClientSession,
    sample: Callable[[str], Any],
) -> None:
    first = asyncio.create_task(call(sim, http, "getUpdates", timeout=10))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(call(sim, http, "getUpdates", timeout=10))
    assert await first == sample("telegram_api_409_poll.json")
    await phone.write("for the second")
    assert len((await second)["result"]) == 1
    await call(sim, http, "setWebhook", url=business.url)
    refused = await call(sim, http, "getUpdates")
    assert (refused["error_code"], refused["description"][:9]) == (409, "Conflict:")
    await sim.settled()
    assert [hook.json["message"]["text"] for hook in business.hooks] == ["for the second"]
    await call(sim, http, "deleteWebhook")
    assert (await call(sim, http, "getUpdates"))["result"] == []


async def test_only_the_wanted_kinds_are_given(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await call(sim, http, "getUpdates", allowed_updates=["message"])
    await phone.write("kept")
    await phone.block()
    updates = (await call(sim, http, "getUpdates"))["result"]
    assert [sorted(update)[0] for update in updates] == ["message"]
