"""What a report by watermark costs: it reaches what is new, whatever was written before."""

import pytest
from sqlalchemy import Connection, insert, text

from connectors.contract import Peer, Receipt, ReceiptState
from server.db import schema
from server.delivery.receipts import apply_receipts
from server.intake.affected import dialogs_of
from server.intake.keys import Entry
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


async def test_a_watermark_holds_up_only_dialogs_that_it_may_change(backend: Backend) -> None:
    """Of somebody who wrote often, and whose old dialogs are read and closed but for one."""
    desk = await Desk.make(backend)
    await _write(desk)
    [present] = await desk.rows(schema.dialog)
    [delivery], [part] = await desk.deliveries(), await desk.rows(schema.delivery_part)

    def lengthen(tx: Transaction) -> tuple[set[int], int]:
        ids = [tx.ids.new() for _ in range(20)]
        closed = [present | {"id": id_, "number": 100 + n, "status": "closed"} for n, id_ in enumerate(ids)]
        tx.connection.execute(insert(schema.dialog), closed)
        deliveries = [
            delivery | {"id": id_, "message_id": id_, "dialog_id": id_, "tracker": str(id_)} for id_ in ids
        ]
        messages = [message | {"id": id_, "dialog_id": id_, "external_id": str(id_)} for id_ in ids]
        tx.connection.execute(insert(schema.message), messages)
        tx.connection.execute(insert(schema.delivery), deliveries)
        states = ["delivered", *["read"] * 19]
        tx.connection.execute(
            insert(schema.delivery_part),
            [
                part | {"delivery_id": id_, "external_id": str(id_), "state": state}
                for id_, state in zip(ids, states, strict=True)
            ],
        )
        told = Entry(desk.channel_id, _told(desk))
        return dialogs_of(tx, {desk.channel_id: [told]}), ids[0]

    [message] = await desk.rows(schema.message, schema.message.c.id == delivery["message_id"])
    locked, unread = await desk.units.run(lengthen)
    assert locked == {present["id"], unread}


async def _write(desk: Desk) -> str:
    message = await desk.write(await desk.dialog())
    [claimed] = await desk.claim()
    await desk.accept(claimed)
    return message.id


async def _delivered(desk: Desk) -> int:
    """How much the database had to read for a report that all was delivered."""
    told = _told(desk)
    counted: list[int] = []

    def work(tx: Transaction) -> None:
        counted.append(_read(tx.connection))
        apply_receipts(tx, desk.channel_id, [told])
        counted.append(_read(tx.connection))

    await desk.units.run(work)
    return counted[1] - counted[0]


def _told(desk: Desk) -> Receipt:
    now = desk.backend.clock.now_ms()
    return Receipt(key="1", state=ReceiptState.DELIVERED, watermark_ms=now, peer=Peer(id="77"))


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
