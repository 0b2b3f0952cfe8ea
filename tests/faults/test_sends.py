"""Thousands of sends over providers that fail three times out of ten: what we say of each is what the provider knows."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import func, select

from connectors.contract import InboundMessage, Peer
from connectors.host import HostLimits
from connectors.http import HTTPClient
from connectors.registry import open_connector
from connectors.simulator import Customer, Fault, Simulator, What
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

KINDS = ("telegram", "viber", "messenger", "whatsapp", "sms", "smsapi", "gateway")
ERRORS_IN_OK = ("messenger", "viber")
SENDS = {"sqlite": 5000, "postgresql": 700}
PER_PERSON = 10
AT_ONCE = 500
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
    """One channel of ours at one provider, and the people there."""

    def __init__(self, desk: Desk, sim: Simulator, http: HTTPClient, kind: str, channel_id: int) -> None:
        self.kind = kind
        self.channel_id = channel_id
        self.faults = sim.faults[kind]
        name, provider = channel(kind)
        settings = {**SETTINGS[kind], **at(kind, sim.api_base(kind)), **FAST.get(kind, {})}
        self.connector = open_connector(name, provider, settings, http, "")
        desk.channels.connectors[channel_id] = self.connector
        # Viber refuses to send without a webhook; nothing is told to any, so that only the answers count.
        hook = "http://127.0.0.1:9/" if kind == "viber" else ""
        account: Any = sim.add_account(kind, webhook_url=hook, **CREDENTIALS[kind])
        account.event_types = ()
        self._sim = sim

    def people(self, count: int) -> list[Customer]:
        found = [self._sim.customer(self.kind, name=f"{self.kind} {number}") for number in range(count)]
        for each in found:
            each.touch()
        return found


class Storm:
    def __init__(self, desk: Desk, lines: list[Line]) -> None:
        self.desk = desk
        self.lines = lines

    async def queue(self, line: Line, people: list[Customer], each: int) -> None:
        """Everybody wrote once; ``each`` replies to everybody wait."""
        entries = [
            Entry(
                line.channel_id,
                InboundMessage(key=p.address, external_id=p.address, text="Hej", peer=Peer(id=p.address)),
            )
            for p in people
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
        async with asyncio.timeout(4 * PATIENCE_S):
            while await self.desk.backend.database.read(lambda c: c.execute(waiting).scalar_one()):  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    @contextlib.asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        supervisor = Supervisor()
        outbox = self.desk.make_outbox("storm", first_seconds=0.05, max_seconds=0.2, max_attempts=2)
        manager = HostManager(
            self.desk.units,
            self.desk.backend.inbox.bus,
            self.desk.channels,
            outbox,
            self.desk.backend.inbox.sink,
            owner="storm",
            limits=HostLimits(concurrency=48, call_seconds=10, stop_seconds=1),
        )
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
async def storm(backend: Backend, sim: Simulator, request: pytest.FixtureRequest) -> AsyncIterator[Storm]:
    """The parameter is how many seconds a call may take."""
    desk = await Desk.make(backend)
    desk.access = backend.access(desk.access.agent_id, "administrator")
    desk.channels.connectors.clear()
    async with HTTPClient(timeout=request.param) as http:
        lines = [
            Line(desk, sim, http, kind, await backend.add_channel(channel(kind)[0], kind)) for kind in KINDS
        ]
        yield Storm(desk, lines)


@pytest.mark.parametrize("storm", [0.3], indirect=True)
async def test_what_is_said_of_every_send_is_what_the_providers_ledger_says(
    storm: Storm, sim: Simulator, backend: Backend
) -> None:
    people = SENDS[backend.name] // PER_PERSON // len(KINDS) + 1
    for line in storm.lines:
        own = (Fault(what=What.ERROR_BODY),) if line.kind in ERRORS_IN_OK else ()
        line.faults.share(0.3, *FAULTS, *own)
        await storm.queue(line, line.people(people), PER_PERSON)
    async with storm.sending():
        await storm.settled(*(line.channel_id for line in storm.lines))
    rows = await storm.desk.rows(schema.message, schema.message.c.direction == "outbound")
    assert len(rows) >= SENDS[backend.name]
    accepted = Counter(entry.text for entry in sim.ledger)
    wrong = [
        (row["state"], accepted[row["text"]])
        for row in rows
        if accepted[row["text"]] not in {"sent": (1,), "failed": (0,), "unknown": (0, 1)}[row["state"]]
    ]
    assert wrong == []
    assert {row["state"] for row in rows} == {"sent", "failed", "unknown"}
    for line in storm.lines:
        states = Counter(row["state"] for row in rows if row["channel_id"] == line.channel_id)
        assert states["sent"] > states.total() / 2, (line.kind, states)
        assert states["unknown"], line.kind
    numbers: dict[str, list[int]] = {}
    for entry in sim.ledger:
        dialog, _, number = entry.text.partition(" ")
        numbers.setdefault(dialog, []).append(int(number))
    assert all(found == sorted(found) for found in numbers.values())


@pytest.mark.parametrize("storm", [8.0], indirect=True)
async def test_a_channel_whose_provider_stands_still_slows_no_other(storm: Storm, sim: Simulator) -> None:
    """One that answers nothing, one that asks for five minutes, and one whose every call breaks."""
    still, limited, broken, *well = storm.lines
    still.faults.stall(seconds=60, times=None)
    limited.faults.rate_limit(300, times=None)
    broken.faults.reset(times=None)
    for line in storm.lines:
        await storm.queue(line, line.people(12), 3)
    async with storm.sending():
        await storm.settled(*(line.channel_id for line in well))
        rows = await storm.desk.rows(schema.message, schema.message.c.direction == "outbound")
        [waiting] = [
            row for row in rows if row["channel_id"] == still.channel_id and row["text"].endswith(" 2")
        ][:1]
        assert waiting["state"] == "queued"
    of_well = [row["state"] for row in rows if row["channel_id"] in {line.channel_id for line in well}]
    assert of_well == ["sent"] * (36 * len(well))
    assert {entry.provider for entry in sim.ledger}.isdisjoint({still.kind, limited.kind, broken.kind})
