"""A message that goes out as several calls: cut off at any point, nothing goes twice and the rest is not forgotten."""

import asyncio
from typing import Any

import pytest

from connectors.errors import NotAccepted, Refused, Uncertain
from connectors.sending import Part, send_parts
from tests.server.delivery.talk import LOST, Talk, host, until_called
from tests.support.delivery import Desk
from tests.support.waiting import until

pytestmark = pytest.mark.usefixtures("receiving")


async def test_a_doubt_that_a_report_settles_before_the_retry_leaves_the_right_part_in_doubt(
    desk: Desk,
) -> None:
    """The retry is to send parts 2 and 3; part 2 turns out to have arrived, and the retry vanishes while it sends 3."""
    talk = await Talk.make(desk)
    talk.provider.errors[2] = Uncertain(LOST)
    claimed = await talk.attempt()
    await talk.again()
    await talk.echo(2, claimed.tracker)
    talk.provider.waits[3] = asyncio.Event()
    [claimed] = await desk.claim()
    assert claimed.done == {1, 2}
    call = asyncio.create_task(talk.provider.send(claimed))
    await until_called(talk, 3)
    assert (await talk.shown())[2] == ["sent", "sent", "sending"]
    desk.backend.clock.move(seconds=31)
    assert await desk.outbox.recover() == 1
    assert (await talk.shown())[::2] == ("unknown", ["sent", "sent", "unknown"])
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)


@pytest.mark.parametrize("how", ["timeout", "stop"])
async def test_a_call_that_is_cut_off_keeps_what_was_accepted(desk: Desk, how: str) -> None:
    talk = await Talk.make(desk)
    never = talk.provider.waits[2] = asyncio.Event()
    running = asyncio.create_task(host(talk, 0.5 if how == "timeout" else 30).run())
    await until_called(talk, 2)
    if how == "timeout":
        await desk.reach(talk.message_id, "unknown")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    state, failure, parts = await talk.shown()
    assert (state, parts) == ("unknown", ["sent", "unknown", "queued"])
    assert failure is not None
    assert (failure["code"], failure["part"]) == ("no_answer" if how == "timeout" else "interrupted", 2)
    assert not never.is_set()
    # Its echo settles the doubt, and with it nothing keeps the rest back.
    await talk.echo(2, (await desk.deliveries())[0]["tracker"])
    assert (await talk.shown())[::2] == ("queued", ["sent", "sent", "queued"])
    await talk.attempt()
    assert (talk.provider.calls, (await talk.shown())[0]) == ([1, 2, 3], "sent")


@pytest.mark.parametrize(
    ("seconds", "is_written", "comes_to"),
    [(595, False, "queued"), (605, False, "failed"), (0, True, "failed")],
)
async def test_the_rest_follows_by_itself_only_soon_and_before_anything_later(
    desk: Desk, seconds: float, is_written: bool, comes_to: str
) -> None:
    """The doubt about one part is settled; else the rest is left to the agent."""
    talk = await Talk.make(desk)
    talk.provider.errors[2] = Uncertain(LOST)
    claimed = await talk.attempt()
    desk.backend.clock.move(seconds=seconds)
    if is_written:
        await desk.write(talk.dialog_id, "Later")
    await talk.echo(2, claimed.tracker)
    state, failure, parts = await talk.shown()
    assert (state, parts) == (comes_to, ["sent", "sent", "queued"])
    if comes_to == "failed":
        assert failure is not None
        assert (failure["code"], failure["part"]) == ("parts_missing", 3)


@pytest.mark.parametrize("lost", ["arrived", "begins"])
async def test_what_can_not_be_recorded_is_not_followed_by_another_part(
    desk: Desk, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await Talk.make(desk)

    async def away(*_: Any) -> None:
        raise ConnectionError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(f"server.delivery.progress.PartProgress.{lost}", away)
        await talk.attempt()
    assert talk.provider.calls == [1]
    assert (await talk.shown())[::2] == ("queued", ["sent", "queued", "queued"])
    desk.backend.clock.move(seconds=100)
    await talk.attempt()
    assert (talk.provider.calls, (await talk.shown())[0]) == ([1, 2, 3], "sent")


async def test_between_two_parts_nothing_is_in_doubt(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is stopped, or vanishes, after one part was recorded and before the next was begun."""
    talk = await Talk.make(desk)

    async def never(*_: Any) -> None:
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr("server.delivery.progress.PartProgress.begins", never)
        running = asyncio.create_task(host(talk, 30).run())

        async def one_is_sent() -> bool:
            return (await talk.shown())[2] == ["sent", "queued", "queued"]

        await until(one_is_sent)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert (await talk.shown())[::2] == ("queued", ["sent", "queued", "queued"])
    # And one that vanishes:
    [claimed] = await desk.claim()
    assert claimed.progress is not None
    await claimed.progress.arrived(2, talk.provider.external(2))
    desk.backend.clock.move(seconds=31)
    assert await desk.outbox.recover() == 1
    assert (await talk.shown())[::2] == ("queued", ["sent", "sent", "queued"])
    await talk.attempt()
    assert (talk.provider.calls, (await talk.shown())[0]) == ([1, 3], "sent")


async def test_an_attempt_that_was_given_up_begins_no_further_part(desk: Desk) -> None:
    talk = await Talk.make(desk)
    talk.provider.waits[1] = waiting = asyncio.Event()
    [claimed] = await desk.claim()
    call = asyncio.create_task(talk.provider.send(claimed))
    await until_called(talk, 1)
    desk.backend.clock.move(seconds=31)
    await desk.outbox.recover()
    assert (await talk.shown())[::2] == ("unknown", ["unknown", "queued", "queued"])
    waiting.set()
    with pytest.raises(NotAccepted) as late:
        await call
    assert talk.provider.calls == [1]
    await desk.end(claimed, error=late.value)
    assert (await talk.shown())[::2] == ("queued", ["sent", "queued", "queued"])


async def test_a_channel_that_splits_otherwise_now_sends_no_part_twice(desk: Desk) -> None:
    talk = await Talk.make(desk)
    talk.provider.errors[2] = NotAccepted(LOST)
    await talk.attempt()
    desk.backend.clock.move(seconds=100)
    [claimed] = await desk.claim()

    async def never() -> str:
        raise AssertionError("nothing may be sent")

    with pytest.raises(Refused) as refused:
        await send_parts(claimed, [Part("text", never)] * 2)
    assert refused.value.failure.code == "parts_changed"
