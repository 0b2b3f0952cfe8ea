"""Connecting channels over HTTP: the kinds and their fields, checking settings, changing them, webhooks."""

import json
from collections.abc import AsyncIterator
from importlib.metadata import EntryPoint
from typing import Annotated, Any, Literal

import msgspec
import pytest
from sqlalchemy import select

from connectors import registry
from connectors.contract import ConnectorSpec
from connectors.errors import Failure
from connectors.simulator.demo import CREDENTIALS
from server.channels.fields import setting_fields, withheld
from server.db import schema
from tests.connectors import fake
from tests.support.backend import Backend, Live
from tests.support.loopback import NOWHERE

ADMIN = "ct_ewa-token"
SECRETS = {"token": "123:canary-of-the-token", "secret_token": "canary-of-the-secret", "mode": "webhook"}
ME = {"ok": True, "result": {"id": 123, "is_bot": True, "first_name": "Bot", "username": "our_bot"}}
REFUSED = {"ok": False, "error_code": 401, "description": "Unauthorized"}


@pytest.fixture
async def live(backend: Backend) -> AsyncIterator[Live]:
    await backend.add_agent("Ewa", "administrator", token=ADMIN)
    await backend.add_agent("Ala", "agent", token="ct_ala-token")
    await backend.add_agent("Sonia", "supervisor", token="ct_sonia-token")
    async with backend.live() as live:
        yield live


@pytest.fixture
async def telegram() -> AsyncIterator[fake.Provider]:
    async with fake.running() as provider:
        yield provider


def webhook_info(url: str = "") -> dict[str, Any]:
    return {"ok": True, "result": {"url": url, "pending_update_count": 0}}


async def add(live: Live, base: str, **more: Any) -> str:
    """By webhook, so that nobody but the test talks to the provider."""
    settings = {**SECRETS, "api_base": base, **more}
    body = {"kind": "telegram", "name": "Bot", "settings": settings}
    _, added = await live.call("POST", "/api/v1/channels", token=ADMIN, body=body)
    return str(added["id"])


async def test_only_administrators_connect_channels(live: Live) -> None:
    check = {"kind": "telegram", "settings": {"token": "x"}}
    for token in ("ct_ala-token", "ct_sonia-token"):
        assert (await live.call("GET", "/api/v1/channel-kinds", token=token))[0] == 403
        assert (await live.call("POST", "/api/v1/channels/check", token=token, body=check))[0] == 403
        assert (await live.call("POST", "/api/v1/channels/1/webhook", token=token))[0] == 403
        assert (await live.call("POST", "/api/v1/channels/1/acknowledgement", token=token))[0] == 403
    assert (await live.call("POST", "/api/v1/channels/1/acknowledgement", token=ADMIN))[0] == 404


async def test_the_kinds_are_those_of_the_connectors(live: Live) -> None:
    status, answer = await live.call("GET", "/api/v1/channel-kinds", token=ADMIN)
    assert status == 200
    assert answer["publicUrl"] == live.inbox.config.public_url
    assert [(each["kind"], each["provider"]) for each in answer["items"]] == registry.names()
    kinds = {each["kind"]: each for each in answer["items"] if each["provider"] in (None, "twilio")}
    fields = {each["key"]: each for each in kinds["telegram"]["fields"]}
    assert list(fields) == ["token", "secret_token", "mode", "api_base", "messages_per_second"]
    shown = [(each["type"], each["required"], each["default"], each["advanced"]) for each in fields.values()]
    assert shown == [
        ("secret", True, None, False),
        ("secret", False, None, False),
        ("choice", False, "polling", False),
        ("text", False, "https://api.telegram.org", True),
        ("number", False, 30, True),
    ]
    assert fields["mode"]["options"] == ["webhook", "polling"]
    sms = {each["key"]: (each["type"], each["default"]) for each in kinds["sms"]["fields"]}
    assert sms["mms"] == ("switch", False)
    assert sms["media_hosts"][0] == "list"
    assert "STOP" in sms["stop_words"][1]
    assert [(each["registersWebhook"], each["webhookByHand"]) for each in kinds.values()] == [
        (True, False),
        (True, False),
        (True, True),
        (False, True),
        (False, True),
    ]
    assert kinds["messenger"]["capabilities"]["replyWindowHours"] == 24
    assert kinds["sms"]["provider"] == "twilio"


