"""A client of the live feed that checks what it is given."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import websockets

from server.events.model import QuarantineAdded, StaffScope
from server.unit_of_work import Transaction
from tests.support.backend import Live

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


async def emit(live: Live, count: int = 1, scope: Any = None, *, why: str = "") -> int:
    """Commit events that everybody may see; the last seq."""

    def work(tx: Transaction) -> int:
        seq = tx.seq(count)
        for n in range(count):
            added = QuarantineAdded(id=str(seq + n), channel_id="1", why=why)
            tx.emit(seq + n, scope or StaffScope(), added)
        return seq + count - 1

    return await live.backend.units.run(work)
