"""What was understood and ignored: kept raw to look it up, and no trouble to anybody, least of all to the disk."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from connectors.contract import Ignored, Unknown
from server.channels import queries
from server.db import schema
from server.events import store
from server.intake import quarantine
from server.intake.allowance import AT_ONCE, Allowance
from server.intake.quarantine import IGNORED_KEPT, Kept
from server.intake.sink import IntakeSink
from server.unit_of_work import Transaction
from tests.server.intake.test_plans import listen, scans
from tests.support.backend import Backend


def ignored(why: str = "typing") -> Ignored:
    return Ignored(key="i", why=why)


async def bodies(backend: Backend) -> list[bytes]:
    statement = select(schema.quarantine.c.body).order_by(schema.quarantine.c.id)
    return await backend.database.read(lambda c: list(c.execute(statement).scalars()))


async def events(backend: Backend) -> list[str]:
    return [each.name for each in await backend.database.read(lambda c: store.read_after(c, 0, 100))]


async def test_it_is_kept_for_who_asks_for_it_and_alarms_nobody(backend: Backend, sink: IntakeSink) -> None:
    channel_id = await backend.add_channel()
    for body in (b'{"typing":1}', b'{"typing":1}', b'{"typing":2}', b""):
        await sink.ingest(str(channel_id), [ignored()], raw=body)
    await sink.ingest(str(channel_id), [ignored("polls"), Unknown(key="u", why="odd")], raw=b"new")
    assert await events(backend) == ["quarantine.added"]
    await backend.add_agent("Ewa", "administrator", token="ct_ewa-token")
    async with backend.live() as live:
        _, shown = await live.call("GET", "/api/v1/quarantine", token="ct_ewa-token")
        assert [(each["body"], each["why"]) for each in shown["items"]] == [("new", "odd")]
        _, shown = await live.call("GET", "/api/v1/quarantine?ignored=true&limit=1", token="ct_ewa-token")
        [newest] = shown["items"]
        assert (newest["body"], newest["count"], newest["reason"]) == (
            '{"typing":2}',
            1,
            "quarantine_ignored",
        )
        assert (newest["why"], newest["params"]) == (
            "Understood, and nothing for a dialog: “typing”",
            {"said": "typing"},
        )
        path = f"/api/v1/quarantine?ignored=true&cursor={shown['cursor']}"
        _, shown = await live.call("GET", path, token="ct_ewa-token")
        assert [(each["body"], each["count"]) for each in shown["items"]] == [('{"typing":1}', 2)]
        assert (await live.call("GET", "/api/v1/quarantine?ignored=x", token="ct_ewa-token"))[0] == 400
    alarming = await backend.database.read(lambda c: queries.new_in_quarantine(c, channel_id, 0, 10))
    assert (len(alarming), await backend.database.read(queries.quarantine_count)) == (1, 1)


async def test_what_is_not_understood_any_more_is_trouble_again_and_stays_it(
    backend: Backend, sink: IntakeSink
) -> None:
    channel_id = await backend.add_channel()
    for item in (ignored(), Unknown(key="u", why="odd"), ignored()):
        await sink.ingest(str(channel_id), [item], raw=b"the same")
    [kept] = await backend.database.read(lambda c: list(c.execute(select(schema.quarantine)).mappings()))
    assert (kept["ignored"], kept["why"], kept["count"]) == (False, "odd", 2)
    assert await events(backend) == ["quarantine.added"]


async def test_what_comes_with_every_message_is_hardly_ever_stored(
    backend: Backend, sink: IntakeSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel_id, other = await backend.add_channel(), await backend.add_channel()
    written: list[Any] = []
    run = backend.units.run

    async def counted(work: Callable[[Transaction], Any]) -> Any:
        written.append(work)
        return await run(work)

    monkeypatch.setattr(backend.units, "run", counted)
    for number in range(3 * AT_ONCE):
        await sink.ingest(str(channel_id), [ignored()], raw=b'{"typing":%d}' % number)
    assert len(written) == len(await bodies(backend)) == AT_ONCE
    await sink.ingest(str(channel_id), [ignored("payments")], raw=b"seldom")
    await sink.ingest(str(other), [ignored()], raw=b"of another channel")
    assert (await bodies(backend))[AT_ONCE:] == [b"seldom", b"of another channel"]


def test_one_more_of_a_kind_is_kept_for_every_hour() -> None:
    now = 0.0
    allowance = Allowance(lambda: now)
    assert [allowance.takes(1, "typing") for _ in range(AT_ONCE + 2)] == [True] * AT_ONCE + [False] * 2
    now = 3599.0
    assert not allowance.takes(1, "typing")
    now = 3600.0
    assert [allowance.takes(1, "typing") for _ in range(2)] == [True, False]
    for number in range(5000):
        allowance.takes(1, str(number))
    assert len(allowance._used_until) == 1000


async def test_of_each_channel_the_newest_stay_whatever_the_kinds(backend: Backend) -> None:
    channel_id, other = await backend.add_channel(), await backend.add_channel()
    kept = [Kept(channel_id, f"ignored: {n}", b"%03d" % n, ignored=True) for n in range(IGNORED_KEPT)]
    await backend.units.run(lambda tx: quarantine.keep(tx, channel_id, "odd", b"trouble"))
    await backend.units.run(
        lambda tx: quarantine.keep_ignored(tx, [*kept, Kept(other, "ignored: a", b"other", ignored=True)])
    )
    backend.clock.move(seconds=1)
    statements: list[tuple[str, Any]] = []

    def work(tx: Transaction) -> list[str]:
        stop = listen(tx.connection, statements)
        quarantine.keep_ignored(tx, [Kept(channel_id, "ignored: b", b"newer", ignored=True)])
        stop()
        return [
            f"{scan} in {sql}" for sql, values in statements for scan in scans(tx.connection, sql, values)
        ]

    assert await backend.units.run(work) == []
    assert len(statements) < 8
    found = await bodies(backend)
    assert len(found) == IGNORED_KEPT + 2
    assert {b"trouble", b"other", b"newer"} <= set(found)
    assert len({b"000", b"001"} - set(found)) == 1
    backend.clock.move(hours=31 * 24)
    await backend.units.run(lambda tx: quarantine.forget(tx, older_than_ms=30 * 86_400_000))
    assert await bodies(backend) == []
