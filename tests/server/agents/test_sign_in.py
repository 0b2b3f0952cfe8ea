"""Sessions: begun, kept, refused to other sites, and ended in every way there is."""

import hashlib
from typing import Any

import pytest
from litestar.connection import ASGIConnection
from sqlalchemy import select

from server.agents.authentication import Authentication
from server.agents.service import Change
from server.db import schema
from server.errors import Forbidden, Unauthorized
from tests.support.backend import Backend, make_config
from tests.support.signing_in import OWN_ORIGIN, PASSWORD, Browser

FOREIGN = [
    "null", "https://inbox.test", "http://inbox.test:81", "http://evil.test", "http://inbox.test.evil.test",
    "http://sub.inbox.test", "http://10.0.0.1", "http://localhost:1", "",
]  # fmt: skip


@pytest.fixture
async def ala(backend: Backend) -> int:
    agent = await backend.inbox.agents.add(
        email="Ala@Example.com", name="Ala", role="agent", password=PASSWORD
    )
    return int(agent.id)


async def test_a_session_tells_who_is_signed_in(backend: Backend, ala: int) -> None:
    async with backend.live() as live:
        browser = Browser(live)
        status, session = await browser.sign_in("ALA@example.com ")
        assert status == 200
        assert session["agent"] == {
            "id": str(ala),
            "name": "Ala",
            "role": "agent",
            "email": "ala@example.com",
            "locale": "",
        }
        assert session["workspace"] == {"name": "Centrala", "timeZone": "Europe/Warsaw"}
        assert session["settings"] == {"agentsSee": "own", "reopenWithinHours": 24}
        assert await browser.call("GET", "/api/v1/session") == (200, session)
        flags = {part.strip().lower() for part in browser.set_cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/", "max-age=1209600"} <= flags


async def test_nobody_is_let_in_with_a_wrong_password_and_unknown_looks_the_same(
    backend: Backend, ala: int
) -> None:
    async with backend.live() as live:
        answers = [
            await Browser(live).sign_in(email, password)
            for email, password in [
                ("ala@example.com", "wrong"),
                ("nobody@example.com", "wrong"),
                ("nul\0@example.com", "wrong"),
                ("", ""),
            ]
        ]
    assert {status for status, _ in answers} == {401}
    assert len({str(problem) for _, problem in answers}) == 1


async def test_only_hashes_of_tokens_are_stored(backend: Backend, ala: int) -> None:
    async with backend.live() as live:
        browser = Browser(live)
        await browser.sign_in()
        token = await backend.inbox.agents.issue_token(ala)
        stored = await backend.database.read(
            lambda c: [
                *c.execute(select(schema.session)).mappings(),
                *c.execute(select(schema.api_token)).mappings(),
            ]
        )
    hashes = {row["token_hash"] for row in stored}
    cookie = browser.cookies["centrala"]
    assert hashes == {hashlib.sha256(each.encode()).hexdigest() for each in (cookie, token)}
    assert cookie not in str(stored)
    assert token not in str(stored)


async def test_a_change_needs_the_csrf_token(backend: Backend, ala: int) -> None:
    async with backend.live() as live:
        browser = Browser(live)
        await browser.sign_in()
        for header in (None, "", "wrong", "zażółć", browser.csrf_token + "x"):
            status, problem = await browser.call(
                "DELETE", "/api/v1/session", headers={"X-CSRF-Token": header}
            )
            assert (status, problem["type"]) == (403, "urn:centrala:problem:forbidden"), header
            assert (await browser.call("GET", "/api/v1/session"))[0] == 200


async def test_other_sites_can_neither_sign_in_nor_change_anything(backend: Backend, ala: int) -> None:
    body = {"email": "ala@example.com", "password": PASSWORD}
    async with backend.live() as live:
        browser = Browser(live)
        await browser.sign_in()
        for origin in FOREIGN:
            foreign = {"Origin": origin}
            assert (await browser.call("POST", "/api/v1/session", body, headers=foreign))[0] == 403, origin
            assert (await browser.call("DELETE", "/api/v1/session", headers=foreign))[0] == 403, origin
        cross_site = {"Origin": None, "Sec-Fetch-Site": "cross-site"}
        assert (await browser.call("DELETE", "/api/v1/session", headers=cross_site))[0] == 403


async def test_our_own_pages_may(backend: Backend, ala: int) -> None:
    async with backend.live() as live:
        for origin in (OWN_ORIGIN, "HTTP://INBOX.TEST:80", None, live.url):
            browser = Browser(live)
            await browser.sign_in()
            status, _ = await browser.call("DELETE", "/api/v1/session", headers={"Origin": origin})
            assert status == 204, origin


async def test_signing_in_again_begins_a_new_session_and_ends_the_old(backend: Backend, ala: int) -> None:
    async with backend.live() as live:
        browser = Browser(live)
        browser.cookies["centrala"] = "planted-by-somebody"
        await browser.sign_in()
        first = browser.cookies["centrala"]
        assert first != "planted-by-somebody"
        await browser.sign_in()
        assert browser.cookies["centrala"] != first
        old = Browser(live)
        old.cookies["centrala"] = first
        assert (await old.call("GET", "/api/v1/session"))[0] == 401


async def test_signing_out_ends_this_session_only(backend: Backend, ala: int) -> None:
    async with backend.live() as live:
        here, there = Browser(live), Browser(live)
        await here.sign_in()
        await there.sign_in()
        cookie = here.cookies["centrala"]
        assert (await here.call("DELETE", "/api/v1/session"))[0] == 204
        assert here.cookies["centrala"] == ""
        here.cookies["centrala"] = cookie
        assert (await here.call("GET", "/api/v1/session"))[0] == 401
        assert (await there.call("GET", "/api/v1/session"))[0] == 200


async def test_a_session_ends_when_it_idles(backend: Backend, ala: int) -> None:
    async with backend.live() as live:
        browser = Browser(live)
        await browser.sign_in()
        for _ in range(3):
            backend.clock.move(hours=11)
            assert (await browser.call("GET", "/api/v1/session"))[0] == 200
        backend.clock.move(hours=12.1)
        assert (await browser.call("GET", "/api/v1/session"))[0] == 401


async def test_a_session_ends_by_age_however_busy_it_is(backend: Backend, ala: int) -> None:
    async with backend.live() as live:
        browser = Browser(live)
        await browser.sign_in()
        for _ in range(30):
            backend.clock.move(hours=11)
            assert (await browser.call("GET", "/api/v1/session"))[0] == 200
        backend.clock.move(hours=7)
        assert (await browser.call("GET", "/api/v1/session"))[0] == 401


async def test_its_last_use_is_written_at_most_once_a_minute(backend: Backend, ala: int) -> None:
    async def seen() -> int:
        return await backend.database.read(lambda c: c.execute(select(schema.session.c.seen_at)).scalar_one())

    async with backend.live() as live:
        browser = Browser(live)
        await browser.sign_in()
        began = await seen()
        backend.clock.move(seconds=50)
        await browser.call("GET", "/api/v1/session")
        assert await seen() == began
        backend.clock.move(seconds=11)
        await browser.call("GET", "/api/v1/session")
        assert await seen() > began


async def test_deactivation_ends_sessions_and_tokens_at_once(backend: Backend, ala: int) -> None:
    token = await backend.inbox.agents.issue_token(ala)
    async with backend.live() as live:
        browser = Browser(live)
        await browser.sign_in()
        assert (await live.call("GET", "/api/v1/session", token=token))[0] == 200
        await backend.inbox.agents.change(ala, Change(active=False))
        assert (await browser.call("GET", "/api/v1/session"))[0] == 401
        assert (await live.call("GET", "/api/v1/session", token=token))[0] == 401
        assert (await Browser(live).sign_in())[0] == 401
        # Being active again does not bring the old ones back.
        await backend.inbox.agents.change(ala, Change(active=True))
        assert (await browser.call("GET", "/api/v1/session"))[0] == 401
        assert (await live.call("GET", "/api/v1/session", token=token))[0] == 401
        assert (await Browser(live).sign_in())[0] == 200


async def test_a_new_password_ends_all_sessions(backend: Backend, ala: int) -> None:
    async with backend.live() as live:
        browser = Browser(live)
        await browser.sign_in()
        await backend.inbox.agents.set_password(ala, "another long password")
        assert (await browser.call("GET", "/api/v1/session"))[0] == 401
        assert (await Browser(live).sign_in())[0] == 401
        assert (await Browser(live).sign_in(password="another long password"))[0] == 200


async def test_a_bearer_token_needs_no_csrf_token_and_outlives_signing_out(
    backend: Backend, ala: int
) -> None:
    token = await backend.inbox.agents.issue_token(ala)
    async with backend.live() as live:
        status, session = await live.call("GET", "/api/v1/session", token=token)
        assert (status, session["csrfToken"]) == (200, "")
        assert (await live.call("DELETE", "/api/v1/session", token=token))[0] == 204
        assert (await live.call("GET", "/api/v1/session", token=token))[0] == 200
        for wrong in (token[:-1], token + "x", "ct_", "x", token.upper()):
            assert (await live.call("GET", "/api/v1/session", token=wrong))[0] == 401


async def test_the_last_use_of_a_token_is_noted_to_the_minute(backend: Backend, ala: int) -> None:
    agents = backend.inbox.agents
    token = await agents.issue_token(ala)

    async def used() -> str | None:
        [found] = await agents.tokens(ala)
        return found.last_used_at

    assert await used() is None
    async with backend.live() as live:
        await live.call("GET", "/api/v1/session", token=token)
        first = await used()
        assert first is not None
        backend.clock.move(seconds=50)
        await live.call("GET", "/api/v1/session", token=token)
        assert await used() == first
        backend.clock.move(seconds=11)
        await live.call("GET", "/api/v1/session", token=token)
        assert (await used() or "") > first


async def test_a_wrong_token_is_not_made_good_by_a_cookie(backend: Backend, ala: int) -> None:
    async with backend.live() as live:
        browser = Browser(live)
        await browser.sign_in()
        status, _ = await browser.call("GET", "/api/v1/session", headers={"Authorization": "Bearer ct_wrong"})
        assert status == 401


async def test_the_cookie_is_bound_to_https_where_there_is_https(backend: Backend) -> None:
    plain = backend.inbox.authentication
    assert (plain.cookie_name, plain.secure) == ("centrala", False)
    config = make_config(backend.config.data_dir, server={"public_url": "https://inbox.example.com"})
    secure = Authentication(backend.units, config, backend.inbox.sessions)
    assert (secure.cookie_name, secure.secure) == ("__Host-centrala", True)


async def test_a_socket_shows_its_origin_unless_it_has_a_token(backend: Backend, ala: int) -> None:
    token = await backend.inbox.agents.issue_token(ala)
    async with backend.live() as live:
        browser = Browser(live)
        await browser.sign_in()
    cookie = ("cookie", f"centrala={browser.cookies['centrala']}")
    bearer = ("authorization", f"Bearer {token}")
    own, foreign = ("origin", OWN_ORIGIN), ("origin", "http://evil.test")
    again = Backend(backend.name, backend.config)
    try:
        for headers, expected in [
            ([cookie, own], "in"),
            ([cookie], "forbidden"),
            ([cookie, foreign], "forbidden"),
            ([bearer], "in"),
            ([bearer, own], "in"),
            ([bearer, foreign], "forbidden"),
            ([own], "nobody"),
            ([], "nobody"),
        ]:
            assert await _at_the_socket(again.inbox.authentication, headers) == expected, headers
    finally:
        await again.close()


async def _at_the_socket(authentication: Authentication, headers: list[tuple[str, str]]) -> str:
    scope: Any = {
        "type": "websocket",
        "path": "/ws",
        "query_string": b"",
        "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    try:
        await authentication.socket(ASGIConnection(scope))
    except Forbidden:
        return "forbidden"
    except Unauthorized:
        return "nobody"
    return "in"
