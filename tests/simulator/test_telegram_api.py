"""Sending through the Bot API: with python-telegram-bot's own client, and what it is refused."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, ReplyParameters
from telegram.error import BadRequest, Conflict, Forbidden, NetworkError, RetryAfter, TimedOut

from connectors.simulator import Customer, Simulator, sample_picture
from connectors.simulator.telegram_events import TelegramAccount
from tests.simulator.conftest import Business

TOKEN = "123456789:AAF-secret"


@pytest.fixture
def account(sim: Simulator) -> TelegramAccount:
    account = sim.add_account("telegram", token=TOKEN)
    assert isinstance(account, TelegramAccount)
    return account


@pytest.fixture
async def phone(sim: Simulator, account: TelegramAccount) -> Customer:
    phone = sim.customer("telegram", name="Jan Nowak", address="5123456789")
    await phone.start()
    return phone


@pytest.fixture
async def bot(sim: Simulator, phone: Customer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    base = sim.base_url
    async with Bot(TOKEN, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot") as bot:
        yield bot


async def test_the_real_client_sends_and_receives(sim: Simulator, phone: Customer, bot: Bot) -> None:
    assert bot.bot.id == 123456789
    question = await phone.write("Dzień dobry")
    updates = await bot.get_updates(timeout=1)
    assert [update.message.text for update in updates if update.message] == ["/start", "Dzień dobry"]
    await bot.send_chat_action(phone.address, "typing")
    reply = ReplyParameters(message_id=int(question.id))
    sent = await bot.send_message(phone.address, "Już sprawdzam", reply_parameters=reply)
    photo = await bot.send_photo(phone.address, sample_picture(), caption="Taki?")
    document = await bot.send_document(phone.address, b"%PDF-1.7", filename="umowa.pdf")
    assert [entry.text for entry in phone.received] == ["Już sprawdzam", "Taki?", ""]
    assert [entry.id for entry in phone.received] == [str(m.message_id) for m in (sent, photo, document)]
    assert [line.id for line in sim.ledger] == [entry.id for entry in phone.received]
    text, picture, file = sim.ledger
    assert (text.provider, text.account, text.peer, text.text) == (
        "telegram",
        "123456789",
        "5123456789",
        "Już sprawdzam",
    )
    assert text.reply_to == question.id
    assert picture.attachment is not None
    assert picture.attachment.blob is not None
    assert picture.attachment.blob.data == sample_picture()
    assert file.attachment is not None
    assert file.attachment.name == "umowa.pdf"
    assert document.document is not None
    assert document.document.file_name == "umowa.pdf"
    downloaded = await (await bot.get_file(photo.photo[-1].file_id)).download_as_bytearray()
    assert bytes(downloaded) == sample_picture()


async def test_a_photo_may_be_a_link_or_a_known_file(
    sim: Simulator, business: Business, phone: Customer, bot: Bot
) -> None:
    business.picture = sample_picture()
    sent = await bot.send_photo(phone.address, business.url + "/link/picture.png")
    await bot.send_photo(phone.address, sent.photo[-1].file_id)
    assert [line.attachment and line.attachment.size for line in sim.ledger] == [len(sample_picture())] * 2
    with pytest.raises(BadRequest, match=r"(?i)http url content"):
        await bot.send_photo(phone.address, "http://127.0.0.1:9/none.png")


async def test_webhook_calls_of_the_real_client(
    sim: Simulator, business: Business, phone: Customer, bot: Bot
) -> None:
    await bot.set_webhook(
        business.url + "/tg", secret_token="abc", allowed_updates=["message"], max_connections=5
    )
    info = await bot.get_webhook_info()
    assert (info.url, info.max_connections, info.allowed_updates) == (business.url + "/tg", 5, ("message",))
    with pytest.raises(Conflict):
        await bot.get_updates()
    await bot.delete_webhook(drop_pending_updates=True)
    assert (await bot.get_webhook_info()).url == ""
    assert await bot.get_updates() == ()


async def test_refusals(sim: Simulator, phone: Customer, bot: Bot) -> None:
    silent = sim.customer("telegram", name="Never Wrote")
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(1, "hello")
    with pytest.raises(Forbidden, match="can't initiate"):
        await bot.send_message(silent.address, "hello")
    with pytest.raises(BadRequest, match=r"(?i)too long"):
        await bot.send_message(phone.address, "x" * 4097)
    await phone.block()
    with pytest.raises(Forbidden, match="blocked by the user"):
        await bot.send_message(phone.address, "hello")
    assert sim.ledger == []


async def test_a_wrong_token_is_unauthorized(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{sim.base_url}/bot123456789:wrong/getMe") as response:
        assert response.status == 401
        assert await response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_faults_as_the_real_client_sees_them(sim: Simulator, phone: Customer, bot: Bot) -> None:
    faults = sim.faults["telegram"]
    faults.rate_limit(7)
    with pytest.raises(RetryAfter) as limited:
        await bot.send_message(phone.address, "limited")
    assert limited.value.retry_after == timedelta(seconds=7)
    faults.server_error(502)
    with pytest.raises(NetworkError):
        await bot.send_message(phone.address, "broken")
    faults.reset()
    with pytest.raises(NetworkError):
        await bot.send_message(phone.address, "reset")
    faults.stall()
    with pytest.raises(TimedOut):
        await bot.send_message(phone.address, "stalled", read_timeout=0.3)
    assert sim.ledger == []
    faults.timeout_after_accept()
    with pytest.raises(TimedOut):
        await bot.send_message(phone.address, "late", read_timeout=0.3)
    faults.reset_after_accept()
    with pytest.raises(NetworkError):
        await bot.send_message(phone.address, "accepted")
    assert [line.text for line in sim.ledger] == ["late", "accepted"]


async def test_rate_limit_answer_is_the_real_one(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession, sample: Callable[[str], Any]
) -> None:
    sim.faults["telegram"].rate_limit(7)
    body = {"chat_id": phone.address, "text": "x"}
    async with http.post(f"{sim.base_url}/bot{TOKEN}/sendMessage", data=body) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "7")
        assert await response.json() == sample("telegram_api_429.json")


async def test_faults_of_other_calls(sim: Simulator, phone: Customer, bot: Bot) -> None:
    sim.faults["telegram"].server_error(500, on="poll")
    with pytest.raises(NetworkError):
        await bot.get_updates()
    assert len(await bot.get_updates()) == 1
    sim.faults["telegram"].rate_limit(3, on="media")
    sent = await bot.send_document(phone.address, b"data", filename="a.txt")
    assert sent.document is not None
    with pytest.raises(RetryAfter):
        await bot.get_file(sent.document.file_id)


def keyboard(*titles: str, data: str = "d") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(title, callback_data=data + title)] for title in titles]
    )


async def test_a_pressed_button_is_a_query_that_is_ended_once(
    sim: Simulator, phone: Customer, bot: Bot
) -> None:
    asked = await bot.send_message(phone.address, "Pasuje?", reply_markup=keyboard("Tak", "Nie"))
    assert asked.reply_markup == keyboard("Tak", "Nie")
    await phone.press(str(asked.message_id), "Nie")
    query = (await bot.get_updates(timeout=1))[-1].callback_query
    assert query is not None
    assert query.message is not None
    assert (query.data, query.message.message_id, query.from_user.id) == (
        "dNie",
        asked.message_id,
        5123456789,
    )
    assert phone.thread[-1].text == "Pasuje?"
    assert await bot.answer_callback_query(query.id)
    with pytest.raises(BadRequest, match=r"(?i)query ID is invalid"):
        await bot.answer_callback_query(query.id)


async def test_a_webhook_may_end_the_query_in_its_answer(
    sim: Simulator, business: Business, account: TelegramAccount, phone: Customer, bot: Bot
) -> None:
    asked = await bot.send_message(phone.address, "Pasuje?", reply_markup=keyboard("Tak"))
    await bot.get_updates(offset=-1)
    await bot.set_webhook(business.url)
    await sim.settled()
    pressing = phone.press(str(asked.message_id), "Tak")
    (query_id,) = account.unanswered
    business.answers = [web.json_response({"method": "answerCallbackQuery", "callback_query_id": query_id})]
    await pressing
    assert business.hooks[-1].json["callback_query"]["id"] == query_id
    with pytest.raises(BadRequest, match=r"(?i)query ID is invalid"):
        await bot.answer_callback_query(query_id)


async def test_keyboards_that_telegram_refuses(sim: Simulator, phone: Customer, bot: Bot) -> None:
    for markup, why in (
        (keyboard("ż", data="ó" * 32), "BUTTON_DATA_INVALID"),
        (InlineKeyboardMarkup([[InlineKeyboardButton("Tak")]]), "text buttons are unallowed"),
    ):
        with pytest.raises(BadRequest, match=f"(?i){why}"):
            await bot.send_message(phone.address, "Pasuje?", reply_markup=markup)
    assert sim.ledger == []
