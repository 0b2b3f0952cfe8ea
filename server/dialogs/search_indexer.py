"""Keeps SQLite's index of words behind the log by a moment, outside of any answer's path.

A search first brings the index to where the log ended when it began, so that what was just written is found.
PostgreSQL needs none of this: there the words are a column of the message.
"""

import asyncio
import logging

from server.bus.base import Bus, Topic
from server.db.engine import Database, SQLite
from server.db.failures import is_outage
from server.db.word_thread import WordThread
from server.dialogs import search_index
from server.events.store import head
from server.supervisor import is_woken

# Seldom, see the size of a step.
_GATHER_S = 1.6
_LOOK_EVERY_S = 1.0
_WAIT_S = 2.0

log = logging.getLogger(__name__)


class SearchIndexer:
    """:meth:`run` belongs under a supervisor; :meth:`catch_up` may be called by anybody, with or without it."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._lock = asyncio.Lock()
        self._woken = asyncio.Event()
        self._words = database.words if isinstance(database, SQLite) else None

    async def run(self) -> None:
        """Index what is committed, for ever."""
        words = self._words
        if words is None:
            await asyncio.Event().wait()
            return
        end = self._bus.subscribe(Topic.EVENTS, lambda _: self._woken.set())
        try:
            while True:
                await self._index(words)
                if await is_woken(self._woken, _LOOK_EVERY_S):
                    await asyncio.sleep(_GATHER_S)
        finally:
            end()

    async def catch_up(self, wait_s: float = _WAIT_S) -> bool:
        """Bring the index to the log's present end, but don't take longer than this; whether it got there."""
        if self._words is None:
            return True
        target = await self._database.read(lambda c: head(c).seq)
        try:
            async with asyncio.timeout(wait_s):
                await self._index(self._words, target)
        except Exception as error:
            if not is_outage(error):
                raise
            log.warning(
                "the search index is behind (%s): some messages can't be found yet", type(error).__name__
            )
            return False
        return True

    async def _index(self, words: WordThread, target: int | None = None) -> None:
        """Step by step up to ``target``; without one, to where the log ended when the last step began."""
        self._woken.clear()
        while True:
            async with self._lock:
                # Shielded: a search that stops waiting must not leave a half-done job behind the thread's back.
                if not await asyncio.shield(words.run(lambda index: search_index.step(index, target))):
                    return
