"""What administrators are shown of channels in trouble, and settle: alarms, and what nobody understood."""

from server import reasons
from server.agents import service as agents
from server.agents.access import Access
from server.channels import alarms, queries
from server.channels.queries import QuarantineRow
from server.channels.service import Channels
from server.entities import Channel
from server.errors import NotFound
from server.events.store import head
from server.unit_of_work import Transaction, UnitOfWork

QuarantinePage = tuple[list[QuarantineRow], int]

QUARANTINE_BODY_BYTES = 8192
"""How much of a quarantined body is shown."""


class ChannelTroubles:
    """``actor`` None is the command line."""

    def __init__(self, units: UnitOfWork, channels: Channels) -> None:
        self._units = units
        self._channels = channels

    async def acknowledge(self, channel_id: int, *, actor: Access | None = None) -> Channel:
        """Somebody knows of all alarms that the channel has now; those about the quarantine are over with that."""

        def work(tx: Transaction) -> Channel:
            row = queries.lock_channel(tx.connection, channel_id)
            if row is None:
                raise NotFound(reasons.NO_SUCH_CHANNEL)
            newest = queries.new_in_quarantine(tx.connection, channel_id, row.quarantine_seen, 1)
            values = {
                "alarms": alarms.encoded(alarms.acknowledged(row, tx.now_ms)),
                "quarantine_seen": newest[0] if newest else row.quarantine_seen,
            }
            queries.update_channel(tx.connection, channel_id, values)
            agents.audit(tx, actor, "channel.alarms_acknowledged", {"channel": str(channel_id)})
            return self._channels.announce(tx, channel_id)

        return await self._units.run(work)

    async def quarantine(self, *, ignored: bool = False, before_id: int | None, limit: int) -> QuarantinePage:
        """What was signed but not understood, or what was ignored, newest first, and the log's position before the read."""
        seq, rows = await self._units.database.read(
            lambda c: (
                head(c).seq,
                queries.quarantine_page(
                    c,
                    ignored=ignored,
                    before_id=before_id,
                    limit=limit,
                    body_bytes=QUARANTINE_BODY_BYTES,
                ),
            )
        )
        return rows, seq
