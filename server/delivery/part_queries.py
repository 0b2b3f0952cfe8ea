"""SQL about the parts of deliveries."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, or_, select, text
from sqlalchemy import insert as insert_into
from sqlalchemy import update as update_of

from server.db.schema import delivery, delivery_part, message
from server.entities import DeliveryState


class Part(msgspec.Struct, kw_only=True):
    """A row of ``delivery_part``."""

    delivery_id: int
    number: int
    channel_id: int
    identity_id: int
    kind: str | None = None
    external_id: str | None = None
    state: DeliveryState
    failure: str | None = None
    begun_at: int | None = None
    sent_at: int | None = None
    delivered_at: int | None = None
    read_at: int | None = None
    failed_at: int | None = None


_FIELDS = [delivery_part.c[name] for name in Part.__struct_fields__]
_FIXED = ("delivery_id", "number", "channel_id", "identity_id")
# Spelled out, as SQLite uses a partial index only for a condition that repeats the index's own.
_UNREAD = text("delivery_part.sent_at IS NOT NULL AND delivery_part.state <> 'read'")


def parts_of(connection: Connection, delivery_ids: Iterable[int]) -> list[Part]:
    c = delivery_part.c
    statement = select(*_FIELDS).where(c.delivery_id.in_(list(delivery_ids)))
    return [Part(**row._mapping) for row in connection.execute(statement)]


def by_external_ids(
    connection: Connection, channel_id: int, external_ids: Iterable[str]
) -> dict[str, tuple[int, int]]:
    """The provider's id → delivery and number of its part; the newest one, should an id recur."""
    c = delivery_part.c
    statement = select(c.external_id, c.delivery_id, c.number).where(
        c.channel_id == channel_id, c.external_id.in_(list(external_ids))
    )
    found = connection.execute(statement.order_by(c.delivery_id))
    return {row.external_id: (row.delivery_id, row.number) for row in found}


def accepted_up_to(
    connection: Connection, identity_id: int, watermark: int, states: Sequence[str]
) -> list[tuple[int, int]]:
    """Delivery and number of the parts in these states (not ``read``) that the provider had accepted, and whose messages
    were written up to then.  What is further already is not looked at, however much of it there is.
    """
    c = delivery_part.c
    statement = (
        select(c.delivery_id, c.number)
        .join(delivery, delivery.c.id == c.delivery_id)
        .join(message, message.c.id == delivery.c.message_id)
        .where(c.identity_id == identity_id, c.state.in_(states), _UNREAD, message.c.at <= watermark)
        .where(or_(c.begun_at.is_(None), c.begun_at <= watermark))
    )
    return [(row.delivery_id, row.number) for row in connection.execute(statement)]


def dialogs_of_unread(connection: Connection, identity_ids: Iterable[int]) -> set[int]:
    """The dialogs of what these identities were sent and have not read."""
    c = delivery_part.c
    statement = (
        select(delivery.c.dialog_id)
        .join(delivery_part, c.delivery_id == delivery.c.id)
        .where(c.identity_id.in_(list(identity_ids)), _UNREAD)
    )
    return set(connection.execute(statement).scalars())


def insert(connection: Connection, parts: Sequence[Part]) -> None:
    if parts:
        connection.execute(insert_into(delivery_part), [msgspec.structs.asdict(part) for part in parts])


def update(connection: Connection, parts: Sequence[Part]) -> None:
    if not parts:
        return
    c = delivery_part.c
    names = [name for name in Part.__struct_fields__ if name not in _FIXED]
    statement = (
        update_of(delivery_part)
        .where(c.delivery_id == bindparam("of_id"), c.number == bindparam("of_number"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    connection.execute(statement, [_values(part, names) for part in parts])


def _values(part: Part, names: Sequence[str]) -> dict[str, Any]:
    values: dict[str, Any] = {f"new_{name}": getattr(part, name) for name in names}
    return values | {"of_id": part.delivery_id, "of_number": part.number}
