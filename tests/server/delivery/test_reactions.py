"""Reactions of agents: the newest wish comes true or it is told why not, whatever happens on the way."""

import asyncio
import itertools
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from connectors.contract import (
    Capabilities,
    Deletion,
    OutboundReaction,
    Peer,
    Reaction,
    ReactionAttempt,
    Receipt,
)
from connectors.contract import ReceiptState as State
from connectors.errors import Failure, NotAccepted, Refused, SendError, Uncertain
from connectors.host import HostLimits
from connectors.http import HTTPClient
from connectors.offers import ReactionRule
from connectors.registry import open_connector
from connectors.simulator import Simulator
from server.db import schema
from server.delivery import reaction_model
from server.delivery.hosts import HostManager, new_owner
from server.delivery.model import RetryPolicy
from server.delivery.reacting import Reactions
from server.delivery.reaction_api import ROUTES
from server.delivery.reaction_box import DatabaseReactions, mark_of, marked
from server.delivery.reaction_model import By
from server.entities import Message
from server.errors import Conflict
from server.intake.keys import Entry
from server.intake.reports import write_reports
from server.intake.sink import IntakeSink
from server.intake.store import UnitStore
from server.supervisor import Supervisor
from tests.connectors.samples import SETTINGS
from tests.support.backend import Backend
from tests.support.delivery import CAPABILITIES, Desk, LoopConnector, api_client

EMOJI = ("👍", "❤️", "😡")
CAN = msgspec.structs.replace(
    CAPABILITIES, reactions=ReactionRule(emoji=EMOJI), reply_window_hours=24, human_reply_hours=168
)
POLICY = RetryPolicy(first_seconds=2, max_seconds=600, max_attempts=3, random=lambda: 1.0)
GONE = Failure(code="message_gone", text="The message is not there any more.")
REFUSED, LOST = Refused(GONE), Uncertain(Failure(code="x", text="No answer."))
SLOWLY = NotAccepted(Failure(code="rate_limited", text="More slowly."), retry_after=60)


class Reacting(LoopConnector):
    """Keeps what it was asked for; what the test says becomes of it."""

    def __init__(self, capabilities: Capabilities = CAN) -> None:
        super().__init__(capabilities)
        self.reacted: list[str | None] = []
        self.reacting: Callable[[OutboundReaction], Awaitable[None]] = self.accept_reaction

    async def react(self, reaction: OutboundReaction) -> None:
        self.reacted.append(reaction.emoji)
        await self.reacting(reaction)

    async def accept_reaction(self, reaction: OutboundReaction) -> None:
        pass


class Bench:
    """A desk with one customer's message, and both ends of a reaction to it."""

    def __init__(self, desk: Desk, dialog: int, message: int) -> None:
        self.desk = desk
        self.dialog = dialog
        self.message = message
        self.path = f"/api/v1/dialogs/{dialog}/messages/{message}/reaction"
        self.connector = Reacting()
        desk.channels.connectors[desk.channel_id] = self.connector
        self.reactions = Reactions(desk.units, desk.channels)
        self.box = self._box(POLICY)

    def _box(self, policy: RetryPolicy) -> DatabaseReactions:
        bus = self.desk.backend.inbox.bus
        return DatabaseReactions(
            self.desk.units, bus, policy=policy, lease_seconds=30, health=self.desk.channels
        )

    def hurry(self) -> None:
        """What was in vain is tried again at once."""
        self.box = self._box(
            RetryPolicy(first_seconds=0.01, max_seconds=1, max_attempts=8, random=lambda: 1.0)
        )

    async def put(self, emoji: str | None) -> Message:
        return await self.reactions.put(self.desk.access, self.dialog, self.message, emoji)

    async def claim(self) -> OutboundReaction | None:
        claimed = await self.box.claim(self.desk.channel, 4)
        return claimed[0] if claimed else None

    async def end(self, of: OutboundReaction | None, error: SendError | None = None) -> None:
        assert of is not None
        await self.box.record(self.desk.channel, [ReactionAttempt(of=of, error=error)])

    async def send(self, error: SendError | None = None) -> str | None:
        """Claim what is due and let it end so."""
        claimed = await self.claim()
        await self.end(claimed, error)
        return claimed.emoji if claimed else None

    async def report(self, of: OutboundReaction, state: State = State.FAILED) -> None:
        failure = GONE if state is State.FAILED else None
        told = Receipt(key="r", state=state, external_ids=("w1",), tracker=of.tracker, failure=failure)
        await self.desk.units.run(lambda tx: write_reports(tx, [Entry(self.desk.channel_id, told)]) and None)

    async def shown(self) -> tuple[str, str | None, str | None] | None:
        """State, what is wanted and what is seen, as everybody is shown it."""
        [row] = await self.desk.rows(schema.message, schema.message.c.id == self.message)
        if row["own_reaction"] is None:
            return None
        view = json.loads(row["own_reaction"])
        return view["state"], view["emoji"], view["seen"]

    async def told(self) -> list[Any]:
        """The state that each event brought."""
        data = [json.loads(e.data) for e in await self.desk.events() if e.name == "message.updated"]
        owns = [each["message"]["ownReaction"] for each in data]
        return [own and (own["state"], own["emoji"]) for own in owns]


