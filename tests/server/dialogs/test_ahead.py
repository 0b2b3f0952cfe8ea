"""Making the next thing while the one before is used."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from server.dialogs.ahead import ahead


class Maker:
    """Makes numbers and remembers which; ``breaks_at`` fails instead."""

    def __init__(self, breaks_at: int | None = None) -> None:
        self.made: list[int] = []
        self.ended = False
        self._breaks_at = breaks_at

    async def numbers(self, count: int) -> AsyncGenerator[int, None]:
        try:
            for number in range(count):
                if number == self._breaks_at:
                    raise LookupError("broken off")
                self.made.append(number)
                yield number
        finally:
            self.ended = True


async def test_everything_comes_in_order_and_little_is_made_before_it_is_asked_for() -> None:
    maker = Maker()
    used: list[int] = []
    async for number in ahead(maker.numbers(20)):
        used.append(number)
        for _ in range(5):
            await asyncio.sleep(0)
        assert used[-1] < len(maker.made) - 1 or len(maker.made) == 20, "the next one is made meanwhile"
        assert len(maker.made) <= len(used) + 2
    assert used == list(range(20))


async def test_what_goes_wrong_is_raised_after_what_came_before_it() -> None:
    items = ahead(Maker(breaks_at=3).numbers(5))
    assert [await anext(items) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(LookupError, match="broken off"):
        await anext(items)


async def test_who_stops_early_leaves_nothing_running() -> None:
    maker = Maker()
    items = ahead(maker.numbers(100))
    assert await anext(items) == 0
    before = asyncio.all_tasks()
    await items.aclose()
    assert asyncio.all_tasks() < before
    assert len(maker.made) <= 3
    assert maker.ended
