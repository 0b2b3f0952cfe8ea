"""Lists of dialogs in a fixed order, paged by keyset: no row is lost or repeated while others arrive.

A list is a chain of *segments*, each ordered by two columns with an index of its own.  Where what is asked is a
choice ("own or unassigned", "open or closed"), one query per alternative walks its own index and the results are
merged, so that a page costs the same wherever it is.  Columns that must not tempt a planner away from that index are
made *opaque* (``column + 0``).

On PostgreSQL the list by activity is walked in ``dialog_place``, which has all columns that are asked for here.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnCollection,
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    asc,
    cast,
    desc,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.sql.base import WriteableColumnCollection

from server import reasons
from server.agents.access import Access, visible
from server.db.schema import BigInt, agent, dialog, dialog_place, visit
from server.db.sql import one_of
from server.dialogs.contact_matching import FEW
from server.dialogs.cursors import Position
from server.dialogs.matching import Matches, matches_for
from server.dialogs.model import Order, Selection
from server.errors import Malformed
from server.folding import fold

_Columns = ColumnCollection[str, ColumnElement[Any]]
_FIRST_SLICE = 100
_LAST_SLICE = 2000
_STATUSES = ("open", "snoozed", "closed")


class Listed(NamedTuple):
    """A dialog's place in a list."""

    id: int
    segment: str
    first: int
    second: int

    def position(self, order: Order, total: int | None = None) -> Position:
        return Position(
            order=order.value, segment=self.segment, first=self.first, second=self.second, total=total
        )


class _Segment(NamedTuple):
    name: str
    condition: ColumnElement[bool]
    columns: tuple[ColumnElement[int], ColumnElement[int]]
    descending: bool = True
    one_agent: bool = False


def walk(
    connection: Connection,
    access: Access,
    selection: Selection,
    after: Position | None = None,
    expected: int = 0,
) -> Iterator[Listed]:
    """The dialogs that are selected and visible, in order, beginning after a position.

    ``expected`` is how many rows the caller will probably take.
    """
    matches = None if selection.query is None else matches_for(connection, selection.query)
    few = _few(connection, selection, matches)
    d = dialog.c if few is not None else _walked(connection, selection)
    for segment in _from(after, _segments(connection, d, access, selection, after)):
        at = (after.first, after.second) if after is not None and segment.name == after.segment else None
        size = expected or _FIRST_SLICE
        while True:
            rows = connection.execute(_page(d, access, selection, segment, few, at, size)).all()
            found = None if matches is None or matches.few is not None else matches.among(rows)
            for row in rows:
                if found is None or row.id in found:
                    yield Listed(row.id, segment.name, row.first, row.second)
            if len(rows) < size:
                break
            at = (rows[-1].first, rows[-1].second)
            size = min(size * 2, _LAST_SLICE)


def count(connection: Connection, access: Access, selection: Selection, cap: int) -> int:
    """How many dialogs are selected (without a text), but no more than ``cap``."""
    found = 0
    d = _walked(connection, selection)
    for segment in _segments(connection, d, access, selection):
        statement = _page(d, access, selection, segment, None, None, cap).subquery()
        found += connection.execute(select(func.count()).select_from(statement)).scalar_one()
    return min(found, cap)


def agents_with_dialogs(
    connection: Connection, access: Access, also: str | None = None
) -> Sequence[Row[Any]]:
    """Whoever is responsible for a visible dialog, by name; also those who left, and the agent with the id ``also``."""
    d = dialog.c
    had = select(d.id).where(d.assignee_id == agent.c.id, visible(access, _opaque(d))).exists()
    wanted = had if also is None else or_(had, cast(agent.c.id, Text) == also)
    statement: Select[Any] = select(agent.c.id, agent.c.name, agent.c.active).where(wanted)
    rows = connection.execute(statement).all()
    return sorted(rows, key=lambda row: (fold(row.name), row.id))


# ------------------------------------------------------------------------------------------ segments


def _segments(
    connection: Connection,
    d: _Columns,
    access: Access,
    selection: Selection,
    after: Position | None = None,
) -> list[_Segment]:
    created = (d.created_at, d.number)
    match selection.order:
        case Order.ACTIVITY:
            active = _Segment("active", d.last_message_at.is_not(None), (d.last_message_at, d.id))
            return [active, _Segment("silent", d.last_message_at.is_(None), (d.id, d.id))]
        case Order.CREATED_DESC:
            return [_Segment("all", true(), created)]
        case Order.CREATED_ASC:
            return [_Segment("all", true(), created, descending=False)]
    # The agent at the position may have lost the last dialog since: the list goes on from their place all the same.
    position = None if after is None else after.segment
    by_agent = [
        _Segment(str(row.id), d.assignee_id == row.id, created, one_agent=True)
        for row in agents_with_dialogs(connection, access, position)
        if selection.agent_id in (None, row.id)
    ]
    if selection.agent_id in (None, "nobody"):
        by_agent.append(_Segment("nobody", d.assignee_id.is_(None), created, one_agent=True))
    return by_agent if selection.order is Order.AGENT_ASC else by_agent[::-1]


