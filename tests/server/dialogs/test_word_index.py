"""SQLite's file of words: it follows the log, is built anew where it can't, and never stands in anything's way."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from server.agents.access import Access
from server.config import Config, Data
from server.db.engine import SQLite, open_database
from server.db.migrate import migrate
from server.db.word_index import TABLES, WordIndex, path_beside
from server.dialogs import fts, search, search_index
from server.dialogs.folding import parse_query
from server.dialogs.model import Selection
from server.dialogs.search import SearchIndexer
from server.dialogs.service import Dialogs
from server.errors import Unavailable
from server.events import store
from tests.support.world import World

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
"""PostgreSQL needs no index of ours."""


def _words(world: World) -> WordIndex:
    database = world.backend.database
    assert isinstance(database, SQLite)
    return database.words


def _file(world: World) -> Path:
    return Path(world.backend.config.database_url.partition("///")[2])


async def _find(world: World, access: Access, typed: str, dialogs: Dialogs | None = None) -> list[int]:
    selection = Selection(query=parse_query(typed), text=typed)
    page = await (dialogs or world.dialogs).list(access, selection, cursor=None, limit=100)
    return [int(item.id) for item in page.items]


async def test_the_index_is_the_same_whether_followed_or_built_anew(world: World) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()
    for number in range(600):
        await world.say(dialog, f"kolejna nr{number}")
    assert await _find(world, admin, "nr599") == [dialog]

    def forget(connection: Connection) -> None:
        for table in TABLES:
            connection.execute(text(f"DELETE FROM {table}"))

    await _words(world).write(forget)
    await asyncio.gather(
        *(SearchIndexer(world.backend.database, world.backend.inbox.bus).catch_up(30) for _ in range(3))
    )
    assert await _find(world, admin, "nr0") == [dialog]
    assert await _find(world, admin, "nr599 kolejna") == [dialog]
    entries, messages = await world.backend.database.read(
        lambda c: (c.execute(text("SELECT count(*) FROM search_entry")).scalar_one(),
                   c.execute(text("SELECT count(*) FROM message")).scalar_one())
    )  # fmt: skip
    assert entries == messages == 601


@pytest.mark.parametrize("anew", [False, True])
async def test_a_step_ends_when_it_has_read_much(
    world: World, monkeypatch: pytest.MonkeyPatch, anew: bool
) -> None:
    """Messages may be long: a step holds so much text, not so many of them."""
    monkeypatch.setattr(search_index, "_PAGE", 3)
    monkeypatch.setattr(search_index, "_STEP_BYTES", 6000)
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(await world.backend.add_channel(), "pierwsza")
    await world.reindex()
    for number in range(20):
        await world.say(dialog, f"nr{number} {'a' * 1500}")
    if anew:
        await _words(world).write(lambda c: c.execute(text("UPDATE search_state SET epoch = 'other'")))
    steps: list[int] = []

    def apply(connection: Connection, batch: search_index.Batch, entries: Any) -> None:
        steps.append(len(entries))
        done(connection, batch, entries)

    done = search_index.apply
    monkeypatch.setattr(search_index, "apply", apply)
    assert await _find(world, admin, "nr0") == [dialog]
    assert await _find(world, admin, "nr19") == [dialog]
    assert sum(steps) == 20 + anew
    assert max(steps) <= 6


async def test_an_index_behind_a_pruned_log_is_completed(world: World) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()
    for number in range(20):
        await world.say(dialog, f"utracona nr{number}")
    await world.units.run(lambda tx: store.prune(tx.connection, 3))
    assert await _find(world, admin, "nr2") == [dialog]


async def test_an_index_of_another_log_is_built_anew_without_what_it_held(world: World) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()

    def be_of_a_later_log(connection: Connection) -> None:
        number = connection.execute(text("SELECT number FROM dialog")).scalar_one()
        connection.execute(
            text("INSERT INTO message_search (rowid, body) VALUES (:entry, 'widmo')"),
            {"entry": number << fts.ENTRY_SHIFT | 1_000_000},
        )
        connection.execute(text("UPDATE search_state SET position = position + 1000"))

    await _words(world).write(be_of_a_later_log)
    assert await _find(world, admin, "widmo") == []
    assert await _find(world, admin, "pierwsza") == [dialog]
    await _words(world).write(lambda c: c.execute(text("UPDATE search_state SET epoch = 'other'")))
    assert await _find(world, admin, "pierwsza") == [dialog]


async def test_messages_come_in_while_the_index_is_written(world: World) -> None:
    channel = await world.backend.add_channel()
    dialog = await world.dialog(channel, "pierwsza")
    began, may_end = threading.Event(), threading.Event()

    def write(connection: Connection) -> None:
        connection.execute(text("INSERT INTO search_word (word) VALUES ('dlugo')"))
        began.set()
        assert may_end.wait(10)

    writing = asyncio.create_task(_words(world).write(write))
    try:
        assert await asyncio.to_thread(began.wait, 10)
        async with asyncio.timeout(5):
            await world.say(dialog, "druga")
        assert not writing.done()
    finally:
        may_end.set()
        await writing


async def test_closing_waits_for_what_is_being_written(world: World) -> None:
    began, may_end = threading.Event(), threading.Event()

    def write(connection: Connection) -> None:
        began.set()
        assert may_end.wait(10)
        connection.execute(text("INSERT INTO search_word (word) VALUES ('zdazylo')"))

    writing = asyncio.create_task(_words(world).write(write))
    assert await asyncio.to_thread(began.wait, 10)
    closing_ = asyncio.create_task(_words(world).close())
    await asyncio.sleep(0)
    may_end.set()
    await closing_
    await writing
    with closing(sqlite3.connect(path_beside(_file(world)))) as connection:
        assert connection.execute("SELECT word FROM search_word").fetchall() == [("zdazylo",)]


async def test_a_step_that_another_process_took_meanwhile_changes_nothing(world: World) -> None:
    channel = await world.backend.add_channel()
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()
    await world.say(dialog, "druga")
    _, late = await world.backend.database.read(lambda c: search._look(c, None))
    assert late is not None
    await world.say(dialog, "trzecia")
    await world.reindex()
    words = _words(world)
    before = await words.write(lambda c: search_index.progress(c)[:3])
    await words.write(lambda c: search_index.apply(c, late, search_index.entries_of(late)))
    assert await words.write(lambda c: search_index.progress(c)[:3]) == before


async def test_what_is_pruned_during_a_look_is_not_missed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()
    await world.say(dialog, "druga")

    def then_pruned(connection: Connection) -> int | None:
        oldest = store.oldest_seq(connection)
        with closing(sqlite3.connect(_file(world), isolation_level=None)) as other:
            other.execute("DELETE FROM event")
        return oldest

    monkeypatch.setattr(search_index, "oldest_seq", then_pruned)
    assert await _find(world, admin, "druga") == [dialog]


def _outdated(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version=0")


def _no_database(path: Path) -> None:
    path.write_bytes(b"anything else " * 1000)


def _lost(path: Path) -> None:
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()


@pytest.mark.parametrize("spoil", [_outdated, _no_database, _lost])
async def test_at_a_start_a_file_that_is_none_of_ours_is_made_again(
    world: World, tmp_path: Path, spoil: Any
) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()
    await _words(world).write(lambda c: c.execute(text("INSERT INTO search_word (word) VALUES ('dawne')")))
    copy = tmp_path / "copy.db"
    for source, target in ((_file(world), copy), (path_beside(_file(world)), path_beside(copy))):
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
            read.backup(written)
    spoil(path_beside(copy))
    opened = open_database(f"sqlite+aiosqlite:///{copy}")
    try:
        dialogs = Dialogs(opened, SearchIndexer(opened, world.backend.inbox.bus))
        assert await _find(world, admin, "pierwsza", dialogs) == [dialog]
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
        path = path_beside(_file(world))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            roots = dict(connection.execute("SELECT name, rootpage FROM sqlite_schema").fetchall())
            size = connection.execute("PRAGMA page_size").fetchone()[0]
        with path.open("r+b") as file:
            file.seek((roots.get(table, 1) - 1) * size)
            file.write(b"\xff" * size)
        await world.say(dialog, "druga")
        for _ in range(2):
            try:
                assert await _find(world, admin, "druga", dialogs) == [dialog]
                break
            except Unavailable:
                continue
        assert await _find(world, admin, "pierwsza", dialogs) == [dialog]
        assert [r.levelname for r in caplog.records if "damaged" in r.message] == ["ERROR"]
    finally:
        await opened.close()


async def test_a_full_disk_leaves_the_search_what_it_has(world: World) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()
    words = _words(world)

    def allow(pages: int) -> Any:
        return lambda c: c.execute(text(f"PRAGMA max_page_count={pages}")).close()

    await words.write(allow(1))
    await world.say(dialog, " ".join(f"wyraz{number}" for number in range(30_000)))
    assert await _find(world, admin, "pierwsza") == [dialog]
    assert await _find(world, admin, "wyraz7") == []
    await words.write(allow(1_000_000))
    assert await _find(world, admin, "wyraz7") == [dialog]


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
        assert await opened.read(lambda c: search_index.progress(c).epoch)
    finally:
        await opened.close()
    assert {path.name for path in (tmp_path / folder).iterdir()} == {"centrala.db", "centrala.words.db"}
    assert (tmp_path / folder / "centrala.words.db").stat().st_size > 0
