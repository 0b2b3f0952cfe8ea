"""Guessing passwords: how often, from where, and that nobody else pays for it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from tests.support.backend import Backend, make_config
from tests.support.signing_in import PASSWORD, Browser
from tests.support.stores import make_sqlite

LIMIT = 4
WIDER = 3 * LIMIT


@pytest.fixture
async def guarded(backend: Backend, tmp_path: Path) -> AsyncIterator[Backend]:
    """The same stores with few attempts, behind a proxy on this machine; two agents."""
    config = msgspec.structs.replace(
        backend.config,
        server=msgspec.structs.replace(backend.config.server, trusted_proxies=("127.0.0.1",)),
        security=msgspec.structs.replace(backend.config.security, login_attempts=LIMIT),
    )
    made = Backend(backend.name, config)
    for name in ("ala", "ola"):
        await made.inbox.agents.add(email=f"{name}@example.com", name=name, role="agent", password=PASSWORD)
    yield made
    await made.close()


async def test_many_guesses_at_once_are_no_more_than_a_few(guarded: Backend) -> None:
    async with guarded.live() as live:
        answers = await asyncio.gather(
            *(Browser(live, "203.0.113.9").sign_in(password=f"guess number {n}") for n in range(20))
        )
        assert Counter(status for status, _ in answers) == {401: LIMIT, 429: 20 - LIMIT}
        [problem] = {
            str(found) for status, found in answers if status == 429 and found["retryAfter"] <= 900
        } or [""]
        assert "urn:centrala:problem:throttled" in problem


async def test_who_guesses_locks_out_himself_and_not_the_owner(guarded: Backend) -> None:
    async with guarded.live() as live:
        for n in range(WIDER * 2):
            await Browser(live, "203.0.113.9").sign_in(password=f"guess number {n}")
        attacker = Browser(live, "203.0.113.9")
        status, problem = await attacker.sign_in()
        assert (status, problem["status"]) == (429, 429)
        assert 0 < int(attacker.answer_headers["Retry-After"]) <= 900
        assert (await Browser(live, "198.51.100.1").sign_in())[0] == 200
        # A colleague at the attacker's own address (one office, say) is not locked out either.
        assert (await Browser(live, "203.0.113.9").sign_in("ola@example.com"))[0] == 200


async def test_guessing_from_many_addresses_has_an_end(guarded: Backend) -> None:
    async with guarded.live() as live:
        statuses = Counter[int]()
        for n in range(WIDER + 3):
            status, _ = await Browser(live, f"203.0.113.{n}").sign_in(password="wrong guess")
            statuses[status] += 1
        assert statuses == {401: WIDER, 429: 3}


async def test_guessing_at_many_accounts_has_an_end(guarded: Backend) -> None:
    async with guarded.live() as live:
        statuses = Counter[int]()
        for n in range(WIDER + 3):
            browser = Browser(live, f"2001:db8::{n:x}")  # one customer has the whole /64
            status, _ = await browser.sign_in(f"somebody{n}@example.com", "wrong guess")
            statuses[status] += 1
        assert statuses == {401: WIDER, 429: 3}


async def test_an_account_that_does_not_exist_is_throttled_the_same(guarded: Backend) -> None:
    async with guarded.live() as live:
        for email in ("ala@example.com", "nobody@example.com"):
            browser = Browser(live, "203.0.113.77" if email[0] == "a" else "203.0.113.78")
            answers = [(await browser.sign_in(email, "wrong guess"))[0] for _ in range(LIMIT + 1)]
            assert answers == [401] * LIMIT + [429]


async def test_success_forgets_failures_and_is_not_counted(guarded: Backend) -> None:
    async with guarded.live() as live:
        browser = Browser(live, "203.0.113.5")
        for _ in range(WIDER - 1):
            assert (await browser.sign_in(password="a typing error"))[0] == 401
            assert (await browser.sign_in())[0] == 200


async def test_the_window_passes(guarded: Backend) -> None:
    async with guarded.live() as live:
        browser = Browser(live, "203.0.113.5")
        for _ in range(LIMIT + 1):
            status, _problem = await browser.sign_in(password="wrong guess")
        assert status == 429
        guarded.clock.move(hours=0.26)
        assert (await browser.sign_in())[0] == 200


async def test_a_forged_address_is_not_believed(tmp_path: Path) -> None:
    config = make_config(tmp_path, security={"login_attempts": LIMIT})
    await make_sqlite(config.database_url)
    backend = Backend("sqlite", config)
    async with backend.live() as live:
        answers = [
            (await Browser(live, f"203.0.113.{n}").sign_in("ala@example.com", "wrong guess"))[0]
            for n in range(LIMIT + 1)
        ]
    assert answers == [401] * LIMIT + [429]
