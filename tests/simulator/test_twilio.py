"""The Twilio fake: signed forms, delivery statuses, the REST API and its errors."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from connectors.simulator import Customer, Simulator, sample_picture
from connectors.simulator.twilio_callbacks import sign
from tests.simulator.conftest import Business, Hook

SID, TOKEN, NUMBER = "AC" + "0" * 32, "12345", "+48732001002"


def basic(token: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{SID}:{token}".encode()).decode()}


AUTH = basic(TOKEN)


@pytest.fixture
def phone(sim: Simulator, business: Business) -> Customer:
    url = business.url + "/webhooks/sms?secret=a%2Fb"
    sim.add_account("sms", account_sid=SID, auth_token=TOKEN, number=NUMBER, webhook_url=url)
    return sim.customer("sms", address="+48601234567")


async def send(sim: Simulator, http: aiohttp.ClientSession, **form: str) -> tuple[int, Any]:
    data = {"To": "+48601234567", "From": NUMBER, "Body": "Cześć"} | form
    url = f"{sim.base_url}/2010-04-01/Accounts/{SID}/Messages.json"
    async with http.post(url, data=data, headers=AUTH) as response:
        return response.status, await response.json()


def assert_signed(hook: Hook, url: str) -> None:
    """Computed here from the RFC and Twilio's description, not with the simulator's own function."""
    message = url + "".join(name + value for name, value in sorted(hook.form.items()))
    digest = hmac.digest(TOKEN.encode(), message.encode(), hashlib.sha1)
    assert hook.headers["X-Twilio-Signature"] == base64.b64encode(digest).decode()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        ("https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("https://mycompany.com/myapp.php?foo=1&bar=2&Body=It%27s+amazing", "TfZzewPq8wqrGlMfyAud8+/IvJ0="),
    ],
)
def test_the_official_signature_vectors(url: str, expected: str) -> None:
    caller = "+14158675309"
    call = {
        "CallSid": "CA1234567890ABCDE",
        "Digits": "1234",
        "From": caller,
        "To": "+18005551212",
        "Caller": caller,
    }
    assert sign(url, call, "12345") == expected


async def test_inbound_message(
    business: Business, phone: Customer, sample_form: Callable[[str], dict[str, str]]
) -> None:
    await phone.write("Zażółć & gęślą + 100%")
    (hook,) = business.hooks
    assert_signed(hook, business.url + "/webhooks/sms?secret=a%2Fb")
    assert hook.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    assert hook.form.keys() == sample_form("twilio_alnum_sender.form").keys() - {"MessagingServiceSid"}
    assert (hook.form["Body"], hook.form["From"], hook.form["To"]) == (
        "Zażółć & gęślą + 100%",
        phone.address,
        NUMBER,
    )
    assert hook.form["SmsStatus"] == "received"
    assert hook.form["MessageSid"] == hook.form["SmsSid"] == phone.thread[0].id


async def test_inbound_picture_needs_the_credentials(
    business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await phone.send_image(sample_picture(), "Zdjęcie")
    form = business.hooks[0].form
    assert (form["NumMedia"], form["MediaContentType0"], form["MessageSid"][:2]) == ("1", "image/jpeg", "MM")
    async with http.get(form["MediaUrl0"]) as response:
        assert (response.status, (await response.json())["code"]) == (401, 20003)
    async with http.get(form["MediaUrl0"], headers=AUTH) as response:
        assert await response.read() == sample_picture()


async def test_statuses_follow_the_phone(
    sim: Simulator,
    business: Business,
    phone: Customer,
    http: aiohttp.ClientSession,
    sample_form: Callable[[str], dict[str, str]],
) -> None:
    await phone.go_offline()
    callback = business.url + "/status?delivery=1"
    status, answer = await send(sim, http, StatusCallback=callback)
    assert (status, answer["status"], answer["num_segments"], answer["to"]) == (
        201,
        "queued",
        "1",
        phone.address,
    )
    await sim.settled()
    assert statuses(business) == ["queued", "sent"]
    await phone.online()
    await sim.settled()
    await phone.mark_read()
    assert statuses(business) == ["queued", "sent", "delivered"]
    for hook in business.hooks:
        assert_signed(hook, callback)
        assert hook.form.keys() == sample_form("twilio_status_queued.form").keys()
        assert hook.form["MessageSid"] == answer["sid"] == sim.ledger[0].id
    assert sim.ledger[0].tracker == callback
    url = f"{sim.base_url}/2010-04-01/Accounts/{SID}/Messages/{answer['sid']}.json"
    async with http.get(url, headers=AUTH) as response:
        assert (await response.json())["status"] == "delivered"


def statuses(business: Business) -> list[str]:
    return [hook.form["MessageStatus"] for hook in business.hooks]


async def test_a_number_without_a_phone_is_undelivered(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    assert (await send(sim, http, To="+48500100200", StatusCallback=business.url + "/s"))[0] == 201
    await sim.settled()
    assert statuses(business) == ["queued", "sent", "undelivered"]
    assert business.hooks[-1].form["ErrorCode"] == "30005"


async def test_picture_by_link(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    business.picture = sample_picture()
    assert (await send(sim, http, MediaUrl=business.url + "/link/picture.png"))[0] == 201
    (entry,) = phone.received
    assert entry.attachment is not None
    assert (entry.attachment.kind, entry.attachment.size) == ("image", len(sample_picture()))


async def test_refusals(sim: Simulator, phone: Customer, http: aiohttp.ClientSession) -> None:
    for form, code in (
        ({"To": ""}, 21604),
        ({"To": "601234567"}, 21211),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"From": "+48111222333"}, 21606),
    ):
        status, answer = await send(sim, http, **form)
        assert (status, answer["code"], answer["status"]) == (400, code, 400)
    url = f"{sim.base_url}/2010-04-01/Accounts/{SID}/Messages.json"
    async with http.post(url, data={}, headers=basic("wrong")) as response:
        assert (response.status, (await response.json())["code"]) == (401, 20003)
    assert sim.ledger == []


async def test_stop_and_start(
    sim: Simulator,
    business: Business,
    phone: Customer,
    http: aiohttp.ClientSession,
    sample_form: Callable[[str], dict[str, str]],
) -> None:
    await phone.block()
    stop = business.hooks[-1].form
    assert stop.keys() == sample_form("twilio_stop.form").keys() - {"MessagingServiceSid"}
    assert (stop["Body"], stop["OptOutType"]) == ("STOP", "STOP")
    status, answer = await send(sim, http)
    assert (status, answer["code"]) == (400, 21610)
    await phone.write(" start ")
    assert business.hooks[-1].form["OptOutType"] == "START"
    assert (await send(sim, http))[0] == 201


async def test_rate_limit(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession, sample: Callable[[str], Any]
) -> None:
    sim.faults["sms"].rate_limit(5)
    assert await send(sim, http) == (429, sample("twilio_api_err_20429.json"))
    with pytest.raises(ValueError, match="never answers 200"):
        sim.faults["sms"].error_body()


@pytest.mark.parametrize(
    ("fragment", "attempts"), [("", 1), ("#rc=2&rp=all", 3), ("#rc=1&rp=4xx", 1), ("#rp=5xx", 2)]
)
async def test_repeats_as_the_address_says(
    sim: Simulator, business: Business, http: aiohttp.ClientSession, fragment: str, attempts: int
) -> None:
    business.answers = [web.Response(status=500) for _ in range(9)]
    url = business.url + "/hook" + fragment
    sim.add_account("sms", account_sid=SID, auth_token=TOKEN, number=NUMBER, webhook_url=url)
    await sim.customer("sms", address="+48601234567").write("hello")
    await sim.settled()
    assert len(business.hooks) == attempts
    assert len({hook.headers["I-Twilio-Idempotency-Token"] for hook in business.hooks}) == 1
    assert_signed(business.hooks[0], business.url + "/hook")


async def test_numbers_can_be_found_and_pointed_elsewhere(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    base = f"{sim.base_url}/2010-04-01/Accounts/{SID}/IncomingPhoneNumbers"
    async with http.get(base + ".json", params={"PhoneNumber": NUMBER}, headers=AUTH) as response:
        (number,) = (await response.json())["incoming_phone_numbers"]
    async with http.post(
        f"{base}/{number['sid']}.json", data={"SmsUrl": business.url + "/new"}, headers=AUTH
    ) as response:
        assert (await response.json())["sms_url"] == business.url + "/new"
    await phone.write("hello")
    assert urlsplit(business.hooks[-1].target).path == "/new"


async def test_sms_has_no_deep_link(phone: Customer) -> None:
    with pytest.raises(ValueError, match="no deep links"):
        await phone.start("ref")
