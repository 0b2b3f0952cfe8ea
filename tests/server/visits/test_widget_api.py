"""What anybody may ask of the site widget's addresses: who may, how much, and what is kept of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from server.db import schema
from server.errors import Throttled
from server.visits.limits import WINDOW_MS, Limits
from server.visits.model import may_be_token, new_token, place_of
from tests.connectors import fake
from tests.support.backend import Backend, Live, MovableClock, make_config

CONFIG, VISITS = "/api/v1/widget/config", "/api/v1/widget/visits"
SITE = {"Origin": "https://shop.example"}
BOT = {"ok": True, "result": {"id": 1, "is_bot": True, "username": "sklep_bot"}}


@asynccontextmanager
async def shop(backend: Backend, **widget: Any) -> AsyncIterator[tuple[Live, str]]:
    """A running server with one Messenger page, and the page's channel."""
    config = msgspec.structs.replace(
        backend.config,
        server=msgspec.structs.replace(backend.config.server, trusted_proxies=("127.0.0.1",)),
        widget=msgspec.structs.replace(backend.config.widget, **widget),
    )
    made = Backend(backend.name, config)
    channel = await made.inbox.channels.add(
        kind="messenger",
        name="Sklep",
        settings={"page_id": "1029", "app_secret": "a-s", "verify_token": "v-t", "page_token": "p-t"},
    )
    async with made.live() as live:
        yield live, channel.id


async def kept(live: Live) -> list[dict[str, Any]]:
    statement = select(schema.visit).order_by(schema.visit.c.id)
    return await live.inbox.database.read(lambda c: [dict(row) for row in c.execute(statement).mappings()])


async def test_a_visit_is_kept_and_answered_with_the_link_that_carries_it(backend: Backend) -> None:
    async with shop(backend) as (live, channel_id):
        body = {
            "channelId": channel_id,
            "page": "https://anna:pw@Shop.example:8443/oferta?email=a@b.pl&utm_source=google#top",
            "referrer": "https://www.google.com/search?q=choroba",
            "utmSource": "google\u0000",
            "utmMedium": "cpc",
            "utmCampaign": "wiosna\n2026",
            "clickIds": {"gclid": "Cj0KCQ", "password": "secret"},
        }
        status, answer = await live.call("POST", VISITS, body=body, headers=SITE)
        assert status == 201
        assert answer == {"token": answer["token"], "url": f"https://m.me/1029?ref={answer['token']}"}
        [row] = await kept(live)
        assert row.pop("token") == answer["token"]
        assert row.pop("created_at") > 0
        assert row.pop("id") > 0
        assert json.loads(row.pop("click_ids")) == {"gclid": "Cj0KCQ"}
        # Nothing else: no address, no browser, no query that could hold what somebody typed.
        assert row == {
            "page": "https://shop.example:8443/oferta",
            "referrer": "https://www.google.com/search",
            "utm_source": "google",
            "utm_medium": "cpc",
            "utm_campaign": "wiosna2026",
        }


async def test_only_active_channels_that_a_link_opens_are_offered(backend: Backend) -> None:
    async with (
        shop(backend, title="Napisz", greeting="Jesteśmy tu do 18.") as (live, channel_id),
        fake.running() as bot,
    ):
        bot.answers_json(BOT)
        telegram = await live.inbox.channels.add(
            kind="telegram", name="Bot", settings={"token": "1:t", "mode": "webhook", "api_base": bot.base}
        )
        await live.inbox.channels.add(
            kind="sms",
            provider="twilio",
            name="SMS",
            settings={"account_sid": "AC1", "auth_token": "t", "number": "+48732001002"},
        )
        status, found = await live.call("GET", CONFIG, headers=SITE)
        assert status == 200
        assert found == {
            "name": "Centrala",
            "title": "Napisz",
            "greeting": "Jesteśmy tu do 18.",
            "channels": [
                {"id": channel_id, "kind": "messenger", "name": "Sklep", "url": "https://m.me/1029"},
                {"id": telegram.id, "kind": "telegram", "name": "Bot", "url": "https://t.me/sklep_bot"},
            ],
            "callBack": False,
        }
        await live.inbox.channels.change(int(channel_id), active=False)
        live.backend.clock.move(seconds=6)
        status, found = await live.call("GET", CONFIG)
        assert [each["id"] for each in found["channels"]] == [telegram.id]
        assert (await live.call("POST", VISITS, body={"channelId": channel_id}))[0] == 404


async def test_a_provider_that_does_not_answer_is_not_offered_and_not_asked_all_the_time(
    backend: Backend,
) -> None:
    async with shop(backend) as (live, _), fake.running() as bot:
        bot.answers_json({"ok": False, "error_code": 401, "description": "Unauthorized"}, status=401)
        await live.inbox.channels.add(
            kind="telegram", name="Bot", settings={"token": "1:t", "mode": "webhook", "api_base": bot.base}
        )

        async def offered() -> list[str]:
            _, found = await live.call("GET", CONFIG)
            return [each["kind"] for each in found["channels"]]

        def asked() -> int:
            return sum(call.path.endswith("/getMe") for call in bot.calls)

        assert await offered() == ["messenger"]
        live.backend.clock.move(seconds=30)
        assert await offered() == ["messenger"]
        assert asked() == 1
        bot.answers_json(BOT)
        live.backend.clock.move(seconds=40)
        assert await offered() == ["messenger", "telegram"]


