"""A message that goes out as several calls: a state for each part, whatever comes in between, and the rest by hand."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Echo, Outbound, Peer, Receipt, ReceiptState, Sent, mark_of
from connectors.errors import Failure, NotAccepted, Refused, SendError, Uncertain
from connectors.host import ChannelHost, HostLimits
from connectors.sending import Part, send_parts
from server.db import schema
from server.delivery.api import ROUTES
from server.errors import Conflict
from server.supervisor import Supervisor
from tests.support.backend import Backend
from tests.support.delivery import Desk, api_client

COUNT = 3
WHY = Failure(code="no_such_address", text="The number does not exist.")
LOST = Failure(code="no_clear_answer", text="No answer.")


@pytest.fixture
async def desk(backend: Backend) -> AsyncIterator[Desk]:
    supervisor = Supervisor()
    backend.inbox.sink.start(supervisor)
    yield await Desk.make(backend)
    await supervisor.stop()


class Provider:
    """Takes the parts of one message; each may end otherwise than accepted, once."""

    def __init__(self, peer: str) -> None:
        self.peer = peer
        self.count = COUNT
        self.calls: list[int] = []
        self.errors: dict[int, SendError] = {}
        self.waits: dict[int, asyncio.Event] = {}

    def external(self, number: int) -> str:
        return f"{self.peer}.{number}"

    async def send(self, message: Outbound) -> Sent:
        def part(number: int) -> Part:
            async def call() -> str:
                self.calls.append(number)
                if number in self.waits:
                    await self.waits.pop(number).wait()
                if number in self.errors:
                    raise self.errors.pop(number)
                return self.external(number)

            return Part("image" if number > 1 else "text", call)

        return await send_parts(message, [part(number) for number in range(1, self.count + 1)])


class Talk:
    """One message of three parts to one person."""

    numbers = itertools.count(1)

    def __init__(self, desk: Desk, peer: str, dialog_id: int, message_id: str) -> None:
        self.desk = desk
        self.peer = peer
        self.dialog_id = dialog_id
        self.message_id = message_id
        self.provider = Provider(peer)

    @classmethod
    async def make(cls, desk: Desk) -> "Talk":
        peer = f"peer{next(cls.numbers)}"
        dialog_id = await desk.dialog(peer)
        return cls(desk, peer, dialog_id, (await desk.write(dialog_id)).id)

    async def attempt(self) -> Outbound:
        """Claim and send, as the host does, and record how it ended."""
        [claimed] = await self.desk.claim()
        try:
            await self.desk.end(claimed, sent=await self.provider.send(claimed))
        except SendError as error:
            await self.desk.end(claimed, error=error)
        return claimed

    async def tell(self, state: str, *numbers: int, failure: Failure | None = None, **more: Any) -> None:
        ids = tuple(self.provider.external(number) for number in numbers)
        key = f"{state}{ids}{more}"
        told = Receipt(key=key, state=ReceiptState(state), external_ids=ids, failure=failure, **more)
        await self.desk.backend.inbox.sink.ingest(self.desk.channel, [told])

    async def echo(self, number: int, tracker: str) -> None:
        external, peer = self.provider.external(number), Peer(id=self.peer)
        told = Echo(key=external, external_id=external, peer=peer, metadata=mark_of(tracker, number))
        await self.desk.backend.inbox.sink.ingest(self.desk.channel, [told])

    async def again(self) -> None:
        await self.desk.replies.retry(self.desk.access, self.dialog_id, int(self.message_id))

    async def shown(self) -> tuple[str, dict[str, Any] | None, list[str]]:
        """What people see: the state, why, and the states of its parts."""
        c = schema.message.c
        [row] = await self.desk.rows(schema.message, c.id == int(self.message_id))
        failure = None if row["failure"] is None else json.loads(row["failure"])
        return row["state"], failure, [part["state"] for part in json.loads(row["parts"] or "[]")]


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
    await _until_called(talk, 3)
    assert (await talk.shown())[2] == ["sent", "sent", "sending"]
    desk.backend.clock.move(seconds=31)
    assert await desk.outbox.recover() == 1
    assert (await talk.shown())[::2] == ("unknown", ["sent", "sent", "unknown"])
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)


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


# ------------------------------------------------------------------------------------------ any order

STEPS = ("planned", "arrived 1", "begins 2", "arrived 2", "begins 3", "end")
"""What the sender does, in this order; what is told may come between any two."""
TOLD = st.tuples(
    st.sampled_from(["sent", "delivered", "read", "failed", "read-watermark", "echo"]),
    st.integers(1, COUNT),
    st.integers(200, 203),
)


class Interrupted(Talk):
    """A message whose every step is taken by hand, and whose last call ends in ``end``."""

    async def begin(self, end: SendError | None) -> None:
        [self.claimed] = await self.desk.claim()
        self.began, self.end = self.desk.backend.clock.now_ms(), end

    async def step(self, step: str) -> None:
        port = self.claimed.progress
        assert port is not None
        match step.split():
            case ["planned"]:
                await port.planned(["text", "image", "image"])
            case ["arrived", number]:
                await port.arrived(int(number), self.provider.external(int(number)))
            case ["begins", number]:
                await port.begins(int(number))
            case _ if self.end is not None:
                self.end.accepted = tuple(self.provider.external(number) for number in (1, 2))
                await self.desk.end(self.claimed, error=self.end)
            case _:
                ids = tuple(self.provider.external(number) for number in (1, 2, 3))
                await self.desk.end(self.claimed, sent=Sent(external_ids=ids))

    async def told(self, fact: tuple[str, int, int]) -> None:
        what, number, second = fact
        if what == "echo":
            return await self.echo(number, self.claimed.tracker)
        if what == "read-watermark":
            # Of the time of the first part only, or after all were begun.
            mark = self.began + (900 if second == 203 else second) * 1000
            return await self.tell("read", watermark_ms=mark, peer=Peer(id=self.peer))
        at = self.began + second * 1000
        return await self.tell(what, number, at_ms=at, failure=WHY if what == "failed" else None)

    async def come_to(self) -> tuple[Any, ...]:
        await self.desk.outbox.apply_missed(since_ms=0)
        return await self.shown()


@given(
    facts=st.lists(TOLD, min_size=1, max_size=7, unique=True),
    repeats=st.lists(st.integers(0, 6), max_size=2),
    is_lost=st.booleans(),
    data=st.data(),
)
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_reports_of_parts_in_any_order_end_the_same(
    desk: Desk, facts: list[tuple[str, int, int]], repeats: list[int], is_lost: bool, data: st.DataObject
) -> None:
    """Between any two steps of the sender, before the answer and after it, whether or not the last answer is lost."""
    again = [facts[index % len(facts)] for index in repeats]
    shuffled = data.draw(st.permutations([*facts, *again]))
    places = sorted(
        data.draw(st.lists(st.integers(0, len(STEPS)), min_size=len(shuffled), max_size=len(shuffled)))
    )
    error = Uncertain(LOST) if is_lost else None

    plain = await Interrupted.make(desk)
    await plain.begin(error)
    desk.backend.clock.move(seconds=600)
    for step in STEPS:
        await plain.step(step)
    for fact in sorted(facts):
        await plain.told(fact)

    mixed = await Interrupted.make(desk)
    await mixed.begin(Uncertain(LOST) if is_lost else None)
    desk.backend.clock.move(seconds=600)
    for place, step in enumerate([*STEPS, None]):
        for at, fact in zip(places, shuffled, strict=True):
            # Nothing is told of a part before its call, which part 2 has after step 3, and part 3 after step 5.
            if place == max(at, 2 * fact[1] - 1 if fact[1] > 1 else 0):
                await mixed.told(fact)
        if step is not None:
            await mixed.step(step)
    assert await mixed.come_to() == await plain.come_to()


# ------------------------------------------------------------------------------------------ cut off


class NoPolls:
    async def may_poll(self) -> bool:
        return True

    async def cursor(self) -> str | None:
        return None

    async def failed(self, text: str) -> None:
        return None


def host(talk: Talk, call_seconds: float) -> ChannelHost:
    desk = talk.desk
    desk.connector.sending = talk.provider.send
    return ChannelHost(
        desk.channel,
        desk.connector,
        outbox=desk.outbox,
        sink=desk.backend.inbox.sink,
        poll_port=NoPolls(),
        health=NoPolls(),
        limits=HostLimits(call_seconds=call_seconds, stop_seconds=0.2),
    )


@pytest.mark.parametrize("how", ["timeout", "stop"])
async def test_a_call_that_is_cut_off_keeps_what_was_accepted(desk: Desk, how: str) -> None:
    talk = await Talk.make(desk)
    never = talk.provider.waits[2] = asyncio.Event()
    running = asyncio.create_task(host(talk, 0.5 if how == "timeout" else 30).run())
    await _until_called(talk, 2)
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
        while (await talk.shown())[2] != ["sent", "queued", "queued"]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
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
    await _until_called(talk, 1)
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
    with pytest.raises(Refused) as refused:
        await send_parts(claimed, [Part("text", talk.provider.send)] * 2)  # type: ignore[arg-type]
    assert refused.value.failure.code == "parts_changed"


async def _until_called(talk: Talk, number: int) -> None:
    async with asyncio.timeout(10):
        while number not in talk.provider.calls:  # noqa: ASYNC110 - another task's work
            await asyncio.sleep(0.01)


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
