"""SQLite's file of words: it follows the log, is built anew where it can't, and holds up nothing."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import text

from server.db import word_index
from server.db.word_index import ENTRY_SHIFT, path_beside
from server.dialogs import search_index
from server.dialogs.search_indexer import SearchIndexer
from server.events import store
from tests.server.dialogs.words import file_of, find, words_of
from tests.support.world import World

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
"""PostgreSQL needs no index of ours."""


async def test_the_index_is_the_same_whether_followed_or_built_anew(world: World) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()
    for number in range(600):
        await world.say(dialog, f"kolejna nr{number}")
    assert await find(world, admin, "nr599") == [dialog]

    await words_of(world).write(word_index.empty)
    await asyncio.gather(
        *(SearchIndexer(world.backend.database, world.backend.inbox.bus).catch_up(30) for _ in range(3))
    )
    assert await find(world, admin, "nr0") == [dialog]
    assert await find(world, admin, "nr599 kolejna") == [dialog]
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
    monkeypatch.setattr(search_index, "_STEP_TEXT", 6000)
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(await world.backend.add_channel(), "pierwsza")
    await world.reindex()
    for number in range(20):
        await world.say(dialog, f"nr{number} {'a' * 1500}")
    if anew:
        await words_of(world).write(lambda c: c.execute("UPDATE search_state SET epoch = 'other'"))
    steps: list[int] = []

    def apply(connection: sqlite3.Connection, batch: search_index.Batch, folded: Any) -> None:
        steps.append(len(folded))
        done(connection, batch, folded)

    done = search_index.apply
    monkeypatch.setattr(search_index, "apply", apply)
    assert await find(world, admin, "nr0") == [dialog]
    assert await find(world, admin, "nr19") == [dialog]
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
    assert await find(world, admin, "nr2") == [dialog]


async def test_an_index_of_another_log_is_built_anew_without_what_it_held(world: World) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()

    def be_of_a_later_log(connection: sqlite3.Connection) -> None:
        (number,) = connection.execute("SELECT number FROM dialog").fetchone()
        connection.execute(
            "INSERT INTO message_search (rowid, body) VALUES (?, 'widmo')",
            (number << ENTRY_SHIFT | 1_000_000,),
        )
        connection.execute("UPDATE search_state SET position = position + 1000")

    await words_of(world).write(be_of_a_later_log)
    assert await find(world, admin, "widmo") == []
    assert await find(world, admin, "pierwsza") == [dialog]
    await words_of(world).write(lambda c: c.execute("UPDATE search_state SET epoch = 'other'"))
    assert await find(world, admin, "pierwsza") == [dialog]


async def test_messages_come_in_while_the_index_is_written(world: World) -> None:
    channel = await world.backend.add_channel()
    dialog = await world.dialog(channel, "pierwsza")
    began, may_end = threading.Event(), threading.Event()

    def write(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO search_word (word) VALUES ('dlugo')")
        began.set()
        assert may_end.wait(10)

    writing = asyncio.create_task(words_of(world).write(write))
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

    def write(connection: sqlite3.Connection) -> None:
        began.set()
        assert may_end.wait(10)
        connection.execute("INSERT INTO search_word (word) VALUES ('zdazylo')")

    writing = asyncio.create_task(words_of(world).write(write))
    assert await asyncio.to_thread(began.wait, 10)
    closing_ = asyncio.create_task(words_of(world).close())
    await asyncio.sleep(0)
    may_end.set()
    await closing_
    await writing
    with closing(sqlite3.connect(path_beside(file_of(world)))) as connection:
        assert connection.execute("SELECT word FROM search_word").fetchall() == [("zdazylo",)]


async def test_a_step_that_another_process_took_meanwhile_changes_nothing(world: World) -> None:
    channel = await world.backend.add_channel()
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()
    await world.say(dialog, "druga")
    words = words_of(world)
    _, late = await words.write(lambda c: search_index.look(c, None))
    assert late is not None
    await world.say(dialog, "trzecia")
    await world.reindex()
    before = await words.write(search_index.progress)
    await words.write(lambda c: search_index.apply(c, late, search_index.folded_texts(late)))
    assert await words.write(search_index.progress) == before


async def test_what_is_pruned_during_a_look_is_not_missed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = await world.backend.add_channel()
    admin = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "pierwsza")
    await world.reindex()
    await world.say(dialog, "druga")

    def then_pruned(connection: sqlite3.Connection) -> bool:
        is_lost = looked(connection)
        with closing(sqlite3.connect(file_of(world), isolation_level=None)) as other:
            other.execute("DELETE FROM event")
        return is_lost

    looked = search_index.must_begin_anew
    monkeypatch.setattr(search_index, "must_begin_anew", then_pruned)
    assert await find(world, admin, "druga") == [dialog]
