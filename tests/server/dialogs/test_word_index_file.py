"""SQLite's file of words: lost, damaged, of somebody else's making, on a full disk, in a folder of any name."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from server.config import Config, Data
from server.db.engine import open_database
from server.db.migrate import migrate
from server.db.word_index import DatabaseDamaged, WordIndex, path_beside
from server.db.word_index import file_of as index_file
from server.dialogs import search_index
from server.dialogs.search_indexer import SearchIndexer
from server.dialogs.service import Dialogs
from server.errors import Unavailable
from tests.server.dialogs.words import file_of, find, words_of
from tests.support.world import World

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def _outdated(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=0")


def _no_database(path: Path) -> None:
    path.write_bytes(b"anything else " * 1000)


def _lost(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


def _copy(world: World, folder: Path) -> Path:
    copy = folder / "copy.db"
    for source, target in ((file_of(world), copy), (path_beside(file_of(world)), path_beside(copy))):
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
            read.backup(written)
    return copy


def _damage(path: Path, table: str) -> None:
    """Overwrite the first page of a table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_schema").fetchall())
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((roots.get(table, 1) - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.parametrize("spoil", [_outdated, _no_database, _lost])
async def test_at_a_start_a_file_that_is_none_of_ours_is_made_again(
    world: World, tmp_path: Path, spoil: Any
) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()
    await words_of(world).write(lambda c: c.execute("INSERT INTO search_word (word) VALUES ('dawne')"))
    copy = _copy(world, tmp_path)
    spoil(path_beside(copy))
    opened = open_database(f"sqlite+aiosqlite:///{copy}")
    try:
        dialogs = Dialogs(opened, SearchIndexer(opened, world.backend.inbox.bus))
        assert await find(world, admin, "pierwsza", dialogs) == [dialog]
        left = await opened.read(lambda c: c.execute(text("SELECT word FROM search_word")).scalars().all())
    finally:
        await opened.close()
    assert left == ["pierwsza"]


@pytest.mark.parametrize("table", ["search_state", "search_entry", "message_search_data", "sqlite_schema"])
async def test_a_damaged_file_is_built_anew_while_the_server_runs(
    world: World, table: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Seen when the indexer looks, when it writes, by the search itself, or by every connection that is opened."""
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()
    opened = open_database(world.backend.config.database_url)
    dialogs = Dialogs(opened, SearchIndexer(opened, world.backend.inbox.bus))
    try:
        _damage(path_beside(file_of(world)), table)
        await world.say(dialog, "druga")
        for _ in range(2):
            try:
                assert await find(world, admin, "druga", dialogs) == [dialog]
                break
            except Unavailable:
                continue
        assert await find(world, admin, "pierwsza", dialogs) == [dialog]
        assert [r.levelname for r in caplog.records if "damaged" in r.message] == ["ERROR"]
    finally:
        await opened.close()
    await world.say(dialog, "trzecia")
    assert await find(world, admin, "trzecia") == [dialog], "other processes notice it, too"


async def test_the_index_is_not_blamed_for_a_damaged_database(world: World, tmp_path: Path) -> None:
    dialog = await world.dialog(await world.backend.add_channel(), "pierwsza")
    await world.reindex()
    await world.say(dialog, "druga")
    copy = _copy(world, tmp_path)
    _damage(copy, "event")
    index, file = WordIndex(copy), index_file(copy)
    with pytest.raises(DatabaseDamaged):
        search_index.step(index, None)
    index.close()
    assert index_file(copy) == file


async def test_a_file_that_is_taken_away_while_the_server_runs_is_made_again(world: World) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "pierwsza")
    assert await find(world, admin, "pierwsza") == [dialog]
    _lost(path_beside(file_of(world)))
    await world.say(dialog, "druga")
    for word in ("pierwsza", "druga"):
        assert await find(world, admin, word) == [dialog]


async def test_a_full_disk_leaves_the_search_what_it_has(world: World) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()
    words = words_of(world)

    def allow(pages: int) -> Any:
        return lambda c: c.execute(f"PRAGMA max_page_count={pages}").close()

    await words.write(allow(1))
    await world.say(dialog, " ".join(f"wyraz{number}" for number in range(30_000)))
    assert await find(world, admin, "pierwsza") == [dialog]
    assert await find(world, admin, "wyraz7") == []
    await words.write(allow(1_000_000))
    assert await find(world, admin, "wyraz7") == [dialog]


@pytest.mark.parametrize("where", ["absolute", "relative"])
async def test_the_folder_may_be_called_anything(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = "a b%20c?d#e&é"
    config = Config(data=Data(dir=str(tmp_path / folder) if where == "absolute" else folder))
    await migrate(config.database_url)
    opened = open_database(config.database_url)
    try:
        assert await SearchIndexer(opened, world.backend.inbox.bus).catch_up(30)
        assert await opened.read(lambda c: c.execute(text("SELECT epoch FROM search_state")).scalar_one())
    finally:
        await opened.close()
    assert {path.name for path in (tmp_path / folder).iterdir()} == {"centrala.db", "centrala.words.db"}
    assert (tmp_path / folder / "centrala.words.db").stat().st_size > 0
