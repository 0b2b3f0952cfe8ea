"""Thousands of sends over providers that fail three times out of ten: what we say of each is what the provider knows."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from connectors.contract import InboundMessage, Peer
from connectors.host import HostLimits
from connectors.http import HTTPClient
from connectors.registry import open_connector
from connectors.simulator import Fault, Simulator, What
from connectors.sms.smpp import failures
from server.db import schema
from server.delivery.hosts import HostManager
from server.delivery.service import NewMessage, queue_reply
from server.intake.batch import Batch
from server.intake.keys import Entry
from server.supervisor import Supervisor
from tests.connectors.samples import SETTINGS, at, channel
from tests.support.backend import Backend
from tests.support.delivery import Desk
from tests.support.outside import PATIENCE_S
from tests.support.smsc import Smsc
from tests.support.waiting import until

KINDS = ("telegram", "viber", "messenger", "whatsapp", "sms", "smsapi", "gateway")
"""Those of the simulator; SMPP comes with an SMSC of its own."""
ERRORS_IN_OK = ("messenger", "viber")
SENDS = {"sqlite": 5000, "postgresql": 700}
PER_PERSON = 10
AT_ONCE = 500
FAILING = 0.3
FAULTS = (
    Fault(what=What.RATE_LIMIT, retry_after=0),
    Fault(what=What.SERVER_ERROR, status=502),
    Fault(what=What.SERVER_ERROR, status=500),
    Fault(what=What.STALL, seconds=0.4),
    Fault(what=What.LATE, seconds=0.4),
    Fault(what=What.RESET),
    Fault(what=What.ACCEPT_RESET),
    Fault(what=What.CUT),
    Fault(what=What.GARBAGE),
)
SMSC_FAULTS: tuple[tuple[int, dict[str, Any]], ...] = (
    (6, {"status": 0x58}),  # throttled
    (6, {"status": 0x14}),  # its queue is full
    (6, {"status": 0x08}),  # system error
    (4, {"status": 0x45}),  # refused for good
    (6, {"late": 500}),
    (4, {"silent": True}),
    (4, {"silent": True, "accepts": True}),
    # These take along what else is on its way over the connection.
    (1, {"drop": True}),
    (1, {"drop": True, "accepts": True}),
)
"""How often, and what: see ``tests/smsc/smsc.mjs``."""
CREDENTIALS: dict[str, dict[str, str]] = {
    "telegram": {"token": "1:secret-bot-token", "secret_token": "hook-secret"},
    "viber": {"auth_token": "secret-viber-token"},
    "messenger": SETTINGS["messenger"],
    "whatsapp": SETTINGS["whatsapp"],
    "sms": SETTINGS["sms"],
    "smsapi": {"token": "secret-smsapi-token", "sender": "Sklep"},
    "gateway": {"token": "secret-gateway-token", "sender": "Sklep"},
}
FAST: dict[str, dict[str, Any]] = {
    "telegram": {"messages_per_second": 1000, "mode": "polling"},
    "whatsapp": {"messages_per_second": 1000},
}


class Line:
    """One channel of ours at one simulated provider, and the people there."""

    def __init__(self, desk: Desk, sim: Simulator, http: HTTPClient, kind: str, channel_id: int) -> None:
        self.kind = kind
        self.channel_id = channel_id
        self.faults = sim.faults[kind]
        settings = {**SETTINGS[kind], **at(kind, sim.api_base(kind)), **FAST.get(kind, {})}
        self.connector = open_connector(*channel(kind), settings, http, "")
        desk.channels.connectors[channel_id] = self.connector
        # Viber refuses to send without a webhook; nothing is told to any, so that only the answers count.
        hook = "http://127.0.0.1:9/" if kind == "viber" else ""
        account: Any = sim.add_account(kind, webhook_url=hook, **CREDENTIALS[kind])
        account.event_types = ()
        self._sim = sim

    def people(self, count: int) -> list[str]:
        found = [self._sim.customer(self.kind, name=f"{self.kind} {number}") for number in range(count)]
        for each in found:
            each.touch()
        return [each.address for each in found]

    async def fail(self) -> None:
        own = (Fault(what=What.ERROR_BODY),) if self.kind in ERRORS_IN_OK else ()
        self.faults.share(FAILING, *FAULTS, *own)

    async def ledger(self) -> list[str]:
        return [entry.text for entry in self._sim.ledger if entry.provider == self.kind]


class SmscLine:
    """The same at an SMSC."""

    kind = "smpp"

    def __init__(self, desk: Desk, smsc: Smsc, http: HTTPClient, channel_id: int) -> None:
        self.channel_id = channel_id
        self.connector = open_connector(*channel("smpp"), smsc.settings, http, "")
        desk.channels.connectors[channel_id] = self.connector
        self.smsc = smsc

    def people(self, count: int) -> list[str]:
        return [f"+48799{number:06}" for number in range(count)]

    async def fail(self) -> None:
        random = Random(7)
        weights, answers = zip(*SMSC_FAULTS, strict=True)
        drawn = [
            random.choices(answers, weights)[0] if random.random() < FAILING else {}
            for _ in range(max(SENDS.values()))
        ]
        await self.smsc.tell("answers", next=drawn)

    async def ledger(self) -> list[str]:
        return await self.smsc.ledger()


class Storm:
    def __init__(self, desk: Desk, simulated: list[Line], smpp: SmscLine) -> None:
        self.desk = desk
        self.simulated = simulated
        self.smpp = smpp
        self.lines: list[Line | SmscLine] = [*simulated, smpp]

    async def queue(self, line: Line | SmscLine, people: int, each: int) -> None:
        """So many people wrote once; ``each`` replies to everybody wait."""
        entries = [
            Entry(line.channel_id, InboundMessage(key=p, external_id=p, text="Hej", peer=Peer(id=p)))
            for p in line.people(people)
        ]
        await self.desk.units.run(lambda tx: Batch(tx, 24).write(entries) and None)
        query = select(schema.dialog.c.id).where(schema.dialog.c.channel_id == line.channel_id)
        dialogs = await self.desk.backend.database.read(lambda c: list(c.execute(query).scalars()))
        texts = [(dialog, f"{dialog} {number}") for number in range(each) for dialog in dialogs]
        can = line.connector.capabilities
        for start in range(0, len(texts), AT_ONCE):
            part = texts[start : start + AT_ONCE]

            def work(tx: Any, part: list[tuple[int, str]] = part) -> None:
                for dialog, text in part:
                    queue_reply(tx, self.desk.access, dialog, NewMessage(text=text), can)

            await self.desk.units.run(work)

    async def settled(self, *channel_ids: int) -> None:
        """Until nothing of these channels waits or is on its way."""
        waiting = select(func.count()).where(
            schema.delivery.c.state.in_(("queued", "sending")), schema.delivery.c.channel_id.in_(channel_ids)
        )

        async def are_done() -> bool:
            return not await self.desk.backend.database.read(lambda c: c.execute(waiting).scalar_one())

        await until(are_done, 4 * PATIENCE_S, every=0.1)

    @contextlib.asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        supervisor = Supervisor()
        inbox = self.desk.backend.inbox
        outbox = self.desk.make_outbox(inbox.owner, first_seconds=0.05, max_seconds=0.2, max_attempts=2)
        manager = HostManager(
            self.desk.units,
            inbox.bus,
            self.desk.channels,
            outbox,
            inbox.sink,
            owner=inbox.owner,
            limits=HostLimits(concurrency=48, call_seconds=10, stop_seconds=1),
        )
        inbox.sink.start(supervisor)
        outbox.start(supervisor)
        manager.start(supervisor)
        try:
            yield
        finally:
            await supervisor.stop()


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator(seed=7, pace=0.01) as simulator:
        yield simulator


@pytest.fixture
async def storm(
    backend: Backend, sim: Simulator, smsc: Smsc, request: pytest.FixtureRequest
) -> AsyncIterator[Storm]:
    """The parameter is how many seconds a call may take."""
    desk = await Desk.make(backend)
    desk.access = backend.access(desk.access.agent_id, "administrator")
    desk.channels.connectors.clear()
    async with HTTPClient(timeout=request.param) as http:
        lines = [
            Line(desk, sim, http, kind, await backend.add_channel(channel(kind)[0], kind)) for kind in KINDS
        ]
        at_smsc = await backend.add_channel("sms", "smpp", provider="smpp", **smsc.settings)
        yield Storm(desk, lines, SmscLine(desk, smsc, http, at_smsc))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over SMPP the time for an answer and the pauses that an SMSC's trouble asks for are as short as the others'."""
    monkeypatch.setattr("connectors.sms.smpp.link.ANSWER_SECONDS", 0.3)
    short = {status: (code, text, 0.05) for status, (code, text, _) in failures._LATER.items()}
    monkeypatch.setattr("connectors.sms.smpp.failures._LATER", short)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("storm", [0.3], indirect=True)