async def test_the_configuration_chooses_channels_and_switches_it_off(backend: Backend) -> None:
    async with shop(backend, channels=("12345",)) as (live, channel_id):
        assert (await live.call("GET", CONFIG))[1]["channels"] == []
        assert (await live.call("POST", VISITS, body={"channelId": channel_id}))[0] == 404


async def test_switched_off_there_is_nothing(backend: Backend) -> None:
    async with shop(backend, enabled=False) as (live, channel_id):
        assert (await live.call("GET", CONFIG))[0] == 404
        assert (await live.call("POST", VISITS, body={"channelId": channel_id}))[0] == 404
        assert await kept(live) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"page": "x" * 2001},
        {"utmSource": "x" * 201},
        {"clickIds": {f"id{n}": "1" for n in range(11)}},
        {"clickIds": {"gclid": "x" * 301}},
        {"ip": "203.0.113.9"},
        {"page": 5},
        {"channelId": "x"},
        {"channelId": "99999999999999999999"},
        {"page": "x" * 20_000},
    ],
    ids=lambda wrong: f"{next(iter(wrong))}-{len(str(wrong))}",
)
async def test_what_is_too_much_or_unknown_is_refused(backend: Backend, wrong: dict[str, Any]) -> None:
    async with shop(backend) as (live, channel_id):
        status, _ = await live.call("POST", VISITS, body={"channelId": channel_id, **wrong}, headers=SITE)
        assert status in (400, 404, 413)
        assert await kept(live) == []


async def test_other_sites_may_call_these_two_addresses_and_no_other(backend: Backend) -> None:
    async with shop(backend) as (live, channel_id):
        question = {
            **SITE,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "content-type",
        }
        async with live.http.options(live.url + VISITS, headers=question) as answer:
            assert answer.status == 204
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert "POST" in answer.headers["Access-Control-Allow-Methods"]
            assert answer.headers["Access-Control-Allow-Headers"] == "content-type"
            assert "Access-Control-Allow-Credentials" not in answer.headers
        for path, body in ((CONFIG, None), (VISITS, {"channelId": channel_id}), (VISITS, {"nonsense": 1})):
            method = "GET" if body is None else "POST"
            async with live.http.request(method, live.url + path, json=body, headers=SITE) as answer:
                assert answer.headers["Access-Control-Allow-Origin"] == "*"
                assert "Access-Control-Allow-Credentials" not in answer.headers
                assert "Set-Cookie" not in answer.headers
        for path in ("/api/v1/session", "/api/v1/channels", "/", "/api/v1/widgets", "//api/v1/widget/config"):
            for method in ("OPTIONS", "GET"):
                async with live.http.request(method, live.url + path, headers=question) as answer:
                    assert "Access-Control-Allow-Origin" not in answer.headers, (method, path)


async def test_one_address_can_not_fill_the_table(backend: Backend) -> None:
    async with shop(backend, visits_per_address=3) as (live, channel_id):

        async def visit(address: str) -> int:
            headers = {**SITE, "X-Forwarded-For": address}
            status, _ = await live.call("POST", VISITS, body={"channelId": channel_id}, headers=headers)
            return status

        assert [await visit("203.0.113.9") for _ in range(5)] == [201, 201, 201, 429, 429]
        assert [await visit(f"2001:db8::{n}") for n in range(4)] == [201, 201, 201, 429]
        assert await visit("198.51.100.1") == 201
        assert len(await kept(live)) == 7
        live.backend.clock.move(seconds=WINDOW_MS / 1000)
        assert await visit("203.0.113.9") == 201


def test_limits_are_bounded_in_memory_and_in_all() -> None:
    clock = MovableClock()
    limits = Limits(clock, per_key=1, in_all=25, remembered=10)
    for n in range(25):
        limits.take(f"203.0.113.{n}")
    assert len(limits) == 10
    with pytest.raises(Throttled) as caught:
        limits.take("198.51.100.1")
    assert 0 < caught.value.retry_after <= WINDOW_MS // 1000
    clock.move(seconds=WINDOW_MS / 1000)
    limits.take("198.51.100.1")
    with pytest.raises(Throttled):
        limits.take("198.51.100.1")


def test_a_token_is_what_every_provider_passes_on() -> None:
    made = {new_token() for _ in range(1000)}
    assert len(made) == 1000
    assert all(may_be_token(token) and len(token) <= 64 for token in made)
    for other in ("", "centrala:123", "w", "w" + "0" * 21, "v" + "0" * 20, "w" + "=" * 20):
        assert not may_be_token(other)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://shop.example", "https://shop.example/"),
        ("HTTPS://SHOP.example/A?b#c", "https://shop.example/A"),
        ("http://[2001:db8::1]:81/a", "http://[2001:db8::1]:81/a"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://[broken/", ""),
        ("https://a:99999/", ""),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_of_a_web_address_only_the_place_is_kept(url: str, kept: str) -> None:
    assert place_of(url) == kept


def test_the_configuration_is_read(tmp_path: Path) -> None:
    config = make_config(tmp_path, widget={"channels": ["1", "2"]}, retention={"visits_days": 7})
    assert (config.widget.channels, config.retention.visits_days) == (("1", "2"), 7)
