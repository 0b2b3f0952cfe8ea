"""Applies what was parked although its message is here, and forgets what was never claimed.

One transaction that parks an edit and another that stores its message may not see each other; and some messages get the
provider's id only later: a reply when its delivery is recorded, a colleague's when its echo comes.
"""

import asyncio
from functools import partial

from server.delivery.queries import lock_dialogs
from server.ids import first_id_at
from server.intake import parked
from server.intake.alterations import apply
from server.unit_of_work import Transaction, UnitOfWork

_LOOK_SECONDS = 5.0
_AT_ONCE = 200
_MISSED_WITHIN_MS = 600_000
_PARKED_FOR_MS = 30 * 86_400_000


class MissedAlterations:
    """Several processes may run one each: what is taken out is applied by whoever took it."""

    def __init__(self, units: UnitOfWork) -> None:
        self._units = units

    async def run(self) -> None:
        """Everything at the start, from then on what is young."""
        await self.apply(since_ms=0)
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            await self.apply(since_ms=self._units.clock.now_ms() - _MISSED_WITHIN_MS)

    async def apply(self, *, since_ms: int) -> None:
        """Apply what was parked since then and has its message by now."""
        first = first_id_at(since_ms)
        while found := await self._units.database.read(lambda c: parked.of_known(c, first, _AT_ONCE)):
            await self._units.run(partial(_apply, found=found))
            if len(found) < _AT_ONCE:
                return

    async def prune(self) -> None:
        """Forget what names messages that never came."""
        before = self._units.clock.now_ms() - _PARKED_FOR_MS
        await self._units.run(lambda tx: parked.prune(tx.connection, before))


def _apply(tx: Transaction, found: dict[int, int]) -> None:
    dialogs = lock_dialogs(tx.connection, found.values())
    for channel_id, item in parked.take(tx.connection, found):
        apply(tx, channel_id, item, dialogs)
