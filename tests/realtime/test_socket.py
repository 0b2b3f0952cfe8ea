"""The live feed over real sockets: in order, once, never silently behind."""

import asyncio
import contextlib
import gc
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import websockets
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.agents.service import Change
from server.db import schema
from server.events import store
from server.events.model import AgentAccessChanged, AgentScope, DialogScope, QuarantineAdded, StaffScope
from server.realtime.mark import HighWaterMark
from server.realtime.transport import FrameWriter, SharedFrameProtocol
from server.unit_of_work import Transaction
from tests.support.backend import Backend, Live

TOKEN = "ct_administrator"
AGENT_TOKEN = "ct_agent"


class Client:
    """A client that checks the chain of ``prev`` as the console does."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.epoch = ""
        self.last = ""
        self.events: list[dict[str, Any]] = []

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def receive(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(self.socket.recv(), 10))
        if frame["type"] == "welcome":
            self.epoch, self.last = frame["epoch"], frame["seq"]
        elif frame["type"] in ("event", "watermark"):
            assert frame["prev"] == self.last, f"a frame was missed before {frame}"
            self.last = frame["seq"]
        if frame["type"] == "event":
            self.events.append(frame)
        return frame

    async def until(self, seq: int) -> None:
        while int(self.last or 0) < seq:
            await self.receive()


@contextlib.asynccontextmanager
async def connect(live: Live, token: str = TOKEN, **first: Any) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {token}"}
    async with websockets.connect(live.ws_url, additional_headers=headers, max_queue=None) as socket:
        client = Client(socket)
        await client.send(**(first or {"type": "start"}))
        await client.receive()
        yield client


@pytest.fixture
async def live(backend: Backend) -> AsyncIterator[Live]:
    await backend.add_agent("Root", "administrator", token=TOKEN)
    async with backend.live() as running:
        yield running


async def emit(live: Live, count: int = 1, scope: Any = None, *, why: str = "") -> int:
    """Commit events that everybody may see; the last seq."""

    def work(tx: Transaction) -> int:
        seq = tx.seq(count)
        for n in range(count):
            added = QuarantineAdded(id=str(seq + n), channel_id="1", why=why)
            tx.emit(seq + n, scope or StaffScope(), added)
        return seq + count - 1

    return await live.backend.units.run(work)


async def test_events_come_in_order_once(live: Live) -> None:
    async with connect(live) as client:
        await asyncio.gather(*(emit(live, 3) for _ in range(20)))
        await client.until(60)
    assert [int(e["seq"]) for e in client.events] == list(range(1, 61))


async def test_a_socket_that_was_away_gets_all_it_missed(live: Live) -> None:
    async with connect(live) as client:
        await emit(live, 5)
        await client.until(5)
    await emit(live, 700)
    async with connect(live, type="resume", epoch=client.epoch, seq=client.last) as again:
        await emit(live, 5)
        await again.until(710)
    assert [int(e["seq"]) for e in again.events] == list(range(6, 711))


async def test_resuming_while_events_pour_in_has_no_gap(live: Live) -> None:
    async with connect(live) as client:
        pass
    pouring = asyncio.gather(*(emit(live, 7) for _ in range(60)))
    for _ in range(8):
        async with connect(live, type="resume", epoch=client.epoch, seq=client.last) as again:
            while len(again.events) < 20:
                await again.receive()
        client.events += again.events
        client.last = again.last
    await pouring
    async with connect(live, type="resume", epoch=client.epoch, seq=client.last) as again:
        await again.until(420)
    assert [int(e["seq"]) for e in client.events + again.events] == list(range(1, 421))


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


async def test_who_loses_a_dialog_is_told_only_that(live: Live) -> None:
    channel = await live.backend.add_channel()
    me = await live.backend.add_agent("Ala", "agent", (channel,), token=AGENT_TOKEN)
    scope = DialogScope(dialog_id=5, channel_id=channel, assignee_before=None, assignee_after=me + 1)
    async with connect(live, AGENT_TOKEN) as client:
        await emit(live, 1, scope)
        await client.receive()
        taken = DialogScope(dialog_id=5, channel_id=channel, assignee_before=me + 1, assignee_after=me + 1)
        await emit(live, 1, taken)
        frame = await client.receive()
        while frame["type"] != "watermark":
            frame = await client.receive()
        back = DialogScope(dialog_id=5, channel_id=channel, assignee_before=me + 1, assignee_after=me)
        await emit(live, 1, back)
        await client.until(3)
    assert [(e["seq"], e["name"]) for e in client.events] == [
        ("1", "dialog.hidden"),
        ("3", "quarantine.added"),
    ]
    assert client.events[0]["data"] == {"id": "5"}


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


async def test_a_stuck_reader_is_cut_off_and_the_others_go_on(live: Live) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(live.url.rpartition(":")[2]), limit=1024)
    writer.write(
        b"GET /ws HTTP/1.1\r\nHost: inbox.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Authorization: Bearer " + TOKEN.encode() + b"\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    writer.write(_masked(b'{"type":"start"}'))
    while live.inbox.hub.socket_count < 1:
        await emit(live)
    reader._transport.pause_reading()  # type: ignore[attr-defined]
    async with connect(live) as healthy:
        sent = 0
        while live.inbox.hub.socket_count > 1:
            sent = await emit(live, 100, why="x" * 20_000)
            await healthy.until(sent)
            assert sent < 5_000, "the stuck reader was never cut off"
    received = [int(e["seq"]) for e in healthy.events]
    assert received == list(range(received[0], sent + 1))
    writer.close()


def _masked(payload: bytes) -> bytes:
    return bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload


async def test_much_at_once_makes_no_reader_slow(live: Live) -> None:
    """One commit, and what a socket missed, may be many times what may wait for it."""
    epoch = live.inbox.feed.epoch
    async with connect(live) as client:
        last = await emit(live, 200, why="x" * 100_000)
        await client.until(last)
    live.inbox.feed._recent.clear()
    async with connect(live, type="resume", epoch=epoch, seq="0") as client:
        await client.until(last)
    assert len(client.events) == 200


@pytest.mark.parametrize("frame", ["", "[]", "{", '{"type":"other"}', '{"type":"start","x":1}', "[" * 60_000])
async def test_a_frame_not_understood_closes_the_socket(live: Live, frame: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with websockets.connect(live.ws_url, additional_headers=headers) as socket:
        await socket.send(frame)
        with pytest.raises(websockets.ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)
        assert socket.close_code == 1008


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer ct_wrong"}, 401),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "https://evil.example"}, 403),
    ],
)
async def test_strangers_and_other_sites_are_refused(
    live: Live, headers: dict[str, str], status: int
) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(live.ws_url, additional_headers=headers)
    assert refused.value.response.status_code == status


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


async def test_an_open_socket_keeps_nothing_of_its_handshake(live: Live) -> None:
    gc.collect()
    gc.disable()  # what is let go must go without its help
    try:
        others = {id(found) for found in _protocols()}
        async with connect(live) as client:
            mine = [found for found in _protocols() if id(found) not in others]
            assert [type(found) for found in mine] == [SharedFrameProtocol]
            (protocol,) = mine
            assert not protocol.scope
            assert not protocol.request.headers
            assert not protocol.response.headers
            await client.until(await emit(live))
    finally:
        gc.enable()


def _protocols() -> list[Any]:
    return [
        found
        for found in gc.get_objects()
        if issubclass(type(found), HttpToolsProtocol | SharedFrameProtocol)
    ]
