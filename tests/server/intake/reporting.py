"""Messages, and what is reported about them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from connectors.contract import (
    AnyItem,
    Attachment,
    AttachmentKind,
    Edit,
    InboundMessage,
    Peer,
)
from server.db import schema
from server.intake.batch import Batch
from server.intake.keys import Entry
from server.intake.reports import write_reports
from tests.support.backend import Backend
from tests.support.delivery import Desk
from tests.support.waiting import until

PEER = Peer(id="77", name="Zofia")
TEN, ELEVEN, TWELVE = 1_700_000_010_000, 1_700_000_011_000, 1_700_000_012_000


def message(key: str, text: str = "pierwsza") -> InboundMessage:
    file = Attachment(kind=AttachmentKind.IMAGE, title="kot")
    return InboundMessage(key=key, external_id=key, text=text, peer=PEER, attachments=(file,))


async def receive(desk: Desk, key: str = "m1", text: str = "pierwsza", channel_id: int | None = None) -> int:
    """A customer's message; returns the id of its dialog."""
    entry = Entry(channel_id or desk.channel_id, message(key, text))
    await desk.units.run(lambda tx: Batch(tx, 24).write([entry]))
    [row] = await desk.rows(
        schema.message, schema.message.c.external_id == key, schema.message.c.channel_id == entry.channel_id
    )
    return int(row["dialog_id"])


async def report(desk: Desk, *items: AnyItem) -> None:
    await desk.units.run(lambda tx: write_reports(tx, [Entry(desk.channel_id, item) for item in items], 24))


def edit(text: str, at_ms: int | None = None, *, key: str = "", target: str = "m1") -> Edit:
    return Edit(key=key or f"{text}:{at_ms}", target=target, peer=PEER, text=text, at_ms=at_ms)


async def first(desk: Desk) -> dict[str, Any]:
    return (await desk.rows(schema.message))[0]


class Hand:
    """Another process's transaction on PostgreSQL, open for as long as the test needs it."""

    def __init__(self, connection: Any) -> None:
        self.run = connection.execute
        self._value = connection.fetchval

    async def somebody_waits(self) -> None:
        await until(lambda: self._value("SELECT count(*) FROM pg_locks WHERE NOT granted"))


ONLY_POSTGRESQL = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
"""SQLite has one writer at a time."""


@asynccontextmanager
async def another_transaction(backend: Backend) -> AsyncIterator[Hand]:
    url = backend.config.database_url.replace("+asyncpg", "")
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            yield Hand(connection)
    finally:
        await connection.close()
