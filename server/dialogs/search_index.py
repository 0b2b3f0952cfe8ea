"""The words of messages on SQLite: what is to be indexed, and the index itself.

The index (:mod:`server.db.word_index`) follows the event log; it keeps its position itself.  Where the log does not
reach back far enough (at the first start, after a long time without an indexer) all messages are gone through by id, and
the index keeps how far.  Everything may be repeated: an entry that is there is left or replaced.  An index that followed
another log, or is ahead of this one because the database was put back from a backup, is emptied first.
"""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from server.db.word_index import ENTRY_SHIFT, LONGEST_PREFIX, WordIndex, empty, of_database
from server.folding import search_text

# Seldom and in large steps: for a message, a step of 2,000 costs half as much again as one of 8,000.
_STEP = 8000
_PAGE = 500
_STEP_TEXT = 8_000_000
"""A step that has read so many characters is large enough, however few messages they are."""

_HEAD = "SELECT epoch, last_seq FROM event_head"
_OLDEST = "SELECT min(seq) FROM event"
# One row, however many events: for every row the driver would take turns with the event loop.
_TOLD = (
    "SELECT CAST(group_concat(data, ',') AS BLOB) FROM (SELECT data FROM event WHERE seq > ? AND seq <= ?"
    " AND name IN ('message.received', 'message.added', 'message.updated') ORDER BY seq)"
)
_MESSAGES = (
    "SELECT message.id, message.seq, dialog_id, text, edited_at, deleted_at, number FROM message"
    " JOIN dialog ON dialog.id = dialog_id WHERE message.id > ? ORDER BY message.id LIMIT ?"
)
_NUMBERS = "SELECT id, number FROM dialog WHERE id IN (SELECT value FROM json_each(?))"
_STATE = "SELECT epoch, position, backlog FROM search_state"
_NEWEST = "SELECT max(message_id) FROM search_entry"
_KNOWN = "SELECT message_id FROM search_entry WHERE message_id IN (SELECT value FROM json_each(?))"
_FORGET = (
    "INSERT INTO message_search (message_search, rowid, body) SELECT 'delete', entry, words FROM search_entry"
)
# Whole batches as one statement each, for the same reason.
# In rising order: FTS5 then writes one piece for all of them.
_ADD_ENTRIES = (
    "INSERT INTO message_search (rowid, body) SELECT entry, words FROM search_entry"
    " WHERE message_id IN (SELECT value FROM json_each(?)) ORDER BY entry"
)
_ADD_PLACES = (
    "INSERT INTO search_entry (message_id, entry, words)"
    " SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)"
)
_ADD_WORDS = "INSERT OR IGNORE INTO search_word (word) SELECT value FROM json_each(?)"


class _Dialog(msgspec.Struct, frozen=True, gc=False):
    number: int


