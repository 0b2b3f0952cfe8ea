"""A disk that fails for a while: what it did not keep is not answered, also not because it can still be read."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from server.db.engine import SQLite, open_database
from server.errors import Unavailable
from tests.server.writer.writing import PATIENCE_S, Writer, message, until_taken
from tests.support.backend import Backend

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

# What the writer process's Python runs before anything else.
_FAILING = """
import os
from pathlib import Path

flush = os.fdatasync

def fdatasync(file):
    if Path(__file__).with_name("failing").exists():
        raise OSError(5, "Input/output error")
    flush(file)

os.fdatasync = fdatasync
"""


@pytest.fixture
def fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Whether the disk fails those writer processes that start from now on."""
    folder = tmp_path / "disk"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_FAILING)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    mark = folder / "failing"

    def fails(does: bool) -> None:
        if does:
            mark.touch()
        else:
            mark.unlink()

    return fails


def on_the_disk(backend: Backend, folder: Path) -> set[str]:
    """The messages in the database as it is without its log, which the disk did not keep."""
    path = backend.config.database_url.partition(":///")[2]
    copy = shutil.copy(path, folder / "left.db")
    with closing(sqlite3.connect(f"file:{copy}?immutable=1", uri=True)) as connection:
        return {row[0] for row in connection.execute("SELECT external_id FROM message")}


async def test_what_a_failing_disk_did_not_keep_is_kept_before_its_repetition_is_answered(
    backend: Backend, fails: Callable[[bool], None], tmp_path: Path
) -> None:
    channel_id, writer = await backend.add_channel(), Writer(backend)
    writer.start()
    try:
        await writer.put(channel_id, message("1"))
        first = writer.pid
        fails(True)
        with pytest.raises(Unavailable):
            await writer.put(channel_id, message("2"))
        fails(False)
        assert "2" not in on_the_disk(backend, tmp_path)
        async with asyncio.timeout(PATIENCE_S):
            await until_taken(writer, channel_id, message("2"))
        assert on_the_disk(backend, tmp_path) == {"1", "2"}
        assert writer.pid != first
    finally:
        await writer.stop()


async def test_it_is_not_certain_while_somebody_reads(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("server.db.engine.BUSY_MS", 50)
    database = open_database(backend.config.database_url, of_writer=True)
    assert isinstance(database, SQLite)
    path = Path(backend.config.database_url.partition(":///")[2])
    log = path.with_name(f"{path.name}-wal")
    await backend.add_channel()
    assert log.stat().st_size > 0
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM channel").fetchall()
        with pytest.raises(TimeoutError):
            await database.secure()
        assert log.stat().st_size > 0
    await database.secure()
    assert log.stat().st_size == 0
    await database.close()
