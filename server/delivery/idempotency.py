"""What is asked for twice under one ``Idempotency-Key`` is done once: a key is one agent's, on one route."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from server.db.schema import idempotency
from server.errors import Invalid
from server.reasons import Reason
from server.unit_of_work import Transaction

_c = idempotency.c


class Key(NamedTuple):
    agent_id: int
    route: str
    key: str


def is_used(connection: Connection, key: Key) -> bool:
    """Whether something was done under this key, whatever it was."""
    return connection.execute(select(_c.result_id).where(_is(key))).one_or_none() is not None


def first_result(connection: Connection, key: Key, body_hash: str, another: Reason) -> int | None:
    """The id of what was made the first time; None: this is the first time.

    Raises Invalid, with ``another`` as its sentence, where something else was asked for under the key.
    """
    row = connection.execute(select(_c.body_hash, _c.result_id).where(_is(key))).one_or_none()
    if row is None:
        return None
    if row.body_hash != body_hash:
        raise Invalid(another, field="Idempotency-Key")
    found: int = row.result_id
    return found


def use(tx: Transaction, key: Key, body_hash: str, result_id: int) -> None:
    """Keep what this transaction makes under the key."""
    values = {**key._asdict(), "body_hash": body_hash, "result_id": result_id, "created_at": tx.now_ms}
    tx.connection.execute(insert(idempotency).values(**values))


def forget(connection: Connection, before_ms: int) -> None:
    """Delete the keys used before."""
    connection.execute(delete(idempotency).where(_c.created_at < before_ms))


def _is(key: Key) -> ColumnElement[bool]:
    return and_(_c.agent_id == key.agent_id, _c.route == key.route, _c.key == key.key)
