"""Whose turn it is to write: in the order they came, and who left does not count."""

import asyncio

from server.db.turns import OneAtATime


async def test_who_gave_up_waiting_does_not_want_it_any_more() -> None:
    turn = OneAtATime()
    await turn.take()
    order: list[str] = []

    async def wait(name: str) -> None:
        async with turn:
            order.append(name)

    waiting = [asyncio.create_task(wait(name)) for name in ("first", "gave up", "last")]
    await asyncio.sleep(0)
    assert turn.is_wanted
    waiting[1].cancel()
    turn.give_back()
    await asyncio.wait(waiting)
    assert order == ["first", "last"]
    assert not turn.is_wanted
