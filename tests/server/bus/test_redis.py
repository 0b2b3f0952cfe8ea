"""The bus over Redis: heard by others, quiet when there is nothing to say, and back by itself."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from server.bus import redis as redis_bus
from server.bus.base import Topic
from server.bus.redis import RedisBus
from tests.support.services import RedisServer
from tests.support.waiting import until

PATIENCE_S = 20


@pytest.fixture
async def pair(redis_server: RedisServer) -> AsyncIterator[tuple[RedisBus, RedisBus]]:
    first, second = RedisBus(redis_server.url), RedisBus(redis_server.url)
    for bus in (first, second):
        await bus.start()
    await until(lambda: first.healthy and second.healthy)
    yield first, second
    for bus in (first, second):
        await bus.stop()


async def test_each_hears_the_other_and_itself_once(pair: tuple[RedisBus, RedisBus]) -> None:
    heard: tuple[list[str | None], list[str | None]] = ([], [])
    for bus, messages in zip(pair, heard, strict=True):
        bus.subscribe(Topic.EVENTS, messages.append)
    for number in range(500):
        pair[0].publish(Topic.EVENTS, str(number))
    pair[0].publish(Topic.MEDIA, "")
    pair[1].publish(Topic.EVENTS, "last")
    await until(lambda: all("last" in messages for messages in heard) and len(heard[1]) > 500)
    for messages in heard:
        assert [text for text in messages if text != "last"] == [str(number) for number in range(500)]


async def test_when_nothing_happens_it_asks_seldom(
    pair: tuple[RedisBus, RedisBus], redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to a ping once counted as silence, so it was pinged again at once, for ever."""
    monkeypatch.setattr(redis_bus, "_PING_S", 0.2)
    pair[0].publish(Topic.MEDIA, "")  # wakes the other out of the long wait that it is in
    pair[1].publish(Topic.MEDIA, "")
    async with Redis.from_url(redis_server.url) as client:
        before = await _calls(client)
        await asyncio.sleep(2)
        asked = await _calls(client) - before
    assert 2 <= asked <= 2 * 10 + 2


async def _calls(client: Redis) -> int:
    return int((await client.info("commandstats")).get("cmdstat_ping", {}).get("calls", 0))


async def test_after_redis_was_away_everybody_looks(
    pair: tuple[RedisBus, RedisBus], redis_server: RedisServer
) -> None:
    heard: list[str | None] = []
    pair[0].subscribe(Topic.OUTBOX, heard.append)
    redis_server.kill()
    await until(lambda: not pair[0].healthy)
    pair[0].publish(Topic.OUTBOX, "7")
    assert heard == ["7"], "who is in the same process is told at once"
    redis_server.start()
    await until(lambda: None in heard)
    await until(lambda: pair[0].healthy and pair[1].healthy)
    pair[1].publish(Topic.OUTBOX, "8")
    await until(lambda: "8" in heard)