@pytest.fixture
async def bench(backend: Backend) -> Bench:
    desk = await Desk.make(backend)
    dialog = await desk.dialog()
    [row] = await desk.rows(schema.message)
    return Bench(desk, dialog, row["id"])


@asynccontextmanager
async def process(bench: Bench) -> AsyncIterator[None]:
    """The sending parts of one process."""
    desk, owner, supervisor = bench.desk, new_owner(), Supervisor()
    sink = IntakeSink(UnitStore(desk.units, 24), batch_items=100, queue_bytes=1_000_000, owner=owner)
    manager = HostManager(
        desk.units,
        desk.backend.inbox.bus,
        desk.channels,
        desk.make_outbox(owner),
        sink,
        owner=owner,
        limits=HostLimits(concurrency=4, call_seconds=5, stop_seconds=1),
        reactions=bench.box,
    )
    manager.start(supervisor)
    try:
        yield
    finally:
        await supervisor.stop()


async def becomes(bench: Bench, wanted: Any) -> None:
    async with asyncio.timeout(10):
        while await bench.shown() != wanted:  # noqa: ASYNC110 - it is another task's work
            await asyncio.sleep(0.01)


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
    await bench.desk.units.run(lambda tx: write_reports(tx, [Entry(bench.desk.channel_id, theirs)]) and None)
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
    await bench.end(sent)
    assert (sent, await bench.shown()) == (sent, None)
    await bench.report(sent)  # type: ignore[arg-type]
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


# ------------------------------------------------------------------------------------------ what is refused


async def test_what_cannot_be_put_is_refused_with_a_reason(bench: Bench) -> None:
    desk = bench.desk
    ours = await desk.write(bench.dialog, "odpowiedź")
    elsewhere = await desk.dialog("88")
    other = bench.path.replace(str(bench.dialog), str(elsewhere))
    async with api_client(ROUTES, access=desk.access, reactions=bench.reactions) as http:

        async def refused(body: object, path: str = bench.path) -> tuple[int, str]:
            problem = (await http.put(path, json=body)).json()
            [about] = problem.get("errors") or [problem]
            return problem["status"], about.get("reason", "")

        assert await refused({"emoji": "😂"}) == (422, "reaction_not_offered")
        assert await refused({"emoji": "tak"}) == (422, "reaction_not_emoji")
        assert await refused({"emoji": ""}) == (422, "reaction_not_emoji")
        assert (await refused({"emoji": "👍" * 33}))[0] == 400
        assert (await refused({}))[0] == 400
        assert await refused({"emoji": "👍"}, bench.path.replace(str(bench.message), ours.id)) == (
            409,
            "reaction_target",
        )
        assert await refused({"emoji": "👍"}, other) == (404, "no_such_message")
        assert await refused({"emoji": "👍"}, bench.path.replace(str(bench.message), "x")) == (
            404,
            "no_such_message",
        )
        desk.channels.paused.add(desk.channel_id)
        assert await refused({"emoji": "👍"}) == (409, "channel_paused_sending")
        desk.channels.paused.clear()
        desk.channels.connectors[desk.channel_id] = LoopConnector()
        assert await refused({"emoji": "👍"}) == (409, "reactions_unsupported")
        desk.channels.connectors[desk.channel_id] = bench.connector
        desk.backend.clock.move(hours=25)
        assert await refused({"emoji": "👍"}) == (409, "reply_window_closed")
        desk.backend.clock.move(hours=-25)
        await desk.set(schema.dialog, bench.dialog, status="closed", closed_at=1)
        assert await refused({"emoji": "👍"}) == (409, "dialog_closed")
        await desk.set(schema.dialog, bench.dialog, status="open", closed_at=None)
        [row] = await desk.rows(schema.message, schema.message.c.id == bench.message)
        gone = Deletion(key="d", target=row["external_id"], peer=Peer(id="77"))
        await desk.units.run(lambda tx: write_reports(tx, [Entry(desk.channel_id, gone)]) and None)
        assert await refused({"emoji": "👍"}) == (409, "reaction_target")
    assert await desk.rows(schema.own_reaction) == []


async def test_who_may_not_see_or_answer_cannot_react(bench: Bench) -> None:
    desk = bench.desk
    await desk.set(schema.dialog, bench.dialog, assignee_id=await desk.backend.add_agent("Bolek"))
    team = desk.backend.access(desk.access.agent_id, "agent", (desk.channel_id,), sees_team=True)
    for access, status in ((desk.access, 404), (team, 403)):
        async with api_client(ROUTES, access=access, reactions=bench.reactions) as http:
            assert (await http.put(bench.path, json={"emoji": "👍"})).status_code == status
            assert (await http.delete(bench.path)).status_code == status
    lead = desk.backend.access(desk.access.agent_id, "supervisor", (desk.channel_id,))
    async with api_client(ROUTES, access=lead, reactions=bench.reactions) as http:
        assert (await http.put(bench.path, json={"emoji": "👍"})).status_code == 200


# ------------------------------------------------------------------------------------------ whatever the order


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


# ------------------------------------------------------------------------------------------ at the providers

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
