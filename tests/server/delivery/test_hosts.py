"""All channels of a process: started and stopped as they change, polled by one process only."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from connectors.contract import Ignored, Outbound, Pace, Polled, Rate, Sent
from connectors.host import HostLimits
from server.bus.base import Topic
from server.config import Delivery
from server.db import leases, schema
from server.delivery.hosts import HostManager, limits_of, new_owner
from server.intake.sink import IntakeSink
from server.intake.store import UnitStore
from server.supervisor import Supervisor
from tests.support.delivery import Desk, LoopConnector
from tests.support.waiting import until


@asynccontextmanager
async def process(desk: Desk, call_seconds: float = 5) -> AsyncIterator[str]:
    """The sending and polling parts of one process; gives its owner name."""
    owner, supervisor = new_owner(), Supervisor()
    sink = IntakeSink(UnitStore(desk.units, 24), batch_items=100, queue_bytes=1_000_000, owner=owner)
    outbox = desk.make_outbox(owner)
    manager = HostManager(
        desk.units,
        desk.backend.inbox.bus,
        desk.channels,
        outbox,
        sink,
        owner=owner,
        limits=HostLimits(concurrency=4, call_seconds=call_seconds, stop_seconds=1),
    )
    sink.start(supervisor)
    outbox.start(supervisor)
    manager.start(supervisor)
    try:
        yield owner
    finally:
        await supervisor.stop()


def running() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks()}


async def test_a_reply_goes_out_by_itself(desk: Desk) -> None:
    async with process(desk):
        dialog = await desk.dialog()
        message = await desk.write(dialog, "Już patrzę")
        await desk.reach(message.id, "sent")
    assert [m.text for m in desk.connector.sent] == ["Już patrzę"]


async def test_two_processes_send_each_message_once_and_in_order(desk: Desk) -> None:
    async with process(desk), process(desk):
        dialogs = [await desk.dialog(f"peer{i}") for i in range(5)]
        last = [await desk.write(d, str(n)) for n in range(4) for d in dialogs]
        for message in last:
            await desk.reach(message.id, "sent", 30)
    for i in range(5):
        assert [m.text for m in desk.connector.sent if m.peer_id == f"peer{i}"] == ["0", "1", "2", "3"]


class PacedConnector(LoopConnector):
    pace = Pace(channel=Rate(per_second=500, burst=4))


async def test_a_channel_with_a_pace_is_sent_by_one_process_at_a_time(desk: Desk) -> None:
    """Else each would go at the full pace; when it ends, the next one takes over at once."""
    senders: list[str] = []

    async def note(message: Outbound) -> Sent:
        senders.extend(row["owner"] for row in await desk.deliveries() if row["state"] == "sending")
        return await desk.connector.accept(message)

    desk.channels.connectors[desk.channel_id] = desk.connector = PacedConnector()
    desk.connector.sending = note
    dialogs = [await desk.dialog(f"peer{i}") for i in range(6)]
    async with process(desk) as second:
        async with process(desk) as first:
            for round_ in range(2):
                for message in [await desk.write(d, str(round_)) for d in dialogs]:
                    await desk.reach(message.id, "sent")
            [one] = set(senders)
            assert one in (first, second)
            other = {first, second} - {one}
            senders.clear()
        if one == second:  # the one that has it goes on
            other = {second}
        message = await desk.write(dialogs[0], "last")
        await desk.reach(message.id, "sent")
        assert set(senders) == other


async def test_channels_come_and_go_without_a_restart(desk: Desk) -> None:
    async with process(desk):
        new_id = await desk.backend.add_channel(name="New")
        old_id, new, desk.channel_id = desk.channel_id, LoopConnector(), new_id
        desk.access = desk.backend.access(desk.access.agent_id, "administrator")
        desk.channels.connectors[new_id] = new
        desk.backend.inbox.bus.publish(Topic.CHANNELS, str(new_id))
        message = await desk.write(await desk.dialog("88"), "x")
        await desk.reach(message.id, "sent")
        assert f"channel {new_id}" in running()
        desk.channels.paused.add(new_id)
        desk.backend.inbox.bus.publish(Topic.CHANNELS, str(new_id))
        await until(lambda: f"channel {new_id}" not in running())
        assert f"channel {old_id}" in running(), "the other one goes on"
        assert [m.text for m in new.sent] == ["x"]


async def test_a_defect_in_one_channel_does_not_touch_another(desk: Desk) -> None:
    async def defect(message: Outbound) -> Sent:
        raise RuntimeError("defect")

    bad = LoopConnector()
    bad.sending = defect
    good_id, bad_id = desk.channel_id, await desk.backend.add_channel(name="Bad")
    desk.channels.connectors[bad_id] = bad
    desk.access = desk.backend.access(desk.access.agent_id, "administrator")
    async with process(desk):
        desk.channel_id = bad_id
        lost = await desk.write(await desk.dialog("1"), "x")
        desk.channel_id = good_id
        fine = await desk.write(await desk.dialog("2"), "y")
        await desk.reach(lost.id, "unknown")
        await desk.reach(fine.id, "sent")
    assert [m.text for m in desk.connector.sent] == ["y"]
    by_channel = {row["channel_id"]: row for row in await desk.deliveries()}
    assert "unexpected" in by_channel[bad_id]["failure"], "said as a defect, not as silence"
    assert by_channel[good_id]["failure"] is None


async def test_a_channel_that_hangs_and_raises_delays_no_other(desk: Desk) -> None:
    """Every call of the bad channel is stuck, and more wait than may be on their way, before the good one is asked."""

    async def hang(message: Outbound) -> Sent:
        await asyncio.sleep(3600)
        raise AssertionError

    async def raise_at_once(cursor: str | None) -> Polled:
        raise RuntimeError("defect")

    async def poll(cursor: str | None) -> Polled:
        if cursor is not None:
            await asyncio.sleep(3600)
        return Polled(items=(Ignored(key="1", why="test"),), cursor="1")

    bad, good_id = LoopConnector(polls=True), desk.channel_id
    bad.sending, bad.polling = hang, raise_at_once
    bad_id = await desk.backend.add_channel(name="Bad")
    polling = LoopConnector(polls=True)
    polling.polling = poll
    polling_id = await desk.backend.add_channel(name="Polling")
    desk.channels.connectors |= {bad_id: bad, polling_id: polling}
    desk.access = desk.backend.access(desk.access.agent_id, "administrator")
    async with process(desk, call_seconds=600):
        desk.channel_id = bad_id
        stuck = [await desk.write(await desk.dialog(f"bad{n}"), "x") for n in range(8)]
        await until(lambda: len(bad.sent) == 4)
        desk.channel_id = good_id
        fine = [await desk.write(await desk.dialog(f"good{n}"), "y") for n in range(20)]
        for message in fine:
            await desk.reach(message.id, "sent")

        async def is_polled() -> bool:
            rows = {row["id"]: row["poll_cursor"] for row in await desk.rows(schema.channel)}
            return rows[polling_id] == "1"

        await until(is_polled)
        states = [await desk.state(message.id) for message in stuck]
    assert states.count("sending") == 4, "the bad channel was to be stuck all the time"
    assert states.count("queued") == 4


async def test_a_stopped_process_leaves_no_doubt_behind(desk: Desk) -> None:
    async def stuck(message: Outbound) -> Sent:
        await asyncio.sleep(3600)
        raise AssertionError

    desk.connector.sending = stuck
    async with process(desk):
        message = await desk.write(await desk.dialog(), "x")
        await until(lambda: desk.connector.sent)
    assert await desk.state(message.id) == "unknown"


async def test_what_was_claimed_and_not_begun_is_given_back(desk: Desk) -> None:
    message = await desk.write(await desk.dialog(), "x")

    async def is_taken() -> bool:
        return await desk.state(message.id) != "queued"

    for _ in range(5):
        async with process(desk):
            await until(is_taken)
        assert await desk.state(message.id) in ("queued", "sent")
        desk.backend.clock.move(seconds=700)
    assert len(desk.connector.sent) <= 1


async def test_one_process_polls_and_another_takes_over(desk: Desk) -> None:
    polled: list[str | None] = []

    async def poll(cursor: str | None) -> Polled:
        polled.append(cursor)
        await asyncio.sleep(0.05)
        number = int(cursor or 0) + 1
        return Polled(items=(Ignored(key=str(number), why="test"),), cursor=str(number))

    polling = LoopConnector(polls=True)
    polling.polling = poll
    desk.channels.connectors[desk.channel_id] = polling
    async with process(desk):
        async with process(desk):
            await until(lambda: len(polled) > 3)
        seen = len(polled)
        await until(lambda: len(polled) > seen + 3)
    numbers = [int(cursor or 0) for cursor in polled]
    # Only what was polled and not committed when the first one stopped is polled again.
    assert sorted(numbers) == numbers
    assert sorted(set(numbers)) == list(range(max(numbers) + 1))
    assert len(numbers) - len(set(numbers)) <= 1
    [row] = await desk.rows(schema.channel)
    assert int(row["poll_cursor"]) in (max(numbers), max(numbers) + 1)


async def test_a_lease_is_taken_by_one_kept_and_inherited(desk: Desk) -> None:
    units = desk.units

    async def acquire(owner: str, until_ms: int, now: int) -> bool:
        return await units.run(lambda tx: leases.acquire(tx.connection, "x", owner, until_ms, now))

    async def holds(owner: str, now: int) -> bool:
        return await units.run(lambda tx: leases.holds(tx.connection, "x", owner, now))

    assert await acquire("a", 100, 0)
    assert not await acquire("b", 100, 50)
    assert await acquire("a", 200, 90)
    assert await holds("a", 199)
    assert not await holds("a", 200)
    assert not await holds("b", 100)
    assert await acquire("b", 300, 200)
    await units.run(lambda tx: leases.release(tx.connection, "x", "a"))
    assert await holds("b", 250)
    took = await asyncio.gather(*(acquire(owner, 900, 400) for owner in "cdefg"))
    assert sum(took) == 1


def test_calls_always_end_before_their_lease() -> None:
    assert limits_of(Delivery(), stop_seconds=2).call_seconds == 25
    assert limits_of(Delivery(call_seconds=28), stop_seconds=2).call_seconds == 27
    assert len(new_owner()) <= 40
