"""SMPP: the connector against a real SMSC.

What needs no connection is in ``test_smpp_pdus.py`` and ``test_smpp_arrivals.py``; answers that come late, TLS, and trying
settings have files of their own.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.contract import InboundMessage, Outbound, Part, Receipt, Unknown
from connectors.errors import STOPPED, NotAccepted, Refused, SendError, Uncertain
from connectors.http import HTTPClient
from connectors.sms.smpp import SmppConnector, pdu
from tests.connectors import samples
from tests.support.smpp import TO, Line, opened, settings_of
from tests.support.smsc import Smsc
from tests.support.waiting import until


@pytest.fixture
async def line(smsc: Smsc) -> AsyncIterator[Line]:
    made = Line(SmppConnector(settings_of(**smsc.settings)))
    await smsc.expect("bound", system_id="centrala")
    yield made
    await made.stop()


async def test_messages_come_whole_and_in_parts_and_are_answered_after_the_commit(
    smsc: Smsc, line: Line
) -> None:
    line.commits = False
    await smsc.deliver("Zażółć 😀", data_coding=8)
    await smsc.deliver("€ {x}", data_coding=0)
    await smsc.tell("enquire")
    await smsc.expect("alive")
    assert smsc.count("answered") == 0
    line.commits = True
    assert [item.text for item in await line.came(2) if isinstance(item, InboundMessage)] == [
        "Zażółć 😀",
        "€ {x}",
    ]
    for _ in range(2):
        assert (await smsc.expect("answered"))["status"] == 0
    await smsc.deliver("Początek ", data_coding=8, udh="0500032a0201", esm_class=0x40)
    await smsc.deliver("i koniec", data_coding=8, udh="0500032a0202", esm_class=0x40)
    parts = [each for each in (await line.came(4))[2:] if isinstance(each, Part)]
    assert [(each.reference, each.number, each.count, each.text) for each in parts] == [
        ("42", 1, 2, "Początek "),
        ("42", 2, 2, "i koniec"),
    ]


async def test_texts_go_out_as_the_smsc_reads_them(smsc: Smsc, line: Line) -> None:
    assert await line.send("Cena: 5 € {brutto}") == ("m1",)
    short = await smsc.expect("submitted")
    assert (short["text"], short["data_coding"], short["registered_delivery"]) == ("Cena: 5 € {brutto}", 0, 1)
    assert (short["source_addr"], short["destination_addr"]) == ("48732001002", "48799123456")
    text = "Zażółć gęślą jaźń 😀 " * 5
    assert await line.send(text) == ("m2", "m3")
    parts = [await smsc.expect("submitted") for _ in range(2)]
    assert "".join(each["text"] for each in parts) == text.strip()
    assert [each["udh"][:4] + each["udh"][6:] for each in parts] == ["00030201", "00030202"]
    assert parts[0]["udh"][4:6] == parts[1]["udh"][4:6]
    # A part that was accepted is not sent again.
    assert await line.send(text, done=frozenset({1})) == ("m4",)
    assert (await smsc.expect("submitted"))["udh"] == parts[1]["udh"]


async def test_receipts_in_text_and_in_tlvs(smsc: Smsc, line: Line) -> None:
    await smsc.receipt("m1")
    await smsc.deliver(esm_class=4, receipted_message_id="m2", message_state=5)
    found = [item for item in await line.came(2) if isinstance(item, Receipt)]
    assert [(each.external_ids, each.state) for each in found] == [
        (("m1",), "delivered"),
        (("m2",), "failed"),
    ]


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        ({"status": 0x58}, NotAccepted, "rate_limited"),
        ({"status": 0x14}, NotAccepted, "rate_limited"),
        ({"status": 0x0B}, Refused, "no_such_address"),
        ({"status": 0x0A}, Refused, "bad_sender"),
        ({"status": 0x400}, Refused, "rejected"),
        ({"drop": True}, Uncertain, "no_clear_answer"),
        ({"silent": True}, Uncertain, "no_clear_answer"),
        ({"id": ""}, Uncertain, "no_clear_answer"),
    ],
)
async def test_how_a_message_can_fail(
    smsc: Smsc,
    line: Line,
    answer: dict[str, Any],
    error: type[SendError],
    code: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("connectors.sms.smpp.link.ANSWER_SECONDS", 0.3)
    await smsc.tell("answers", next=[{}, answer])
    with pytest.raises(error) as caught:
        await line.send("ą" * 100)
    assert caught.value.failure.code == code
    assert caught.value.accepted == ("m1",)
    if code == "rate_limited" and isinstance(caught.value, NotAccepted):
        assert caught.value.retry_after
    assert isinstance(caught.value, Refused) is False or caught.value.channel is (code == "bad_sender")


async def test_the_connection_comes_back_by_itself(
    smsc: Smsc, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    await smsc.kill()
    with monkeypatch.context() as patched:
        patched.setattr("connectors.sms.smpp.link._BIND_SECONDS", 0.1)
        with pytest.raises(NotAccepted, match="could not be reached"):
            await line.send()
    sending = asyncio.create_task(line.send())
    await smsc.start()
    assert await sending == ("m1",), "what waits for the connection goes out when it is there"
    assert {error.failure.code for error in line.troubles} == {"unreachable"}


async def test_the_host_is_told_at_once_that_a_connection_works_and_that_it_was_lost(smsc: Smsc) -> None:
    """So its pauses between attempts begin anew: one that works for a while and breaks is no SMSC that is away."""
    connector = SmppConnector(settings_of(**smsc.settings))
    message = Outbound(delivery_id="7", attempt=1, peer_id=TO, text="Tak")
    polling = asyncio.create_task(connector.poll(None))
    await connector.send(message)
    async with asyncio.timeout(5):
        polled = await polling
    assert polled.items == ()
    again = asyncio.create_task(connector.poll(polled.cursor))
    await connector.send(message)
    await smsc.tell("drop")
    with pytest.raises(NotAccepted, match="was lost"):
        await again
    await connector.release()


async def test_a_message_that_was_not_answered_comes_again_and_is_one(smsc: Smsc, line: Line) -> None:
    await smsc.tell("lose_answers")
    await smsc.deliver("ok")
    await smsc.expect("closed")
    await smsc.expect("bound")
    await smsc.expect("answered")
    await smsc.deliver("ok")
    items = await line.came(3)
    assert items[0].key == items[1].key
    assert items[2].key != items[0].key, "said again later, it is another message"


async def test_what_is_no_pdu_is_kept_or_refused_and_costs_nothing_else(smsc: Smsc, line: Line) -> None:
    bad = bytes.fromhex(samples.body("smpp/mo_too_short.hex").decode())
    await smsc.tell("raw", hex=bad.hex())
    assert isinstance((await line.came(1))[0], Unknown)
    assert line.raws == [bad]
    await smsc.tell("raw", hex="000000100000777700000000000000ff")
    assert (await smsc.expect("nack"))["status"] == pdu.INVALID_COMMAND
    await smsc.tell("raw", hex="7fffffff")
    assert (await smsc.expect("nack"))["status"] == pdu.INVALID_LENGTH
    await smsc.expect("bound")
    await smsc.deliver("dalej")
    assert isinstance((await line.came(2))[1], InboundMessage)


async def test_nothing_more_is_read_than_there_is_room_for(smsc: Smsc, line: Line) -> None:
    line.commits = False
    for number in range(300):
        await smsc.deliver(str(number))
    await until(lambda: line.connector._arrivals.full)
    await smsc.tell("enquire")
    line.commits = True
    items = await line.came(300)
    assert [item.text for item in items if isinstance(item, InboundMessage)] == [str(n) for n in range(300)]
    await smsc.expect("alive")


async def test_a_connection_that_is_just_made_is_given_up_too(smsc: Smsc) -> None:
    connector = SmppConnector(settings_of(**smsc.settings))
    polling = asyncio.create_task(connector.poll(None))
    await until(lambda: connector._link._binding is not None, every=0)
    await connector.release()
    with pytest.raises(NotAccepted):
        await polling
    # Another one gets it at once.
    assert (await SmppConnector(settings_of(**smsc.settings)).check()).problems == ()


async def test_a_wrong_password_is_for_a_person_to_mend(smsc: Smsc) -> None:
    connector = SmppConnector(settings_of(**{**smsc.settings, "password": "wrong"}), HTTPClient())
    with pytest.raises(Refused, match="does not accept the password") as caught:
        await connector.poll(None)
    assert caught.value.channel


async def test_what_waits_for_the_connection_when_we_are_stopped_was_certainly_not_sent() -> None:
    sending = asyncio.create_task(opened().send(Outbound(delivery_id="7", attempt=1, peer_id=TO, text="Tak")))
    await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(NotAccepted) as stopped:
        await sending
    assert stopped.value.failure.code == STOPPED
