"""SQL of the words of messages on SQLite: what is to be indexed, and the index itself.

The index (:mod:`server.db.word_index`) follows the event log; it keeps its position itself.  Where the log does not
reach back far enough (at the first start, after a long time without an indexer) all messages are gone through by id, and
the index keeps how far.  Everything may be repeated: an entry that is there is left or replaced.  An index that followed
another log, or is ahead of this one because the database was put back from a backup, is emptied first.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Row, delete, select, table, text

from server.db.schema import dialog, message
from server.db.sql import one_of
from server.db.word_index import TABLES
from server.dialogs.fts import ENTRY_SHIFT, LONGEST_PREFIX
from server.events.store import Head, head, oldest_seq
from server.folding import search_text

_PAGE = 500
_STEP_BYTES = 8_000_000
"""A step that has read so much of the log is large enough, however few events it is."""
_STATE = text("SELECT epoch, position, backlog FROM search_state")
# One row, however many events: for every row the driver would take turns with the event loop.
_TOLD = text(
    "SELECT CAST(group_concat(data, ',') AS BLOB) FROM (SELECT data FROM event WHERE seq > :after AND seq <= :last"
    " AND name IN ('message.received', 'message.added', 'message.updated') ORDER BY seq)"
)
_KNOWN = text(
    "SELECT message_id, entry FROM search_entry WHERE message_id IN (SELECT value FROM json_each(:ids))"
)


# Whole batches as one statement each, for the same reason.
_ADD_ENTRIES = text(
    "INSERT INTO message_search (rowid, body) SELECT CAST(key AS INTEGER), value FROM json_each(:rows)"
)
_ADD_PLACES = text(
    "INSERT INTO search_entry (message_id, entry) SELECT CAST(key AS INTEGER), value FROM json_each(:rows)"
)
_ADD_WORDS = text("INSERT OR IGNORE INTO search_word (word) SELECT value FROM json_each(:rows)")


class _Dialog(msgspec.Struct, frozen=True):
    number: int


class _Message(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    seq: str
    dialog_id: str
    text: str
    edited_at: str | None
    deleted_at: str | None


class _Told(msgspec.Struct, frozen=True):
    """What an event says of a message."""

    message: _Message
    dialog: _Dialog | None = None


_decode = msgspec.json.Decoder(list[_Told]).decode
_encode = msgspec.json.Encoder().encode


class Progress(NamedTuple):
    """Where the index stands."""

    epoch: str
    """Of the log that it follows; empty: none yet."""
    position: int
    """Events up to here are in it; None yet: -1."""
    backlog: int | None
    """Messages up to this id are in it, while it is being filled."""
    head: Head
    """The log's end."""


class Batch(NamedTuple):
    """What one step adds, and from where to where it leads."""

    before: Progress
    position: int
    backlog: int | None
    told: list[bytes]
    """Data of events about messages, with commas between."""
    messages: list[Row[Any]]
    """Where all messages are gone through."""


class Entry(NamedTuple):
    message_id: int
    seq: int
    dialog_id: int
    number: int | None
    """Of the dialog; None where that was not told."""
    is_changed: bool
    words: str | None
    """None: nothing of it is to be found any more."""


def progress(connection: Connection) -> Progress:
    row = connection.execute(_STATE).one_or_none()
    epoch, position, backlog = ("", -1, None) if row is None else row
    return Progress(epoch, position, backlog, head(connection))


def must_begin_anew(connection: Connection, at: Progress) -> bool:
    """Whether the log no longer holds what follows the index's position."""
    if _is_foreign(at):
        return True
    if at.position == at.head.seq:
        return False
    oldest = oldest_seq(connection)
    return oldest is None or oldest > at.position + 1


def _is_foreign(at: Progress) -> bool:
    return at.epoch != at.head.epoch or at.position > at.head.seq


def begin_anew(connection: Connection) -> None:
    """From here on follow the log, and go through all messages that there are."""
    at = progress(connection)
    if not must_begin_anew(connection, at):
        return  # somebody else did it meanwhile
    if _is_foreign(at):
        for name in TABLES:
            connection.execute(delete(table(name)))
        connection.execute(
            text("INSERT INTO search_state (epoch, position, backlog, entries) VALUES (:epoch, :seq, 0, 0)"),
            {"epoch": at.head.epoch, "seq": at.head.seq},
        )
    else:
        connection.execute(text("UPDATE search_state SET position = :seq, backlog = 0"), {"seq": at.head.seq})


def next_batch(connection: Connection, at: Progress, target: int | None, size: int) -> Batch | None:
    """The next step, or None when the index has all that the log has, or all up to ``target``."""
    if target is not None and at.position >= target and at.backlog is None:
        return None
    if at.position < at.head.seq:
        last, told = _told(connection, at.position, min(at.position + size, at.head.seq))
        return Batch(at, last, at.backlog, told, [])
    if at.backlog is not None:
        rows = _messages(connection, at.backlog, size)
        return Batch(at, at.position, rows[-1].id if rows else None, [], rows)
    return None


