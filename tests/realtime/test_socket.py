"""The live feed over real sockets: in order, once, never silently behind."""

import asyncio
import gc
import json
import logging
from typing import Any

import pytest
import websockets
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.events.model import DialogScope
from server.realtime.transport import SharedFrameProtocol
from tests.realtime.client import AGENT_TOKEN, TOKEN, connect, emit
from tests.support.backend import Live


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
    reader._transport.pause_reading()
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


async def test_who_sends_too_much_is_cut_off(live: Live) -> None:
    async with connect(live) as client:
        await asyncio.gather(*(client.send(type="ping") for _ in range(200)), return_exceptions=True)
        await asyncio.wait_for(client.socket.wait_closed(), 10)
        assert client.socket.close_code == 1008


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer ct_wrong"}, 401),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "https://evil.example"}, 403),
    ],
)
async def test_strangers_and_other_sites_are_refused(
    live: Live, headers: dict[str, str], status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        await websockets.connect(live.ws_url, additional_headers=headers)
    response = refused.value.response
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    problem = json.loads(response.body)
    assert problem["status"] == status
    assert problem["detail"]
    # A stranger's try is no fault of ours, and none for the server's log.
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


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
