"""Connections to SQLite and PostgreSQL: reads side by side, writes as whole jobs.

A write is a synchronous function of one connection, run as one job: on SQLite in the single writer thread (there is
one write lock anyway, and a job is one hop instead of one per statement), on PostgreSQL over asyncpg through
SQLAlchemy's bridge.  The very same function serves both.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server import reasons
from server.db.turns import AllAtOnce, OneAtATime, Turn
from server.db.wal import WriteAheadLog
from server.db.word_index import BUSY_MS, TABLES, attach, is_damage, make_sure_of
from server.db.word_thread import WordThread
from server.errors import ConfigError, Unavailable

T = TypeVar("T")

_WAL_PAGES = 8_000  # of 4 KB
_IDLE_IN_TRANSACTION_MS = "10000"
# A write's statements are planned once for a connection, often while the tables are new and small; a plan that reads such
# a table whole would stay until somebody analyses it, and every batch would read what there is by then.
_WRITER_SETTINGS = {"enable_seqscan": "off"}

log = logging.getLogger(__name__)

# Until Python 3.12 the driver looks for a way to convert each value but numbers and texts, which costs several times more
# than to store it; it is told one that gives the value back.
sqlite3.register_adapter(type(None), cast(Any, {}.get))
sqlite3.register_adapter(bool, bool.__int__)
sqlite3.register_adapter(bytes, bytes.__bytes__)


class Database(Protocol):
    """What the rest of the server knows of a database."""

    dialect: str
    """``sqlite`` or ``postgresql``."""

    @property
    def turn(self) -> Turn:
        """Held by whoever writes, here or in the writer process: on SQLite one at a time, in the order they came."""
        ...

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` on a connection that may only read.  Raises Unavailable where it met a damaged index of words."""
        ...

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` inside one transaction and commit it; any error rolls all of it back."""
        ...

    def flush(self) -> None:
        """Return when all that a database of the writer process committed is on the disk.  May block; raises OSError."""
        ...

    async def secure(self) -> None:
        """The same for all that can be read, whoever committed it and whether or not a flush of it failed before.

        Raises where it is not certain.
        """
        ...

    async def close(self) -> None: ...


def open_database(url: str, *, pool_size: int = 10, of_writer: bool = False) -> Database:
    """The database at an SQLAlchemy async address (``sqlite+aiosqlite`` or ``postgresql+asyncpg``).

    ``of_writer``: of the writer process, whose event loop has nothing else to do while it writes, and which flushes before it
    answers, so that SQLite's commits need not wait for the disk.
    """
    name = make_url(url).get_backend_name()
    if name == "sqlite":
        return SQLite(url, pool_size=pool_size, of_writer=of_writer)
    if name == "postgresql":
        return PostgreSQL(url, pool_size=pool_size)
    raise ConfigError(f"database.url: expected sqlite or postgresql, got {name}")


class SQLite:
    """One file, WAL, ``synchronous=FULL`` but in the writer process; every write begins IMMEDIATE in one thread."""

    dialect = "sqlite"

    def __init__(self, url: str, *, pool_size: int, of_writer: bool = False) -> None:
        parsed = make_url(url)
        if not parsed.database or parsed.database == ":memory:":
            raise ConfigError("database.url: SQLite needs a file")
        path = Path(parsed.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        make_sure_of(path)
        self.words = WordThread(path)
        self._reader: AsyncEngine = create_async_engine(
            parsed, pool_size=pool_size, max_overflow=0, hide_parameters=True
        )
        event.listen(self._reader.sync_engine, "connect", partial(_prepare_reader, path, self.words))
        event.listen(self._reader.sync_engine, "checkout", partial(_check_reader, self.words))
        self._writer: Engine = create_engine(
            parsed.set(drivername="sqlite+pysqlite"), pool_size=1, max_overflow=0, hide_parameters=True
        )
        event.listen(self._writer, "connect", partial(_prepare_writer, "NORMAL" if of_writer else "FULL"))
        event.listen(self._writer, "begin", _begin_immediate)
        self._thread = None if of_writer else ThreadPoolExecutor(1, thread_name_prefix="sqlite-writer")
        self._connection: Connection | None = None
        self.turn: Turn = OneAtATime()
        self._log = WriteAheadLog(path)

    async def read(self, work: Callable[[Connection], T]) -> T:
        file = self.words.file()
        try:
            return await self._read(work)
        except DBAPIError as error:
            if not _is_damage_of_index(error):
                raise
            await self.words.make_anew(file, error)
            # Not tried again here: what is found in an empty index is no answer.
            raise Unavailable(reasons.INDEX_DAMAGED) from error

    async def _read(self, work: Callable[[Connection], T]) -> T:
        async with self._reader.connect() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        async with self.turn:
            return await self._in_thread(partial(self._job, work))

    async def _in_thread(self, job: Callable[[], T]) -> T:
        if self._thread is None:
            return job()
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)

    def flush(self) -> None:
        self._log.flush()

    async def secure(self) -> None:
        """See :meth:`Database.secure`.  What a system could not write to the disk it takes for written, so to ask it once
        more is not enough: all that is in the log is written anew, into the database, and the log begins again.
        """
        async with self.turn:
            await self._in_thread(self._carry_over)

    def _carry_over(self) -> None:
        driver = cast(sqlite3.Connection, self._writing().connection.driver_connection)
        [[is_busy, *_]] = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        if is_busy:
            raise TimeoutError("others had the database's log in use")

    def _writing(self) -> Connection:
        if self._connection is None:
            self._connection = self._writer.connect()
        return self._connection

    def _job(self, work: Callable[[Connection], T]) -> T:
        connection = self._writing()
        with connection.begin():
            return work(connection)

    async def close(self) -> None:
        await self.words.close()
        async with self.turn:
            await self._in_thread(self._close_writer)
        if self._thread is not None:
            self._thread.shutdown(wait=True)
        self._log.close()
        await self._reader.dispose()

    def _close_writer(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._writer.dispose()


def _is_damage_of_index(error: DBAPIError) -> bool:
    """Whether a statement, or opening a connection, failed because the index's file is no sound one."""
    return is_damage(error.orig) and (
        error.statement is None or any(table in error.statement for table in TABLES)
    )


def _prepare_reader(path: Path, words: WordThread, connection: Any, record: Any) -> None:
    cursor = connection.cursor()
    if words.file() is None:
        make_sure_of(path)  # or attaching would make an empty file
    record.info[WordThread] = words.file()
    attach(cursor, path)
    for pragma in (f"busy_timeout={BUSY_MS}", "query_only=ON", "foreign_keys=ON", "mmap_size=268435456"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _check_reader(words: WordThread, _connection: Any, record: Any, _proxy: Any) -> None:
    if record.info[WordThread] != words.file():
        raise DisconnectionError  # it was made anew: the pool opens another


def _prepare_writer(synchronous: str, connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by us, see below
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_MS}",
        "journal_mode=WAL",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
        "cache_size=-32000",
        "temp_store=MEMORY",
        # Pages that many commits change are then carried into the file once, not every few hundred messages.
        f"wal_autocheckpoint={_WAL_PAGES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # A deferred transaction that read first fails at once when another process wrote meanwhile.  By the driver, as each
    # transaction begins so and SQLAlchemy's part of a statement costs more than SQLite's.
    cast(sqlite3.Connection, connection.connection.driver_connection).execute("BEGIN IMMEDIATE")


class PostgreSQL:
    """Two pools of asyncpg connections, so that slow searches can't stop what comes in.

    A transaction that idles is ended by the database.
    """

    dialect = "postgresql"

    def __init__(self, url: str, *, pool_size: int) -> None:
        self._writer = _postgresql_engine(url, max(2, pool_size // 2), _WRITER_SETTINGS)
        self._readers = _postgresql_engine(url, pool_size)
        self._reader = self._readers.execution_options(isolation_level="AUTOCOMMIT")
        self.turn: Turn = AllAtOnce()

    async def read(self, work: Callable[[Connection], T]) -> T:
        async with self._reader.connect() as connection:
            return await connection.run_sync(work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        async with self._writer.begin() as connection:
            return await connection.run_sync(work)

    def flush(self) -> None:
        """Its commits wait for the disk."""

    async def secure(self) -> None:
        """The same; a PostgreSQL whose disk fails it ends, and starts from what the disk has."""

    async def close(self) -> None:
        await self._writer.dispose()
        await self._readers.dispose()


def _postgresql_engine(url: str, pool_size: int, settings: Mapping[str, str] = {}) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,  # texts of customers must not get into the log with an error
        connect_args={
            "timeout": 5,
            "command_timeout": 60,
            "server_settings": {
                "application_name": "centrala",
                "idle_in_transaction_session_timeout": _IDLE_IN_TRANSACTION_MS,
                "jit": "off",
                **settings,
            },
        },
    )
