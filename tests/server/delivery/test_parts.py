"""A message that goes out as several calls: a state for each part, and the rest by hand."""

import pytest

from connectors.contract import Peer
from connectors.errors import NotAccepted, Refused, Uncertain
from server.db import schema
from server.delivery.api import ROUTES
from server.errors import Conflict
from tests.server.delivery.talk import LOST, WHY, Talk
from tests.support.delivery import Desk, api_client

pytestmark = pytest.mark.usefixtures("receiving")


async def test_a_message_is_where_its_last_part_is(desk: Desk) -> None:
    talk = await Talk.make(desk)
    await talk.attempt()
    assert await talk.shown() == ("sent", None, ["sent"] * 3)
    await talk.tell("delivered", 1, 3)
    assert await talk.shown() == ("sent", None, ["delivered", "sent", "delivered"])
    await talk.tell("read", 2)
    assert await talk.shown() == ("delivered", None, ["delivered", "read", "delivered"])
    await talk.tell("failed", 3, failure=WHY)  # a word that comes late is no step back
    assert (await talk.shown())[0] == "delivered"
    await talk.tell("read", watermark_ms=desk.backend.clock.now_ms(), peer=Peer(id=talk.peer))
    assert await talk.shown() == ("read", None, ["read"] * 3)
    [delivery] = await desk.deliveries()
    assert None not in (delivery["sent_at"], delivery["delivered_at"], delivery["read_at"])
    rows = sorted(await desk.rows(schema.delivery_part), key=lambda row: row["number"])
    assert [(row["kind"], row["external_id"]) for row in rows] == [
        (kind, talk.provider.external(number)) for number, kind in enumerate(["text", "image", "image"], 1)
    ]


async def test_what_failed_says_which_part(desk: Desk) -> None:
    talk = await Talk.make(desk)
    await talk.attempt()
    await talk.tell("delivered", 1)
    await talk.tell("failed", 2, failure=WHY)
    state, failure, parts = await talk.shown()
    assert (state, parts) == ("failed", ["delivered", "failed", "sent"])
    assert failure is not None
    assert (failure["code"], failure["part"]) == ("no_such_address", 2)
    async with api_client(ROUTES, access=desk.access, replies=desk.replies) as http:
        answer = await http.post(f"/api/v1/dialogs/{talk.dialog_id}/messages/{talk.message_id}/retry")
    told = answer.json()
    assert (told["state"], [part["state"] for part in told["parts"]]) == (
        "queued",
        ["delivered", "queued", "sent"],
    )
    talk.provider.calls.clear()
    await talk.attempt()
    assert talk.provider.calls == [2]
    assert await talk.shown() == ("sent", None, ["delivered", "sent", "sent"])


async def test_an_attempt_that_is_repeated_by_itself_sends_what_was_not_accepted(desk: Desk) -> None:
    talk = await Talk.make(desk)
    talk.provider.errors[2] = NotAccepted(LOST)
    await talk.attempt()
    assert (await talk.shown())[::2] == ("queued", ["sent", "queued", "queued"])
    await talk.tell("failed", 1, failure=WHY)  # accepted once: only a person decides to send that again
    desk.backend.clock.move(seconds=100)
    await talk.attempt()
    assert talk.provider.calls == [1, 2, 2, 3]
    assert (await talk.shown())[::2] == ("failed", ["failed", "sent", "sent"])


