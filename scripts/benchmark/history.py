"""Databases with a long history, made once for a run: 200,000 messages of two years, as ``tests.support.seed`` makes."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import NamedTuple

from benchmark.servers import Running, command, product
from benchmark.stores import Stores, embedded, networked

from tests.support.seed import Seeded, fill

ADMINISTRATOR = "0@example.com"


class History(NamedTuple):
    stores: Stores
    seeded: Seeded
    server: Running
    token: str


class Histories:
    """Both pairs of stores, each filled when first asked for and kept until the end of the run."""

    def __init__(self, stack: ExitStack, messages: int) -> None:
        self._stack = stack
        self._messages = messages
        self._made: dict[str, History] = {}

    def both(self) -> Iterator[History]:
        yield self._get("embedded", embedded)
        yield self._get("networked", networked)

    def _get(self, name: str, opened: Callable[[], AbstractContextManager[Stores]]) -> History:
        if name not in self._made:
            self._made[name] = self._stack.enter_context(_history(opened(), self._messages))
        return self._made[name]


@contextmanager
def _history(opened: AbstractContextManager[Stores], messages: int) -> Iterator[History]:
    with opened as stores:
        url = stores.database_url
        url = f"sqlite+aiosqlite:///{url}" if stores.is_sqlite else url.replace("://", "+asyncpg://", 1)
        seeded = asyncio.run(fill(url, messages))
        token = json.loads(command(stores, "agent", "token", ADMINISTRATOR, "--json"))["token"]
        with product(stores) as server:
            yield History(stores, seeded, server, token)
