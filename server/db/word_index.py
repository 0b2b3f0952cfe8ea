"""SQLite's index of messages' words: a file of its own beside the database (ADR 0020).

SQLite lets one transaction write a file at a time.  In the database's own file, what is added to the index would hold
up the messages that come in; here both go on at once.  Nothing in it is anybody's only copy: it can be built again from
the database at any time, and is, when it is missing, damaged, of another version or of another database.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

T = TypeVar("T")

BUSY_MS = 15_000
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_PRIMARY_CODE = 0xFF
_VERSION = 1
"""Raise it with every change of the tables below: the index is then built anew."""

# Words come folded and one space apart, so "ascii" (which leaves every other letter alone) takes them as they are.
# message_search: an entry's number begins with its dialog's, so that entries stand in the order of dialogs.
_TABLES = {
    "message_search": "CREATE VIRTUAL TABLE message_search"
    " USING fts5(body, prefix='1 2 3', tokenize='ascii', columnsize=0)",
    "search_entry": "CREATE TABLE search_entry (message_id INTEGER PRIMARY KEY, entry INTEGER NOT NULL)",
    "search_word": "CREATE TABLE search_word (word TEXT PRIMARY KEY) WITHOUT ROWID",
    # One row: the log that the index follows, up to which event; up to which message it was filled, while it is being
    # filled; and the last running number of an entry.
    "search_state": "CREATE TABLE search_state"
    " (epoch TEXT NOT NULL, position INTEGER NOT NULL, backlog INTEGER, entries INTEGER NOT NULL)",
}
TABLES = tuple(_TABLES)

log = logging.getLogger(__name__)


def path_beside(database: Path) -> Path:
    """``data/centrala.words.db`` for ``data/centrala.db``."""
    return database.with_suffix(f".words{database.suffix}")


def attach(connection: Any, database: Path) -> None:
    """Let a reading connection of the database see the index's tables, by their own names."""
    connection.execute("ATTACH DATABASE ? AS words", (str(path_beside(database)),))


def make_sure_of(database: Path) -> None:
    """Create the index, empty, unless there is one of this version that can be read."""
    path = path_beside(database)
    try:
        _create(path)
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
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
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def is_damage_of_index(error: DBAPIError) -> bool:
    """Whether a statement, or opening a connection, failed because the index's file is no sound one."""
    return _is_damage(error.orig) and (
        error.statement is None or any(table in error.statement for table in TABLES)
    )


def _is_damage(error: BaseException | None) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _DAMAGED


def _is_current(connection: sqlite3.Connection) -> bool:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version == _VERSION


class WordIndex:
    """Writes the index, in a thread of its own; the database can be read there too, but not written."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._engine: Engine = create_engine(
            "sqlite+pysqlite://", creator=self._connect, poolclass=StaticPool, hide_parameters=True
        )
        event.listen(self._engine, "begin", _begin_immediate)
        self._thread: ThreadPoolExecutor | None = None
        self.made = 0
        """How often it was made anew: a connection that attached it earlier sees a file that is no more."""

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` inside one transaction and commit it; any error rolls all of it back.

        Where the index turns out to be damaged, it is made anew, empty, and ``work`` is run on that.
        """
        made = self.made
        try:
            return await self._in_thread(partial(self._job, work))
        except DBAPIError as error:
            if not is_damage_of_index(error):
                raise
            await self.make_anew(made, error)
            return await self._in_thread(partial(self._job, work))

    async def make_anew(self, made: int, why: Exception) -> None:
        """Put an empty index in the place of a damaged one, unless somebody did since it was the ``made``-th."""
        await self._in_thread(partial(self._make_anew, made, why))

    async def _in_thread(self, job: Callable[[], T]) -> T:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-words")
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)

    def _make_anew(self, made: int, why: Exception) -> None:
        if made != self.made:
            return
        log.error("the index of words is damaged (%s): it is built anew", type(why).__name__)
        self._engine.dispose()
        _remove(path_beside(self._database))
        make_sure_of(self._database)
        self.made += 1

    def _job(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)

    async def close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, self._engine.dispose)
            thread.shutdown(wait=True)

    def _connect(self) -> sqlite3.Connection:
        # Transactions are begun by us, see below.
        own = path_beside(self._database).absolute().as_uri()
        connection = sqlite3.connect(own, uri=True, isolation_level=None)
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
        ):
            connection.execute(f"PRAGMA {pragma}")
        return connection


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
