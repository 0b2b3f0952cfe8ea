"""Waiting for little: what asyncio's queue and event do for one reader, without keeping anything while idle.

An ``asyncio.Queue`` is four deques and an ``asyncio.Event`` one, each of 0.6 KB also when it is empty; a thousand idle
sockets have a thousand of both.
"""

import asyncio
from collections import deque
from typing import Any


class Mailbox:
    """The part of ``asyncio.Queue`` that uvicorn's WebSocket protocol uses; one task at a time may wait in it."""

    __slots__ = ("_reader", "_waiting")

    def __init__(self) -> None:
        self._waiting: deque[Any] | None = None
        self._reader: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        return not self._waiting

    def put_nowait(self, item: Any) -> None:
        if self._waiting is None:
            self._waiting = deque()
        self._waiting.append(item)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> Any:
        """The oldest item, when there is one; nothing is lost when the waiting is cancelled."""
        while not self._waiting:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        item = self._waiting.popleft()
        if not self._waiting:
            self._waiting = None
        return item


class Gate:
    """An ``asyncio.Event`` that is set at first and most of the time, and then nothing but a flag."""

    __slots__ = ("_closed",)

    def __init__(self) -> None:
        self._closed: asyncio.Event | None = None

    def is_set(self) -> bool:
        return self._closed is None

    def clear(self) -> None:
        if self._closed is None:
            self._closed = asyncio.Event()

    def set(self) -> None:
        """Open it and wake all who wait, as an event does."""
        if self._closed is not None:
            self._closed.set()
            self._closed = None

    async def wait(self) -> bool:
        if self._closed is not None:
            await self._closed.wait()
        return True
