"""SMPP: what becomes known of a message after its time-out, by a late answer or by a report, with a real SMSC."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.contract import Attempt, Receipt, reference_of
from connectors.errors import Refused, Uncertain
from connectors.sms.smpp import SmppConnector
from tests.support.smpp import Line, settings_of
from tests.support.smsc import PHONE, Smsc

LONG = "ą " * 50
"""Two parts."""


@pytest.fixture
async def line(smsc: Smsc, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    monkeypatch.setattr("connectors.sms.smpp.link.ANSWER_SECONDS", 0.2)
    made = Line(SmppConnector(settings_of(**smsc.settings)))
    await smsc.expect("bound", system_id="centrala")
    yield made
    await made.stop()


async def unanswered(
    smsc: Smsc, line: Line, text: str, answers: list[dict[str, Any]], **changes: Any
) -> list[dict[str, Any]]:
    """Send something that gets these answers, of which the last one does not come in time; the parts as they came."""
    await smsc.tell("answers", next=answers)
    with pytest.raises(Uncertain) as caught:
        await line.send(text, **changes)
    assert caught.value.failure.text == (
        "The SMSC gave no answer in time; the message may or may not have been sent."
    )
    return [await smsc.expect("submitted") for _ in answers]


async def late(line: Line) -> Attempt:
    async with asyncio.timeout(5):
        return await line.connector.late()


@pytest.mark.parametrize(
    ("text", "answers", "sent", "code", "accepted"),
    [
        ("Halo", [{"held": True}], ("m1",), None, ()),
        (LONG, [{}, {"held": True}], ("m1", "m2"), None, ()),
        # The second part was never sent, so that the message is not there, and nothing sends it by itself now.
        (LONG, [{"held": True}], None, "incomplete", ("m1",)),
        ("Halo", [{"held": True, "status": 0x0B}], None, "no_such_address", ()),
        (LONG, [{}, {"held": True, "status": 0x0B}], None, "no_such_address", ("m1",)),
    ],
    ids=["whole", "last part", "first part", "refused", "last part refused"],
)
async def test_an_answer_after_its_time_tells_how_the_attempt_ended(
    smsc: Smsc,
    line: Line,
    text: str,
    answers: list[dict[str, Any]],
    sent: tuple[str, ...] | None,
    code: str | None,
    accepted: tuple[str, ...],
) -> None:
    await unanswered(smsc, line, text, answers)
    await smsc.tell("release")
    attempt = await late(line)
    assert (attempt.delivery_id, attempt.attempt) == ("7", 1)
    if code is None:
        assert attempt.sent is not None
        assert attempt.sent.external_ids == sent
    else:
        assert isinstance(attempt.error, Refused)
        assert (attempt.error.failure.code, attempt.error.accepted) == (code, accepted)


async def test_a_late_answer_is_of_the_part_that_was_left(smsc: Smsc, line: Line) -> None:
    await unanswered(smsc, line, LONG, [{"held": True}], done=frozenset({1}))
    await smsc.tell("release")
    assert (await late(line)).parts()[0] == {2: "m1"}


async def test_the_last_unanswered_messages_are_waited_for(
    smsc: Smsc, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.sms.smpp.session._MOST_LATE", 2)
    for name in "abc":
        await unanswered(smsc, line, "Halo", [{"held": True, "id": name}])
    for _ in range(2):
        await line.send("Tak")
    await smsc.tell("release")
    assert [(await late(line)).accepted for _ in range(2)] == [("b",), ("c",)]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await line.connector.late()


async def test_a_late_answer_without_an_id_and_a_lost_connection_tell_nothing(smsc: Smsc, line: Line) -> None:
    await unanswered(smsc, line, "Halo", [{"held": True, "id": ""}])
    await smsc.tell("release")
    await unanswered(smsc, line, "Halo", [{"held": True}])
    await smsc.tell("drop")
    await smsc.expect("bound")
    # The numbers of requests begin anew with the connection: an answer to one of these is not one to those.
    assert await line.send("Tak") == ("m2",)
    await unanswered(smsc, line, "Halo", [{"held": True}])
    await smsc.tell("release")
    sent = (await late(line)).sent
    assert sent is not None
    assert sent.external_ids == ("m4",)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await line.connector.late()


async def test_a_report_brings_back_the_reference_of_the_very_part(smsc: Smsc, line: Line) -> None:
    assert await line.send(LONG) == ("m1", "m2")
    for number in (1, 2):
        submitted = await smsc.expect("submitted")
        await smsc.receipt(f"r{number}", user_message_reference=submitted["user_message_reference"])
    await smsc.receipt("r3")
    found = [item for item in await line.came(3) if isinstance(item, Receipt)]
    person = f"+{PHONE}"
    assert [(each.external_ids, each.reference, each.peer and each.peer.id) for each in found] == [
        (("r1",), reference_of("d:7"), person),
        (("r2",), reference_of("d:7:2"), person),
        (("r3",), None, None),
    ]


async def test_a_reference_can_be_left_out(smsc: Smsc) -> None:
    line = Line(SmppConnector(settings_of(**smsc.settings, reference=False)))
    try:
        await smsc.expect("bound")
        await line.send("Tak")
        assert "user_message_reference" not in await smsc.expect("submitted")
        await smsc.tell("answers", next=[{"status": 0xC1}])
        with pytest.raises(Refused, match="switch the setting “reference” off"):
            await line.send("Tak")
    finally:
        await line.stop()