class Fax(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    pass_word: str = ""
    line: Annotated[int, msgspec.Meta(ge=1, title="Line number")] = 1
    retries: int | None = None
    speed: Literal["slow", "fast"] = "slow"


FAX = ConnectorSpec(
    kind="fax", label="Fax", settings=Fax, secrets=("pass_word",), open=registry.spec("viber").open
)


def test_a_third_partys_fields_come_from_its_types(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("fax", "tests.server.channels.test_channel_setup:FAX", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    spec = registry.spec("fax")
    fields = setting_fields(spec)
    stored = {"passWord": "x"}
    assert withheld(spec, stored, {"api_base": "https://elsewhere.example"}) == ["passWord"]
    assert [(each.key, each.type, each.default, each.title) for each in fields] == [
        ("passWord", "secret", None, None),
        ("line", "number", 1, "Line number"),
        ("retries", "number", None, None),
        ("speed", "choice", "slow", None),
    ]


async def test_a_check_names_the_account_or_what_is_wrong(live: Live, telegram: fake.Provider) -> None:
    settings = {**SECRETS, "api_base": telegram.base}
    body = {"kind": "telegram", "settings": settings}
    telegram.answers_json(ME, webhook_info())
    status, answer = await live.call("POST", "/api/v1/channels/check", token=ADMIN, body=body)
    account = {"id": "123", "name": "Bot (@our_bot)"}
    nothing_else = {"problems": [], "unchecked": [], "preview": None}
    assert (status, answer) == (200, {"ok": True, "checked": True, "account": account, **nothing_else})
    telegram.answers_json(REFUSED, status=401)
    _, answer = await live.call("POST", "/api/v1/channels/check", token=ADMIN, body=body)
    assert (answer["ok"], answer["account"]) == (False, None)
    assert [(each["key"], each["code"]) for each in answer["problems"]] == [("token", "not_authorised")]
    _, listed = await live.call("GET", "/api/v1/channels", token=ADMIN)
    assert listed["items"] == []


async def test_what_a_provider_quotes_of_a_secret_does_not_come_back(
    live: Live, telegram: fake.Provider
) -> None:
    quoting = {"ok": False, "error_code": 400, "description": f"Bad token {SECRETS['token']}"}
    telegram.answers_json(quoting, status=400)
    body = {"kind": "telegram", "settings": {**SECRETS, "api_base": telegram.base}}
    _, answer = await live.call("POST", "/api/v1/channels/check", token=ADMIN, body=body)
    assert "Bad token" in answer["problems"][0]["text"]
    assert "canary" not in json.dumps(answer)
    channel_id = await add(live, telegram.base)
    _, answer = await live.call("POST", f"/api/v1/channels/{channel_id}/webhook", token=ADMIN)
    assert "Bad token" in answer["error"]
    assert "canary" not in json.dumps(answer)
    failure = Failure(code="x", text=quoting["description"], provider_code=quoting["description"])
    live.inbox.channels.note_error(int(channel_id), failure)
    await live.inbox.channels._write_notes(all_of_it=True)
    shown = await live.inbox.channels.find(int(channel_id))
    assert (shown.last_error, shown.last_error_said) == ("Bad token …", "Bad token …")


async def test_a_check_of_wrong_settings_names_the_fields(live: Live) -> None:
    body = {"kind": "telegram", "settings": {"mode": "pull"}}
    status, problem = await live.call("POST", "/api/v1/channels/check", token=ADMIN, body=body)
    assert status == 422
    assert {each["field"] for each in problem["errors"]} == {"settings.token", "settings.mode"}
    body = {"kind": "telegram", "settings": {}, "channelId": "12345"}
    assert (await live.call("POST", "/api/v1/channels/check", token=ADMIN, body=body))[0] == 404


async def test_other_settings_work_at_once_and_their_secrets_stay_inside(
    live: Live, telegram: fake.Provider
) -> None:
    telegram.answers_json(ME, webhook_info())
    channel_id = await add(live, telegram.base)
    channels = live.inbox.channels
    before = await channels.open(int(channel_id))
    channels.note_error(int(channel_id), Failure(code="not_authorised", text="the token was revoked"))
    await channels._write_notes(all_of_it=True)
    assert (await channels.find(int(channel_id))).health == "failing"

    path, body = f"/api/v1/channels/{channel_id}", {"settings": {"token": "123:canary-new"}}
    status, changed = await live.call("PATCH", path, token=ADMIN, body=body)
    assert (status, changed["secretsSet"], changed["health"]) == (200, ["token", "secret_token"], "idle")
    assert await channels.open(int(channel_id)) is not before
    check = {"kind": "telegram", "settings": {}, "channelId": channel_id}
    _, answer = await live.call("POST", "/api/v1/channels/check", token=ADMIN, body=check)
    assert answer["account"]["name"] == "Bot (@our_bot)"
    assert "/bot123:canary-new/" in telegram.calls[-1].path.replace("%3A", ":")

    body = {"settings": {"secret_token": None, "mode": "polling"}}
    _, changed = await live.call("PATCH", path, token=ADMIN, body=body)
    assert changed["secretsSet"] == ["token"]
    rows = await live.inbox.database.read(
        lambda c: c.execute(select(schema.audit.c.action, schema.audit.c.detail)).all()
    )
    details = [str(row.detail) for row in rows if row.action == "channel.changed"]
    assert "secret_token" in details[-1]
    assert "canary" not in str(rows) + json.dumps(changed)


async def test_wrong_new_settings_change_nothing(live: Live, telegram: fake.Provider) -> None:
    channel_id = await add(live, telegram.base)
    path = f"/api/v1/channels/{channel_id}"
    for settings, field in (
        ({"mode": "pull"}, "settings.mode"),
        ({"tokn": "x"}, "settings.tokn"),
        ({"token": None}, "settings.token"),
    ):
        body = {"name": "Renamed", "settings": settings}
        status, problem = await live.call("PATCH", path, token=ADMIN, body=body)
        assert (status, problem["errors"][0]["field"]) == (422, field)
    _, listed = await live.call("GET", "/api/v1/channels", token=ADMIN)
    assert listed["items"][0]["name"] == "Bot"


async def test_stored_secrets_go_to_no_other_address(live: Live, telegram: fake.Provider) -> None:
    channel_id = await add(live, "https://api.telegram.example")
    moved = {"api_base": telegram.base}
    check = {"kind": "telegram", "settings": moved, "channelId": channel_id}
    status, problem = await live.call("POST", "/api/v1/channels/check", token=ADMIN, body=check)
    assert status == 422
    wanted = {"settings.token", "settings.secret_token"}
    assert {each["field"] for each in problem["errors"]} == wanted
    path = f"/api/v1/channels/{channel_id}"
    assert (await live.call("PATCH", path, token=ADMIN, body={"settings": moved}))[0] == 422
    assert telegram.calls == []
    body = {"settings": {**SECRETS, **moved}}
    assert (await live.call("PATCH", path, token=ADMIN, body=body))[0] == 200


GATEWAY = {
    "send_url": "https://gw.example/s?to={to}&text={text}",
    "method": "GET",
    "id_match": "(.+)",
    "sender": "Shop",
    "callback_key": "canary-of-the-callback-key-0123456789",
}
NO_ADDRESSES = ("http://[x", "https://ex\u2100mple/", "https://gw.example:99999/", "https://", "not")


async def test_what_is_no_address_is_refused_or_found_by_the_check(live: Live) -> None:
    for kind, provider, settings, key in (
        *(
            (kind, None, {**CREDENTIALS[kind], "api_base": NOWHERE}, "api_base")
            for kind in ("telegram", "viber", "messenger")
        ),
        ("sms", "twilio", {**CREDENTIALS["sms"], "api_base": NOWHERE}, "api_base"),
        *(("sms", "http", GATEWAY, key) for key in ("send_url", "status_url")),
    ):
        body = {"kind": kind, "provider": provider, "name": "C", "settings": settings}
        status, added = await live.call("POST", "/api/v1/channels", token=ADMIN, body=body)
        assert status == 201, added
        path = f"/api/v1/channels/{added['id']}"
        for address in NO_ADDRESSES:
            given = {**settings, key: address}
            check = {"kind": kind, "provider": provider, "settings": given}
            status, answer = await live.call("POST", "/api/v1/channels/check", token=ADMIN, body=check)
            assert status == 422 or (status == 200 and not answer["ok"]), (key, address, answer)
            body = {"settings": {key: address}}
            assert (await live.call("PATCH", path, token=ADMIN, body=body))[0] == 422, (key, address)


async def test_a_webhook_is_registered_and_what_the_provider_says_comes_back(
    live: Live, telegram: fake.Provider
) -> None:
    channel_id = await add(live, telegram.base)
    address = f"{live.inbox.config.public_url}/webhooks/{channel_id}"
    telegram.answers_json({"ok": True, "result": True}, webhook_info(address))
    path = f"/api/v1/channels/{channel_id}/webhook"
    status, answer = await live.call("POST", path, token=ADMIN)
    expected = {"polls": False, "address": address, "url": address, "pending": 0, "error": None, "code": None}
    assert (status, answer) == (200, expected)
    sent = next(call for call in telegram.calls if call.path.endswith("/setWebhook")).json
    assert (sent["url"], sent["secret_token"]) == (address, SECRETS["secret_token"])
    telegram.answers_json(REFUSED, status=401)
    _, answer = await live.call("POST", path, token=ADMIN)
    assert "401" in answer["error"]
    assert (await live.call("POST", "/api/v1/channels/99/webhook", token=ADMIN))[0] == 404


async def test_the_limit_of_silence_is_set_and_taken_out(live: Live, telegram: fake.Provider) -> None:
    path = f"/api/v1/channels/{await add(live, telegram.base)}"

    async def change(hours: int | None) -> tuple[int, Any]:
        return await live.call("PATCH", path, token=ADMIN, body={"silenceHours": hours})

    assert (await change(48))[1]["silenceHours"] == 48
    assert (await live.call("PATCH", path, token=ADMIN, body={"name": "New"}))[1]["silenceHours"] == 48
    assert (await change(0))[0] == 400
    assert (await change(None))[1]["silenceHours"] is None
    status, channel = await live.call("POST", f"{path}/acknowledgement", token=ADMIN)
    assert (status, channel["alarms"]) == (200, [])
