"""The outbox: order, one sender per delivery, what each ending comes to, and crashes."""

import asyncio

import msgspec
import pytest

from connectors.contract import Sent
from connectors.errors import STOPPED, Failure, NotAccepted, Refused, Uncertain
from server.db import schema
from server.delivery.progress import Lapsed
from tests.support.delivery import Desk

FAILURE = Failure(code="busy", text="The provider is busy.", provider_code="429")


async def test_a_reply_is_sent_once_and_its_history_is_kept(desk: Desk) -> None:
    dialog = await desk.dialog()
    message = await desk.write(dialog, "Już patrzę")
    assert message.state == "queued"
    [claimed] = await desk.claim()
    assert (claimed.peer_id, claimed.text, claimed.attempt) == ("77", "Już patrzę", 1)
    assert await desk.state(message.id) == "sending"
    assert await desk.claim() == []
    await desk.accept(claimed, "tg-1")
    [delivery] = await desk.deliveries()
    assert (delivery["state"], delivery["sent_at"] is not None) == ("sent", True)
    history = await desk.rows(schema.delivery_state)
    assert [(h["state"], h["source"]) for h in history] == [
        ("queued", "agent"),
        ("sending", "worker"),
        ("sent", "worker"),
    ]
    [row] = await desk.rows(schema.message, schema.message.c.id == int(message.id))
    assert row["external_id"] == "tg-1"
    assert desk.channels.ok == [desk.channel_id]


async def test_every_change_of_state_is_an_event_with_the_whole_message(desk: Desk) -> None:
    message = await desk.write(await desk.dialog())
    [claimed] = await desk.claim()
    await desk.accept(claimed)
    events = [e for e in await desk.events() if e.name == "message.updated"]
    told = [msgspec.json.decode(e.data)["message"] for e in events]
    assert [(m["id"], m["state"]) for m in told] == [(message.id, "sending"), (message.id, "sent")]
    assert [m["seq"] for m in told] == [str(e.seq) for e in events]
    assert {e.scope.dialog_id for e in events} == {int(message.dialog_id)}


async def test_a_dialog_sends_in_order_and_others_do_not_wait(desk: Desk) -> None:
    one, other = await desk.dialog("77"), await desk.dialog("88")
    for text in ("1", "2", "3"):
        await desk.write(one, text)
    await desk.write(other, "x")
    first = await desk.claim()
    assert [m.text for m in first] == ["1", "x"]
    await desk.accept(first[0])
    assert [m.text for m in await desk.claim()] == ["2"]


@pytest.mark.parametrize("error", [Refused(FAILURE), Uncertain(FAILURE)])
async def test_a_failed_or_unknown_message_lets_the_next_one_go(desk: Desk, error: Exception) -> None:
    dialog = await desk.dialog()
    await desk.write(dialog, "1")
    await desk.write(dialog, "2")
    [first] = await desk.claim()
    await desk.end(first, error=error)
    assert [m.text for m in await desk.claim()] == ["2"]


async def test_a_message_to_be_tried_again_keeps_later_ones_waiting(desk: Desk) -> None:
    dialog = await desk.dialog()
    first = await desk.write(dialog, "1")
    await desk.write(dialog, "2")
    [claimed] = await desk.claim()
    await desk.end(claimed, error=NotAccepted(FAILURE))
    assert await desk.state(first.id) == "queued"
    assert await desk.claim() == []
    desk.backend.clock.move(seconds=3)
    [again] = await desk.claim()
    assert (again.text, again.attempt) == ("1", 2)


async def test_the_provider_decides_how_long_to_wait(desk: Desk) -> None:
    await desk.write(await desk.dialog())
    [claimed] = await desk.claim()
    await desk.end(claimed, error=NotAccepted(FAILURE, retry_after=30))
    desk.backend.clock.move(seconds=29)
    assert await desk.claim() == []
    desk.backend.clock.move(seconds=3)
    assert len(await desk.claim()) == 1


