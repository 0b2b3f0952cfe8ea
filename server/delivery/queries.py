"""SQL about deliveries.  Whoever changes a delivery holds the lock of its dialog's row."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    Connection,
    Select,
    Table,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

from connectors.contract import mark_of, reference_of
from server.db.schema import (
    attachment,
    channel,
    delivery,
    delivery_part,
    delivery_state,
    dialog,
    identity,
    message,
)
from server.delivery.model import PartState, Progress, Shown
from server.dialogs.queries import message_views
from server.entities import DeliveryState, Message

_CHUNK = 500
# Spelled out, as SQLite uses a partial index only for a condition that repeats the index's own.
_OPEN = text("delivery.state IN ('sending', 'unknown')")
_NOT_CLOSED = text("dialog.status != 'closed'")
_LATELY = 50
"""How many open deliveries to somebody are looked at for one that a short form of our mark may mean."""


class Delivery(msgspec.Struct, kw_only=True):
    """A row of ``delivery`` with the time of its message."""

    id: int
    message_id: int
    dialog_id: int
    identity_id: int
    channel_id: int
    state: DeliveryState
    attempt: int
    """Number of the last one, which names its results: it never comes again, also when nothing was sent."""
    tries: int
    """How many were in vain since one got on; those that were stopped before they began are not among them."""
    tracker: str
    next_attempt_at: int
    failure: str | None
    sent_at: int | None
    delivered_at: int | None
    read_at: int | None
    failed_at: int | None
    parts: int | None
    """How many its message is made of; None: not known yet, or no more than one."""
    message_at: int


class DialogKey(NamedTuple):
    """What an event about a dialog must know of it."""

    channel_id: int
    assignee_id: int | None


_FIELDS = [delivery.c[name] for name in Delivery.__struct_fields__ if name != "message_at"]
DELIVERY: Select[Any] = select(*_FIELDS, message.c.at.label("message_at")).join(
    message, message.c.id == delivery.c.message_id
)
"""Rows for :class:`Delivery`."""


# ------------------------------------------------------------------------------------------ reading


def lock_dialogs(
    connection: Connection, ids: Iterable[int], *, skip_locked: bool = False
) -> dict[int, DialogKey]:
    """Lock dialogs in the order in which everybody locks them."""
    wanted = sorted(set(ids))
    found: dict[int, DialogKey] = {}
    for start in range(0, len(wanted), _CHUNK):
        statement = (
            select(dialog.c.id, dialog.c.channel_id, dialog.c.assignee_id)
            .where(dialog.c.id.in_(wanted[start : start + _CHUNK]))
            .order_by(dialog.c.id)
            .with_for_update(of=dialog, key_share=True, skip_locked=skip_locked)
        )
        for row in connection.execute(statement):
            found[row.id] = DialogKey(row.channel_id, row.assignee_id)
    return found


def dialogs_of(connection: Connection, delivery_ids: Iterable[int]) -> dict[int, int]:
    """Delivery → dialog, which never changes."""
    statement = select(delivery.c.id, delivery.c.dialog_id).where(delivery.c.id.in_(list(delivery_ids)))
    return {row.id: row.dialog_id for row in connection.execute(statement)}


def deliveries_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Delivery]:
    statement = DELIVERY.where(delivery.c.id.in_(list(ids)))
    return {row.id: Delivery(**row._mapping) for row in connection.execute(statement)}


def deliveries_of_message(connection: Connection, message_id: int) -> list[Delivery]:
    statement = DELIVERY.where(delivery.c.message_id == message_id).order_by(delivery.c.id)
    return [Delivery(**row._mapping) for row in connection.execute(statement)]


def is_template(connection: Connection, message_id: int) -> bool:
    """Whether the message is a filled template."""
    statement = select(message.c.template.is_not(None)).where(message.c.id == message_id)
    return bool(connection.execute(statement).scalar_one())


def progress_of_messages(connection: Connection, message_ids: Sequence[int]) -> dict[int, list[Progress]]:
    """Message → how far its deliveries got, oldest first."""
    d, p = delivery.c, delivery_part.c
    statement = (
        select(d.message_id, d.id, d.state, d.failure, d.parts)
        .add_columns(
            p.number, p.kind, p.state.label("part_state"), p.failure.label("part_failure"), p.sent_at
        )
        .outerjoin(delivery_part, p.delivery_id == d.id)
        .where(d.message_id.in_(message_ids))
        .order_by(d.id, p.number)
    )
    found: dict[int, dict[int, Progress]] = {}
    for row in connection.execute(statement):
        deliveries = found.setdefault(row.message_id, {})
        if row.id not in deliveries:
            deliveries[row.id] = Progress(id=row.id, state=row.state, failure=row.failure, count=row.parts)
        if row.number is not None:
            deliveries[row.id].parts[row.number] = PartState(
                row.part_state, row.kind, row.part_failure, row.sent_at is not None
            )
    return {message_id: list(deliveries.values()) for message_id, deliveries in found.items()}


def shown(connection: Connection, message_ids: Sequence[int]) -> dict[int, Shown]:
    """Message → what people see now."""
    c = message.c
    statement = select(c.id, c.state, c.failure, c.parts).where(c.id.in_(message_ids))
    return {row.id: Shown(row.state, row.failure, row.parts) for row in connection.execute(statement)}


def messages_now(connection: Connection, message_ids: Sequence[int]) -> dict[int, Message]:
    """Messages as this transaction left them."""
    rows = connection.execute(select(message).where(message.c.id.in_(message_ids))).mappings().all()
    return {int(view.id): view for view in message_views(connection, rows)}


def by_trackers(connection: Connection, channel_id: int, trackers: Iterable[str]) -> dict[str, int]:
    """Our mark → delivery."""
    statement = select(delivery.c.tracker, delivery.c.id).where(
        delivery.c.channel_id == channel_id, delivery.c.tracker.in_(list(trackers))
    )
    return {row.tracker: row.id for row in connection.execute(statement)}


def by_references(
    connection: Connection, channel_id: int, given: Collection[tuple[str, str]]
) -> dict[tuple[str, str], tuple[int, int]]:
    """A person and a short form of our mark → delivery and part, of the last ones to them whose end is not known."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    people = identities_by_address(connection, channel_id, {address for address, _ in given}) if given else {}
    c = delivery.c
    for address, identity_id in people.items():
        statement = select(c.id, c.tracker, c.parts).where(c.identity_id == identity_id, _OPEN)
        for row in connection.execute(statement.order_by(c.id.desc()).limit(_LATELY)):
            for number in range(1, (row.parts or 1) + 1):
                key = address, reference_of(mark_of(row.tracker, number))
                if key in given:
                    found.setdefault(key, (row.id, number))
    return found


