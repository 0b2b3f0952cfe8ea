"""What runs for ever is started again after a pause that grows, and ends when the process does."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from server.supervisor import Supervisor


def time_flies(monkeypatch: pytest.MonkeyPatch) -> tuple[list[float], Callable[[float], Awaitable[None]]]:
    """The pauses that were asked for, none of which takes any time, and the wait that does take its time."""
    pauses, wait = list[float](), asyncio.sleep

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await wait(0)

    monkeypatch.setattr(asyncio, "sleep", pause)
    return pauses, wait


@pytest.mark.parametrize("fails", [True, False])
async def test_what_ends_is_started_again_after_a_growing_pause(
    fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses, _wait = time_flies(monkeypatch)
    starts, enough = 0, asyncio.Event()

    async def work() -> None:
        nonlocal starts
        starts += 1
        if starts == 9:
            enough.set()
            await asyncio.Event().wait()
        if fails:
            raise OSError("no such luck")

    supervisor = Supervisor()
    supervisor.keep("work", work)
    await enough.wait()
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]
    await supervisor.stop()


async def test_what_ran_well_for_a_while_is_started_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses, wait = time_flies(monkeypatch)
    monkeypatch.setattr("server.supervisor._HEALTHY_AFTER_S", 0.01)
    starts, enough = 0, asyncio.Event()

    async def work() -> None:
        nonlocal starts
        starts += 1
        if starts == 3:
            await wait(0.02)
        elif starts == 4:
            enough.set()
            await asyncio.Event().wait()

    supervisor = Supervisor()
    supervisor.keep("work", work)
    await enough.wait()
    assert pauses == [0.2, 0.4, 0.2]
    await supervisor.stop()


async def test_a_swallowed_cancellation_is_repeated() -> None:
    swallowed, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            swallowed.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    supervisor = Supervisor()
    supervisor.keep("deaf", work)
    await asyncio.sleep(0)
    await supervisor.stop()
    assert swallowed.is_set()
    assert ended.is_set()