async def test_after_the_last_attempt_it_failed_with_a_reason(desk: Desk) -> None:
    message = await desk.write(await desk.dialog())
    for _ in range(3):
        [claimed] = await desk.claim()
        await desk.end(claimed, error=NotAccepted(FAILURE))
        desk.backend.clock.move(seconds=600)
    [row] = await desk.rows(schema.message, schema.message.c.id == int(message.id))
    assert row["state"] == "failed"
    assert msgspec.json.decode(row["failure"]) == {
        "code": "busy",
        "text": "The provider is busy.",
        "providerCode": "429",
    }
    assert await desk.claim() == []


async def test_what_is_unknown_is_never_sent_again_by_itself(desk: Desk) -> None:
    message = await desk.write(await desk.dialog())
    [claimed] = await desk.claim()
    await desk.end(claimed, error=Uncertain(FAILURE))
    assert await desk.state(message.id) == "unknown"
    desk.backend.clock.move(hours=100)
    await desk.outbox.recover()
    assert await desk.claim() == []


async def test_an_error_of_any_other_kind_is_unknown(desk: Desk) -> None:
    message = await desk.write(await desk.dialog())
    [claimed] = await desk.claim()
    await desk.end(claimed, error=ValueError("what?"))
    assert await desk.state(message.id) == "unknown"


async def test_parts_that_were_accepted_are_not_sent_again(desk: Desk) -> None:
    await desk.write(await desk.dialog())
    [claimed] = await desk.claim()
    await desk.end(claimed, error=NotAccepted(FAILURE, accepted=("a",)))
    desk.backend.clock.move(seconds=10)
    [again] = await desk.claim()
    assert again.done == {1}
    await desk.accept(again, "b")
    known = await desk.rows(schema.delivery_part)
    assert {row["number"]: row["external_id"] for row in known} == {1: "a", 2: "b"}


async def test_a_stop_between_two_parts_does_not_repeat_the_first(desk: Desk) -> None:
    await desk.write(await desk.dialog())
    [claimed] = await desk.claim()
    await desk.end(claimed, error=NotAccepted(STOP.failure, accepted=("a",)))
    [again] = await desk.claim()  # at once
    assert again.done == {1}


STOP = NotAccepted(Failure(code=STOPPED, text="The message was not sent yet; that is done shortly."))


async def test_a_stop_is_not_counted_against_the_message(desk: Desk) -> None:
    message = await desk.write(await desk.dialog())
    for tries in range(3):
        for _ in range(4):
            [claimed] = await desk.claim()
            await desk.end(claimed, error=STOP)
        assert await desk.state(message.id) == "queued", tries
        [claimed] = await desk.claim()
        await desk.end(claimed, error=NotAccepted(FAILURE))
        desk.backend.clock.move(seconds=600)
    assert await desk.state(message.id) == "failed"


@pytest.mark.parametrize("error", [STOP, Refused(FAILURE), Uncertain(FAILURE)])
async def test_what_is_recorded_twice_leaves_alone_what_another_process_sends(
    desk: Desk, error: Exception
) -> None:
    """The answer to the first record was lost, and it is repeated while somebody else has claimed the delivery."""
    message = await desk.write(await desk.dialog())
    [first] = await desk.claim()
    await desk.end(first, error=STOP)
    [second] = await desk.make_outbox("second").claim(desk.channel, 1)
    await desk.end(first, error=error)
    assert await desk.state(message.id) == "sending"
    assert await desk.claim() == []
    assert first.progress is not None
    with pytest.raises(Lapsed):  # nor does a call that goes on begin anything
        await first.progress.begins(2)
    await desk.accept(second)
    assert await desk.state(message.id) == "sent"


async def test_two_workers_never_send_one_delivery_twice(desk: Desk) -> None:
    dialogs = [await desk.dialog(f"peer{i}") for i in range(12)]
    for text in range(3):
        for dialog in dialogs:
            await desk.write(dialog, str(text))
    outboxes = [desk.make_outbox(f"worker{i}") for i in range(4)]
    seen: list[tuple[str, str]] = []

    async def work(outbox) -> None:
        idle = 0
        while idle < 5:
            claimed = await outbox.claim(desk.channel, 3)
            idle = 0 if claimed else idle + 1
            for message in claimed:
                seen.append((message.peer_id, message.text))
                await asyncio.sleep(0)
                await desk.accept(message)

    await asyncio.gather(*(work(outbox) for outbox in outboxes))
    assert sorted(seen) == sorted((f"peer{i}", str(text)) for i in range(12) for text in range(3))
    for i in range(12):
        assert [text for peer, text in seen if peer == f"peer{i}"] == ["0", "1", "2"]


