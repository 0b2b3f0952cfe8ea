"""How reactions of agents end: refused, lost, late, blocked; at a provider, and by what it reports afterwards."""

import json
from typing import Any

import pytest

from connectors.contract import ReceiptState as State
from connectors.errors import Failure, Refused
from connectors.http import HTTPClient
from connectors.registry import open_connector
from connectors.simulator import Simulator
from server.db import schema
from server.delivery.reactions.box import mark_of, marked
from server.errors import Conflict
from tests.connectors.samples import SETTINGS
from tests.server.delivery.reactions import (
    GONE,
    LOST,
    REFUSED,
    SLOWLY,
    Bench,
    becomes,
    process,
)


async def test_a_refusal_is_told_in_words_and_can_be_put_away(bench: Bench) -> None:
    """Also when nothing can be sent any more: it needs no call, as nothing of ours is there."""
    await bench.put("👍")
    await bench.send(REFUSED)
    [row] = await bench.desk.rows(schema.message)
    view = json.loads(row["own_reaction"])
    assert (view["state"], view["seen"], view["failure"]["text"]) == ("failed", None, GONE.text)
    assert await bench.claim() is None
    assert (await bench.put("👍")).own_reaction.state == "queued"  # once more
    await bench.send(REFUSED)
    bench.desk.channels.paused.add(bench.desk.channel_id)
    with pytest.raises(Conflict, match="paused"):
        await bench.put("👍")
    assert (await bench.put(None)).own_reaction is None
    assert await bench.claim() is None


async def test_what_could_not_be_changed_leaves_what_is_there(bench: Bench) -> None:
    await bench.put("👍")
    await bench.send()
    await bench.put("😡")
    await bench.send(REFUSED)
    assert await bench.shown() == ("failed", "😡", "👍")
    bench.desk.channels.paused.add(bench.desk.channel_id)  # it needs no call
    await bench.put("👍")
    assert (await bench.shown(), await bench.claim()) == (("sent", "👍", "👍"), None)


async def test_a_provider_that_asks_to_wait_is_waited_for_whatever_is_wished(bench: Bench) -> None:
    await bench.put("👍")
    await bench.send(SLOWLY)
    assert await bench.shown() == ("queued", "👍", None)
    await bench.put("😡")
    bench.desk.backend.clock.move(seconds=59)
    assert await bench.claim() is None
    bench.desk.backend.clock.move(seconds=2)
    assert await bench.send(SLOWLY) == "😡"
    for _ in range(2):
        bench.desk.backend.clock.move(seconds=70)
        assert await bench.send(SLOWLY) == "😡"
    assert (await bench.shown(), await bench.claim()) == (("failed", "😡", None), None)


async def test_a_lost_call_is_made_again_and_ends_unknown_at_last(bench: Bench) -> None:
    """It changes nothing for the customer, so unlike a message it is repeated; what is not known is not claimed."""
    await bench.put("👍")
    for _ in range(3):
        assert await bench.send(LOST) == "👍"
        bench.desk.backend.clock.move(seconds=10)
    assert (await bench.shown(), await bench.claim()) == (("unknown", "👍", None), None)
    await bench.put(None)  # it may be there, so taking it back needs a call
    assert await bench.send() is None
    assert await bench.shown() is None
    assert len(bench.desk.channels.ok) == 1


async def test_a_call_whose_sender_died_is_made_again(bench: Bench) -> None:
    await bench.put("👍")
    dead = await bench.claim()
    bench.desk.backend.clock.move(seconds=29)
    assert await bench.claim() is None
    bench.desk.backend.clock.move(seconds=2)
    assert await bench.claim() is None  # found, and due after a pause
    bench.desk.backend.clock.move(seconds=3)
    again = await bench.claim()
    assert again is not None
    await bench.end(dead, REFUSED)  # of another attempt: nothing
    assert await bench.shown() == ("queued", "👍", None)
    await bench.end(again)
    assert await bench.shown() == ("sent", "👍", "👍")


