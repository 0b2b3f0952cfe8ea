"""A sink whose store is the writer process, and what these tests give it."""

import asyncio
from typing import Any

from sqlalchemy import select

from connectors.contract import Attachment, AttachmentKind, InboundMessage, Peer
from server.errors import Unavailable
from server.intake.sink import IntakeSink
from server.supervisor import Supervisor
from server.writer.process import WriterProcess
from tests.support.backend import Backend

PATIENCE_S = 30


class Writer:
    """A sink whose store is a process."""

    def __init__(self, backend: Backend) -> None:
        self.store = WriterProcess(backend.config, backend.units)
        self.sink = IntakeSink(self.store, batch_items=100, queue_bytes=10**6, owner="me")
        self.supervisor = Supervisor()

    def start(self) -> None:
        self.supervisor.keep("writer process", self.store.run)
        self.sink.start(self.supervisor)

    @property
    def pid(self) -> int:
        assert self.store._newest is not None
        return self.store._newest.process.pid

    async def stop(self) -> None:
        await self.supervisor.stop()
        await self.store.stop()

    async def put(self, channel_id: int, *items: Any, raw: bytes = b"", cursor: str | None = None) -> None:
        async with asyncio.timeout(PATIENCE_S):
            await self.sink.ingest(str(channel_id), items, raw=raw, cursor=cursor)


async def until_taken(writer: Writer, channel_id: int, item: InboundMessage) -> None:
    """As a provider does: again and again until it is taken."""
    while True:
        try:
            await writer.put(channel_id, item)
        except Unavailable:
            await asyncio.sleep(0.05)
        else:
            return


def message(key: str, text: str = "Zażółć gęślą jaźń", **more: Any) -> InboundMessage:
    return InboundMessage(key=key, external_id=key, text=text, peer=Peer(id="77", name="Zofia"), **more)


async def rows(backend: Backend, table: Any) -> list[dict[str, Any]]:
    return await backend.database.read(lambda c: [dict(r) for r in c.execute(select(table)).mappings()])


def attachment(size: int) -> Any:
    return Attachment(kind=AttachmentKind.FILE, size=size)
