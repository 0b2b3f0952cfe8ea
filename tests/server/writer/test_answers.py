"""An answer leaves the writer process only when the disk has what it is about."""

import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

import pytest
from sqlalchemy import Connection, text

from server.db.engine import SQLite, open_database
from server.writer.answers import NOT_FLUSHED, Answers
from server.writer.frames import SIZE_BYTES

PATIENCE_S = 10


class Disk:
    """Flushes when it is let."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.let = threading.Semaphore(0)

    def flush(self) -> None:
        self.asked.release()
        assert self.let.acquire(timeout=PATIENCE_S)


@pytest.fixture
def pipe() -> Iterator[tuple[BinaryIO, BinaryIO]]:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb") as target:
        yield source, target


def answer_in(source: BinaryIO) -> bytes:
    return source.read(int.from_bytes(source.read(SIZE_BYTES), "little"))


def test_nobody_is_answered_before_a_flush_that_began_later(pipe: tuple[BinaryIO, BinaryIO]) -> None:
    source, target = pipe
    disk = Disk()
    answers = Answers(target, disk.flush)
    answers.start()
    answers.put(b"one")
    assert disk.asked.acquire(timeout=PATIENCE_S)
    answers.put(b"two")  # committed while the flush is under way: who knows whether it is part of it
    answers.put(b"three")
    os.set_blocking(source.fileno(), False)
    assert source.read(1) is None
    disk.let.release()
    assert disk.asked.acquire(timeout=PATIENCE_S)
    os.set_blocking(source.fileno(), True)
    assert answer_in(source) == b"one"
    os.set_blocking(source.fileno(), False)
    assert source.read(1) is None
    disk.let.release()
    os.set_blocking(source.fileno(), True)
    assert [answer_in(source), answer_in(source)] == [b"two", b"three"]
    disk.let.release()
    answers.end()


def test_where_the_disk_fails_nobody_is_answered(
    pipe: tuple[BinaryIO, BinaryIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = pipe
    codes: list[int] = []

    def leave(code: int) -> None:
        codes.append(code)
        raise BrokenPipeError  # ends the thread, as the real one ends the process

    def fail() -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "_exit", leave)
    answers = Answers(target, fail)
    answers.start()
    answers.put(b"one")
    answers.end()
    target.close()
    assert codes == [NOT_FLUSHED]
    assert source.read() == b""


def create_table(name: str, connection: Connection) -> None:
    connection.execute(text(f"CREATE TABLE {name} (x)"))


async def test_what_is_flushed_is_the_log_that_sqlite_writes_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "centrala.db"
    flushed: list[tuple[int, int]] = []

    def flush(file: int) -> None:
        flushed.append((os.fstat(file).st_ino, os.fstat(file).st_size))

    monkeypatch.setattr("server.db.wal._flush", flush)
    database = open_database(f"sqlite+aiosqlite:///{path}", of_writer=True)
    assert isinstance(database, SQLite)
    database.flush()
    assert flushed == []  # nothing was committed, and there is no log
    sizes = []
    for number in range(2):
        await database.write(partial(create_table, f"t{number}"))
        database.flush()
        log = path.with_name("centrala.db-wal").stat()
        assert flushed[-1] == (log.st_ino, log.st_size)
        sizes.append(log.st_size)
    assert 0 < sizes[0] < sizes[1]
    await database.close()


async def test_a_log_that_another_process_left_is_not_taken_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last who has the database open takes the log away; who comes then makes another."""
    path = tmp_path / "centrala.db"
    log = path.with_name("centrala.db-wal")
    flushed: list[int] = []
    monkeypatch.setattr("server.db.wal._flush", lambda file: flushed.append(os.fstat(file).st_ino))
    other, database = (open_database(f"sqlite+aiosqlite:///{path}", of_writer=own) for own in (False, True))
    await other.write(partial(create_table, "t0"))
    database.flush()
    held = log.stat().st_ino
    assert flushed == [held]
    keeper = os.open(log, os.O_RDONLY)  # so that its number is not given to the next file
    await other.close()
    assert not log.exists()
    await database.write(partial(create_table, "t1"))
    database.flush()
    assert flushed == [held, log.stat().st_ino]
    assert held != log.stat().st_ino
    os.close(keeper)
    await database.close()


@pytest.mark.parametrize(("of_writer", "synchronous"), [(False, 2), (True, 1)])
async def test_only_who_flushes_commits_without_waiting_for_the_disk(
    tmp_path: Path, of_writer: bool, synchronous: int
) -> None:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'centrala.db'}", of_writer=of_writer)
    found = await database.write(lambda c: c.execute(text("PRAGMA synchronous")).scalar_one())
    await database.close()
    assert found == synchronous