async def test_whoever_blocked_us_is_locked_out(bench: Bench) -> None:
    await bench.put("👍")
    await bench.send(Refused(Failure(code="blocked", text="The customer blocked the bot.")))
    [dialog] = await bench.desk.rows(schema.dialog)
    assert (dialog["reachable"], (await bench.shown() or [""])[0]) == (False, "failed")
    [channel] = [bench.desk.channel_id]
    await bench.put(None)
    assert bench.desk.channels.errors == []
    await bench.desk.set(schema.dialog, bench.dialog, reachable=True)
    await bench.put("👍")
    await bench.send(Refused(Failure(code="not_authorised", text="The token."), channel=True))
    assert bench.desk.channels.errors == [(channel, "The token.")]


# ------------------------------------------------------------------------------------------ reports of a provider


@pytest.mark.parametrize("overtakes", [False, True])
async def test_a_report_tells_that_it_failed_after_all(bench: Bench, overtakes: bool) -> None:
    """WhatsApp accepts, and says by a status that the message is gone: also before its own answer is recorded."""
    await bench.put("👍")
    await bench.send()
    await bench.put("😡")
    sent = await bench.claim()
    assert sent is not None
    for step in (bench.report(sent), bench.end(sent)) if overtakes else (bench.end(sent), bench.report(sent)):
        await step
    assert await bench.shown() == ("failed", "😡", "👍")
    assert await bench.desk.rows(schema.receipt) == []
    await bench.report(sent)
    assert await bench.shown() == ("failed", "😡", "👍")


async def test_a_report_about_what_was_taken_back(bench: Bench) -> None:
    await bench.put("👍")
    await bench.send()
    await bench.put(None)
    sent = await bench.claim()
    assert sent is not None
    await bench.end(sent)
    assert (sent.emoji, await bench.shown()) == (None, None)
    await bench.report(sent)
    assert await bench.shown() == ("failed", None, "👍")


async def test_a_report_about_an_earlier_wish_sends_the_newest(bench: Bench) -> None:
    await bench.put("👍")
    first = await bench.claim()
    assert first is not None
    await bench.put("😡")
    await bench.report(first)
    assert (await bench.shown(), await bench.send()) == (("queued", "😡", None), "😡")
    await bench.end(first)
    await bench.report(first)
    assert await bench.shown() == ("sent", "😡", "😡")


async def test_a_report_settles_what_was_unknown(bench: Bench) -> None:
    await bench.put("👍")
    last = None
    for _ in range(3):
        last = await bench.claim()
        await bench.end(last, LOST)
        bench.desk.backend.clock.move(seconds=10)
    assert last is not None
    await bench.report(last, State.SENT)
    assert await bench.shown() == ("sent", "👍", "👍")


def test_our_mark_is_found_again_and_no_other_is_taken_for_it() -> None:
    assert marked(mark_of(1234, 5)) == (1234, 5)
    for other in (
        None,
        "",
        "centrala:1234",
        "centrala:reaction",
        "centrala:reaction:1",
        "centrala:reaction:x:1",
    ):
        assert marked(other) is None


ACCOUNTS: dict[str, dict[str, Any]] = {kind: SETTINGS[kind] for kind in ("telegram", "whatsapp", "messenger")}


@pytest.mark.parametrize("kind", ACCOUNTS)
async def test_what_a_provider_loses_arrives_all_the_same(bench: Bench, kind: str) -> None:
    """By the real connector: an answer is lost, a call is not accepted; the phone shows what is wanted at the end."""
    settings = ACCOUNTS[kind]
    async with Simulator() as sim, HTTPClient(timeout=5) as http:
        sim.add_account(
            kind, **{name: settings[name] for name in settings if name not in ("mode", "human_agent")}
        )
        phone = sim.customer(kind, name="Zofia")
        said = await phone.write("Dzień dobry")
        connector = open_connector(kind, None, settings | {"api_base": sim.api_base(kind)}, http, "")
        bench.desk.channels.connectors[bench.desk.channel_id] = connector
        [person] = await bench.desk.rows(schema.identity)
        await bench.desk.set(schema.identity, person["id"], address=phone.address)
        await bench.desk.set(schema.message, bench.message, external_id=said.id)
        bench.hurry()
        async with process(bench):
            for emoji in ("👍", None):
                sim.faults[kind].reset_after_accept()
                sim.faults[kind].reset()
                await bench.put(emoji)
                await becomes(bench, None if emoji is None else ("sent", emoji, emoji))
                assert said.own_reaction == (emoji or "")
