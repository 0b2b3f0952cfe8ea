"""SMPP: settings that are tried before they are saved, by a bind and by a test SMS, with a real SMSC."""

import asyncio
from typing import Any

import pytest

from connectors.contract import Connector, Outbound
from connectors.errors import NotAccepted, Refused, SendError
from connectors.sms.smpp import SmppConnector
from tests.support.smpp import TO, Line, settings_of
from tests.support.smsc import Smsc

TEST = Outbound(delivery_id="9", attempt=1, peer_id=TO, text="Test: Centrala")


def of(smsc: Smsc, **changes: Any) -> SmppConnector:
    return SmppConnector(settings_of(**{**smsc.settings, **changes}))


async def refusal(connector: SmppConnector, *running: Connector) -> SendError:
    with pytest.raises(SendError) as caught:
        await connector.send_test(TEST, running)
    return caught.value


async def test_the_settings_are_tried_by_a_bind(smsc: Smsc) -> None:
    good = await of(smsc).check()
    assert (good.problems, good.account and good.account.id) == ((), "centrala")
    await smsc.expect("unbound")
    wrong = await of(smsc, password="wrong").check()
    assert [(each.key, each.code) for each in wrong.problems] == [("password", "not_authorised")]
    await smsc.kill()
    away = await of(smsc).check()
    assert [(each.key, each.code) for each in away.problems] == [("api_base", "unreachable")]


async def test_a_test_sms_has_a_bind_of_its_own_while_nobody_has_one(smsc: Smsc) -> None:
    await smsc.tell("answers", next=[{"held": True}])
    sending = asyncio.create_task(of(smsc).send_test(TEST, ()))
    submitted = await smsc.expect("submitted")
    assert (submitted["text"], submitted["destination_addr"]) == (TEST.text, TO.lstrip("+"))
    # What a customer writes just then is left to the channel: the SMSC is told to bring it later.
    await smsc.deliver("Halo")
    assert (await smsc.expect("answered"))["status"] == 0x64
    assert smsc.count("unbound") == 0
    await smsc.tell("release")
    assert (await sending).external_ids == ("m1",)
    await smsc.expect("unbound")


async def test_why_a_test_sms_did_not_go(smsc: Smsc) -> None:
    wrong = await refusal(of(smsc, password="wrong"))
    assert (type(wrong), wrong.failure.code) == (Refused, "not_authorised")
    await smsc.tell("answers", next=[{"status": 0x0A}])
    assert (await refusal(of(smsc))).failure.code == "bad_sender"
    await smsc.expect("unbound")
    line = Line(of(smsc))
    try:
        await smsc.expect("bound")
        # Of another server of ours, say: this one cannot know.
        assert (await refusal(of(smsc))).failure.code == "already_connected"
    finally:
        await line.stop()
    await smsc.kill()
    assert (await refusal(of(smsc))).failure.code == "unreachable"


async def test_a_test_sms_goes_over_the_bind_that_there_is(smsc: Smsc) -> None:
    line = Line(of(smsc))
    another = of(smsc, system_id="another")
    try:
        await smsc.expect("bound")
        tested = of(smsc, sender="Sklep")
        assert (await tested.send_test(TEST, (another, line.connector))).external_ids == ("m1",)
        assert (await smsc.expect("submitted"))["source_addr"] == "Sklep", "with the settings that are tried"
        told = await refusal(of(smsc, password="new"), line.connector)
        assert told.failure.code == "connected_otherwise"
        await smsc.tell("answers", next=[{"status": 0x0B}])
        assert (await refusal(of(smsc), line.connector)).failure.code == "no_such_address"
        assert (smsc.count("bound"), smsc.count("closed")) == (1, 0)
        assert line.items == []
    finally:
        await line.stop()


async def test_a_test_sms_makes_the_channels_own_bind_where_that_is_broken(smsc: Smsc) -> None:
    channel = of(smsc)
    await smsc.kill()
    with pytest.raises(NotAccepted):
        await channel.poll(None)
    # The host pauses now, and may do so for a minute.
    assert (await refusal(of(smsc), channel)).failure.code == "unreachable"
    await smsc.start()
    assert (await of(smsc).send_test(TEST, (channel,))).external_ids == ("m1",)
    worked = await channel.poll(None)
    assert worked.items == ()
    await smsc.deliver("Halo")
    assert [getattr(item, "text", "") for item in (await channel.poll(worked.cursor)).items] == ["Halo"]
    assert smsc.count("bound") == 1
    await channel.release()


async def test_no_bind_is_made_beside_another_processs(smsc: Smsc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.sms.smpp.link._BIND_SECONDS", 0.1)
    channel = of(smsc)
    assert (await refusal(of(smsc), channel)).failure.code == "connected_elsewhere"
    assert smsc.count("bound") == 0
