"""The log as CSV: exactly what filters and search select, in their order, streamed in constant memory.

Pages go by keyset, so no transaction stays open however long a download takes.  What is in the file was there when
the export began.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from server.agents.access import Access
from server.bus.memory import MemoryBus
from server.clock import SystemClock
from server.config import Config
from server.db.engine import Database
from server.dialogs import export_queries
from server.dialogs.ahead import ahead
from server.dialogs.csv_sql import Dialect, Profile
from server.dialogs.export_queries import DIALOG_COLUMNS, MESSAGE_COLUMNS, Piece
from server.dialogs.lists import Listed
from server.dialogs.model import Order, Selection
from server.dialogs.search_indexer import SearchIndexer
from server.ids import Ids, first_id_at
from server.unit_of_work import UnitOfWork

Kind = Literal["dialogs", "messages"]

_BOM = b"\xef\xbb\xbf"
_DIALOGS_AT_ONCE = 1000
_MESSAGES_AT_ONCE = 4000
_FOR_EVER = (1 << 63) - 1


class Exports:
    """Exports for those who may: supervisors their channels, administrators everything."""

    def __init__(self, units: UnitOfWork, search: SearchIndexer) -> None:
        self._units = units
        self._search = search

    async def start(
        self, access: Access, kind: Kind, selection: Selection, profile: Profile, zone: str = "UTC"
    ) -> AsyncIterator[bytes]:
        """The file, piece by piece.  ``zone`` is in which its plain times are told.

        Raises :class:`~server.errors.Forbidden` for agents.  The export is recorded before its first row is read.
        """
        access.require_lead()
        if selection.query is not None:
            await self._search.catch_up()
        export = _Export(self._units, access, kind, selection, profile, zone)
        await export.record_start()
        return export.file()


class _Export:
    """One file on its way."""

    def __init__(
        self,
        units: UnitOfWork,
        access: Access,
        kind: Kind,
        selection: Selection,
        profile: Profile,
        zone: str,
    ) -> None:
        self.rows = 0
        self._units = units
        self._database = units.database
        self._access = access
        self._kind = kind
        self._audit_id = units.ids.new()
        self._detail = _detail(kind, selection, profile)
        end = units.clock.now_ms() + 1
        self._below = first_id_at(end)
        to = end if selection.created_to is None else min(selection.created_to, end)
        self._selection = msgspec.structs.replace(selection, created_to=to)
        self._dialect = Dialect(self._database.dialect, profile, zone)
        self._bom = _BOM if profile == "spreadsheet" else b""

    async def record_start(self) -> None:
        agent_id = self._access.agent_id or None
        detail = {**self._detail, "rows": None, "complete": False}
        await self._units.run(
            lambda tx: export_queries.record(tx.connection, self._audit_id, agent_id, tx.now_ms, detail)
        )

    async def file(self) -> AsyncIterator[bytes]:
        """The whole file; at its end, or where it is broken off, the record is completed."""
        complete = False
        try:
            # The database makes the next piece while this one is on its way to whoever asked.
            async for piece, rows in ahead(self._pieces()):
                self.rows += rows
                yield piece
            complete = True
        finally:
            detail = {**self._detail, "rows": self.rows, "complete": complete}
            await self._units.run(lambda tx: export_queries.record_end(tx.connection, self._audit_id, detail))

    async def _pieces(self) -> AsyncGenerator[tuple[bytes, int], None]:
        """Each with how many rows it has."""
        columns = DIALOG_COLUMNS if self._kind == "dialogs" else MESSAGE_COLUMNS
        yield self._bom + ",".join(columns).encode() + b"\r\n", 0
        after = None
        while True:
            dialogs = await self._database.read(
                partial(
                    export_queries.dialogs_after,
                    access=self._access,
                    selection=self._selection,
                    after=after,
                    limit=_DIALOGS_AT_ONCE,
                )
            )
            if dialogs:
                async for piece in self._lines(dialogs):
                    yield piece
                after = dialogs[-1].position(self._selection.order)
            if len(dialogs) < _DIALOGS_AT_ONCE:
                return

    async def _lines(self, dialogs: list[Listed]) -> AsyncIterator[tuple[bytes, int]]:
        ids = [each.id for each in dialogs]
        if self._kind == "dialogs":
            yield await self._database.read(lambda c: export_queries.dialog_lines(c, self._dialect, ids))
            return
        counts = await self._database.read(lambda c: export_queries.message_counts(c, ids))
        for group in _groups(ids, counts):
            if len(group) == 1 and counts.get(group[0], 0) > _MESSAGES_AT_ONCE:
                async for piece in self._long_dialog(group[0]):
                    yield piece
            else:
                yield await self._messages(group)

    async def _long_dialog(self, dialog_id: int) -> AsyncIterator[tuple[bytes, int]]:
        since = (-1, -1)
        while True:
            end = await self._database.read(
                partial(export_queries.piece_end, dialog_id=dialog_id, since=since, size=_MESSAGES_AT_ONCE)
            )
            last = end or (_FOR_EVER, _FOR_EVER)
            yield await self._messages([dialog_id], Piece(dialog_id, since, last))
            if end is None:
                return
            since = end

    async def _messages(self, ids: list[int], piece: Piece | None = None) -> tuple[bytes, int]:
        return await self._database.read(
            lambda c: export_queries.message_lines(c, self._dialect, ids, self._below, piece)
        )


def _groups(ids: list[int], counts: dict[int, int]) -> list[list[int]]:
    """Runs of dialogs with about as many messages as are read at once; what is longer stands alone."""
    groups: list[list[int]] = []
    room = 0
    for dialog_id in ids:
        size = counts.get(dialog_id, 0)
        if size > room or not groups:
            groups.append([])
            room = _MESSAGES_AT_ONCE
        groups[-1].append(dialog_id)
        room -= size
    return groups


def _detail(kind: Kind, selection: Selection, profile: Profile) -> dict[str, object]:
    """What the audit log says of an export: the filters as they were asked for."""
    return {
        "kind": kind,
        "profile": profile,
        "status": selection.status,
        "view": selection.view,
        "channel": None if selection.channel_id is None else str(selection.channel_id),
        "agent": None if selection.agent_id is None else str(selection.agent_id),
        "source": selection.source,
        "from": selection.created_from,
        "to": selection.created_to,
        "order": selection.order.value,
        "text": selection.text,
    }


async def export_to(database: Database, kind: Kind, target: Path | None, config: Config) -> int:
    """Write everything there is, for the command line (None: to standard output); how many rows that were.

    A file appears under its name only when it is complete.
    """
    clock = SystemClock()
    operator = Access(agent_id=0, name="", role="administrator", channel_ids=frozenset())
    selection = Selection(order=Order.CREATED_ASC, time_zone=config.workspace.time_zone)
    units = UnitOfWork(database, MemoryBus(), clock, Ids(clock))
    export = _Export(units, operator, kind, selection, "spreadsheet", "UTC")
    await export.record_start()
    if target is None:
        await _write(export, sys.stdout.buffer)
        return export.rows
    part = target.with_name(target.name + ".part")
    try:
        with await asyncio.to_thread(part.open, "wb") as file:
            await _write(export, file)
        await asyncio.to_thread(part.replace, target)
    finally:
        await asyncio.to_thread(part.unlink, missing_ok=True)
    return export.rows


async def _write(export: _Export, file: BinaryIO) -> None:
    async for piece in export.file():
        await asyncio.to_thread(file.write, piece)
    await asyncio.to_thread(file.flush)
