"""The host's side of reactions: whatever the connector does, each claimed one gets an end, at the channel's pace."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from connectors.contract import OutboundReaction, Pace, Rate, ReactionAttempt
from connectors.errors import Failure, NotAccepted, Refused, Uncertain
from connectors.host import ChannelHost, HostLimits
from tests.connectors.hosting import Box, Line
from tests.support.waiting import until

FAILURE = Failure(code="x", text="Something was wrong.")


class Wishes:
    """A box in memory that gives each reaction once, and none to who rests."""

    def __init__(self) -> None:
        self.waiting: list[OutboundReaction] = []
        self.ended: list[ReactionAttempt] = []
        self.resting: list[tuple[str, ...]] = []
        self.changed = asyncio.Event()

    def put(self, emoji: str, peer: str = "77") -> None:
        number = str(len(self.waiting) + len(self.ended))
        self.waiting.append(
            OutboundReaction(id=number, attempt=1, peer_id=peer, target=f"m{number}", emoji=emoji)
        )
        self.changed.set()

    async def claim(self, channel_id: str, limit: int, resting: Sequence[str] = ()) -> list[OutboundReaction]:
        self.resting.append(tuple(resting))
        claimed = [each for each in self.waiting if each.peer_id not in resting][:limit]
        self.waiting = [each for each in self.waiting if each not in claimed]
        return claimed

    async def record(self, channel_id: str, attempts: Sequence[ReactionAttempt]) -> None:
        self.ended += attempts
        self.changed.set()

    async def wait(self, channel_id: str) -> None:
        self.changed.clear()
        try:
            async with asyncio.timeout(0.05):
                await self.changed.wait()
        except TimeoutError:
            return

    async def all_ended(self, count: int) -> list[ReactionAttempt]:
        await until(lambda: len(self.ended) >= count)
        return self.ended


class Reacting(Line):
    def __init__(self) -> None:
        super().__init__()
        self.reacted: list[str | None] = []
        self.reacting: Callable[[OutboundReaction], Any] = lambda _: None

    async def react(self, reaction: OutboundReaction) -> None:
        self.reacted.append(reaction.emoji)
        result = self.reacting(reaction)
        if asyncio.iscoroutine(result):
            result = await result
        if isinstance(result, Exception):
            raise result


class Paced(Reacting):
    pace = Pace(peer=Rate(per_second=10))


@asynccontextmanager
async def running(
    line: Reacting, wishes: Wishes, box: Box | None = None, **limits: Any
) -> AsyncIterator[None]:
    host = ChannelHost(
        "1",
        line,
        outbox=box or Box(),
        sink=line,
        poll_port=line,
        health=line,
        limits=HostLimits(**({"stop_seconds": 0.2, "call_seconds": 5.0} | limits)),
        reactions=wishes,
    )
    task = asyncio.create_task(host.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("error", [None, *(each(FAILURE) for each in (NotAccepted, Refused, Uncertain))])
async def test_what_the_connector_says_is_recorded(error: Exception | None) -> None:
    line, wishes = Reacting(), Wishes()
    line.reacting = lambda _: error
    wishes.put("👍")
    async with running(line, wishes):
        [ended] = await wishes.all_ended(1)
    assert (ended.of.emoji, ended.error, line.reacted) == ("👍", error, ["👍"])


async def test_a_defect_and_a_silence_are_uncertain_and_others_go_on() -> None:
    line, wishes = Reacting(), Wishes()
    ends: dict[str | None, Any] = {"💥": ZeroDivisionError(), "💤": None}
    line.reacting = lambda each: asyncio.sleep(60) if each.emoji == "💤" else ends.get(each.emoji)
    for emoji in ("💥", "💤", "👍"):
        wishes.put(emoji)
    async with running(line, wishes, call_seconds=0.1):
        ended = {each.of.emoji: each.error for each in await wishes.all_ended(3)}
    assert ended["👍"] is None
    assert [type(ended[each]) for each in ("💥", "💤")] == [Uncertain, Uncertain]
    assert "customer" in ended["💤"].failure.text


async def test_who_was_just_written_to_rests_and_others_do_not() -> None:
    line, wishes = Paced(), Wishes()
    for peer in ("77", "77", "88"):
        wishes.put("👍", peer)
    wishes.waiting, later = [wishes.waiting[0], wishes.waiting[2]], wishes.waiting[1]
    async with running(line, wishes):
        await wishes.all_ended(2)
        wishes.waiting.append(later)
        await wishes.all_ended(3)
    assert any("77" in resting for resting in wishes.resting)


async def test_a_channel_that_asked_to_wait_is_waited_for() -> None:
    line, wishes, loop = Reacting(), Wishes(), asyncio.get_running_loop()
    line.reacting = lambda each: (
        NotAccepted(FAILURE, retry_after=0.3, peer_only=False) if each.id == "0" else None
    )
    wishes.put("👍")
    async with running(line, wishes):
        await wishes.all_ended(1)
        began = loop.time()
        wishes.put("👎", "88")
        await wishes.all_ended(2)
    assert loop.time() - began > 0.2


async def test_a_channels_rate_holds_back_reactions_together_with_messages() -> None:
    class Slow(Reacting):
        pace = Pace(channel=Rate(per_second=20, burst=2))

    line, wishes, box, loop = Slow(), Wishes(), Box(), asyncio.get_running_loop()
    box.put("a message")
    for number in range(5):
        wishes.put(str(number), str(number))
    async with running(line, wishes, box):
        began = loop.time()
        await wishes.all_ended(5)
        assert loop.time() - began > 3 / 20 - 0.01  # two may go at once
        await until(lambda: len(box.attempts) == 1)


async def test_only_the_process_with_the_right_reacts() -> None:
    line, wishes = Paced(), Wishes()
    line.allowed = False
    wishes.put("👍")
    async with running(line, wishes):
        for _ in range(20):
            await asyncio.sleep(0)
        assert wishes.resting == []
    line.allowed = True
    async with running(line, wishes):
        await wishes.all_ended(1)