def _walked(connection: Connection, selection: Selection) -> _Columns:
    """The columns of the table whose indexes have the list's order."""
    by_activity = selection.order is Order.ACTIVITY
    return dialog_place.c if by_activity and connection.dialect.name == "postgresql" else dialog.c


def _opaque(d: _Columns) -> _Columns:
    """Of the columns that :func:`visible` asks for."""
    return WriteableColumnCollection([(name, d[name] + 0) for name in ("channel_id", "assignee_id")])


def _from(after: Position | None, segments: list[_Segment]) -> list[_Segment]:
    if after is None:
        return segments
    names = [segment.name for segment in segments]
    if after.segment not in names:
        raise Malformed(reasons.BAD_CURSOR, field="cursor")
    return segments[names.index(after.segment) :]


# ------------------------------------------------------------------------------------------ one slice of a segment


def _page(
    d: _Columns,
    access: Access,
    selection: Selection,
    segment: _Segment,
    few: ColumnElement[bool] | None,
    at: tuple[int, int] | None,
    size: int,
) -> Any:
    first, second = segment.columns
    conditions = [segment.condition, visible(access, _opaque(d)), *_filters(d, selection)]
    if at is not None:
        key, last = tuple_(first, second), tuple_(literal(at[0], BigInt), literal(at[1], BigInt))
        conditions.append(key < last if segment.descending else key > last)
    if few is not None:
        conditions += [few, _opaque_choice(d, access, selection)]
        alternatives: list[ColumnElement[bool]] = [true()]
    else:
        alternatives = _alternatives(d, access, selection, segment)
    columns = (d.id, d.number, d.contact_id, first.label("first"), second.label("second"))
    order = ("first", "second")

    def ordered(statement: Any) -> Any:
        return statement.order_by(*(desc(c) if segment.descending else asc(c) for c in order)).limit(size)

    branches = [ordered(select(*columns).where(*conditions, each)) for each in alternatives]
    if len(branches) == 1:
        return branches[0]
    return ordered(union_all(*(select(branch.subquery()) for branch in branches)))


def _filters(d: _Columns, selection: Selection) -> list[ColumnElement[bool]]:
    """What narrows a walk without choosing its index."""
    found: list[ColumnElement[bool]] = []
    if selection.created_from is not None:
        found.append(d.created_at >= selection.created_from)
    if selection.created_to is not None:
        found.append(d.created_at < selection.created_to)
    if selection.channel_id is not None:
        found.append(d.channel_id + 0 == selection.channel_id)
    if selection.source is not None:
        found.append(
            select(visit.c.id)
            .where(visit.c.id == d.visit_id, func.coalesce(visit.c.utm_source, "") == selection.source)
            .exists()
        )
    return found


def _alternatives(
    d: _Columns, access: Access, selection: Selection, segment: _Segment
) -> list[ColumnElement[bool]]:
    """Conditions that exclude one another, each with an index in the segment's order; together what is asked."""
    agents = _assignees(d, access, selection)
    statuses = _STATUSES if selection.status == "all" else (selection.status,)
    if selection.order is Order.ACTIVITY:
        return [and_(who, d.status == status) for who, status in product(agents or [true()], statuses)]
    in_status = true() if selection.status == "all" else d.status.concat("") == selection.status
    if segment.one_agent or agents:
        return [and_(who, in_status) for who in agents or [true()]]
    if selection.channel_id is not None:
        return [and_(d.channel_id == selection.channel_id, in_status)]
    return [d.status == status for status in statuses]


def _assignees(d: _Columns, access: Access, selection: Selection) -> list[ColumnElement[bool]]:
    """The responsible agents that come into question; none when all do."""
    mine, nobody = d.assignee_id == access.agent_id, d.assignee_id.is_(None)
    wanted: list[ColumnElement[bool]] = []
    if selection.view != "all":
        wanted.append(mine if selection.view == "mine" else nobody)
    if selection.agent_id is not None:
        wanted.append(nobody if selection.agent_id == "nobody" else d.assignee_id == selection.agent_id)
    if wanted:
        return [and_(*wanted)]
    return [nobody, mine] if access.role == "agent" and not access.sees_team else []


def _opaque_choice(d: _Columns, access: Access, selection: Selection) -> ColumnElement[bool]:
    """The same choice, for when a few dialogs are known already and only they should be looked at."""
    chosen: list[ColumnElement[bool]] = []
    assignee = d.assignee_id + 0
    if selection.status != "all":
        chosen.append(d.status.concat("") == selection.status)
    if selection.view != "all":
        chosen.append(assignee == access.agent_id if selection.view == "mine" else assignee.is_(None))
    if selection.agent_id is not None:
        chosen.append(
            assignee.is_(None) if selection.agent_id == "nobody" else assignee == selection.agent_id
        )
    return and_(true(), *chosen)


def _few(connection: Connection, selection: Selection, matches: Matches | None) -> ColumnElement[bool] | None:
    """If a text or a source is rare: the condition that leaves only the few dialogs that have it."""
    if matches is not None and matches.few is not None:
        return matches.few
    if selection.source:
        statement = select(visit.c.id).where(visit.c.utm_source == selection.source).limit(FEW + 1)
        found = connection.execute(statement).scalars().all()
        if len(found) <= FEW:
            return one_of(connection, dialog.c.visit_id, found)
    return None
