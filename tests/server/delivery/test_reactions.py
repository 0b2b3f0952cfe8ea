"""Reactions of agents: the newest wish comes true, whoever changes it on the way."""

import itertools
import json
import random

import msgspec
import pytest

from connectors.contract import Peer, Reaction
from connectors.errors import SendError
from server.db import schema
from server.delivery.reactions import model as reaction_model
from server.delivery.reactions import queries as reaction_queries
from server.delivery.reactions.api import ROUTES
from server.delivery.reactions.model import By
from server.intake.keys import Entry
from server.intake.reports import write_reports
from tests.server.delivery.reactions import (
    EMOJI,
    LOST,
    POLICY,
    REFUSED,
    SLOWLY,
    Bench,
    becomes,
    process,
)
from tests.support.delivery import api_client


async def test_an_agent_reacts_and_takes_it_back(bench: Bench) -> None:
    """Through the HTTP interface, a running host and the events that screens follow; asked twice, it is sent once."""
    desk = bench.desk
    async with process(bench), api_client(ROUTES, access=desk.access, reactions=bench.reactions) as http:
        answer = await http.put(bench.path, json={"emoji": "❤"})
        assert answer.status_code == 200
        own = answer.json()["ownReaction"]
        assert (own["state"], own["emoji"], own["seen"], own["agent"]["name"]) == ("queued", "❤️", None, "Ala")
        await becomes(bench, ("sent", "❤️", "❤️"))
        assert (await http.put(bench.path, json={"emoji": "❤️"})).json()["ownReaction"]["state"] == "sent"
        assert (await http.put(bench.path, json={"emoji": "👍"})).status_code == 200
        await becomes(bench, ("sent", "👍", "👍"))
        assert (await http.delete(bench.path)).json()["ownReaction"]["emoji"] is None
        await becomes(bench, None)
        assert (await http.delete(bench.path)).json()["ownReaction"] is None
    assert bench.connector.reacted == ["❤️", "👍", None]
    assert await bench.told() == [
        ("queued", "❤️"),
        ("sent", "❤️"),
        ("queued", "👍"),
        ("sent", "👍"),
        ("queued", None),
        None,
    ]
    events = [event for event in await desk.events() if event.name == "message.updated"]
    [row] = await desk.rows(schema.message)
    assert (row["seq"], row["reaction"]) == (events[-1].seq, None)


async def test_the_customers_own_reaction_stays_apart(bench: Bench) -> None:
    [row] = await bench.desk.rows(schema.message)
    theirs = Reaction(key="r", target=row["external_id"], peer=Peer(id="77"), added=True, emoji="😂")
    await bench.put("👍")
    await bench.desk.units.run(
        lambda tx: write_reports(tx, [Entry(bench.desk.channel_id, theirs)], 24) and None
    )
    assert await bench.send() == "👍"
    [row] = await bench.desk.rows(schema.message)
    assert (row["reaction"], await bench.shown()) == ("😂", ("sent", "👍", "👍"))


async def test_what_an_agent_changes_while_it_is_on_its_way_goes_out_after_it(bench: Bench) -> None:
    """Never two calls about one message at once: the second could overtake the first."""
    await bench.put("👍")
    first = await bench.claim()
    bolek = bench.desk.backend.access(await bench.desk.backend.add_agent("Bolek"), "administrator", ())
    colleague = msgspec.structs.replace(bolek, name="Bolek")
    await bench.reactions.put(colleague, bench.dialog, bench.message, "😡")
    assert await bench.claim() is None
    assert await bench.shown() == ("queued", "😡", None)
    await bench.end(first)
    assert await bench.shown() == ("queued", "😡", "👍")
    assert await bench.send() == "😡"
    assert await bench.shown() == ("sent", "😡", "😡")
    [row] = await bench.desk.rows(schema.message)
    assert json.loads(row["own_reaction"])["agent"]["name"] == "Bolek"
    # Away and back again while it is on its way: what was sent is what is wanted.
    await bench.put(None)
    second = await bench.claim()
    await bench.put("👍")
    await bench.put(None)
    await bench.end(second)
    assert (await bench.shown(), await bench.claim()) == (None, None)


