"""Who got what we wrote first, as the provider's answer to the send, or a report with our mark, names them."""

from collections.abc import Mapping

from sqlalchemy import select

from server.db.schema import delivery, identity
from server.intake import moving
from server.unit_of_work import UnitOfWork


class Names:
    """See ``server.delivery.outbox.Recipients``."""

    def __init__(self, units: UnitOfWork) -> None:
        self._units = units

    async def named(self, channel_id: int, told: Mapping[int, str]) -> None:
        """A transaction for each, in the order of locks that intake has: the one that records the send has another."""
        if not told:
            return
        statement = (
            select(delivery.c.id, identity.c.address)
            .join(identity, identity.c.id == delivery.c.identity_id)
            .where(delivery.c.id.in_(list(told)))
        )
        known = await self._units.database.read(
            lambda c: {row.id: row.address for row in c.execute(statement)}
        )
        for delivery_id, address in known.items():
            await self._settle(channel_id, address, told[delivery_id])

    async def _settle(self, channel_id: int, typed: str, told: str) -> None:
        if typed != told:
            await self._units.run(lambda tx: moving.name(tx, channel_id, typed, told))
