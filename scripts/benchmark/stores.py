"""The two pairs of stores, as an operator would run them: every commit reaches the disk."""

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg

from tests.support.services import NOBODY, PostgresServer, RedisServer, own_folder

_BUSY_MS = 10_000


class Stores(NamedTuple):
    """Where a server keeps things, and how the benchmark looks into it."""

    name: str
    folder: Path
    environment: dict[str, str]
    database_url: str
    pids: tuple[int, ...]
    """Processes of the stores themselves."""

    @property
    def is_sqlite(self) -> bool:
        return not self.database_url.startswith("postgresql")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        if self.is_sqlite:
            connection = sqlite3.connect(f"file:{self.database_url}?mode=ro", uri=True)
            try:
                connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
                return connection.execute(sql).fetchall()
            finally:
                connection.close()
        return asyncio.run(self._query(sql))

    async def _query(self, sql: str) -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(self.database_url)
        try:
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()


class DurablePostgres(PostgresServer):
    """The tests' PostgreSQL, but with its data on the disk and its default settings: a commit is a commit."""

    def __init__(self) -> None:
        super().__init__()
        shutil.rmtree(self.folder)
        self.folder = own_folder(Path(tempfile.gettempdir()))
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
        self._data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
            "shared_buffers": "256MB",
        }
        self.command = [str(self.bin / "postgres"), "-D", str(self._data), "-p", str(self.port)]
        for name, value in settings.items():
            self.command += ["-c", f"{name}={value}"]


@contextmanager
def embedded() -> Iterator[Stores]:
    """A fresh data folder: SQLite, and the bus in memory."""
    with tempfile.TemporaryDirectory(prefix="centrala-bench-") as name:
        folder = Path(name)
        environment = {"CENTRALA__DATA__DIR": str(folder / "data")}
        yield Stores("SQLite + memory", folder, environment, str(folder / "data/centrala.db"), ())


@contextmanager
def networked() -> Iterator[Stores]:
    """A PostgreSQL and a Redis of the benchmark's own."""
    with tempfile.TemporaryDirectory(prefix="centrala-bench-") as name:
        folder = Path(name)
        postgres, redis = DurablePostgres(), RedisServer(folder)
        try:
            postgres.create()
            redis.start()
            url = asyncio.run(postgres.create_database()).replace("+asyncpg", "")
            environment = {
                "CENTRALA__DATA__DIR": str(folder / "data"),
                "CENTRALA__DATABASE__URL": url,
                "CENTRALA__BUS__URL": redis.url,
            }
            yield Stores("PostgreSQL + Redis", folder, environment, url, (postgres.pid, redis.pid))
        finally:
            redis.stop()
            postgres.remove()