class Message(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """What is to be known of a message; ids come as texts."""

    id: int
    seq: int
    dialog_id: int
    text: str
    edited_at: str | int | None
    deleted_at: str | int | None

    @property
    def is_changed(self) -> bool:
        return self.edited_at is not None or self.deleted_at is not None


class _Told(msgspec.Struct, frozen=True, gc=False):
    """What an event says of a message."""

    message: Message
    dialog: _Dialog | None = None


_decode = msgspec.json.Decoder(list[_Told], strict=False).decode
_encode = msgspec.json.Encoder().encode


class Progress(NamedTuple):
    """Where the index stands."""

    epoch: str
    """Of the log that it follows; empty: none yet."""
    position: int
    """Events up to here are in it; None yet: -1."""
    backlog: int | None
    """Messages up to this id are in it, while it is being filled."""


class Head(NamedTuple):
    """The log's end."""

    epoch: str
    seq: int


class Batch(NamedTuple):
    """What one step adds, and from where to where it leads."""

    before: Progress
    position: int
    backlog: int | None
    messages: list[Message]
    numbers: dict[int, int]
    """Of the dialogs, by their ids."""
    is_last: bool
    """There was no more when it was read."""


def step(words: WordIndex, target: int | None) -> bool:
    """Go on towards ``target``, without one to the log's end; whether another step may be needed."""
    is_lost, batch = words.read(lambda connection: look(connection, target))
    if is_lost:
        words.write(begin_anew)
        _, batch = words.read(lambda connection: look(connection, target))
    if batch is None:
        return False
    folded = folded_texts(batch)
    words.write(lambda connection: apply(connection, batch, folded))
    # Without a target, what came meanwhile gathers for the next step.
    return target is not None or not batch.is_last


def look(connection: sqlite3.Connection, target: int | None) -> tuple[bool, Batch | None]:
    """Whether the index has to begin anew, and otherwise the next step.

    Of one moment: what is pruned between the look at the oldest event and the reading would be missed.
    """
    if must_begin_anew(connection):
        return True, None
    return False, next_batch(connection, target)


def progress(connection: sqlite3.Connection) -> Progress:
    return Progress(*(connection.execute(_STATE).fetchone() or ("", -1, None)))


def _head(connection: sqlite3.Connection) -> Head:
    return Head(*of_database(connection, _HEAD)[0])


def must_begin_anew(connection: sqlite3.Connection) -> bool:
    """Whether the log no longer holds what follows the index's position."""
    at, head = progress(connection), _head(connection)
    if _is_foreign(at, head):
        return True
    if at.position == head.seq:
        return False
    oldest = of_database(connection, _OLDEST)[0][0]
    return oldest is None or oldest > at.position + 1


def _is_foreign(at: Progress, head: Head) -> bool:
    return at.epoch != head.epoch or at.position > head.seq


def begin_anew(connection: sqlite3.Connection) -> None:
    """From here on follow the log, and go through all messages that there are."""
    if not must_begin_anew(connection):
        return  # somebody else did it meanwhile
    head = _head(connection)
    if _is_foreign(progress(connection), head):
        empty(connection)
        connection.execute(
            "INSERT INTO search_state (epoch, position, backlog, entries) VALUES (?, ?, 0, 0)", head
        )
    else:
        connection.execute("UPDATE search_state SET position = ?, backlog = 0", (head.seq,))


def next_batch(connection: sqlite3.Connection, target: int | None) -> Batch | None:
    """The next step, or None when the index has all that the log has, or all up to ``target``."""
    at, head = progress(connection), _head(connection)
    if target is not None and at.position >= target and at.backlog is None:
        return None
    if at.position < head.seq:
        last, messages, numbers = _told(connection, at.position, min(at.position + _STEP, head.seq))
        unknown = {message.dialog_id for message in messages} - numbers.keys()
        if unknown:
            numbers |= dict(of_database(connection, _NUMBERS, (_encode(sorted(unknown)).decode(),)))
        return Batch(at, last, at.backlog, messages, numbers, last == head.seq and at.backlog is None)
    if at.backlog is not None:
        messages, numbers = _messages(connection, at.backlog)
        backlog = messages[-1].id if messages else None
        return Batch(at, at.position, backlog, messages, numbers, backlog is None)
    return None


def _told(
    connection: sqlite3.Connection, position: int, end: int
) -> tuple[int, list[Message], dict[int, int]]:
    """The messages of the events after ``position``, up to ``end`` or as much as a step takes; and how far that is.

    Each as it was told last, with the numbers of the dialogs that were told.
    """
    messages: dict[int, Message] = {}
    numbers: dict[int, int] = {}
    read = 0
    while position < end and read < _STEP_TEXT:
        last = min(position + _PAGE, end)
        page = of_database(connection, _TOLD, (position, last))[0][0] or b""
        for told in _decode(b"[" + page + b"]"):
            message = told.message
            before = messages.setdefault(message.id, message)
            if before.seq <= message.seq:
                messages[message.id] = message
            if told.dialog is not None:
                numbers[message.dialog_id] = told.dialog.number
            read += len(message.text)
        position = last
    return position, list(messages.values()), numbers


def _messages(connection: sqlite3.Connection, after: int) -> tuple[list[Message], dict[int, int]]:
    """The messages after this id, as many as a step takes, and the numbers of their dialogs."""
    messages: list[Message] = []
    numbers: dict[int, int] = {}
    read = 0
    while len(messages) < _STEP and read < _STEP_TEXT:
        page = of_database(connection, _MESSAGES, (after, min(_PAGE, _STEP - len(messages))))
        if not page:
            break
        for *of, number in page:
            message = Message(*of)
            messages.append(message)
            numbers[message.dialog_id] = number
            read += len(message.text)
        after = messages[-1].id
    return messages, numbers


def folded_texts(batch: Batch) -> list[str]:
    """The words of each message; of what is not to be found any more, none."""
    return ["" if of.deleted_at is not None else search_text(of.text) for of in batch.messages]


def apply(connection: sqlite3.Connection, batch: Batch, folded: Sequence[str]) -> None:
    """Write a step, unless somebody else did it meanwhile."""
    if progress(connection) != batch.before:
        return
    known = _known(connection, batch.messages)
    outdated = [message.id for message in batch.messages if message.is_changed and message.id in known]
    if outdated:
        remove(connection, outdated)
        known.difference_update(outdated)
    _insert(connection, batch, folded, known)
    connection.execute("UPDATE search_state SET position = ?, backlog = ?", (batch.position, batch.backlog))


def _known(connection: sqlite3.Connection, messages: Sequence[Message]) -> set[int]:
    """Which messages have an entry.  Most are newer than all that have one."""
    newest: int = connection.execute(_NEWEST).fetchone()[0] or 0
    older = [message.id for message in messages if message.id <= newest]
    if not older:
        return set()
    return {message for (message,) in connection.execute(_KNOWN, (_encode(older).decode(),))}


def remove(connection: sqlite3.Connection, messages: Sequence[int]) -> None:
    """Take messages out, without a trace."""
    rows = [(message,) for message in messages]
    connection.executemany(f"{_FORGET} WHERE message_id = ?", rows)
    connection.executemany("DELETE FROM search_entry WHERE message_id = ?", rows)


def _insert(connection: sqlite3.Connection, batch: Batch, folded: Sequence[str], known: set[int]) -> None:
    """Add entries for what is not known yet and has words."""
    entry: int = connection.execute("SELECT entries FROM search_state").fetchone()[0]
    places: list[tuple[int, int, str]] = []
    words: set[str] = set()
    for message, text in zip(batch.messages, folded, strict=True):
        if text and message.id not in known:
            entry += 1
            places.append((message.id, batch.numbers[message.dialog_id] << ENTRY_SHIFT | entry, text))
            words.update(text.split())
    connection.execute("UPDATE search_state SET entries = ?", (entry,))
    for statement, rows in (
        (_ADD_PLACES, places),
        (_ADD_ENTRIES, [place[0] for place in places]),
        (_ADD_WORDS, sorted(word for word in words if len(word) > LONGEST_PREFIX)),
    ):
        connection.execute(statement, (_encode(rows).decode(),))
