"""SQL about parked receipts: they wait until the id they name is recorded, or until the attempt they are about ends."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, insert, select

from server.db.schema import delivery, delivery_part, receipt
from server.entities import DeliveryState


class Parked(NamedTuple):
    """A receipt that waits for its delivery's id or end."""

    id: int
    external_id: str
    state: DeliveryState
    failure: str | None
    at: int


def park(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(receipt), list(rows))


def parked(connection: Connection, channel_id: int, keys: Iterable[str]) -> list[Parked]:
    c = receipt.c
    statement = select(c.id, c.external_id, c.state, c.failure, c.at).where(
        c.channel_id == channel_id, c.external_id.in_(list(keys))
    )
    return [Parked(*row) for row in connection.execute(statement.order_by(c.id))]


def unpark(connection: Connection, ids: Sequence[int]) -> None:
    if ids:
        connection.execute(delete(receipt).where(receipt.c.id.in_(ids)))


def parked_of_known(connection: Connection, first_id: int, limit: int) -> dict[int, int]:
    """Deliveries that have a receipt parked since ``first_id`` for an id of theirs: delivery → dialog.

    Two transactions, one recording the id and one parking its receipt, may have missed each other.
    """
    p = delivery_part.c
    statement = (
        select(delivery.c.id, delivery.c.dialog_id)
        .join(delivery_part, p.delivery_id == delivery.c.id)
        .join(receipt, and_(receipt.c.channel_id == p.channel_id, receipt.c.external_id == p.external_id))
        .where(receipt.c.id >= first_id)
        .limit(limit)
    )
    return {row.id: row.dialog_id for row in connection.execute(statement)}


def watermark_key(identity_id: int) -> str:
    """Under which a watermark waits for a peer's deliveries that have not ended."""
    return f"watermark:{identity_id}"


def prune_parked(connection: Connection, before: int) -> None:
    connection.execute(delete(receipt).where(receipt.c.created_at < before))
