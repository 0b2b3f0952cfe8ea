"""A desk with one customer's message, and both ends of a reaction to it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from connectors.contract import Capabilities, OutboundReaction, ReactionAttempt, Receipt
from connectors.contract import ReceiptState as State
from connectors.errors import Failure, NotAccepted, Refused, SendError, Uncertain
from connectors.host import HostLimits
from connectors.offers import ReactionRule
from server.db import schema
from server.delivery.hosts import HostManager, new_owner
from server.delivery.model import RetryPolicy
from server.delivery.reactions.box import DatabaseReactions
from server.delivery.reactions.service import Reactions
from server.entities import Message
from server.intake.keys import Entry
from server.intake.reports import write_reports
from server.intake.sink import IntakeSink
from server.intake.store import UnitStore
from server.supervisor import Supervisor
from tests.support.delivery import CAPABILITIES, Desk, LoopConnector
from tests.support.waiting import until

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
        await self.desk.units.run(
            lambda tx: write_reports(tx, [Entry(self.desk.channel_id, told)], 24) and None
        )

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


async def becomes(bench: Bench, wanted: object) -> None:
    """Wait until everybody is shown this."""

    async def is_shown() -> bool:
        return await bench.shown() == wanted

    await until(is_shown)