async def test_what_another_process_took_between_the_look_and_the_lock_is_not_taken_again(
    bench: Bench,
) -> None:
    desk, clock = bench.desk, bench.desk.backend.clock

    async def due() -> list[str | None]:
        found = [bench.message]
        rows = await desk.units.run(lambda tx: reaction_queries.still_due(tx.connection, found, tx.now_ms))
        return [row.emoji for row in rows]

    assert await due() == []
    await bench.put("👍")
    assert await due() == ["👍"]
    first = await bench.claim()
    assert await due() == []
    clock.move(seconds=31)  # its lease is over
    assert await due() == ["👍"]
    await bench.end(first, SLOWLY)
    assert await due() == []
    clock.move(seconds=61)
    assert await due() == ["👍"]


@pytest.mark.parametrize("error", [REFUSED, LOST, SLOWLY])
async def test_what_became_of_an_earlier_wish_is_not_told_of_the_newest(
    bench: Bench, error: SendError
) -> None:
    await bench.put("👍")
    first = await bench.claim()
    await bench.put("😡")
    await bench.end(first, error)
    assert await bench.shown() == ("queued", "😡", None)
    bench.desk.backend.clock.move(seconds=61 if error is SLOWLY else 0)
    assert await bench.send() == "😡"
    assert await bench.shown() == ("sent", "😡", "😡")


async def test_who_has_to_rest_gets_nothing(bench: Bench) -> None:
    await bench.put("👍")
    assert await bench.box.claim(bench.desk.channel, 4, ("77",)) == []
    assert len(await bench.box.claim(bench.desk.channel, 4, ("78",))) == 1


async def test_what_was_taken_back_before_it_went_out_never_does(bench: Bench) -> None:
    await bench.put("👍")
    await bench.put(None)
    assert (await bench.shown(), await bench.claim()) == (None, None)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_the_newest_wish_wins_and_nothing_is_claimed_falsely(seed: int) -> None:
    """Against a provider that keeps what it accepted: wishes, losses, refusals, late reports in any order."""
    chance, now, provider = random.Random(seed), itertools.count(1), [None]
    row = reaction_model.none(
        message_id=1, dialog_id=1, channel_id=1, by=By(agent_id=1, agent_name="A", at=0)
    )
    calls = 0
    for _ in range(60):
        at = next(now)
        if row.state == "sending":
            error = chance.choice([None, None, LOST, REFUSED, SLOWLY])
            if error is None or (error is LOST and chance.random() < 0.5):
                provider[0] = row.carried
            if chance.random() < 0.3:
                reaction_model.wish(row, chance.choice([None, *EMOJI]), By(agent_id=1, agent_name="A", at=at))
            reaction_model.end(row, error, POLICY, at)
        elif row.state == "queued" and chance.random() < 0.6:
            reaction_model.goes_out(row, at + 1)
            calls += 1
        else:
            reaction_model.wish(row, chance.choice([None, *EMOJI]), By(agent_id=1, agent_name="A", at=at))
        if row.sure and row.state != "sending":
            assert row.seen == provider[0], "what is said to be seen is seen"
    reaction_model.wish(row, "👍", By(agent_id=1, agent_name="A", at=1000))
    for at in range(1001, 1100):
        if row.state == "queued":
            reaction_model.goes_out(row, at + 1)
        if row.state == "sending":
            provider[0] = row.carried
            reaction_model.end(row, None, POLICY, at)
        elif row.state in ("failed", "unknown"):
            reaction_model.wish(row, "👍", By(agent_id=1, agent_name="A", at=at))
    assert (row.state, row.seen, provider[0]) == ("sent", "👍", "👍")
    assert calls
