"""Asking a provider whether the settings work: answers as the providers give them, in words a person can act on."""

from typing import Any

import msgspec
import pytest

from connectors import registry
from connectors.contract import Checked, Checks
from connectors.http import HTTPClient
from tests.connectors import samples
from tests.connectors.fake import Answer, Provider

ME = {
    "id": 7104822905,
    "is_bot": True,
    "first_name": "Zielony Liść",
    "username": "zielony_lisc_bot",
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
}
NO_WEBHOOK = {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
VIBER = {
    "status": 0,
    "status_message": "ok",
    "id": "pa:75346594275468546724",
    "name": "Zielony Liść",
    "uri": "zielonylisc",
    "category": "Companies, Brands & Products",
    "country": "PL",
    "webhook": "",
    "event_types": ["delivered", "seen"],
    "subscribers_count": 35,
    "members": [],
}
PAGE = {"id": "404217156637689", "name": "Sklep Zielony Liść"}
SUBSCRIBED = {
    "data": [{"link": "https://x/", "name": "Centrala", "id": "1357", "subscribed_fields": ["messages"]}]
}
ACCOUNT = {"sid": "AC1", "friendly_name": "Zielony Liść", "status": "active", "type": "Full"}
NUMBER = {
    "sid": "PN2a0747eba6abf96b7e3c3ff0b4530f6e",
    "phone_number": "+48732001002",
    "sms_url": "https://demo.twilio.com/welcome/sms/reply",
    "sms_method": "POST",
    "capabilities": {"voice": False, "sms": True, "mms": False, "fax": False},
}
GRAPH_TOKEN = {
    "error": {
        "message": "Malformed access token secret-page-token",
        "type": "OAuthException",
        "code": 190,
        "fbtrace_id": "AbCdEfGhIjK",
    }
}
GRAPH_PROOF = {
    "error": {
        "message": "Invalid appsecret_proof provided in the API argument",
        "type": "GraphMethodException",
        "code": 100,
        "fbtrace_id": "AbCdEfGhIjK",
    }
}


def ok(result: Any) -> dict[str, Any]:
    return {"ok": True, "result": result}


def numbers(*found: dict[str, Any]) -> dict[str, Any]:
    return {"incoming_phone_numbers": list(found), "page": 0, "page_size": 50, "uri": "/2010-04-01/…"}


async def checked(kind: str, base: str, http: HTTPClient, webhook: str = "", **settings: Any) -> Checked:
    given = {**samples.SETTINGS[kind], "api_base": base, **settings}
    connector = registry.open_connector(*samples.channel(kind), given, http, webhook)
    assert isinstance(connector, Checks)
    found = await connector.check()
    assert not any(secret in str(found) for secret in samples.SECRETS)
    return found


@pytest.mark.parametrize(
    ("kind", "answers", "account_id", "name"),
    [
        ("telegram", [ok(ME), ok(NO_WEBHOOK)], "7104822905", "Zielony Liść (@zielony_lisc_bot)"),
        ("viber", [VIBER], "pa:75346594275468546724", "Zielony Liść"),
        ("messenger", [PAGE, {"id": PAGE["id"]}, {"data": []}], PAGE["id"], "Sklep Zielony Liść"),
        ("sms", [ACCOUNT, numbers(NUMBER)], "AC1", "Zielony Liść"),
    ],
)
async def test_good_settings_name_the_account_and_change_nothing(
    provider: Provider, http: HTTPClient, kind: str, answers: list[Any], account_id: str, name: str
) -> None:
    provider.answers_json(*answers)
    found = await checked(kind, provider.base, http)
    assert found.account is not None
    assert (found.account.id, found.account.name, found.problems) == (account_id, name, ())
    paths = [call.path for call in provider.calls]
    assert not any("setWebhook" in path or "set_webhook" in path for path in paths)
    assert {call.method for call in provider.calls} <= {"GET", "POST"}
    if kind in {"messenger", "sms"}:
        assert {call.method for call in provider.calls} == {"GET"}


@pytest.mark.parametrize(
    ("kind", "status", "answer", "key", "said"),
    [
        (
            "telegram",
            401,
            {"ok": False, "error_code": 401, "description": "Unauthorized"},
            "token",
            "@BotFather",
        ),
        ("viber", 200, {"status": 2, "status_message": "invalidAuthToken"}, "auth_token", "Admin Panel"),
        ("messenger", 400, GRAPH_TOKEN, "page_token", "page access token"),
        (
            "sms",
            401,
            {
                "code": 20003,
                "message": "Authenticate",
                "more_info": "https://www.twilio.com/docs/errors/20003",
                "status": 401,
            },
            "auth_token",
            "Account SID",
        ),
    ],
)
async def test_wrong_credentials_say_which_and_where_to_find_them(
    provider: Provider, http: HTTPClient, kind: str, status: int, answer: Any, key: str, said: str
) -> None:
    provider.answers_json(answer, status=status)
    found = await checked(kind, provider.base, http)
    assert found.account is None
    assert [problem.key for problem in found.problems] == [key]
    assert found.problems[0].code == "not_authorised"
    assert said in found.problems[0].text


@pytest.mark.parametrize("kind", ["telegram", "viber", "messenger", "sms"])
async def test_who_cannot_be_reached_or_answers_nonsense_is_not_blamed_on_the_credentials(
    provider: Provider, http: HTTPClient, kind: str
) -> None:
    found = await checked(kind, "http://127.0.0.1:1", http)
    assert [(problem.key, problem.code) for problem in found.problems] == [("api_base", "unreachable")]
    for answer in (Answer(status=502, body=b"<html>Bad Gateway</html>"), Answer(body=b'{"ok":tru')):
        provider.answers = [answer]
        found = await checked(kind, provider.base, http)
        assert [problem.code for problem in found.problems] == ["no_clear_answer"]


async def test_a_bot_that_writes_to_another_address_is_not_taken_over_unnoticed(
    provider: Provider, http: HTTPClient
) -> None:
    elsewhere = {**NO_WEBHOOK, "url": "https://other.example/bot/secret-path"}
    for mode in ("polling", "webhook"):
        provider.answers_json(ok(ME), ok(elsewhere))
        found = await checked("telegram", provider.base, http, samples.WEBHOOK, mode=mode)
        assert found.problems[0].key == "mode"
        assert "other.example" in found.problems[0].text
        assert "secret-path" not in found.problems[0].text
    provider.answers_json(ok(ME), ok({**NO_WEBHOOK, "url": samples.WEBHOOK}))
    assert (await checked("telegram", provider.base, http, samples.WEBHOOK)).problems == ()
    failing = {**NO_WEBHOOK, "url": samples.WEBHOOK, "last_error_message": "Connection refused"}
    provider.answers_json(ok(ME), ok(failing))
    found = await checked("telegram", provider.base, http, samples.WEBHOOK)
    assert "Connection refused" in found.problems[0].text
    provider.answers_json(ok(ME), ok(NO_WEBHOOK))
    found = await checked("telegram", provider.base, http, secret_token="")
    assert found.problems[0].key == "secret_token"


async def test_vibers_webhook_counts_once_the_channel_exists(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json(VIBER)
    assert (await checked("viber", provider.base, http, samples.WEBHOOK)).problems[
        0
    ].code == "webhook_missing"
    provider.answers_json({**VIBER, "webhook": samples.WEBHOOK})
    assert (await checked("viber", provider.base, http, samples.WEBHOOK)).problems == ()
    provider.answers_json({**VIBER, "webhook": "https://other.example/"})
    assert "other.example" in (await checked("viber", provider.base, http)).problems[0].text


async def test_messenger_tells_page_secret_and_subscription_apart(
    provider: Provider, http: HTTPClient
) -> None:
    provider.answers_json({"id": "99", "name": "Inna strona"})
    found = await checked("messenger", provider.base, http)
    assert found.problems[0].key == "page_id"
    assert "99" in found.problems[0].text
    provider.answers = [
        Answer(body=b'{"id": "404217156637689", "name": "Sklep"}'),
        Answer(status=400, body=encoded(GRAPH_PROOF)),
        Answer(body=encoded(SUBSCRIBED)),
    ]
    found = await checked("messenger", provider.base, http, samples.WEBHOOK)
    assert [problem.key for problem in found.problems] == ["app_secret"]
    provider.answers_json(PAGE, {"id": PAGE["id"]}, {"data": []})
    found = await checked("messenger", provider.base, http, samples.WEBHOOK)
    assert [problem.code for problem in found.problems] == ["webhook_missing"]


@pytest.mark.parametrize(
    ("found", "webhook", "key", "said"),
    [
        ((), "", "number", "no number +48732001002"),
        (({**NUMBER, "capabilities": {"sms": False}},), "", "number", "cannot send SMS"),
        ((NUMBER,), samples.WEBHOOK, None, samples.WEBHOOK),
    ],
)
async def test_twilios_number_is_looked_at(
    provider: Provider,
    http: HTTPClient,
    found: tuple[dict[str, Any], ...],
    webhook: str,
    key: str | None,
    said: str,
) -> None:
    provider.answers_json(ACCOUNT, numbers(*found))
    problems = (await checked("sms", provider.base, http, webhook)).problems
    assert [problem.key for problem in problems] == [key]
    assert said in problems[0].text


async def test_a_closed_twilio_account_and_a_sender_name(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json({**ACCOUNT, "status": "suspended"})
    assert "suspended" in (await checked("sms", provider.base, http)).problems[0].text
    provider.answers_json(ACCOUNT)
    assert (await checked("sms", provider.base, http, number="MyShop")).problems == ()


NUMBER_ID = samples.SETTINGS["whatsapp"]["phone_number_id"]
WHATSAPP = {"id": NUMBER_ID, "verified_name": "Zielony Liść", "display_phone_number": "+48 732 001 003"}
GRAPH_OBJECT = {
    "error": {
        "message": "Unsupported get request.",
        "type": "GraphMethodException",
        "code": 100,
        "error_subcode": 33,
    }
}


async def test_whatsapp_tells_number_token_and_subscription_apart(
    provider: Provider, http: HTTPClient
) -> None:
    provider.answers_json(WHATSAPP, {"data": []})
    found = await checked("whatsapp", provider.base, http, waba_id="5052")
    assert found.account is not None
    assert (found.account.id, found.problems) == (NUMBER_ID, ())
    assert found.account.name == "Zielony Liść +48 732 001 003"
    assert {call.method for call in provider.calls} == {"GET"}
    provider.answers_json(WHATSAPP, {"data": []})
    found = await checked("whatsapp", provider.base, http, samples.WEBHOOK, waba_id="5052")
    assert [problem.code for problem in found.problems] == ["webhook_missing"]
    provider.answers_json(GRAPH_OBJECT, status=400)
    found = await checked("whatsapp", provider.base, http, waba_id="5052")
    assert [problem.key for problem in found.problems] == ["phone_number_id"]
    provider.answers_json(GRAPH_TOKEN, status=401)
    found = await checked("whatsapp", provider.base, http, waba_id="5052")
    assert [problem.key for problem in found.problems] == ["access_token"]
    provider.answers = [Answer(body=encoded(WHATSAPP)), Answer(status=400, body=encoded(GRAPH_OBJECT))]
    found = await checked("whatsapp", provider.base, http, waba_id="1")
    assert [problem.key for problem in found.problems] == ["waba_id"]
    found = await checked("whatsapp", "http://127.0.0.1:1", http)
    assert [problem.code for problem in found.problems] == ["unreachable"]


@pytest.mark.parametrize(
    ("answer", "key", "code"),
    [
        ({"points": 12.5, "proCount": 75}, None, None),
        ({"points": 0}, None, "no_credit"),
        ({"error": 101, "message": "Authorization failed"}, "token", "not_authorised"),
        ({"error": 105, "message": "IP address is not allowed"}, "token", "not_authorised"),
        ({"hello": 1}, "api_base", "no_clear_answer"),
    ],
)
async def test_smsapi_tells_its_token_its_points_and_nonsense_apart(
    provider: Provider, http: HTTPClient, answer: Any, key: str | None, code: str | None
) -> None:
    provider.answers_json(answer)
    found = await checked("smsapi", provider.base, http)
    assert [(each.key, each.code) for each in found.problems] == ([(key, code)] if code else [])
    assert [call.path for call in provider.calls] == ["/user.do?credits=1&format=json"]
    assert "secret-smsapi-token" not in repr(found)


def encoded(value: Any) -> bytes:

    return msgspec.json.encode(value)