async def test_what_is_said_of_every_send_is_what_the_providers_ledger_says(
    storm: Storm, backend: Backend
) -> None:
    people = SENDS[backend.name] // PER_PERSON // len(storm.lines) + 1
    for line in storm.lines:
        await line.fail()
        await storm.queue(line, people, PER_PERSON)
    async with storm.sending():
        await storm.settled(*(line.channel_id for line in storm.lines))
    rows = await storm.desk.rows(schema.message, schema.message.c.direction == "outbound")
    assert len(rows) >= SENDS[backend.name]
    assert {row["state"] for row in rows} == {"sent", "failed", "unknown"}
    for line in storm.lines:
        own = {row["text"]: row["state"] for row in rows if row["channel_id"] == line.channel_id}
        assert_agree(line.kind, own, await line.ledger())


def assert_agree(kind: str, states: dict[str, str], ledger: list[str]) -> None:
    """What we say of each text of a channel is what its provider accepted, once and in order."""
    accepted = Counter(ledger)
    may = {"sent": (1,), "failed": (0,), "unknown": (0, 1)}
    wrong = [
        (text, state, accepted[text]) for text, state in states.items() if accepted[text] not in may[state]
    ]
    assert wrong == [], kind
    assert accepted.keys() <= states.keys()
    counted = Counter(states.values())
    assert counted["unknown"], (kind, counted)
    assert counted["sent"] > counted.total() / 2, (kind, counted)
    numbers: dict[str, list[int]] = {}
    for text in ledger:
        dialog, _, number = text.partition(" ")
        numbers.setdefault(dialog, []).append(int(number))
    assert all(found == sorted(found) for found in numbers.values()), kind


@pytest.mark.parametrize("storm", [8.0], indirect=True)
async def test_a_channel_whose_provider_stands_still_slows_no_other(storm: Storm) -> None:
    """Two that answer nothing, one that asks for five minutes, and one whose every call breaks."""
    still, limited, broken, *well = storm.simulated
    still.faults.stall(seconds=60, times=None)
    limited.faults.rate_limit(300, times=None)
    broken.faults.reset(times=None)
    await storm.smpp.smsc.tell("answers", next=[{"silent": True}] * 100)
    for line in storm.lines:
        await storm.queue(line, 12, 3)
    async with storm.sending():
        await storm.settled(*(line.channel_id for line in well))
        rows = await storm.desk.rows(schema.message, schema.message.c.direction == "outbound")
        for line in (still, storm.smpp):
            of_line = [row for row in rows if row["channel_id"] == line.channel_id]
            assert {row["state"] for row in of_line if row["text"].endswith(" 2")} == {"queued"}
    of_well = [row["state"] for row in rows if row["channel_id"] in {line.channel_id for line in well}]
    assert of_well == ["sent"] * (36 * len(well))
    for line in (still, limited, broken, storm.smpp):
        assert await line.ledger() == []
