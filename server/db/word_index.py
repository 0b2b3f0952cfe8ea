"""SQLite's index of messages' words: a file of its own beside the database (ADR 0020).

SQLite lets one transaction write a file at a time.  In the database's own file, what is added to the index would hold
up the messages that come in; here both go on at once.  Nothing in it is anybody's only copy: it can be built again from
the database at any time, and is, when it is missing, damaged, of another version or of another database.

Plain SQL through Python's own driver: what writes the index holds nothing that it does not need.
"""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

BUSY_MS = 15_000
_WAL_PAGES = 4_000
"""Of 4 KB: what several steps change is carried into the file, and flushed, once."""
ENTRY_SHIFT = 33
"""An entry is ``dialog number << 33 | running number``."""
LONGEST_PREFIX = 3
"""As in the definition of the table."""

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY_CODE = 0xFF
_VERSION = 2
"""Raise it with every change of the tables below: the index is then built anew."""

# Words come folded and one space apart, so "ascii" (which leaves every other letter alone) takes them as they are.
# message_search: an entry's number begins with its dialog's, so that entries stand in the order of dialogs.  It keeps no
# words itself: to take an entry out it has to be told them again, and search_entry has them.
_TABLES = {
    "message_search": "CREATE VIRTUAL TABLE message_search"
    " USING fts5(body, prefix='1 2 3', tokenize='ascii', columnsize=0, content='')",
    "search_entry": "CREATE TABLE search_entry"
    " (message_id INTEGER PRIMARY KEY, entry INTEGER NOT NULL, words TEXT NOT NULL)",
    "search_word": "CREATE TABLE search_word (word TEXT PRIMARY KEY) WITHOUT ROWID",
    # One row: the log that the index follows, up to which event; up to which message it was filled, while it is being
    # filled; and the last running number of an entry.
    "search_state": "CREATE TABLE search_state"
    " (epoch TEXT NOT NULL, position INTEGER NOT NULL, backlog INTEGER, entries INTEGER NOT NULL)",
}
TABLES = tuple(_TABLES)

log = logging.getLogger(__name__)


class DatabaseDamaged(Exception):
    """It is not the index that is damaged, but what it is made from."""


def path_beside(database: Path) -> Path:
    """``data/centrala.words.db`` for ``data/centrala.db``."""
    return database.with_suffix(f".words{database.suffix}")


def attach(connection: Any, database: Path) -> None:
    """Let a reading connection of the database see the index's tables, by their own names."""
    connection.execute("ATTACH DATABASE ? AS words", (str(path_beside(database)),))


def file_of(database: Path) -> tuple[int, int] | None:
    """Which file the index is now: another once it was made anew, by whomever.  None: there is none."""
    try:
        found = path_beside(database).stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def make_sure_of(database: Path) -> None:
    """Create the index, empty, unless there is one of this version that can be read."""
    path = path_beside(database)
    try:
        _create(path)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        log.error("the index of words is damaged (%s): it is built anew", error)
        _remove(path)
        _create(path)


def _create(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None)) as connection:
        if _is_current(connection):
            return
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("BEGIN IMMEDIATE")
        if not _is_current(connection):  # another process may have been quicker
            for name, statement in _TABLES.items():
                connection.execute(f"DROP TABLE IF EXISTS {name}")
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={_VERSION}")
        connection.execute("COMMIT")


def _remove(path: Path) -> None:
    # The file itself last: what somebody makes in its place must keep what is beside it.
    for ending in ("-wal", "-shm", ""):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def is_damage(error: BaseException | None) -> bool:
    """Whether SQLite failed because a file is no sound database."""
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _DAMAGED


def _is_current(connection: sqlite3.Connection) -> bool:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version == _VERSION


def empty(connection: sqlite3.Connection) -> None:
    """Take out all that there is."""
    connection.execute("INSERT INTO message_search (message_search) VALUES ('delete-all')")
    for name in TABLES:
        if name != "message_search":
            connection.execute(f"DELETE FROM {name}")  # noqa: S608 - our own names


def of_database(connection: sqlite3.Connection, statement: str, values: Any = ()) -> list[Any]:
    """Rows of the database that the index is made from.  Raises DatabaseDamaged."""
    try:
        return connection.execute(statement, values).fetchall()
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            raise DatabaseDamaged(str(error)) from error
        raise


class WordIndex:
    """Writes the index, from one thread at a time; the database can be read there too, but not written.

    Where the index turns out to be damaged, it is made anew, empty, and the work is run on that.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` on one moment's state of the index and of the database."""
        return self._run("BEGIN", work)

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` inside one transaction and commit it; any error rolls all of it back."""
        return self._run("BEGIN IMMEDIATE", work)

    def _run(self, begin: str, work: Callable[[sqlite3.Connection], T]) -> T:
        file = file_of(self._database)
        try:
            return self._job(begin, work)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            self.make_anew(file, error)
            return self._job(begin, work)

    def make_anew(self, file: tuple[int, int] | None, why: Exception) -> None:
        """Put an empty index in the place of a damaged one, unless that was done since it was this file."""
        if file_of(self._database) != file:
            return
        log.error("the index of words is damaged (%s): it is built anew", type(why).__name__)
        self.close()
        _remove(path_beside(self._database))
        make_sure_of(self._database)

    def _job(self, begin: str, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._opened()
        with connection:
            connection.execute(begin)
            return work(connection)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None or self._file != file_of(self._database):
            self.close()
            make_sure_of(self._database)
            self._file = file_of(self._database)
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        # Transactions are begun by us.  Each thread that uses it waits for the one before.
        own = path_beside(self._database).absolute().as_uri()
        connection = sqlite3.connect(own, uri=True, isolation_level=None, check_same_thread=False)
        # Read only, or beginning a transaction would lock the database as well.
        connection.execute(
            "ATTACH DATABASE ? AS centrala", (f"{self._database.absolute().as_uri()}?mode=ro",)
        )
        # What a loss of power takes away is read from the log again.
        for pragma in (
            f"busy_timeout={BUSY_MS}",
            "synchronous=NORMAL",
            "cache_size=-16000",
            "temp_store=MEMORY",
            f"wal_autocheckpoint={_WAL_PAGES}",
            "centrala.mmap_size=268435456",
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection
