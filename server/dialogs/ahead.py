"""Making the next thing while the one before is used."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

from server.supervisor import Supervisor

T = TypeVar("T")


class _End:
    """No more; ``error`` is what it was broken off by."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


async def ahead(items: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """The same items in the same order, one or two made before they are asked for.

    Raises what making them raises, after the items before it.  The making ends when this iteration does.
    """
    made: asyncio.Queue[T | _End] = asyncio.Queue(1)

    async def make() -> None:
        error: BaseException | None = None
        try:
            async with aclosing(items):
                async for item in items:
                    await made.put(item)
        except Exception as failed:  # noqa: BLE001 - raised where the items are used
            error = failed
        await made.put(_End(error))

    supervisor = Supervisor()
    _task = supervisor.once("making ahead", make())
    try:
        while not isinstance(item := await made.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        await supervisor.stop()
