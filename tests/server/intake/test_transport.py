"""The webhooks' door over real connections: what comes whole is answered without a task, the rest like anything else."""

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from server.db import schema
from server.intake.webhooks import WebhookDoor
from tests.support.backend import Backend

_APP = {"app_secret": "app-secret", "verify_token": "verify-me", "page_token": "page-token"}
_LONG = 5_000


class Caller:
    """One connection on which webhooks come as bytes."""

    def __init__(self, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._path = path
        self._reader = reader
        self._writer = writer

    def request(self, text: str, *, secret: str = "app-secret", page: str = "1", **headers: str) -> bytes:
        event = {
            "sender": {"id": "77"},
            "recipient": {"id": page},
            "timestamp": 1_700_000_000_000,
            "message": {"mid": f"mid.{text}", "text": text},
        }
        return self.raw(
            json.dumps({"object": "page", "entry": [{"id": page, "messaging": [event]}]}).encode(),
            secret=secret,
            **headers,
        )

    def raw(self, body: bytes, *, secret: str = "app-secret", version: str = "1.1", **headers: str) -> bytes:
        mark = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        lines = [
            f"POST {self._path} HTTP/{version}",
            "Host: inbox.test",
            f"X-Hub-Signature-256: sha256={mark}",
        ]
        lines += [f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def answer(self) -> tuple[int, bytes, bool]:
        """Status, body, and whether the connection stays."""
        async with asyncio.timeout(20):
            head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            body = await self._reader.readexactly(length)
        return int(head.split()[1]), body, b"connection: close" not in head

    async def post(self, data: bytes) -> tuple[int, bytes, bool]:
        await self.send(data)
        return await self.answer()

    async def is_closed(self) -> bool:
        async with asyncio.timeout(4):  # an idle connection that stays is closed after 5 s
            return await self._reader.read() == b""

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


class World:
    """A running server with one Messenger page, and how often the door got a task."""

    def __init__(self, backend: Backend, port: int, channel_id: int, tasks: list[str]) -> None:
        self.backend = backend
        self.port = port
        self.tasks = tasks
        self.path = f"/webhooks/{channel_id}"
        self._callers: list[Caller] = []

    async def connect(self) -> Caller:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self._callers.append(Caller(self.path, reader, writer))
        return self._callers[-1]

    async def close(self) -> None:
        for caller in self._callers:
            await caller.close()

    async def texts(self) -> list[str]:
        statement = select(schema.message.c.text).order_by(schema.message.c.seq)
        return list(await self.backend.database.read(lambda c: c.execute(statement).scalars().all()))


@pytest.fixture
async def world(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr("server.channels.opened.GOOD_FOR_S", 3600.0)
    tasks: list[str] = []
    answer = WebhookDoor._answer

    async def counted(door: WebhookDoor, scope: Any, receive: Any) -> Any:
        tasks.append(scope["path"])
        return await answer(door, scope, receive)

    monkeypatch.setattr(WebhookDoor, "_answer", counted)
    channel_id = await backend.add_channel("messenger", "Page", page_id="1", **_APP)
    async with backend.live() as live:
        await backend.inbox.channels.known(channel_id)
        world = World(backend, int(live.url.rpartition(":")[2]), channel_id, tasks)
        yield world
        await world.close()


async def test_what_comes_whole_needs_no_task(world: World) -> None:
    caller = await world.connect()
    for text in ("jeden", "ż" * _LONG, "trzy"):
        assert await caller.post(caller.request(text)) == (200, b"EVENT_RECEIVED", True)
    assert (await caller.post(caller.request("obcy", secret="guessed")))[::2] == (403, True)
    assert (await caller.post(caller.raw(b"{")))[::2] == (400, True)
    assert await caller.post(caller.raw(b'{"object":"page","entry":[]}')) == (200, b"EVENT_RECEIVED", True)
    assert world.tasks == []
    assert await caller.post(caller.request("ostatni", Connection="close")) == (200, b"EVENT_RECEIVED", False)
    assert await caller.is_closed()
    assert await world.texts() == ["jeden", "ż" * _LONG, "trzy", "ostatni"]


async def test_a_part_at_a_time_a_crowd_at_once_and_other_manners_are_answered_too(world: World) -> None:
    caller = await world.connect()
    whole = caller.request("w częściach")
    for part in (whole[:20], whole[20:-30], whole[-30:]):
        await caller.send(part)
        await asyncio.sleep(0.02)  # so that they come as parts; nothing depends on it
    assert (await caller.answer())[0] == 200
    await caller.send(b"".join(caller.request(str(number)) for number in range(5)))
    assert [(await caller.answer())[0] for _ in range(5)] == [200] * 5
    await caller.send(caller.request("czeka", Expect="100-continue"))
    assert (await caller.answer())[0] == 100
    assert (await caller.answer())[0] == 200
    assert (await caller.post(caller.request("inna strona", page="2")))[0] == 200  # kept in quarantine
    old = await world.connect()
    assert (await old.post(old.request("stary", version="1.0")))[::2] == (200, False)
    assert await old.is_closed()
    assert await world.texts() == ["w częściach", *map(str, range(5)), "czeka", "stary"]
    assert world.tasks


async def test_who_hangs_up_is_stored_and_who_is_turned_away_is_told_when_to_come(world: World) -> None:
    sink = world.backend.inbox.sink
    gate = await _hold(sink)
    gone, caller = await world.connect(), await world.connect()
    await gone.send(gone.request("odszedł"))
    await gate.held.wait()
    await gone.close()
    sink._queue_bytes = 1
    await caller.send(caller.request("za dużo"))
    assert (await caller.answer())[0] == 503
    sink._queue_bytes = 10**6
    gate.open.set()
    assert (await caller.post(caller.request("znów")))[0] == 200
    assert await world.texts() == ["odszedł", "znów"]
    assert world.tasks == []


async def test_what_can_not_be_taken_is_refused_at_once(world: World) -> None:
    """Not when the time for a body is over, as it was for one that said how long it would be."""
    refusals = {
        b"POST": (b"content-length: 99999999999", b" 413 ", False),
        b"PUT": (b"content-length: 0", b" 405 ", True),
    }
    for method, (length, status, says_which) in refusals.items():
        reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
        path = world.path.encode()
        writer.write(b"%s %s HTTP/1.1\r\nhost: x\r\n%s\r\n\r\n" % (method, path, length))
        async with asyncio.timeout(5):  # half of what a body may take
            head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        assert status in head.partition(b"\r\n")[0] + b" "
        assert (b"allow: GET, HEAD, POST" in head) == says_which


async def test_a_stop_answers_what_is_in_hand(backend: Backend) -> None:
    channel_id = await backend.add_channel("messenger", "Page", page_id="1", **_APP)
    async with backend.live() as live:
        await backend.inbox.channels.known(channel_id)
        world = World(backend, int(live.url.rpartition(":")[2]), channel_id, [])
        gate = await _hold(backend.inbox.sink)
        caller = await world.connect()
        await caller.send(caller.request("przed końcem"))
        await gate.held.wait()

        async def release() -> tuple[int, bytes, bool]:
            with contextlib.suppress(OSError):
                while True:  # until nobody new is let in
                    await (await world.connect()).close()
                    await asyncio.sleep(0.01)
            gate.open.set()
            return await caller.answer()

        released = asyncio.create_task(release())
    assert await released == (200, b"EVENT_RECEIVED", False)
    await world.close()


class Gate:
    """Keeps what is to be stored until it is opened."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.held = asyncio.Event()


async def _hold(sink: Any) -> Gate:
    gate, write = Gate(), sink._store.write

    async def held(work: Any) -> None:
        gate.held.set()
        await gate.open.wait()
        await write(work)

    sink._store.write = held
    return gate
