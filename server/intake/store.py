"""What a batch of intake commits, as one piece of work that this process or the writer process can do."""

import logging
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec
from sqlalchemy import update

from connectors.contract import PeerChanged
from server.db.leases import holds
from server.db.schema import channel
from server.errors import Unavailable
from server.intake import moving, parts, quarantine
from server.intake.batch import CONTENT, Batch
from server.intake.keys import Entry
from server.intake.keywords import Keywords
from server.intake.naming import Names
from server.intake.quarantine import Kept
from server.intake.reports import REPORTS, write_reports
from server.unit_of_work import Transaction, UnitOfWork

STORED = (*CONTENT, *REPORTS, PeerChanged)
"""The kinds of item that leave a trace."""

_FEW = 100

log = logging.getLogger(__name__)


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

    def __bool__(self) -> bool:
        return bool(self.entries or self.kept or self.cursors)


_NOTHING = Work(entries=[])


class LeaseLost(Exception):
    """Another process polls this channel now: the cursor was not moved."""


class Refused(NamedTuple):
    """An entry of a work that can't be stored, even alone."""

    position: int
    why: str


class Left(msgspec.Struct, kw_only=True):
    """What of a work was not stored."""

    refused: list[Refused] = []
    rest: bool = False
    """All that are no entries: what is refused has to be kept before a cursor is moved past it."""

    def __bool__(self) -> bool:
        return bool(self.refused) or self.rest


class Store(Protocol):
    depth: int
    """How many works it wants to have at a time; it stores them in the order in which it is given them."""
    is_costly: bool
    """Whether a small work costs about as much as a large one."""

    async def store(self, work: Work) -> Left:
        """Store all that can be stored of it; returns after the commit.

        What holds entries is never stored in part for any other reason than that of an entry.  Raises Unavailable when
        it may not have happened; LeaseLost and what else went wrong only for work without entries, of which nothing is
        ever left.
        """
        ...


class UnitStore:
    """Writes in this process."""

    depth = 1
    is_costly = False

    def __init__(self, units: UnitOfWork, reopen_within_hours: int, keywords: Keywords | None = None) -> None:
        self._units = units
        self._reopen_within_hours = reopen_within_hours
        self._keywords = keywords
        self._names = Names(units)

    async def store(self, work: Work) -> Left:
        """See :class:`Store`."""
        try:
            await self.write(work)
        except Unavailable:
            raise
        except Exception as error:
            if not work.entries:
                raise
            log.warning("a batch of %d failed (%s): one by one now", len(work.entries), type(error).__name__)
            return await self._store_each(work)
        return Left()

    async def _store_each(self, work: Work) -> Left:
        """Each entry in a transaction of its own, so that a bad one fails alone."""
        left = Left(rest=bool(work.kept or work.cursors))
        for position, entry in enumerate(work.entries):
            try:
                await self.write(Work(entries=[entry]))
            except Unavailable:
                raise
            except Exception as error:
                log.warning("an item of channel %d can't be stored", entry.channel_id, exc_info=error)
                left.refused.append(Refused(position, type(error).__name__))
        return left

    async def write(self, work: Work) -> None:
        """All of it or, of one of its transactions, nothing.

        Content, then reports about it, in transactions of their own so that each keeps to the order of locks.
        So is every change of an address, between what came before it and what came after, and what is ignored, before
        all of it.  What goes to quarantine is kept in the last of all, or it would be counted again when that fails, and
        cursors move there: what they stand for is stored by then.
        """
        kept = work.kept
        if kept and (ignored := [each for each in kept if each.ignored]):
            await self._units.run(lambda tx: quarantine.keep_ignored(tx, ignored))
            kept = [each for each in kept if not each.ignored]
        reports = [entry for entry in work.entries if isinstance(entry.item, REPORTS)]
        content: list[Entry] = []
        for entry in work.entries:
            if isinstance(entry.item, CONTENT):
                content.append(entry)
            elif isinstance(entry.item, PeerChanged):
                await self._move_person(content, entry)
                content = []
        rest = Work(entries=[], kept=kept, cursors=work.cursors)
        if content or (rest and not reports):
            last = _NOTHING if reports else rest
            await self._units.run(lambda tx: self._write_content(tx, content, last))
        if reports:
            told = await self._units.run(lambda tx: self._write_reports(tx, reports, rest))
            for channel_id, recipients in told.items():
                await self._names.named(channel_id, recipients)

    async def _move_person(self, before: list[Entry], change: Entry) -> None:
        if before:
            await self._units.run(lambda tx: self._write_content(tx, before, _NOTHING))
        await self._units.run(lambda tx: moving.move(tx, [change]))

    async def give_up_parts(self) -> None:
        """Make messages of what came of those that did not come whole."""
        while await self._units.run(self._give_up_parts):
            pass

    def _give_up_parts(self, tx: Transaction) -> int:
        overdue = parts.overdue(tx, _FEW)
        Batch(tx, self._reopen_within_hours, self._keywords).write_new(overdue)
        return len(overdue)

    def _write_content(self, tx: Transaction, content: list[Entry], rest: Work) -> None:
        _move(tx, rest.cursors)
        Batch(tx, self._reopen_within_hours, self._keywords).write(content)
        _keep(tx, rest.kept)

    def _write_reports(self, tx: Transaction, reports: list[Entry], rest: Work) -> dict[int, dict[int, str]]:
        _move(tx, rest.cursors)
        told = write_reports(tx, reports, self._reopen_within_hours)
        _keep(tx, rest.kept)
        return told


def _keep(tx: Transaction, kept: Sequence[Kept]) -> None:
    for each in kept:
        quarantine.keep(tx, each.channel_id, each.why, each.raw)


def _move(tx: Transaction, cursors: Sequence[Cursor]) -> None:
    for channel_id, value, owner in cursors:
        if not holds(tx.connection, f"poll:{channel_id}", owner, tx.now_ms):
            raise LeaseLost(f"channel {channel_id} is polled by another process now")
        tx.connection.execute(update(channel).where(channel.c.id == channel_id).values(poll_cursor=value))
