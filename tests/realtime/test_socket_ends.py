"""The live feed over real sockets: when a screen has to begin anew, and when a socket is closed."""

import contextlib
import json
from typing import Any

import pytest
import websockets

from server.agents.service import Change
from server.db import schema
from server.events import store
from server.events.model import AgentAccessChanged, AgentScope, DialogScope
from server.realtime.mark import HighWaterMark
from server.realtime.transport import FrameWriter
from server.unit_of_work import Transaction
from tests.realtime.client import AGENT_TOKEN, TOKEN, Client, connect, emit
from tests.support.backend import Backend, Live


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ({"epoch": "other", "seq": "0"}, "epoch"),
        ({"seq": "999"}, "ahead"),
        ({"seq": "-1"}, "ahead"),
        ({"seq": "1"}, "pruned"),
    ],
)
async def test_a_cursor_that_cannot_be_resumed_from_is_reset(
    live: Live, first: dict[str, str], reason: str
) -> None:
    await emit(live, 10)
    live.inbox.feed._recent.clear()
    await live.backend.units.run(lambda tx: store.prune(tx.connection, 5))
    first = {"epoch": live.inbox.feed.epoch, **first}
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with websockets.connect(live.ws_url, additional_headers=headers) as socket:
        client = Client(socket)
        await client.send(type="resume", **first)
        assert await client.receive() == {"type": "reset", "reason": reason}
        await client.send(type="start")
        assert (await client.receive())["type"] == "welcome"
        await emit(live)
        await client.until(11)


async def test_changed_rights_reset_live_and_on_resume(live: Live) -> None:
    channel = await live.backend.add_channel()
    me = await live.backend.add_agent("Ala", "agent", (channel,), token=AGENT_TOKEN)

    def change(tx: Transaction) -> None:
        seq = tx.seq()
        tx.emit(seq, AgentScope(agent_id=me), AgentAccessChanged(agent_id=str(me)))

    async with connect(live, AGENT_TOKEN) as client:
        await live.backend.units.run(change)
        assert await client.receive() == {"type": "reset", "reason": "access_changed"}
        await emit(live, 1)
        await client.send(type="start")
        welcome = await client.receive()
        assert (welcome["type"], welcome["seq"]) == ("welcome", "2")
    async with connect(live, AGENT_TOKEN, type="resume", epoch=client.epoch, seq="0") as again:
        assert await again.receive() == {"type": "reset", "reason": "access_changed"}


async def test_a_token_that_is_deleted_closes_its_sockets(live: Live) -> None:
    from server.bus.base import Topic

    async with connect(live) as client:
        await live.backend.database.write(lambda c: c.execute(schema.api_token.delete()))
        live.inbox.bus.publish(Topic.SESSIONS, "")
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await client.receive()
        assert client.socket.close_code == 4401


async def test_a_revoked_token_closes_its_own_sockets_only(live: Live) -> None:
    agents = live.inbox.agents
    ala = await live.backend.add_agent("Ala", token=AGENT_TOKEN)
    other = await agents.issue_token(ala)
    newest, _ = await agents.tokens(ala)
    async with connect(live, other) as revoked, connect(live, AGENT_TOKEN) as kept:
        await agents.revoke_token(int(newest.id))
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await revoked.receive()
        assert revoked.socket.close_code == 4401
        while (await kept.receive())["type"] != "reset":
            pass
        await kept.send(type="start")
        assert (await kept.receive())["type"] == "welcome"


async def test_a_database_put_back_under_a_live_server_resets_every_screen(live: Live) -> None:
    await emit(live, 10)
    async with connect(live) as client:
        await live.backend.units.run(_put_back)
        frame = await client.receive()
        while frame["type"] == "watermark":
            frame = await client.receive()
        assert frame == {"type": "reset", "reason": "epoch"}
        await client.send(type="start")
        assert (await client.receive())["seq"] == "4"
        await emit(live)
        await client.until(5)
    assert client.epoch == live.inbox.feed.epoch


async def test_a_database_put_back_between_two_runs_begins_a_new_epoch(backend: Backend) -> None:
    await backend.add_agent("Root", "administrator", token=TOKEN)
    mark = HighWaterMark(backend.config.data_dir / "high-water.json")
    before = await backend.database.read(store.head)
    mark.write(store.Head(before.epoch, 10))
    async with backend.live() as live:
        assert live.inbox.feed.epoch != before.epoch
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with websockets.connect(live.ws_url, additional_headers=headers) as socket:
            await socket.send(json.dumps({"type": "resume", "epoch": before.epoch, "seq": "7"}))
            assert json.loads(await socket.recv()) == {"type": "reset", "reason": "epoch"}


def _put_back(tx: Transaction) -> None:
    tx.connection.execute(schema.event.delete().where(schema.event.c.seq > 4))
    tx.connection.execute(schema.event_head.update().values(last_seq=4))


async def test_a_log_pruned_under_a_slow_reader_is_a_reset_and_never_a_gap(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    await emit(live, 60)
    live.inbox.feed._recent.clear()
    monkeypatch.setattr("server.realtime.socket._PAGE", 5)

    async def drained(_writer: FrameWriter) -> None:
        await live.backend.units.run(lambda tx: store.prune(tx.connection, 20))

    monkeypatch.setattr(FrameWriter, "drained", drained)
    async with connect(live, type="resume", epoch=live.inbox.feed.epoch, seq="1") as client:
        frame = await client.receive()
        while frame["type"] == "event":
            frame = await client.receive()
        assert frame == {"type": "reset", "reason": "pruned"}
    assert [int(e["seq"]) for e in client.events] == [2, 3, 4, 5, 6]


async def test_rights_taken_away_while_a_socket_starts_count(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await live.backend.add_channel()
    me = await live.backend.add_agent("Ala", "agent", (channel,), token=AGENT_TOKEN)
    check = live.inbox.authentication.check
    calls = 0

    async def check_then_revoke(credential: Any) -> Any:
        nonlocal calls
        calls += 1
        found = await check(credential)
        if calls == 2:  # the first is the upgrade's
            await live.inbox.agents.change(me, Change(channel_ids=()))
        return found

    monkeypatch.setattr(live.inbox.authentication, "check", check_then_revoke)
    async with connect(live, AGENT_TOKEN) as client:
        await emit(
            live, 1, DialogScope(dialog_id=5, channel_id=channel, assignee_before=None, assignee_after=None)
        )
        await client.until(await emit(live))
    assert [e["name"] for e in client.events if e["name"] != "agent.updated"] == ["quarantine.added"]
