"""The host of one channel: whatever its connector does, every claimed message gets an end, and nothing else suffers."""

import asyncio
import contextlib

import pytest

from connectors.contract import Outbound, Sent
from connectors.errors import STOPPED, NotAccepted, Refused, Uncertain
from tests.connectors.hosting import FAILURE, Box, Line, running
from tests.support.waiting import until


async def test_messages_to_one_person_keep_their_order_and_others_go_meanwhile() -> None:
    line, box = Line(), Box()
    line.sending = lambda _: asyncio.sleep(0.01)
    for peer in "abc":
        box.put(*(f"{peer}{i}" for i in range(4)), peer=peer)
    async with running(line, box):
        await until(lambda: len(box.attempts) == 12)
    for peer in "abc":
        assert [text for text in line.sent if text[0] == peer] == [f"{peer}{i}" for i in range(4)]
    assert line.most == 3


async def test_never_more_at_once_than_allowed() -> None:
    line, box = Line(), Box()
    line.sending = lambda _: asyncio.sleep(0.01)
    for peer in range(20):
        box.put("x", peer=str(peer))
    async with running(line, box, concurrency=4):
        await until(lambda: len(box.attempts) == 20)
    assert line.most == 4


@pytest.mark.parametrize("error", [NotAccepted(FAILURE), Refused(FAILURE), Uncertain(FAILURE)])
async def test_what_a_connector_says_is_recorded_as_it_is(error: Exception) -> None:
    line, box = Line(), Box()
    line.sending = lambda _: error
    box.put("x")
    async with running(line, box):
        await until(lambda: box.attempts)
    assert box.attempts[0].error is error
    assert (box.attempts[0].delivery_id, box.attempts[0].attempt) == ("0", 1)


async def test_a_defect_in_a_connector_is_uncertain_and_the_next_message_goes() -> None:
    line, box = Line(), Box()
    line.sending = lambda m: KeyError("oops") if m.text == "1" else None
    box.put("1", "2")
    async with running(line, box):
        await until(lambda: len(box.attempts) == 2)
    assert isinstance(box.attempts[0].error, Uncertain)
    assert box.attempts[1].sent == Sent(external_ids=("x1",))


async def test_a_call_without_an_end_is_cut_and_uncertain() -> None:
    line, box = Line(), Box()
    line.sending = lambda _: asyncio.sleep(3600)
    box.put("x")
    async with running(line, box, call_seconds=0.05):
        await until(lambda: box.attempts)
    assert isinstance(box.attempts[0].error, Uncertain)


async def test_a_provider_that_wants_rest_gets_it() -> None:
    line, box = Line(), Box()
    line.sending = lambda m: NotAccepted(FAILURE, retry_after=0.3, peer_only=False) if m.text == "1" else None
    box.put("1", peer="a")
    async with running(line, box):
        await until(lambda: box.attempts)
        begun = asyncio.get_running_loop().time()
        box.put("2", peer="b")
        await until(lambda: len(box.attempts) == 2)
    assert asyncio.get_running_loop().time() - begun > 0.2


async def test_results_are_kept_while_the_database_is_away() -> None:
    line, box = Line(), Box()
    box.broken = 1
    box.put("x")
    async with running(line, box):
        await until(lambda: box.attempts)
    assert (line.sent, box.attempts[0].error) == (["x"], None)


async def test_stopping_waits_for_calls_that_end_and_cuts_those_that_do_not() -> None:
    line, box = Line(), Box()
    line.sending = lambda m: asyncio.sleep(0.05 if m.text == "quick" else 3600)
    box.put("quick", peer="a")
    box.put("stuck", peer="b")
    async with running(line, box):
        await until(lambda: len(line.sent) == 2)
    ends = {attempt.delivery_id: attempt.error for attempt in box.attempts}
    assert ends["0"] is None
    assert isinstance(ends["1"], Uncertain)
    claims = box.claims
    await asyncio.sleep(0.05)
    assert box.claims == claims


async def test_a_call_that_can_not_be_cut_off_holds_up_nothing_else() -> None:
    """What ended meanwhile is recorded, and what was just being claimed is given back."""
    line, box, over = Line(), Box(), asyncio.Event()

    async def stubborn(message: Outbound) -> None:
        while message.text == "stubborn" and not over.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await over.wait()
        await asyncio.sleep(3600 if message.text == "stuck" else 0)

    line.sending = stubborn
    box.put("stubborn", peer="a")
    box.put("stuck", peer="b")
    async with running(line, box):
        await until(lambda: len(line.sent) == 2)
        box.committing = asyncio.Event()
        box.put("late", peer="c")
        await until(lambda: "c" in box.sending)
        asyncio.get_running_loop().call_later(0.05, box.committing.set)
    over.set()
    ends = {attempt.delivery_id: attempt.error for attempt in box.attempts}
    assert ends.keys() == {"1", "2"}
    assert isinstance(ends["1"], Uncertain)
    assert isinstance(ends["2"], NotAccepted)
    assert ends["2"].failure.code == STOPPED
    assert line.sent == ["stubborn", "stuck"]
