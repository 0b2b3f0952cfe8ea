"""The event log in the database: numbering, appending, reading back, pruning."""

import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, func, select, update

from server.db.bulk import Bulk, Together
from server.db.prepared import Query
from server.db.schema import event, event_head
from server.events.model import (
    AdministratorScope,
    AgentScope,
    ChannelScope,
    DialogScope,
    Event,
    Scope,
    StaffScope,
)

_ALLOT = Query(
    update(event_head)
    .values(last_seq=event_head.c.last_seq + bindparam("count"))
    .returning(event_head.c.last_seq)
)
_APPEND = Bulk(event)
_AFTER = select(event).where(event.c.seq > bindparam("after")).order_by(event.c.seq).limit(bindparam("count"))


class Head(NamedTuple):
    epoch: str
    seq: int


def new_epoch() -> str:
    return secrets.token_hex(8)


def head(connection: Connection) -> Head:
    """The log's present end."""
    row = connection.execute(select(event_head.c.epoch, event_head.c.last_seq)).one()
    return Head(row.epoch, row.last_seq)


def change_epoch(connection: Connection, old: str) -> Head:
    """Give the log a new epoch, unless another process was first; how it stands now."""
    connection.execute(update(event_head).where(event_head.c.epoch == old).values(epoch=new_epoch()))
    return head(connection)


def allot(connection: Connection, count: int) -> int:
    """Take the next ``count`` numbers and return the first; holds the head's lock until the commit.

    Because of that lock numbers have no gaps and are in commit order: a reader that asks for "later than n" misses
    nothing, which a bare sequence can't promise.
    """
    last: int = _ALLOT.tuples(connection, count=count)[0][0]
    return last - count + 1


def append(rows: Together, events: Sequence[Event]) -> None:
    """Let events be inserted whose numbers were allotted in this transaction."""
    rows.add_tuples(_APPEND, [_values(e) for e in events])


def read_after(connection: Connection, seq: int, limit: int) -> list[Event]:
    """The next events after ``seq``, in order."""
    rows = connection.execute(_AFTER, {"after": seq, "count": limit}).all()
    return [_event(row) for row in rows]


def oldest_seq(connection: Connection) -> int | None:
    found: int | None = connection.execute(select(func.min(event.c.seq))).scalar_one()
    return found


def prune(connection: Connection, keep: int) -> None:
    """Delete all but the newest ``keep`` events (the history of dialogs has tables of its own)."""
    last = head(connection).seq
    connection.execute(delete(event).where(event.c.seq <= last - keep))


def _values(e: Event) -> tuple[Any, ...]:
    """In the order of the table's columns."""
    scope = e.scope
    if isinstance(scope, DialogScope):
        return (
            e.seq, e.at_ms, e.name, "dialog", scope.dialog_id, scope.channel_id, None,
            scope.assignee_before, scope.assignee_after, scope.is_new, e.data,
        )  # fmt: skip
    audience, channel_id, agent_id = _seldom(scope)
    return e.seq, e.at_ms, e.name, audience, None, channel_id, agent_id, None, None, False, e.data


def _seldom(scope: Scope) -> tuple[str, int | None, int | None]:
    """Audience, channel and agent of what is not about a dialog."""
    match scope:
        case AgentScope():
            return "agent", None, scope.agent_id
        case ChannelScope():
            return "channel", scope.channel_id, None
        case StaffScope():
            return "staff", None, None
        case _:
            return "administrator", None, None


def _event(row: Row[Any]) -> Event:
    return Event(seq=row.seq, at_ms=row.at, name=row.name, scope=_scope(row), data=row.data)


def _scope(row: Row[Any]) -> Scope:
    match row.audience:
        case "dialog":
            return DialogScope(
                dialog_id=row.dialog_id,
                channel_id=row.channel_id,
                assignee_before=row.assignee_before,
                assignee_after=row.assignee_after,
                is_new=row.is_new,
            )
        case "agent":
            return AgentScope(agent_id=row.agent_id)
        case "channel":
            return ChannelScope(channel_id=row.channel_id)
        case "staff":
            return StaffScope()
        case _:
            return AdministratorScope()
