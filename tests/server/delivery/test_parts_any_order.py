"""A message that goes out as several calls: whatever is told of its parts, in any order, it ends the same."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Peer, Sent
from connectors.errors import SendError, Uncertain
from tests.server.delivery.talk import COUNT, LOST, WHY, Talk
from tests.support.delivery import Desk

pytestmark = pytest.mark.usefixtures("receiving")

STEPS = ("planned", "arrived 1", "begins 2", "arrived 2", "begins 3", "end")
"""What the sender does, in this order; what is told may come between any two."""
TOLD = st.tuples(
    st.sampled_from(["sent", "delivered", "read", "failed", "read-watermark", "echo"]),
    st.integers(1, COUNT),
    st.integers(200, 203),
)


class Interrupted(Talk):
    """A message whose every step is taken by hand, and whose last call ends in ``end``."""

    async def begin(self, end: SendError | None) -> None:
        [self.claimed] = await self.desk.claim()
        self.began, self.end = self.desk.backend.clock.now_ms(), end

    async def step(self, step: str) -> None:
        port = self.claimed.progress
        assert port is not None
        match step.split():
            case ["planned"]:
                await port.planned(["text", "image", "image"])
            case ["arrived", number]:
                await port.arrived(int(number), self.provider.external(int(number)))
            case ["begins", number]:
                await port.begins(int(number))
            case _ if self.end is not None:
                self.end.accepted = tuple(self.provider.external(number) for number in (1, 2))
                await self.desk.end(self.claimed, error=self.end)
            case _:
                ids = tuple(self.provider.external(number) for number in (1, 2, 3))
                await self.desk.end(self.claimed, sent=Sent(external_ids=ids))

    async def told(self, fact: tuple[str, int, int]) -> None:
        what, number, second = fact
        if what == "echo":
            return await self.echo(number, self.claimed.tracker)
        if what == "read-watermark":
            # Of the time of the first part only, or after all were begun.
            mark = self.began + (900 if second == 203 else second) * 1000
            return await self.tell("read", watermark_ms=mark, peer=Peer(id=self.peer))
        at = self.began + second * 1000
        return await self.tell(what, number, at_ms=at, failure=WHY if what == "failed" else None)

    async def come_to(self) -> tuple[Any, ...]:
        await self.desk.outbox.apply_missed(since_ms=0)
        return await self.shown()


@given(
    facts=st.lists(TOLD, min_size=1, max_size=7, unique=True),
    repeats=st.lists(st.integers(0, 6), max_size=2),
    is_lost=st.booleans(),
    data=st.data(),
)
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_reports_of_parts_in_any_order_end_the_same(
    desk: Desk, facts: list[tuple[str, int, int]], repeats: list[int], is_lost: bool, data: st.DataObject
) -> None:
    """Between any two steps of the sender, before the answer and after it, whether or not the last answer is lost."""
    again = [facts[index % len(facts)] for index in repeats]
    shuffled = data.draw(st.permutations([*facts, *again]))
    places = sorted(
        data.draw(st.lists(st.integers(0, len(STEPS)), min_size=len(shuffled), max_size=len(shuffled)))
    )
    error = Uncertain(LOST) if is_lost else None

    plain = await Interrupted.make(desk)
    await plain.begin(error)
    desk.backend.clock.move(seconds=600)
    for step in STEPS:
        await plain.step(step)
    for fact in sorted(facts):
        await plain.told(fact)

    mixed = await Interrupted.make(desk)
    await mixed.begin(Uncertain(LOST) if is_lost else None)
    desk.backend.clock.move(seconds=600)
    for place, step in enumerate([*STEPS, None]):
        for at, fact in zip(places, shuffled, strict=True):
            # Nothing is told of a part before its call, which part 2 has after step 3, and part 3 after step 5.
            if place == max(at, 2 * fact[1] - 1 if fact[1] > 1 else 0):
                await mixed.told(fact)
        if step is not None:
            await mixed.step(step)
    assert await mixed.come_to() == await plain.come_to()
