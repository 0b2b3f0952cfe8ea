"""SQL of the words of messages on SQLite: what is to be indexed, and the index itself.

The index follows the event log; its position is the counter ``search``.  Where the log does not reach back far enough
(at the first start, after a long time without an indexer) all messages are gone through by id: the counter
``search.backlog`` is how far.  Everything may be repeated: an entry that is there is left or replaced.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, or_, select, text

from server.db.prepared import Query
from server.db.schema import counter, dialog, event, message
from server.db.sql import insert_for, one_of
from server.dialogs.fts import ENTRY_SHIFT, LONGEST_PREFIX
from server.events.store import head, oldest_seq
from server.folding import search_text

POSITION, BACKLOG, ENTRIES = "search", "search.backlog", "search.entries"

_MESSAGE_EVENTS = ("message.received", "message.added", "message.updated")
_COUNTERS = Query(
    select(counter.c.name, counter.c.value).where(or_(counter.c.name == POSITION, counter.c.name == BACKLOG))
)
_UNCHANGED = text(
    "SELECT message_id, entry FROM search_entry WHERE message_id IN (SELECT value FROM json_each(:ids))"
)


class Progress(NamedTuple):
    """Where the index stands."""

    position: int
    """Events up to here are in it; None yet: -1."""
    backlog: int | None
    """Messages up to this id are in it, while it is being filled."""
    head: int
    """The log's end."""


class Batch(NamedTuple):
    """What one step adds, and from where to where it leads."""

    before: Progress
    position: int
    backlog: int | None
    messages: list[Row[Any]]


class Entry(NamedTuple):
    message_id: int
    number: int
    words: str | None
    """None: nothing of it is to be found any more."""


def progress(connection: Connection) -> Progress:
    rows = _COUNTERS.rows(connection)
    values: dict[str, int] = {row["name"]: row["value"] for row in rows}
    return Progress(values.get(POSITION, -1), values.get(BACKLOG), head(connection).seq)


def must_begin_anew(connection: Connection) -> bool:
    """Whether the log no longer holds what follows the index's position."""
    at = progress(connection)
    if at.position == at.head:
        return False
    oldest = oldest_seq(connection)
    return at.position < 0 or at.position > at.head or oldest is None or oldest > at.position + 1


def begin_anew(connection: Connection) -> None:
    """From here on follow the log, and go through all messages that there are."""
    _set(connection, POSITION, head(connection).seq)
    _set(connection, BACKLOG, 0)


def next_batch(connection: Connection, target: int | None, size: int) -> Batch | None:
    """The next step, or None when the index has all that the log has, or all up to ``target``."""
    at = progress(connection)
    if target is not None and at.position >= target and at.backlog is None:
        return None
    if at.position < at.head:
        last = min(at.position + size, at.head)
        ids = select(func.json_extract(event.c.data, "$.message.id")).where(
            event.c.seq > at.position, event.c.seq <= last, event.c.name.in_(_MESSAGE_EVENTS)
        )
        found = {int(each) for each in connection.execute(ids).scalars()}
        return Batch(at, last, at.backlog, _messages(connection, one_of(connection, message.c.id, found)))
    if at.backlog is not None:
        rows = _messages(connection, message.c.id > at.backlog, size)
        return Batch(at, at.position, rows[-1].id if rows else None, rows)
    return None


def _messages(connection: Connection, condition: Any, limit: int | None = None) -> list[Row[Any]]:
    statement = (
        select(message.c.id, dialog.c.number, message.c.text, message.c.edited_at, message.c.deleted_at)
        .join(dialog, dialog.c.id == message.c.dialog_id)
        .where(condition)
        .order_by(message.c.id)
        .limit(limit)
    )
    return list(connection.execute(statement))


def entries_of(rows: Iterable[Row[Any]]) -> list[Entry]:
    """Folds the texts; pure, and the dear part of it."""
    return [
        Entry(row.id, row.number, None if row.deleted_at else search_text(row.text) or None) for row in rows
    ]


def apply(connection: Connection, batch: Batch, entries: Sequence[Entry]) -> None:
    """Write a step, unless somebody else did it meanwhile."""
    if progress(connection)[:2] != batch.before[:2]:
        return
    changed = {row.id for row in batch.messages if row.edited_at or row.deleted_at}
    ids = str([entry.message_id for entry in entries])
    known = {row.message_id: row.entry for row in connection.execute(_UNCHANGED, {"ids": ids})}
    outdated = sorted(entry for message_id, entry in known.items() if message_id in changed)
    if outdated:
        remove(connection, outdated)
    fresh = [e for e in entries if e.words and (e.message_id not in known or e.message_id in changed)]
    _insert(connection, fresh)
    if batch.position != batch.before.position:
        _set(connection, POSITION, batch.position)
    if batch.backlog is None:
        connection.execute(delete(counter).where(counter.c.name == BACKLOG))
    elif batch.backlog != batch.before.backlog:
        _set(connection, BACKLOG, batch.backlog)


def remove(connection: Connection, entries: Sequence[int]) -> None:
    """Take entries out, without a trace."""
    rows = [{"entry": entry} for entry in entries]
    connection.execute(text("DELETE FROM message_search WHERE rowid = :entry"), rows)
    connection.execute(text("DELETE FROM search_entry WHERE entry = :entry"), rows)


def _insert(connection: Connection, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    running = _value(connection, ENTRIES)
    # In rising order: FTS5 then writes one piece for all of them.
    numbered = sorted(
        ((entry.number << ENTRY_SHIFT) | (running + offset), entry)
        for offset, entry in enumerate(entries, start=1)
    )
    _set(connection, ENTRIES, running + len(numbered))
    run = connection.exec_driver_sql  # without SQLAlchemy's work for each row
    bodies = [(number, entry.words) for number, entry in numbered]
    run("INSERT INTO message_search (rowid, body) VALUES (?, ?)", bodies)
    places = [(entry.message_id, number) for number, entry in numbered]
    run("INSERT INTO search_entry (message_id, entry) VALUES (?, ?)", places)
    words = {word for entry in entries for word in (entry.words or "").split() if len(word) > LONGEST_PREFIX}
    if words:
        run("INSERT OR IGNORE INTO search_word (word) VALUES (?)", [(word,) for word in sorted(words)])


def _value(connection: Connection, name: str) -> int:
    return connection.execute(select(counter.c.value).where(counter.c.name == name)).scalar_one_or_none() or 0


def _set(connection: Connection, name: str, value: int) -> None:
    statement = insert_for(connection, counter).values(name=name, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[counter.c.name], set_={"value": value})
    )
