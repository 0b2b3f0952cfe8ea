"""SQL about reactions of agents.  Whoever changes one holds the lock of its dialog's row."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, Integer, and_, bindparam, or_, select, text

from server.db.prepared import Query
from server.db.schema import dialog, identity, message, own_reaction
from server.db.sql import insert_for
from server.delivery import queries as delivery_queries
from server.delivery.moves import scope_of
from server.delivery.queries import DialogKey
from server.delivery.reactions import model
from server.delivery.reactions.model import OwnReaction
from server.events.model import MessageUpdated
from server.unit_of_work import Transaction

_c = own_reaction.c
# Spelled out, as SQLite uses a partial index only for a condition that repeats the index's own.
_WAITING = text("own_reaction.state IN ('queued', 'sending')")
_NOW = bindparam("now", type_=_c.next_attempt_at.type)
_IS_DUE = or_(
    and_(_c.state == "queued", _c.next_attempt_at <= _NOW), and_(_c.state == "sending", _c.lease_until < _NOW)
)
_DUE = (
    select(_c.message_id, _c.dialog_id, identity.c.address)
    .join(dialog, dialog.c.id == _c.dialog_id)
    .join(identity, identity.c.id == dialog.c.identity_id)
    .where(_c.channel_id == bindparam("channel_id", type_=_c.channel_id.type), _WAITING, _IS_DUE)
    .order_by(_c.next_attempt_at)
    .limit(bindparam("count", type_=Integer))
)
# Asked by every channel that reacts, all the time.
_CANDIDATES = Query(_DUE)
_LOOKED_AT = 100
"""Of those that are due; more than one channel sends at once, as some people may have to rest."""


class Target(NamedTuple):
    """A message that somebody wants to react to."""

    direction: str
    external_id: str | None
    deleted_at: int | None


def target(connection: Connection, dialog_id: int, message_id: int) -> Target | None:
    c = message.c
    statement = select(c.direction, c.external_id, c.deleted_at).where(
        c.id == message_id, c.dialog_id == dialog_id
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else Target(*row)


def of_messages(connection: Connection, message_ids: Iterable[int]) -> dict[int, OwnReaction]:
    """Message → our reaction."""
    statement = select(own_reaction).where(_c.message_id.in_(list(message_ids))).order_by(_c.message_id)
    return {row["message_id"]: OwnReaction(**row) for row in connection.execute(statement).mappings()}


def dialogs_of(connection: Connection, message_ids: Iterable[int]) -> dict[int, int]:
    """Message with a reaction of ours → dialog, which never changes."""
    statement = select(_c.message_id, _c.dialog_id).where(_c.message_id.in_(list(message_ids)))
    return {row.message_id: row.dialog_id for row in connection.execute(statement)}


def due(connection: Connection, channel_id: int, now: int, resting: Sequence[str]) -> dict[int, int]:
    """What may be sent now, and what a vanished sender left: message → dialog, oldest first.  Nothing is locked yet.

    None to the addresses in ``resting``.
    """
    rows = _CANDIDATES.rows(connection, channel_id=channel_id, now=now, count=_LOOKED_AT)
    return {row["message_id"]: row["dialog_id"] for row in rows if row["address"] not in resting}


def still_due(connection: Connection, message_ids: Iterable[int], now: int) -> list[OwnReaction]:
    """Of these, whose dialogs are locked by now."""
    statement = (
        select(own_reaction).where(_c.message_id.in_(list(message_ids)), _IS_DUE).order_by(_c.message_id)
    )
    return [OwnReaction(**row) for row in connection.execute(statement, {"now": now}).mappings()]


class Where(NamedTuple):
    identity_id: int
    address: str
    external_id: str
    """The provider's id of the customer's message."""


def wheres(connection: Connection, message_ids: Sequence[int]) -> dict[int, Where]:
    """Message → where a reaction to it goes."""
    statement = (
        select(message.c.id, identity.c.id.label("identity_id"), identity.c.address, message.c.external_id)
        .join(dialog, dialog.c.id == message.c.dialog_id)
        .join(identity, identity.c.id == dialog.c.identity_id)
        .where(message.c.id.in_(message_ids))
    )
    return {
        row.id: Where(row.identity_id, row.address, row.external_id or "")
        for row in connection.execute(statement)
    }


def write(tx: Transaction, rows: Iterable[OwnReaction], dialogs: Mapping[int, DialogKey]) -> None:
    """Store these, and tell of the messages that look different now."""
    changed = list(rows)
    if not changed:
        return
    for row in changed:
        values = msgspec.structs.asdict(row)
        statement = insert_for(tx.connection, own_reaction).values(**values)
        statement = statement.on_conflict_do_update(index_elements=[_c.message_id], set_=values)
        tx.connection.execute(statement)
    _show(tx, changed, dialogs)


def _show(tx: Transaction, rows: Sequence[OwnReaction], dialogs: Mapping[int, DialogKey]) -> None:
    ids = [row.message_id for row in rows]
    statement = select(message.c.id, message.c.own_reaction).where(message.c.id.in_(ids))
    before = {row.id: row.own_reaction for row in tx.connection.execute(statement)}
    now = {row.message_id: _encoded(row) for row in rows}
    news = [row for row in rows if before[row.message_id] != now[row.message_id]]
    if not news:
        return
    first = tx.seq(len(news))
    values = [
        {"id": row.message_id, "seq": seq, "own_reaction": now[row.message_id]}
        for seq, row in enumerate(news, first)
    ]
    delivery_queries.update_messages(tx.connection, values)
    views = delivery_queries.messages_now(tx.connection, [row.message_id for row in news])
    for seq, row in enumerate(news, first):
        scope = scope_of(row.dialog_id, dialogs[row.dialog_id])
        tx.emit(seq, scope, MessageUpdated(message=views[row.message_id]))


def _encoded(row: OwnReaction) -> str | None:
    view = model.shown(row)
    return None if view is None else msgspec.json.encode(view).decode()
