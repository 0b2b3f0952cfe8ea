"""What a report by watermark costs: it reaches what is new, whatever was written before."""

import pytest
from sqlalchemy import Connection, insert, text

from connectors.contract import Peer, Receipt, ReceiptState
from server.db import schema
from server.delivery.receipts import apply_receipts
from server.unit_of_work import Transaction
from tests.support.backend import Backend
from tests.support.delivery import Desk

HISTORY = 400


@pytest.mark.parametrize("ends", [{"delivery": "delivered", "part": "delivered"}, {"delivery": "failed"}])
async def test_a_watermark_looks_only_at_what_is_new(backend: Backend, ends: dict[str, str]) -> None:
    """Of somebody who never reads, and of somebody whom nothing reaches."""
    desk = await Desk.make(backend)
    await _write(desk)
    alone = await _delivered(desk)
    await _lengthen(desk, ends)
    new = await _write(desk)
    beside = await _delivered(desk)
    assert await desk.state(new) == "delivered"
    assert beside < alone * 1.5 + 20, "rows or steps"


async def _write(desk: Desk) -> str:
    message = await desk.write(await desk.dialog())
    [claimed] = await desk.claim()
    await desk.accept(claimed)
    return message.id


async def _delivered(desk: Desk) -> int:
    """How much the database had to read for a report that all was delivered."""
    told = Receipt(
        key="1",
        state=ReceiptState.DELIVERED,
        watermark_ms=desk.backend.clock.now_ms(),
        peer=Peer(id="77"),
    )
    counted: list[int] = []

    def work(tx: Transaction) -> None:
        counted.append(_read(tx.connection))
        apply_receipts(tx, desk.channel_id, [told])
        counted.append(_read(tx.connection))

    await desk.units.run(work)
    return counted[1] - counted[0]


_steps = 0


def _read(connection: Connection) -> int:
    """Steps of SQLite's machine, or rows that PostgreSQL read in this transaction."""
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_progress_handler(_step, 1)
        return _steps
    connection.execute(text("SET LOCAL enable_seqscan = off"))  # small tables are read whole by choice
    columns = "sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))"
    return int(connection.execute(text(f"SELECT {columns} FROM pg_stat_xact_user_tables")).scalar_one() or 0)


def _step() -> int:
    global _steps
    _steps += 1
    return 0


async def _lengthen(desk: Desk, ends: dict[str, str]) -> None:
    """The same message many times more, long ago."""
    [delivery], [part] = await desk.deliveries(), await desk.rows(schema.delivery_part)
    [message] = await desk.rows(schema.message, schema.message.c.id == delivery["message_id"])

    def work(tx: Transaction) -> None:
        messages, deliveries, parts = [], [], []
        for number in range(HISTORY):
            ids = {"message_id": tx.ids.new(), "id": tx.ids.new()}
            messages.append({**message, "id": ids["message_id"], "external_id": f"old{number}"})
            deliveries.append({**delivery, **ids, "state": ends["delivery"], "tracker": f"old{number}"})
            if "part" in ends:
                named = {"delivery_id": ids["id"], "external_id": f"old{number}", "state": ends["part"]}
                parts.append({**part, **named})
        for table, rows in (
            (schema.message, messages),
            (schema.delivery, deliveries),
            (schema.delivery_part, parts),
        ):
            if rows:
                tx.connection.execute(insert(table), rows)

    await desk.units.run(work)
