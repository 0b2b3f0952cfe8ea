"""SQLite's file of words, as the tests of it reach it."""

from pathlib import Path

from server.agents.access import Access
from server.db.engine import SQLite
from server.db.word_thread import WordThread
from server.dialogs.model import Selection
from server.dialogs.search_query import parse_query
from server.dialogs.service import Dialogs
from tests.support.world import World


def words_of(world: World) -> WordThread:
    database = world.backend.database
    assert isinstance(database, SQLite)
    return database.words


def file_of(world: World) -> Path:
    return Path(world.backend.config.database_url.partition("///")[2])


async def find(world: World, access: Access, typed: str, dialogs: Dialogs | None = None) -> list[int]:
    selection = Selection(query=parse_query(typed), text=typed)
    page = await (dialogs or world.dialogs).list(access, selection, cursor=None, limit=100)
    return [int(item.id) for item in page.items]
