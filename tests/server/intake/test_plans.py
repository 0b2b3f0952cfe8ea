"""Nothing that intake asks of the database grows with the history: every table is reached through an index."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, event

from connectors.contract import (
    AnyItem,
    Attachment,
    AttachmentKind,
    Consent,
    Control,
    Deletion,
    Echo,
    Edit,
    InboundMessage,
    Peer,
    Postback,
    Reaction,
    Receipt,
    ReceiptState,
    Start,
)
from server.db.bulk import Bulk
from server.db.schema import dialog
from server.intake.batch import Batch
from server.intake.keys import Entry
from server.intake.reports import write_reports
from server.unit_of_work import Transaction
from tests.support.backend import Backend

NEW, KNOWN = Peer(id="78", name="Adam"), Peer(id="77", name="Zofia")
CONTENT: dict[str, Sequence[AnyItem]] = {
    "message": [InboundMessage(key="2", external_id="2", text="a", peer=KNOWN, reply_to="1")],
    "pressed": [
        InboundMessage(key="2", external_id="2", text="a", peer=KNOWN, payload="a", answers="centrala:1")
    ],
    "first message": [InboundMessage(key="2", external_id="2", text="a", peer=NEW)],
    "renamed": [InboundMessage(key="2", external_id="2", text="a", peer=Peer(id="77", name="Zosia"))],
    "start": [Start(key="2", peer=KNOWN, ref="abc")],
    "start from the website": [Start(key="2", peer=KNOWN, ref="w" + "0" * 20)],
    "postback": [Postback(key="2", peer=KNOWN, payload="a", title="A")],
    "thread taken": [Control(key="2", peer=KNOWN, event="taken", ours=False)],
    "consent": [Consent(key="2", peer=KNOWN, granted=False, source="blocked")],
}
PHOTO = Attachment(kind=AttachmentKind.IMAGE, source="1")


def place(latitude: float) -> Attachment:
    return Attachment(kind=AttachmentKind.LOCATION, latitude=latitude, longitude=1.0)


# Parked beforehand, for a message that is stored.
OVERTAKING = Edit(key="1", target="2", peer=KNOWN, text="b")
REPORTS: dict[str, Sequence[AnyItem]] = {
    "edit": [Edit(key="2", target="1", peer=KNOWN, text="b")],
    "overtaking edit": [Edit(key="2", target="9", peer=KNOWN, text="b")],
    "deletion": [Deletion(key="2", target="1", peer=KNOWN)],
    "reaction": [Reaction(key="2", target="1", peer=KNOWN, added=True, emoji="❤")],
    "edit of a file": [Edit(key="2", target="1", peer=KNOWN, attachments=(PHOTO,))],
    "a place moves on": [
        Edit(key=str(second), target="1", peer=KNOWN, at_ms=second, attachments=(place(second),))
        for second in (1, 2)
    ],
    "echo to a stranger": [Echo(key="2", external_id="2", peer=NEW, text="c")],
    "echo": [Echo(key="2", external_id="2", peer=KNOWN, text="c")],
    "receipt": [Receipt(key="2", state=ReceiptState.READ, external_ids=("1",), peer=KNOWN)],
    "reference": [
        Receipt(key="2", state=ReceiptState.SENT, external_ids=("2",), peer=KNOWN, reference="00ff")
    ],
    "of a reaction": [
        Receipt(key="2", state=ReceiptState.FAILED, external_ids=("2",), tracker="centrala:reaction:1:1")
    ],
    "watermark": [Receipt(key="2", state=ReceiptState.READ, watermark_ms=1_800_000_000_000, peer=KNOWN)],
}
# One row each.
SINGLE = frozenset({"event_head", "CONSTANT"})


@pytest.mark.parametrize("what", CONTENT)
async def test_what_people_write_is_stored_without_reading_whole_tables(backend: Backend, what: str) -> None:
    await check(backend, lambda tx, entries: Batch(tx, 24).write(entries), CONTENT[what])


@pytest.mark.parametrize("what", REPORTS)
async def test_reports_are_stored_without_reading_whole_tables(backend: Backend, what: str) -> None:
    await check(backend, lambda tx, entries: write_reports(tx, entries, 24), REPORTS[what])


async def check(
    backend: Backend, write: Callable[[Transaction, list[Entry]], object], items: Sequence[AnyItem]
) -> None:
    channel_id = await backend.add_channel()
    first = Entry(channel_id, InboundMessage(key="1", external_id="1", text="a", peer=KNOWN))
    await backend.units.run(lambda tx: Batch(tx, 24).write([first]))
    await backend.units.run(lambda tx: write_reports(tx, [Entry(channel_id, OVERTAKING)], 24))

    def work(tx: Transaction) -> list[str]:
        statements: list[tuple[str, Any]] = []
        stop = listen(tx.connection, statements)
        write(tx, [Entry(channel_id, item) for item in items])
        tx.rows.run(tx.connection)
        stop()
        assert len(statements) > 3
        return [
            f"{scan} in {sql}" for sql, values in statements for scan in scans(tx.connection, sql, values)
        ]

    assert await backend.units.run(work) == []


async def test_a_message_changes_no_index_of_dialogs(backend: Backend) -> None:
    """Or PostgreSQL writes entries in all of them anew, which costs more than the message's own row."""
    if backend.database.dialect == "sqlite":
        return  # it writes those that a statement names
    channel_id = await backend.add_channel()

    def message(key: str) -> list[Entry]:
        return [Entry(channel_id, InboundMessage(key=key, external_id=key, text="a", peer=KNOWN))]

    def updated(tx: Transaction) -> tuple[int, ...]:
        Batch(tx, 24).write(message("2"))
        tx.rows.run(tx.connection)
        counted = (
            f"SELECT pg_stat_get_xact_tuples_{kind}updated('dialog'::regclass)" for kind in ("", "hot_")
        )
        return tuple(tx.connection.exec_driver_sql(sql).scalar_one() for sql in counted)

    await backend.units.run(lambda tx: Batch(tx, 24).write(message("1")))
    assert await backend.units.run(updated) == (1, 1)


