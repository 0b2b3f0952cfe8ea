"""What is deleted by itself, every ten minutes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from server.config import Config
from server.events import store
from server.intake import quarantine
from server.unit_of_work import UnitOfWork

_EVERY_S: Final = 600.0
_DAY_MS: Final = 86_400_000


class Pruning:
    """The log of events, the quarantine, and what the features prune themselves."""

    def __init__(self, units: UnitOfWork, config: Config, *others: Callable[[], Awaitable[None]]) -> None:
        self._units = units
        self._keep_events = config.realtime.keep_events
        self._quarantine_ms = config.retention.quarantine_days * _DAY_MS
        self._others = others

    async def run(self) -> None:
        while True:
            await self._units.run(lambda tx: store.prune(tx.connection, self._keep_events))
            await self._units.run(lambda tx: quarantine.forget(tx, older_than_ms=self._quarantine_ms))
            for prune in self._others:
                await prune()
            await asyncio.sleep(_EVERY_S)
