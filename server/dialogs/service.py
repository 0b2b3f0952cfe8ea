"""What the inbox shows: lists of dialogs, one dialog, its messages and what happened to it."""

from collections.abc import Sequence
from itertools import islice
from typing import Generic, TypeVar

import msgspec
from sqlalchemy import Connection

from server import reasons
from server.agents.access import Access
from server.db.engine import Database
from server.dialogs import cursors, lists, queries
from server.dialogs.cursors import Position
from server.dialogs.facets import facets
from server.dialogs.model import Counts, DialogDetail, Facets, Order, Selection, Total, View
from server.dialogs.search_indexer import SearchIndexer
from server.dialogs.views import dialog_view
from server.entities import Activity, Dialog, Message, MessageVersion
from server.errors import NotFound
from server.events.store import head

_CAP = 1000
_VERSIONS = 100

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A part of a list; ``seq`` is the log's position before it was read."""

    items: list[T]
    cursor: str | None
    seq: int


class DialogPage(Page[Dialog], frozen=True, kw_only=True):
    reads: dict[str, int]
    total: Total | None = None
    counts: Counts | None = None


class Dialogs:
    """Reading.  Everything goes through what the asker may see; all else does not exist for them."""

    def __init__(self, database: Database, search: SearchIndexer) -> None:
        self._database = database
        self._search = search

    async def list(
        self,
        access: Access,
        selection: Selection,
        *,
        cursor: str | None,
        limit: int,
        with_counts: bool = False,
        with_total: bool = False,
    ) -> DialogPage:
        """A page of dialogs.  The total is counted on the first page only, and carried along by the cursor."""
        after = None if cursor is None else cursors.decode(cursor, selection.order.value)
        if selection.query is not None:
            await self._search.catch_up()

        def read(connection: Connection) -> DialogPage:
            seq = head(connection).seq
            page = _page(connection, access, selection, after, limit, with_total=with_total)
            found = queries.visible_rows(connection, access, [each.id for each in page.rows])
            ids = [each.id for each in page.rows if each.id in found]
            reads = queries.reads_of(connection, access.agent_id, ids)
            return DialogPage(
                items=[dialog_view(found[dialog_id]) for dialog_id in ids],
                cursor=page.cursor,
                seq=seq,
                reads={str(dialog_id): count for dialog_id, count in reads.items()},
                total=page.total,
                counts=_counts(connection, access) if with_counts else None,
            )

        return await self._database.read(read)

    async def get(self, access: Access, dialog_id: int) -> DialogDetail:
        def read(connection: Connection) -> DialogDetail:
            dialog = dialog_view(queries.visible_row(connection, access, dialog_id))
            read_count = queries.reads_of(connection, access.agent_id, [dialog_id]).get(dialog_id, 0)
            fields = {name: getattr(dialog, name) for name in dialog.__struct_fields__}
            return DialogDetail(**fields, inbound_read=read_count)

        return await self._database.read(read)

    async def messages(
        self, access: Access, dialog_id: int, *, cursor: str | None, limit: int
    ) -> Page[Message]:
        """Newest first, by the provider's time."""
        after = None if cursor is None else cursors.decode(cursor, "messages")

        def read(connection: Connection) -> Page[Message]:
            seq = head(connection).seq
            queries.visible_row(connection, access, dialog_id)
            before = None if after is None else (after.first, after.second)
            rows = queries.message_rows(connection, dialog_id, before, limit + 1)
            shown, more = rows[:limit], len(rows) > limit
            next_cursor = _cursor("messages", shown[-1]["at"], shown[-1]["id"]) if more else None
            return Page(items=queries.message_views(connection, shown), cursor=next_cursor, seq=seq)

        return await self._database.read(read)

    async def versions(self, access: Access, dialog_id: int, message_id: int) -> Sequence[MessageVersion]:
        """What a message said before its author changed it, newest first; the newest hundred."""

        def read(connection: Connection) -> Sequence[MessageVersion]:
            queries.visible_row(connection, access, dialog_id)
            if not queries.has_message(connection, dialog_id, message_id):
                raise NotFound(reasons.NO_SUCH_MESSAGE)
            return queries.message_versions(connection, dialog_id, message_id, _VERSIONS)

        return await self._database.read(read)

    async def activities(
        self, access: Access, dialog_id: int, *, cursor: str | None, limit: int
    ) -> Page[Activity]:
        after = None if cursor is None else cursors.decode(cursor, "activities")

        def read(connection: Connection) -> Page[Activity]:
            seq = head(connection).seq
            queries.visible_row(connection, access, dialog_id)
            found = queries.activities_of(connection, dialog_id, after.second if after else None, limit + 1)
            shown, more = found[:limit], len(found) > limit
            next_cursor = _cursor("activities", 0, int(shown[-1].id)) if more else None
            return Page(items=shown, cursor=next_cursor, seq=seq)

        return await self._database.read(read)

    async def facets(self, access: Access) -> Facets:
        """What the log can be narrowed by."""
        return await self._database.read(lambda c: facets(c, access))


class _Rows(msgspec.Struct, frozen=True, kw_only=True):
    rows: list[lists.Listed]
    cursor: str | None
    total: Total | None


def _page(
    connection: Connection,
    access: Access,
    selection: Selection,
    after: Position | None,
    limit: int,
    *,
    with_total: bool,
) -> _Rows:
    count = with_total and after is None
    wanted = max(limit, _CAP) + 1 if count else limit + 1
    rows = list(islice(lists.walk(connection, access, selection, after, wanted), wanted))
    known = after.total if after is not None else None
    if count:
        known = min(len(rows), _CAP + 1)
    shown, more = rows[:limit], len(rows) > limit
    position = shown[-1].position(selection.order, known) if more else None
    return _Rows(
        rows=shown,
        cursor=None if position is None else cursors.encode(position),
        total=None if known is None else Total(count=min(known, _CAP), capped=known > _CAP),
    )


def _counts(connection: Connection, access: Access) -> Counts:
    def count(view: View) -> int:
        return lists.count(
            connection, access, Selection(status="open", view=view, order=Order.ACTIVITY), _CAP
        )

    return Counts(mine=count("mine"), unassigned=count("unassigned"), all=count("all"))


def _cursor(order: str, first: int, second: int) -> str:
    return cursors.encode(Position(order=order, segment="", first=first, second=second))
