"""What a batch of intake commits, as one piece of work that this process or the writer process can do."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec
from sqlalchemy import update

from connectors.contract import PeerChanged
from server.db.leases import holds
from server.db.schema import channel
from server.intake import moving, parts, quarantine
from server.intake.batch import CONTENT, Batch
from server.intake.keys import Entry
from server.intake.keywords import Keywords
from server.intake.naming import Names
from server.intake.reports import REPORTS, write_reports
from server.unit_of_work import Transaction, UnitOfWork

STORED = (*CONTENT, *REPORTS, PeerChanged)
"""The kinds of item that leave a trace."""


_FEW = 100


class Kept(NamedTuple):
    """What goes to quarantine: signed, but not understood or not to be stored."""

    channel_id: int
    why: str
    raw: bytes


class Cursor(NamedTuple):
    """How far a channel was polled, and by whom: only the holder of the lease may move it."""

    channel_id: int
    value: str
    owner: str


class Work(msgspec.Struct, kw_only=True):
    """Everything of one batch."""

    entries: list[Entry]
    kept: list[Kept] = []
    cursors: list[Cursor] = []


class LeaseLost(Exception):
    """Another process polls this channel now: the cursor was not moved, nothing was stored."""


class NotStored(Exception):
    """The writer process could not store the work, for the reason named; nothing of its last transaction is there."""


class Store(Protocol):
    async def write(self, work: Work) -> None:
        """Returns after the commit.  Raises Unavailable when it may not have happened, LeaseLost, or what went wrong."""
        ...


class UnitStore:
    """Writes in this process."""

    def __init__(self, units: UnitOfWork, reopen_within_hours: int, keywords: Keywords | None = None) -> None:
        self._units = units
        self._reopen_within_hours = reopen_within_hours
        self._keywords = keywords
        self._names = Names(units)

    async def write(self, work: Work) -> None:
        """Content, then reports about it, in transactions of their own so that each keeps to the order of locks.

        So is every change of an address, between what came before it and what came after.  A cursor moves in the last of
        all: what it stands for is stored by then.
        """
        reports = [entry for entry in work.entries if isinstance(entry.item, REPORTS)]
        content: list[Entry] = []
        for entry in work.entries:
            if isinstance(entry.item, CONTENT):
                content.append(entry)
            elif isinstance(entry.item, PeerChanged):
                await self._move_person(content, entry)
                content = []
        if content or work.kept or (work.cursors and not reports):
            cursors = () if reports else work.cursors
            await self._units.run(lambda tx: self._write_content(tx, content, work.kept, cursors))
        if reports:
            told = await self._units.run(lambda tx: _write_reports(tx, reports, work.cursors))
            for channel_id, recipients in told.items():
                await self._names.named(channel_id, recipients)

    async def _move_person(self, before: list[Entry], change: Entry) -> None:
        if before:
            await self._units.run(lambda tx: self._write_content(tx, before, (), ()))
        await self._units.run(lambda tx: moving.move(tx, [change]))

    async def give_up_parts(self) -> None:
        """Make messages of what came of those that did not come whole."""
        while await self._units.run(self._give_up_parts):
            pass

    def _give_up_parts(self, tx: Transaction) -> int:
        overdue = parts.overdue(tx, _FEW)
        Batch(tx, self._reopen_within_hours, self._keywords).write_new(overdue)
        return len(overdue)

    def _write_content(
        self, tx: Transaction, content: list[Entry], kept: Sequence[Kept], cursors: Sequence[Cursor]
    ) -> None:
        _move(tx, cursors)
        Batch(tx, self._reopen_within_hours, self._keywords).write(content)
        for channel_id, why, raw in kept:
            quarantine.keep(tx, channel_id, why, raw)


def _write_reports(
    tx: Transaction, reports: list[Entry], cursors: Sequence[Cursor]
) -> dict[int, dict[int, str]]:
    _move(tx, cursors)
    return write_reports(tx, reports)


def _move(tx: Transaction, cursors: Sequence[Cursor]) -> None:
    for channel_id, value, owner in cursors:
        if not holds(tx.connection, f"poll:{channel_id}", owner, tx.now_ms):
            raise LeaseLost(f"channel {channel_id} is polled by another process now")
        tx.connection.execute(update(channel).where(channel.c.id == channel_id).values(poll_cursor=value))