async def test_a_crash_while_sending_ends_as_unknown(desk: Desk) -> None:
    dialog = await desk.dialog()
    message = await desk.write(dialog, "1")
    await desk.write(dialog, "2")
    await desk.claim()
    assert await desk.outbox.recover() == 0
    desk.backend.clock.move(seconds=31)
    assert await desk.make_outbox("after the crash").recover() == 1
    [row] = await desk.rows(schema.message, schema.message.c.id == int(message.id))
    assert row["state"] == "unknown"
    assert msgspec.json.decode(row["failure"])["code"] == "interrupted"
    assert [m.text for m in await desk.claim()] == ["2"]


async def test_a_late_answer_settles_what_was_given_up(desk: Desk) -> None:
    message = await desk.write(await desk.dialog())
    [claimed] = await desk.claim()
    desk.backend.clock.move(seconds=31)
    await desk.outbox.recover()
    await desk.accept(claimed)
    assert await desk.state(message.id) == "sent"


async def test_a_late_refusal_never_puts_it_back_into_the_queue(desk: Desk) -> None:
    message = await desk.write(await desk.dialog())
    [claimed] = await desk.claim()
    desk.backend.clock.move(seconds=31)
    await desk.outbox.recover()
    await desk.end(claimed, error=NotAccepted(FAILURE))
    assert await desk.state(message.id) == "failed"


async def test_a_result_of_an_earlier_attempt_counts_only_as_success(desk: Desk) -> None:
    message = await desk.write(await desk.dialog())
    [first] = await desk.claim()
    await desk.end(first, error=NotAccepted(FAILURE))
    desk.backend.clock.move(seconds=10)
    [second] = await desk.claim()
    await desk.end(first, error=Refused(FAILURE))
    assert await desk.state(message.id) == "sending"
    await desk.end(second, sent=Sent(external_ids=("b",)))
    assert await desk.state(message.id) == "sent"
    await desk.end(second, error=Uncertain(FAILURE))
    assert await desk.state(message.id) == "sent"


async def test_a_channel_that_cannot_send_at_all_is_reported(desk: Desk) -> None:
    await desk.write(await desk.dialog())
    [claimed] = await desk.claim()
    revoked = Failure(code="not_authorised", text="The token was revoked.")
    await desk.end(claimed, error=Refused(revoked, channel=True))
    assert desk.channels.errors == [(desk.channel_id, "The token was revoked.")]


async def test_waiting_ends_at_once_when_a_reply_is_queued(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = await desk.dialog()
    await desk.claim()
    await desk.backend.inbox.bus.start()
    await desk.outbox.wait(desk.channel)
    # Long enough that a busy machine can't take the end of the wait for the wake-up.
    monkeypatch.setattr("server.delivery.outbox._LOOK_SECONDS", 120)
    waiting = asyncio.ensure_future(desk.outbox.wait(desk.channel))
    await asyncio.sleep(0)
    await desk.write(dialog)
    done, _ = await asyncio.wait({waiting}, timeout=60)
    assert done, "nobody woke it up"
    assert [m.text for m in await desk.claim()] == ["Już patrzę"]


async def test_people_who_rest_are_passed_over_and_stay_queued(desk: Desk) -> None:
    first, second = await desk.dialog("77"), await desk.dialog("88")
    waiting = await desk.write(first, "1")
    await desk.write(second, "2")
    claimed = await desk.outbox.claim(desk.channel, 10, ["77", "nobody"])
    assert [m.text for m in claimed] == ["2"]
    assert await desk.state(waiting.id) == "queued"
    assert [m.text for m in await desk.claim()] == ["1"]
