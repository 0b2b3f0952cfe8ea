"""Watches over the channels: asks providers how they are, raises alarms and ends them.

One process does it at a time.  What was found stands in the channel's row, so every process and screen says the same.
"""

import asyncio
import logging
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from connectors.contract import Condition, Conditions
from connectors.errors import ConnectorError, SendError
from server.channels import alarms, queries
from server.channels.model import clean_error, said_of
from server.channels.queries import ChannelRow
from server.channels.service import Channels
from server.channels.stored import same_settings
from server.db import leases
from server.errors import InboxError
from server.supervisor import Supervisor
from server.unit_of_work import Transaction, UnitOfWork

_LOOK_S: Final = 30.0
_CALL_S: Final = 20.0
_AT_ONCE: Final = 8
_LEASE: Final = "channel watch"
_LEASE_MS: Final = 120_000
_SILENT: Final = "The provider gives no answer when asked how the channel is."

log = logging.getLogger(__name__)


class ChannelWatch:
    """``owner`` names this process in the lease; a provider is asked every ``ask_seconds``."""

    def __init__(self, units: UnitOfWork, channels: Channels, *, owner: str, ask_seconds: float) -> None:
        self._units = units
        self._channels = channels
        self._owner = owner
        self._ask_ms = int(ask_seconds * 1000)
        self._room = asyncio.Semaphore(_AT_ONCE)

    def start(self, supervisor: Supervisor) -> None:
        supervisor.keep("channel watch", self._for_ever)

    async def _for_ever(self) -> None:
        while True:
            # Not at once: a server that has just started has yet to take what providers kept for it.
            await asyncio.sleep(_LOOK_S)
            await self.look()

    async def look(self) -> bool:
        """Look at every channel once; False when that is another process's work now.

        Each channel is written as soon as it is known: one whose provider is silent holds up no other.
        """
        if not await self._units.run(self._take):
            return False
        rows, unknown = await self._units.database.read(_rows)
        found = await asyncio.gather(
            *(self._look_at(row, unknown[row.id]) for row in rows), return_exceptions=True
        )
        for row, result in zip(rows, found, strict=True):
            if isinstance(result, BaseException):
                log.error("channel %d could not be looked at", row.id, exc_info=result)
        return True

    def _take(self, tx: Transaction) -> bool:
        return leases.acquire(tx.connection, _LEASE, self._owner, tx.now_ms + _LEASE_MS, tx.now_ms)

    async def _look_at(self, row: ChannelRow, unknown: int) -> None:
        condition = None
        if row.active and self._units.clock.now_ms() - (row.looked_at or 0) >= self._ask_ms:
            async with self._room:
                condition = self._without_secrets(row, await self._ask(row))
        # Most of the time there is nothing to write, and then nobody has to wait for us.
        if _changes(row, row, condition, unknown, self._units.clock.now_ms()):
            await self._units.run(lambda tx: self._write(tx, row, condition))

    async def _ask(self, row: ChannelRow) -> Condition | None:
        """What the provider says; None where it can't be asked at all."""
        try:
            connector = await self._channels.open(row.id)
        except InboxError:
            return None  # paused just now, or broken, which is noted where it is opened
        if not isinstance(connector, Conditions):
            return None
        try:
            async with asyncio.timeout(_CALL_S):
                return await connector.condition()
        except TimeoutError:
            return Condition(error=_SILENT, code="gives_no_answer")
        except SendError as error:
            failure = error.failure
            return Condition(error=failure.text, code=failure.code, said=failure.provider_code)
        except (ConnectorError, NotImplementedError) as error:
            return Condition(error=str(error), code="cannot_ask", said=str(error))

    def _without_secrets(self, row: ChannelRow, found: Condition | None) -> Condition | None:
        """What is kept of it stands in the database as it is, and agents read it."""
        if found is None:
            return None
        cleaned = self._channels.opened.stored.cleaned
        texts = {name: cleaned(row, getattr(found, name)) for name in ("error", "said", "mended")}
        return msgspec.structs.replace(found, **texts)

    def _write(self, tx: Transaction, before: ChannelRow, condition: Condition | None) -> None:
        row = queries.lock_channel(tx.connection, before.id)
        if row is None:
            return
        changes = _changes(before, row, condition, _unknown(tx.connection, row), tx.now_ms)
        if not changes:
            return
        queries.update_channel(tx.connection, row.id, changes)
        first_look = row.looked_at is None and "looked_at" in changes
        if first_look or changes.keys() - {"looked_at"}:
            self._channels.announce(tx, row.id)


def _rows(connection: Connection) -> tuple[list[ChannelRow], dict[int, int]]:
    """Every channel, and how much of each is in quarantine that no administrator knows of."""
    rows = queries.channel_rows(connection)
    return rows, {row.id: _unknown(connection, row) for row in rows}


def _unknown(connection: Connection, row: ChannelRow) -> int:
    return len(queries.new_in_quarantine(connection, row.id, row.quarantine_seen, alarms.COUNTED))


def _changes(
    before: ChannelRow, row: ChannelRow, condition: Condition | None, unknown: int, now_ms: int
) -> dict[str, Any]:
    """The columns that are not right any more; ``before`` is the row as it was when the provider was asked."""
    values: dict[str, Any] = {}
    if condition is not None and row.active and same_settings(row, before):
        values = _learned(row, condition, now_ms)
    now = msgspec.structs.replace(row, **values)
    values["alarms"] = alarms.encoded(alarms.due(now, new_in_quarantine=unknown, now_ms=now_ms))
    return {name: value for name, value in values.items() if value != getattr(row, name)}


def _learned(row: ChannelRow, condition: Condition, now_ms: int) -> dict[str, Any]:
    """The columns that an answer changes.  An error that the provider met before the last message is over."""
    error = condition.error
    if error is not None and condition.error_at_ms is not None and row.last_inbound_at is not None:
        error = error if condition.error_at_ms > row.last_inbound_at else None
    values: dict[str, Any] = {"looked_at": now_ms, "pending": condition.pending}
    values["look_error"] = None if error is None else clean_error(error)
    values["look_error_code"] = None if error is None else condition.code
    values["look_error_said"] = None if error is None else said_of(condition.said)
    if error is None:
        values["look_error_at"] = None
    elif values["look_error"] != row.look_error:
        values["look_error_at"] = condition.error_at_ms or now_ms
    if condition.mended is not None:
        said = said_of(condition.said)
        values |= {"mended": clean_error(condition.mended), "mended_said": said, "mended_at": now_ms}
    return values
