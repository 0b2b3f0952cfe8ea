"""Parts of a long SMS become one message: in any order, once, and not for ever waited for."""

import asyncio
import itertools
from typing import Any

import pytest
from sqlalchemy import select, update

from connectors.contract import Part, Peer
from server.db import schema
from server.intake.keys import Entry
from server.intake.parts import PATIENCE_MS, joined
from server.intake.sink import IntakeSink
from server.intake.store import UnitStore
from server.supervisor import Supervisor
from tests.support.backend import Backend

TEXTS = ("Dzień ", "dobry ", "Pani")


def part(number: int, text: str | None = None, *, key: str = "", **more: Any) -> Part:
    named = {"reference": "42", "count": 3, "peer": Peer(id="+48799123456"), "at_ms": 1000 + number, **more}
    key = key or f"p{number}"
    return Part(
        key=key, external_id=key, number=number, text=TEXTS[number - 1] if text is None else text, **named
    )


async def messages(backend: Backend) -> list[Any]:
    statement = select(schema.message).order_by(schema.message.c.seq)
    return list(await backend.database.read(lambda c: c.execute(statement).all()))


async def waiting(backend: Backend) -> int:
    return len(await backend.database.read(lambda c: c.execute(select(schema.message_parts)).all()))


async def age(backend: Backend, by_ms: int = PATIENCE_MS + 1000) -> None:
    c = schema.message_parts.c
    statement = update(schema.message_parts).values(created_at=c.created_at - by_ms)
    await backend.units.run(lambda tx: tx.connection.execute(statement).rowcount)


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))))
async def test_parts_are_one_message_in_any_order(
    backend: Backend, sink: IntakeSink, order: tuple[int, ...]
) -> None:
    channel_id = str(await backend.add_channel())
    for number in order:
        assert await messages(backend) == []
        await sink.ingest(channel_id, [part(number)])
        await sink.ingest(channel_id, [part(number), part(number, key=f"again{number}")])
    [message] = await messages(backend)
    assert (message.text, message.external_id, message.at, message.unsupported) == (
        "Dzień dobry Pani",
        "p1",
        1001,
        None,
    )


async def test_parts_in_one_batch_and_of_two_people_are_told_apart(
    backend: Backend, sink: IntakeSink
) -> None:
    channel_id = str(await backend.add_channel())
    other = Peer(id="+48799999999")
    items = [
        part(n, key=f"{who.id}{n}", peer=who) for n in (3, 1, 2) for who in (other, Peer(id="+48799123456"))
    ]
    items += [part(1, "Krótka ", key="c1", count=2), part(2, "druga", key="c2", count=2)]
    items += [part(1, "Inna ", key="r1", reference="43")]
    await sink.ingest(channel_id, items)
    assert sorted(message.text for message in await messages(backend)) == [
        "Dzień dobry Pani",
        "Dzień dobry Pani",
        "Krótka druga",
    ]


async def test_two_processes_with_a_part_each_miss_nothing(backend: Backend, sink: IntakeSink) -> None:
    channel_id = str(await backend.add_channel())
    other = IntakeSink(UnitStore(backend.units, 24), batch_items=4, queue_bytes=10**6)
    supervisor = Supervisor()
    other.start(supervisor)
    try:
        await asyncio.gather(
            *(
                (sink, other)[number % 2].ingest(
                    channel_id, [part(number, key=f"{reference}-{number}", reference=str(reference))]
                )
                for reference in range(20)
                for number in (1, 2, 3)
            )
        )
    finally:
        await supervisor.stop()
    assert [message.text for message in await messages(backend)] == ["Dzień dobry Pani"] * 20


async def test_of_two_transactions_at_once_the_second_sees_the_part_of_the_first(
    backend: Backend, sink: IntakeSink
) -> None:
    channel_id = await backend.add_channel()

    async def add(number: int, reference: str) -> list[Entry]:
        entry = Entry(channel_id, part(number, reference=reference))
        return await backend.units.run(lambda tx: joined(tx, [entry]))

    for reference in "abcde":
        await add(1, reference)
        found = await asyncio.gather(add(2, reference), add(3, reference))
        assert [entry.item.text for each in found for entry in each] == ["Dzień dobry Pani"]


async def test_what_is_not_whole_in_time_is_shown_as_it_came(backend: Backend, sink: IntakeSink) -> None:
    channel_id = str(await backend.add_channel())
    await sink.ingest(channel_id, [part(2), part(3)])
    await backend.inbox.store.give_up_parts()
    assert await messages(backend) == []
    await age(backend)
    await backend.inbox.store.give_up_parts()
    await backend.inbox.store.give_up_parts()
    [message] = await messages(backend)
    assert (message.text, message.unsupported) == ("[…] dobry Pani", "2/3")
    assert await waiting(backend) == 0
    # The last one comes after all: nothing is lost.
    await sink.ingest(channel_id, [part(1), part(2)])
    await age(backend)
    await backend.inbox.store.give_up_parts()
    assert [message.text for message in await messages(backend)] == ["[…] dobry Pani", "Dzień  […]"]


async def test_a_reference_is_used_again(backend: Backend, sink: IntakeSink) -> None:
    channel_id = str(await backend.add_channel())
    await sink.ingest(channel_id, [part(1), part(2), part(3)])
    # At once, with another text …
    await sink.ingest(
        channel_id, [part(1, "Druga ", key="b1"), part(2, "a ", key="b2"), part(3, "b", key="b3")]
    )
    # … before the one before it was whole …
    await sink.ingest(channel_id, [part(1, "Ucięta ", key="c1"), part(1, "Trzecia ", key="d1")])
    await sink.ingest(channel_id, [part(2, "c ", key="d2"), part(3, "d", key="d3")])
    # … and later, with the same text.
    await age(backend)
    await sink.ingest(channel_id, [part(n, ("Trzecia ", "c ", "d")[n - 1], key=f"e{n}") for n in (1, 2, 3)])
    assert [message.text for message in await messages(backend)] == [
        "Dzień dobry Pani",
        "Druga a b",
        "Ucięta  […]",
        "Trzecia c d",
        "Trzecia c d",
    ]
    await age(backend)
    await backend.inbox.store.give_up_parts()
    assert (await waiting(backend), len(await messages(backend))) == (0, 5)