def _told(connection: Connection, position: int, end: int) -> tuple[int, list[bytes]]:
    """What the events after ``position`` say, up to ``end`` or as much as a step takes; and how far that is."""
    told: list[bytes] = []
    while position < end and sum(map(len, told)) < _STEP_BYTES:
        last = min(position + _PAGE, end)
        page = connection.execute(_TOLD, {"after": position, "last": last}).scalar_one()
        told += [page] if page else []
        position = last
    return position, told


def _messages(connection: Connection, after: int, limit: int) -> list[Row[Any]]:
    """The messages after this id, up to ``limit`` or as much as a step takes."""
    rows: list[Row[Any]] = []
    read = 0
    while len(rows) < limit and read < _STEP_BYTES:
        page = _page(connection, rows[-1].id if rows else after, min(_PAGE, limit - len(rows)))
        if not page:
            break
        rows += page
        read += sum(len(row.text) for row in page)
    return rows


def _page(connection: Connection, after: int, limit: int) -> list[Row[Any]]:
    c = message.c
    statement = (
        select(c.id, c.seq, c.dialog_id, dialog.c.number, c.text, c.edited_at, c.deleted_at)
        .join(dialog, dialog.c.id == c.dialog_id)
        .where(c.id > after)
        .order_by(c.id)
        .limit(limit)
    )
    return list(connection.execute(statement))


def entries_of(batch: Batch) -> list[Entry]:
    """Folds the texts; pure, and the dear part of it."""
    newest: dict[int, Entry] = {}
    for page in batch.told:
        for told in _decode(b"[" + page + b"]"):
            entry = _entry(told.message, told.dialog)
            before = newest.get(entry.message_id)
            if before is not None:
                if before.seq > entry.seq:
                    continue
                entry = entry._replace(
                    number=entry.number or before.number, is_changed=entry.is_changed or before.is_changed
                )
            newest[entry.message_id] = entry
    return [*newest.values(), *(_entry(row, row) for row in batch.messages)]


def _entry(of: Any, in_dialog: Any) -> Entry:
    return Entry(
        message_id=int(of.id),
        seq=int(of.seq),
        dialog_id=int(of.dialog_id),
        number=None if in_dialog is None else in_dialog.number,
        is_changed=of.edited_at is not None or of.deleted_at is not None,
        words=None if of.deleted_at is not None else search_text(of.text) or None,
    )


def apply(connection: Connection, batch: Batch, entries: Sequence[Entry]) -> None:
    """Write a step, unless somebody else did it meanwhile."""
    if progress(connection)[:3] != batch.before[:3]:
        return
    ids = _encode([entry.message_id for entry in entries]).decode()
    known = {row.message_id: row.entry for row in connection.execute(_KNOWN, {"ids": ids})}
    outdated = sorted(known[e.message_id] for e in entries if e.is_changed and e.message_id in known)
    if outdated:
        remove(connection, outdated)
    fresh = [e for e in entries if e.words and (e.is_changed or e.message_id not in known)]
    _insert(connection, fresh)
    connection.execute(
        text("UPDATE search_state SET position = :position, backlog = :backlog"),
        {"position": batch.position, "backlog": batch.backlog},
    )


def remove(connection: Connection, entries: Sequence[int]) -> None:
    """Take entries out, without a trace."""
    rows = [{"entry": entry} for entry in entries]
    connection.execute(text("DELETE FROM message_search WHERE rowid = :entry"), rows)
    connection.execute(text("DELETE FROM search_entry WHERE entry = :entry"), rows)


def _insert(connection: Connection, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    numbers = _numbers(connection, {entry.dialog_id for entry in entries if entry.number is None})
    running: int = connection.execute(text("SELECT entries FROM search_state")).scalar_one()
    # In rising order: FTS5 then writes one piece for all of them.
    numbered = sorted(
        (((entry.number or numbers[entry.dialog_id]) << ENTRY_SHIFT) | (running + offset), entry)
        for offset, entry in enumerate(entries, start=1)
    )
    connection.execute(text("UPDATE search_state SET entries = :last"), {"last": running + len(numbered)})
    words = {word for entry in entries for word in (entry.words or "").split() if len(word) > LONGEST_PREFIX}
    for statement, rows in (
        (_ADD_ENTRIES, {number: entry.words for number, entry in numbered}),
        (_ADD_PLACES, {entry.message_id: number for number, entry in numbered}),
        (_ADD_WORDS, sorted(words)),
    ):
        connection.execute(statement, {"rows": _encode(rows).decode()})


def _numbers(connection: Connection, dialogs: set[int]) -> dict[int, int]:
    if not dialogs:
        return {}
    rows = connection.execute(
        select(dialog.c.id, dialog.c.number).where(one_of(connection, dialog.c.id, dialogs))
    )
    return {row.id: row.number for row in rows}