async def test_by_hand_only_the_rest_goes_out_and_a_doubt_is_the_agents(desk: Desk) -> None:
    talk = await Talk.make(desk)
    talk.provider.errors[2] = Refused(WHY)
    await talk.attempt()
    assert (await talk.shown())[::2] == ("failed", ["sent", "failed", "queued"])
    talk.provider.calls.clear()
    talk.provider.errors[3] = Uncertain(LOST)
    await talk.again()
    await talk.attempt()
    assert talk.provider.calls == [2, 3]
    assert (await talk.shown())[::2] == ("unknown", ["sent", "sent", "unknown"])
    await talk.tell("failed", 1, failure=WHY)
    # Shown as failed: the agent was not told of the third part, which may have arrived.
    assert (await talk.shown())[::2] == ("failed", ["failed", "sent", "unknown"])
    talk.provider.calls.clear()
    talk.provider.errors[1] = NotAccepted(LOST)
    await talk.again()
    await talk.attempt()
    desk.backend.clock.move(seconds=100)
    await talk.attempt()
    assert talk.provider.calls == [1, 1]
    assert (await talk.shown())[::2] == ("unknown", ["sent", "sent", "unknown"])
    await talk.again()
    await talk.attempt()
    assert talk.provider.calls == [1, 1, 3]
    assert await talk.shown() == ("sent", None, ["sent"] * 3)
    with pytest.raises(Conflict):
        await talk.again()


async def test_a_doubt_of_before_the_parts_were_known_stays_the_agents(desk: Desk) -> None:
    """The first attempt was cut off before it said how many parts there are; the one by hand plans them."""
    talk = await Talk.make(desk)
    [claimed] = await desk.claim()
    await desk.end(claimed, error=Uncertain(LOST, accepted=(talk.provider.external(1),)))
    await talk.tell("failed", 1, failure=WHY)
    assert (await talk.shown())[::2] == ("failed", ["failed", "unknown"])
    talk.provider.errors[1] = NotAccepted(LOST)
    await talk.again()
    await talk.attempt()
    desk.backend.clock.move(seconds=100)
    await talk.attempt()
    assert talk.provider.calls == [1, 1, 3]
    assert (await talk.shown())[::2] == ("unknown", ["sent", "unknown", "sent"])


async def test_a_message_that_is_one_part_now_is_not_taken_for_sent(desk: Desk) -> None:
    """Its channel's limits grew between the first part and the rest."""
    talk = await Talk.make(desk)
    talk.provider.errors[2] = NotAccepted(LOST)
    await talk.attempt()
    talk.provider.count = 1
    desk.backend.clock.move(seconds=100)
    await talk.attempt()
    state, failure, parts = await talk.shown()
    assert (talk.provider.calls, state, parts) == ([1, 2], "failed", ["sent", "failed", "queued"])
    assert failure is not None
    assert failure["code"] == "parts_changed"


async def test_attempts_that_get_on_are_not_counted_against_the_message(desk: Desk) -> None:
    """Each attempt has one more part accepted: the provider is slow, and nothing is wrong with the message."""
    talk = await Talk.make(desk)
    talk.provider.count = 12
    for number in range(2, 13):
        talk.provider.errors[number] = NotAccepted(LOST)
        await talk.attempt()
        assert (await talk.shown())[0] == "queued", number
        desk.backend.clock.move(seconds=3)  # the first pause, not one that grows
    talk.provider.errors[12] = NotAccepted(LOST)
    await talk.attempt()
    assert (await talk.shown())[0] == "queued", "all those before it got on"
    desk.backend.clock.move(seconds=5)
    await talk.attempt()
    assert (await talk.shown())[0] == "sent"


@pytest.mark.parametrize("is_report_first", [False, True])
async def test_why_the_rest_stayed_here_is_not_forgotten(desk: Desk, is_report_first: bool) -> None:
    """SMS was switched off while the rest waited; what is told of the first part says nothing about that."""
    talk = await Talk.make(desk)
    talk.provider.errors[2] = NotAccepted(LOST)
    await talk.attempt()
    if is_report_first:
        await talk.tell("delivered", 1)
    await desk.set(schema.channel, desk.channel_id, sms_on=False)
    desk.backend.clock.move(seconds=100)
    assert await desk.claim() == []
    if not is_report_first:
        await talk.tell("delivered", 1)
    state, failure, parts = await talk.shown()
    assert (state, parts) == ("failed", ["delivered", "failed", "queued"])
    assert failure is not None
    assert (failure["code"], failure["part"]) == ("number_off", 2)
    await desk.set(schema.channel, desk.channel_id, sms_on=True)
    await talk.again()
    await talk.attempt()
    assert (talk.provider.calls, (await talk.shown())[0]) == ([1, 2, 2, 3], "sent")
