"""Whose turn it is to write, where only one may write at a time."""

import asyncio
from typing import Protocol, Self


class Turn(Protocol):
    """Held by whoever writes, in the order they came; an asynchronous context manager for whoever does one thing."""

    @property
    def is_wanted(self) -> bool:
        """Whether somebody waits for it: who could hold it for long gives it back soon."""
        ...

    async def take(self) -> None: ...

    def give_back(self) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *_: object) -> None: ...


class OneAtATime:
    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._waiting = 0

    @property
    def is_wanted(self) -> bool:
        return self._waiting > 0

    async def take(self) -> None:
        self._waiting += 1
        try:
            await self._lock.acquire()
        finally:
            self._waiting -= 1

    def give_back(self) -> None:
        self._lock.release()

    async def __aenter__(self) -> Self:
        await self.take()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.give_back()


class AllAtOnce:
    """For a database that puts its writers in order itself."""

    is_wanted = False

    async def take(self) -> None: ...

    def give_back(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...