async def test_messages_of_known_people_are_seven_statements(backend: Backend) -> None:
    """However many they are: on PostgreSQL each is waited for.  Keys, people locked and read, dialogs locked and read, the
    event head, and all that is written.
    """
    if backend.database.dialect == "sqlite":
        return  # it waits for none, and writes each row by a statement of its own
    channel_id = await backend.add_channel()

    def messages(first: int) -> list[Entry]:
        items = [
            InboundMessage(key=key, external_id=key, text="a", peer=Peer(id=str(n), name="Zofia"))
            for n in range(3)
            for key in (f"{first}.{n}", f"{first}.{n}.more")
        ]
        return [Entry(channel_id, item) for item in items]

    def work(tx: Transaction) -> list[str]:
        statements: list[tuple[str, Any]] = []
        stop = listen(tx.connection, statements)
        Batch(tx, 24).write(messages(2))
        tx.rows.run(tx.connection)
        tx.connection.exec_driver_sql("SELECT 0")  # asyncpg tells of a statement at the next turn of the loop
        stop()
        return [sql for sql, _ in statements]

    await backend.units.run(lambda tx: Batch(tx, 24).write(messages(1)))
    statements = await backend.units.run(work)
    assert len(statements[: statements.index("SELECT 0")]) == 7, statements


async def test_many_rows_are_found_by_their_ids_by_a_plan_made_when_there_were_few(backend: Backend) -> None:
    """A plan stays with its connection for minutes, and a hundred rows are soon read whole to change ten of them."""
    if backend.database.dialect == "sqlite":
        return  # it has no such plans
    channel_id = await backend.add_channel()
    people = [Peer(id=str(n), name="Zofia") for n in range(100)]
    entries = [
        Entry(channel_id, InboundMessage(key=peer.id, external_id=peer.id, text="a", peer=peer))
        for peer in people
    ]
    await backend.units.run(lambda tx: Batch(tx, 24).write(entries))

    def work(connection: Connection) -> list[str]:
        statements: list[tuple[str, Any]] = []
        connection.exec_driver_sql("ANALYZE dialog")
        stop = listen(connection, statements)
        Bulk(dialog, ["preview_text"]).run(connection, [{"id": 1, "preview_text": "b"}])
        # asyncpg tells of a statement at the next turn of the loop.
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        stop()
        [(sql, values)] = [each for each in statements if each[0].startswith("UPDATE")]
        connection.exec_driver_sql(f"PREPARE changing AS {sql}")
        return scans(connection, f"EXECUTE changing ({', '.join(['NULL'] * len(values))})", ())

    assert await backend.database.write(work) == []


def listen(connection: Connection, statements: list[tuple[str, Any]]) -> Callable[[], None]:
    """Notes each statement with its (first) parameters; on SQLite from the driver, with the values in it."""
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.set_trace_callback(lambda sql: statements.append((sql, ())))
        return lambda: driver.set_trace_callback(None)

    def before(_connection: Any, _cursor: Any, sql: str, values: Any, _context: Any, many: bool) -> None:
        statements.append((sql, values[0] if many else values))

    def asked(query: Any) -> None:
        statements.append((query.query, query.args[0] if isinstance(query.args, list) else query.args))

    driver = connection.connection.driver_connection
    event.listen(connection, "before_cursor_execute", before)
    driver.add_query_logger(asked)  # what goes by the driver itself

    def stop() -> None:
        event.remove(connection, "before_cursor_execute", before)
        driver.remove_query_logger(asked)

    return stop


def scans(connection: Connection, sql: str, values: Any) -> list[str]:
    """The tables that a statement's plan reads whole."""
    if not sql.lstrip().upper().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "EXECUTE")):
        return []
    if connection.dialect.name == "sqlite":
        details = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
        scanned = [
            detail for detail in details if detail.startswith("SCAN") and "VIRTUAL TABLE" not in detail
        ]
        # What is in brackets is made by the statement itself.
        return [each for each in scanned if not each.startswith("SCAN (") and each.split()[1] not in SINGLE]
    # Small tables are read whole by choice; with that forbidden, only what no index serves still is.
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}", values).scalar_one()
    tree = json.loads(plan) if isinstance(plan, str) else plan
    return [name for name in whole(tree[0]["Plan"]) if name not in SINGLE]


def whole(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    elif (
        node["Node Type"] in ("Index Scan", "Index Only Scan", "Bitmap Index Scan")
        and "Index Cond" not in node
    ):
        yield node["Index Name"]
    for inner in node.get("Plans", ()):
        yield from whole(inner)
