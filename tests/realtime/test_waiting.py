"""The queue and the event of an idle socket."""

import asyncio

import pytest

from server.realtime.waiting import Gate, Mailbox


async def test_a_mailbox_gives_everything_in_order_also_after_a_wait_that_was_given_up() -> None:
    box = Mailbox()
    given_up = asyncio.ensure_future(box.get())
    await asyncio.sleep(0)
    box.put_nowait(1)  # the reader is woken, and cancelled before it runs
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    reader = asyncio.ensure_future(box.get())
    box.put_nowait(2)
    box.put_nowait(3)
    assert [await reader, await box.get()] == [1, 2]
    assert not box.empty()
    assert await box.get() == 3
    assert box.empty()
    reader = asyncio.ensure_future(box.get())
    await asyncio.sleep(0)
    box.put_nowait(4)
    box.put_nowait(5)
    assert [await reader, await box.get()] == [4, 5]


async def test_a_gate_holds_back_all_who_come_while_it_is_closed() -> None:
    gate = Gate()
    assert gate.is_set()
    assert await gate.wait()
    gate.clear()
    gate.clear()
    waiting = [asyncio.ensure_future(gate.wait()) for _ in range(2)]
    await asyncio.sleep(0)
    assert not gate.is_set()
    assert not any(waiter.done() for waiter in waiting)
    gate.set()
    gate.clear()  # closed again at once: who waited is let through all the same, as by an event
    assert await asyncio.gather(*waiting) == [True, True]
    gate.set()
    assert gate.is_set()
