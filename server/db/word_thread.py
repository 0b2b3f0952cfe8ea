"""The index of words as the server's event loop reaches it: in a thread of its own."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from server.db.word_index import WordIndex, file_of

T = TypeVar("T")


class WordThread:
    """A :class:`~server.db.word_index.WordIndex`, and the one thread that uses it."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._index = WordIndex(database)
        self._thread: ThreadPoolExecutor | None = None

    def file(self) -> tuple[int, int] | None:
        """Which file the index is now."""
        return file_of(self._database)

    async def run(self, work: Callable[[WordIndex], T]) -> T:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="sqlite-words")
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._index)

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run ``work`` inside one transaction and commit it; any error rolls all of it back."""
        return await self.run(lambda index: index.write(work))

    async def make_anew(self, file: tuple[int, int] | None, why: Exception) -> None:
        """Put an empty index in the place of a damaged one, unless that was done since it was this file."""
        await self.run(lambda index: index.make_anew(file, why))

    async def close(self) -> None:
        thread, self._thread = self._thread, None
        if thread is not None:
            await asyncio.get_running_loop().run_in_executor(thread, self._index.close)
            thread.shutdown(wait=True)