def identities_by_address(
    connection: Connection, channel_id: int, addresses: Iterable[str]
) -> dict[str, int]:
    statement = select(identity.c.address, identity.c.id).where(
        identity.c.channel_id == channel_id, identity.c.address.in_(list(addresses))
    )
    return {row.address: row.id for row in connection.execute(statement)}


def open_up_to(connection: Connection, identity_id: int, watermark: int) -> bool:
    """Whether a message written up to ``watermark`` may yet turn out to be accepted."""
    statement = (
        select(delivery.c.id)
        .join(message, message.c.id == delivery.c.message_id)
        .where(delivery.c.identity_id == identity_id, _OPEN, message.c.at <= watermark)
        .limit(1)
    )
    return connection.execute(statement).first() is not None


def has_later(connection: Connection, identity_id: int, delivery_id: int) -> bool:
    """Whether anything was written to this person after that delivery."""
    c = delivery.c
    statement = select(c.id).where(c.identity_id == identity_id, c.id > delivery_id).limit(1)
    return connection.execute(statement).first() is not None


def dialogs_of_identities(connection: Connection, identity_ids: Iterable[int]) -> dict[int, int]:
    """Identity → its dialog that is not closed, else its newest."""
    c, wanted = dialog.c, list(identity_ids)
    newest = select(c.identity_id, func.max(c.id).label("id")).where(c.identity_id.in_(wanted))
    opened = select(c.identity_id, c.id).where(c.identity_id.in_(wanted), _NOT_CLOSED)
    return {
        row.identity_id: row.id
        for statement in (newest.group_by(c.identity_id), opened)
        for row in connection.execute(statement)
    }


# ------------------------------------------------------------------------------------------ writing


def insert_message(
    connection: Connection, values: Mapping[str, Any], attachments: Sequence[Mapping[str, Any]] = ()
) -> None:
    connection.execute(insert(message).values(**values))
    if attachments:
        connection.execute(insert(attachment), list(attachments))


def set_count(connection: Connection, delivery_id: int, count: int) -> None:
    """How many parts its message is made of."""
    connection.execute(update(delivery).where(delivery.c.id == delivery_id).values(parts=count))


def insert_delivery(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(delivery).values(**values))


def update_deliveries(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with ``id`` and the same columns to set in each."""
    _update_each(connection, delivery, rows)


def update_messages(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """The same for ``message``."""
    _update_each(connection, message, rows)


def _update_each(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    names = [name for name in rows[0] if name != "id"]
    statement = (
        update(table)
        .where(table.c.id == bindparam("of_id"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    connection.execute(statement, [_renamed(row) for row in rows])


def _renamed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"of_id" if name == "id" else f"new_{name}": value for name, value in row.items()}


def add_history(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insert(delivery_state), list(rows))


def set_external_ids(connection: Connection, ids: Mapping[int, str]) -> None:
    """Give messages the provider's id by which replies and reactions will name them: message → id."""
    if not ids:
        return
    statement = (
        update(message)
        .where(message.c.id == bindparam("of_id"), message.c.external_id.is_(None))
        .values(external_id=bindparam("new_id"))
    )
    connection.execute(statement, [{"of_id": id_, "new_id": external} for id_, external in ids.items()])


def poll_cursor(connection: Connection, channel_id: int) -> str | None:
    found: str | None = connection.execute(
        select(channel.c.poll_cursor).where(channel.c.id == channel_id)
    ).scalar_one_or_none()
    return found
