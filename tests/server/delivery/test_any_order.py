"""A dialog's reports in any order, late, repeated, together or one by one: the end is always the same."""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import AnyItem, Echo, Peer, Receipt, ReceiptState
from connectors.errors import Failure
from server.db import schema
from tests.support.delivery import Desk

pytestmark = pytest.mark.usefixtures("receiving")

MESSAGES = 3
"""Of one dialog; the last one is still on its way when its reports begin to come."""
SECOND_MS = 1000
WHY = Failure(code="not_delivered", text="The network gave up.")
_number = itertools.count(1)


class Thread:
    """One dialog with its messages, and what is told about them."""

    def __init__(self, desk: Desk, peer: str) -> None:
        self.desk = desk
        self.peer = Peer(id=peer)
        self.began = 0
        self.ids: list[str] = []

    @classmethod
    async def make(cls, desk: Desk) -> "Thread":
        made = cls(desk, f"peer{next(_number)}")
        dialog = await desk.dialog(made.peer.id)
        made.began = desk.backend.clock.now_ms()
        for number in range(MESSAGES):
            made.ids.append((await desk.write(dialog, str(number))).id)
            [made.last] = await desk.claim()
            if number < MESSAGES - 1:
                await desk.accept(made.last, made.external(number))
            desk.backend.clock.move(seconds=60)
        return made

    def external(self, number: int) -> str:
        return f"{self.peer.id}.{number}"

    def item(self, told: tuple[str, int, int]) -> AnyItem:
        """(what, of which message, second of the report); the same fact may be told again with another key."""
        what, number, second = told
        common: dict[str, Any] = {"key": f"{self.peer.id}{told}", "at_ms": self.began + second * SECOND_MS}
        if what == "echo":
            return Echo(
                **common, external_id=self.external(number), peer=self.peer, metadata=self.tracker(number)
            )
        state, _, by = what.partition("-")
        named: dict[str, Any] = {"external_ids": (self.external(number),)}
        if by == "watermark":
            named = {"watermark_ms": self.began + 60 * SECOND_MS * number + 30 * SECOND_MS, "peer": self.peer}
        failure = WHY if state == "failed" else None
        return Receipt(**common, **named, state=ReceiptState(state), failure=failure)

    def tracker(self, number: int) -> str | None:
        return self.last.tracker if number == MESSAGES - 1 else None

    async def tell(self, steps: list[list[tuple[str, int, int]]], answer_at: int) -> list[tuple[Any, ...]]:
        """Ingest these, with the answer to the last send in between; what the deliveries are in the end."""
        for index, step in enumerate(steps):
            if index == answer_at:
                await self.desk.accept(self.last, self.external(MESSAGES - 1))
            await self.desk.backend.inbox.sink.ingest(self.desk.channel, [self.item(told) for told in step])
        if answer_at >= len(steps):
            await self.desk.accept(self.last, self.external(MESSAGES - 1))
        await self.desk.outbox.apply_missed(since_ms=0)
        rows = await self.desk.rows(
            schema.delivery, schema.delivery.c.message_id.in_([int(i) for i in self.ids])
        )
        seen = await self.desk.rows(schema.message, schema.message.c.id.in_([int(i) for i in self.ids]))
        return [
            (row["state"], shown["state"], shown["failure"]) for row, shown in zip(rows, seen, strict=True)
        ]


TOLD = st.tuples(
    st.sampled_from(["sent", "delivered", "read", "failed", "delivered-watermark", "read-watermark", "echo"]),
    st.integers(0, MESSAGES - 1),
    st.integers(200, 210),
)


@given(
    facts=st.lists(TOLD, min_size=1, max_size=7, unique=True),
    repeats=st.lists(st.integers(0, 6), max_size=3),
    data=st.data(),
)
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_any_order_of_a_dialogs_reports_ends_the_same(
    desk: Desk, facts: list[tuple[str, int, int]], repeats: list[int], data: st.DataObject
) -> None:
    again = [facts[index % len(facts)] for index in repeats]
    shuffled = data.draw(st.permutations([*facts, *again]))
    cuts = data.draw(st.sets(st.integers(1, len(shuffled)), max_size=4))
    edges = [0, *sorted(cuts), len(shuffled)]
    steps = [shuffled[start:end] for start, end in itertools.pairwise(edges)]
    answer_at = data.draw(st.integers(0, len(steps)))
    plain = await (await Thread.make(desk)).tell([[fact] for fact in sorted(facts)], 0)
    assert await (await Thread.make(desk)).tell(steps, answer_at) == plain
