"""Health, metrics and the log."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from typing import Literal

import pytest

from server.config import Log
from server.logs import set_up_logging
from tests.support.backend import Backend


@pytest.fixture
def loggers() -> Iterator[None]:
    """Logging as it was before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)


async def test_ready_needs_the_database_and_not_the_bus(
    backend: Backend, request: pytest.FixtureRequest
) -> None:
    async with backend.live() as live:
        assert await live.call("GET", "/health/live") == (200, {"status": "live"})
        status, health = await live.call("GET", "/health/ready")
        assert (status, health["status"], health["database"]) == (200, "ready", "connected")
        if backend.name == "postgresql":
            request.getfixturevalue("redis_server").kill()
            async with asyncio.timeout(20):
                while health["bus"] == "connected":
                    status, health = await live.call("GET", "/health/ready")
            assert (status, health["status"]) == (200, "ready")


async def test_who_only_asks_for_the_head_gets_what_get_says_without_the_body(backend: Backend) -> None:
    async with backend.live() as live:
        for path in ("/health/live", "/health/ready", "/", "/api/v1/session"):
            heads = []
            for method in ("GET", "HEAD"):
                async with live.http.request(method, live.url + path) as answer:
                    body = await answer.read()
                    heads.append(
                        (answer.status, answer.headers["Content-Type"], answer.headers["Content-Length"])
                    )
            assert heads[0] == heads[1]
            assert body == b""


async def test_not_ready_while_no_writer_runs(backend: Backend) -> None:
    inbox = backend.inbox
    inbox.observability._is_writing = lambda: False
    async with backend.live() as live:
        status, health = await live.call("GET", "/health/ready")
        assert (status, health["status"], health["writer"]) == (503, "not ready", "away")


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
async def test_not_ready_without_the_database(backend: Backend, request: pytest.FixtureRequest) -> None:
    async with backend.live() as live:
        request.getfixturevalue("redis_server").kill()
        request.getfixturevalue("postgres_server").kill()
        status, health = await live.call("GET", "/health/ready")
        assert (status, health["database"]) == (503, "away")
        status, text = await live.call("GET", "/metrics", headers={"Host": "localhost"})
        assert (status, b"centrala_database_up 0" in text) == (200, True)
        status, problem = await live.call("GET", "/api/v1/session", token="ct_any")
        assert (status, problem["type"]) == (503, "urn:centrala:problem:unavailable")


async def test_metrics_are_for_this_machine_and_administrators(backend: Backend) -> None:
    await backend.add_agent("Ewa", "administrator", token="ct_ewa-token")
    await backend.add_agent("Ala", "supervisor", token="ct_ala-token")
    async with backend.live() as live:
        status, text = await live.call("GET", "/metrics")
        assert status == 200
        lines = text.decode().splitlines()
        assert "# TYPE centrala_deliveries_waiting gauge" in lines
        assert 'centrala_deliveries_waiting{state="queued"} 0' in lines
        assert "centrala_quarantine 0" in lines
        assert "centrala_database_up 1" in lines
        elsewhere = {"X-Forwarded-For": "203.0.113.9"}
        assert (await live.call("GET", "/metrics", headers=elsewhere))[0] == 401
        assert (await live.call("GET", "/metrics", headers={"Host": "inbox.test"}))[0] == 401
        assert (await live.call("GET", "/metrics", token="ct_ala-token", headers=elsewhere))[0] == 403
        assert (await live.call("GET", "/metrics", token="ct_ewa-token", headers=elsewhere))[0] == 200


NASTY = "line\r\nFORGED 2026 \x1b[31m \u2028 \ud800 end"


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.usefixtures("loggers")
def test_a_record_is_one_line_whatever_it_holds(form: Literal["text", "json"]) -> None:
    stream = io.StringIO()
    set_up_logging(Log(level="debug", format=form), stream)
    log = logging.getLogger("server.test")
    log.warning("from %s", NASTY)
    try:
        raise ValueError(NASTY)
    except ValueError:
        log.exception("failed")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert all(char.isprintable() for line in lines for char in line)
    if form == "json":
        entries = [json.loads(line) for line in lines]
        assert (entries[0]["level"], entries[0]["logger"]) == ("warning", "server.test")
        assert "ValueError" in entries[1]["exception"]


@pytest.mark.parametrize(
    "text",
    [
        "POST https://api.telegram.org/bot123456789:AAcanary-canary-canary-canary-can/sendMessage",
        "Authorization: Bearer ct_canarycanarycanarycanary",
        "token ct_canarycanarycanarycanary given",
        "postgresql+asyncpg://centrala:canary@db/centrala",
        "settings {'app_secret': 'canary', \"page_token\": \"canary\"}",
        "password=canary&x=1",
        "page_token=EAAcanarycanarycanarycanary",
        "Cookie: canary",
    ],
)
@pytest.mark.usefixtures("loggers")
def test_secrets_do_not_reach_the_log(text: str) -> None:
    stream = io.StringIO()
    set_up_logging(Log(), stream)
    logging.getLogger("server.test").error("%s", text)
    assert "canary" not in stream.getvalue().lower()
    assert "***" in stream.getvalue()


@pytest.mark.usefixtures("loggers")
def test_chatty_libraries_are_quiet() -> None:
    stream = io.StringIO()
    set_up_logging(Log(level="debug"), stream)
    for name in ("httpx", "telegram.ext", "aiohttp.access", "uvicorn.access", "viber.bot", "alembic.runtime"):
        logging.getLogger(name).info("GET /bot:token")
    assert stream.getvalue() == ""
