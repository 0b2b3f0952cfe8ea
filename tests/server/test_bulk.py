"""Many rows in one statement: as they were given, or refused; on both databases alike."""

from typing import Any

import asyncpg
import msgspec
import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import DBAPIError

from server.db.bulk import Bulk, Together
from server.db.schema import agent, channel, event, session
from tests.support.backend import Backend


def row(seq: int, **more: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(event.c.keys())
    return nothing | {
        "seq": seq,
        "at": 2**40 + seq,
        "name": "dialog.read",
        "audience": "agent",
        "is_new": seq % 2 == 0,
        "data": b'{"name":"\xc5\xbb\xc3\xb3\xc5\x82w, {} \\" NULL"}',
        **more,
    }


async def stored(backend: Backend) -> list[dict[str, Any]]:
    statement = select(event).order_by(event.c.seq)
    return await backend.database.read(lambda c: [dict(r) for r in c.execute(statement).mappings()])


async def test_rows_are_stored_as_they_would_be_one_by_one(backend: Backend) -> None:
    rows = [row(1), row(2, agent_id=7, dialog_id=2**62), row(3, data=b"")]
    await backend.database.write(lambda c: Bulk(event).run(c, rows))
    bulk = await stored(backend)
    assert [r["is_new"] for r in bulk] == [False, True, False]

    def singly(connection: Any) -> None:
        connection.execute(event.delete())
        for each in rows:
            connection.execute(insert(event).values(each))

    await backend.database.write(singly)
    assert bulk == await stored(backend)


async def test_only_the_named_columns_of_the_rows_named_change(backend: Backend) -> None:
    ids = [await backend.add_channel(name) for name in ("one", "two", "three")]
    told = [{"id": ids[1], "name": "deux"}, {"id": ids[0], "name": "Żółw"}]
    before = await channels(backend)
    await backend.database.write(lambda c: Bulk(channel, ["name"]).run(c, told))
    wanted = {ids[0]: "Żółw", ids[1]: "deux", ids[2]: before[ids[2]]["name"]}
    assert await channels(backend) == {id_: before[id_] | {"name": wanted[id_]} for id_ in ids}


async def channels(backend: Backend) -> dict[int, dict[str, Any]]:
    return await backend.database.read(
        lambda c: {r["id"]: dict(r) for r in c.execute(select(channel)).mappings()}
    )


async def test_what_is_too_long_is_refused_and_not_cut(backend: Backend) -> None:
    long = row(1, name="x" * 61)
    if backend.database.dialect == "sqlite":  # it knows no lengths
        await backend.database.write(lambda c: Bulk(event).run(c, [long]))
        assert (await stored(backend))[0]["name"] == "x" * 61
        return
    with pytest.raises((DBAPIError, asyncpg.PostgresError), match="too long"):
        await backend.database.write(lambda c: Bulk(event).run(c, [long, row(2)]))
    assert await stored(backend) == []


class NewAgent(msgspec.Struct):
    id: int
    email: str
    name: str
    active: bool
    password_hash: str | None
    created_at: int = 1
    seq: int = 1


async def test_rows_of_several_tables_are_written_together_and_once(backend: Backend) -> None:
    """What they refer to may be among them, and what is the same in all rows stands in the statement."""
    channel_id = await backend.add_channel("one")
    agents = Bulk(agent, fields=NewAgent, constants={"role": "supervisor", "locale": "it's"})
    signed_in = {"csrf_token": "a", "created_at": 1, "seen_at": 1, "expires_at": 2}

    def write(connection: Connection) -> None:
        together = Together()
        together.add(Bulk(session), [{"token_hash": "1", "agent_id": 2, **signed_in}])
        together.add(agents, later := [NewAgent(1, "1", "Żółw", True, None)])
        together.add(Bulk(channel, ["name"]), [{"id": channel_id, "name": "two"}])
        together.add(Bulk(channel, ["account"]), [])
        together.add_tuples(Bulk(event), [(*row(1).values(),)])
        later.append(NewAgent(2, "2", "$1", False, "x"))
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # it writes one after the other
        together.run(connection)
        together.run(connection)

    await backend.database.write(write)
    a = agent.c
    columns = select(a.id, a.name, a.active, a.password_hash, a.role, a.locale, a.seq).order_by(a.id)
    found = await backend.database.read(lambda c: [tuple(r) for r in c.execute(columns)])
    assert found == [
        (1, "Żółw", True, None, "supervisor", "it's", 1),
        (2, "$1", False, "x", "supervisor", "it's", 1),
    ]
    assert (await channels(backend))[channel_id]["name"] == "two"
    assert [(r["seq"], r["data"]) for r in await stored(backend)] == [(1, row(1)["data"])]
    assert await backend.database.read(lambda c: c.execute(select(session.c.agent_id)).scalars().all()) == [2]
