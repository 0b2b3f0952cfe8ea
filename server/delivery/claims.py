"""SQL about claiming: what may be sent now, what it holds, and whose sender vanished."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Integer, and_, bindparam, not_, or_, select, text

from server.db.prepared import Query, among
from server.db.schema import attachment, channel, delivery, dialog, identity, message
from server.delivery.queries import DELIVERY, Delivery

# Spelled out, as SQLite uses a partial index only for a condition that repeats the index's own.
_WAITING = text("delivery.state IN ('queued', 'sending')")
_EARLIER_WAITING = text("earlier.state IN ('queued', 'sending')")


def _may_go() -> ColumnElement[bool]:
    """Queued, due, and nothing earlier of the same identity still on its way."""
    earlier = delivery.alias("earlier")
    blocking = (
        select(earlier.c.id)
        .where(earlier.c.identity_id == delivery.c.identity_id, _EARLIER_WAITING)
        .where(or_(earlier.c.state == "sending", earlier.c.id < delivery.c.id))
    )
    is_due = delivery.c.next_attempt_at <= bindparam("now", type_=delivery.c.next_attempt_at.type)
    return and_(_WAITING, delivery.c.state == "queued", is_due, ~blocking.exists())


_CHANNEL = bindparam("channel_id", type_=delivery.c.channel_id.type)
_WAITS = (
    select(delivery.c.id, delivery.c.dialog_id)
    .where(delivery.c.channel_id == _CHANNEL, _may_go())
    .order_by(delivery.c.id)
    .limit(bindparam("count", type_=Integer))
)
_RESTING = select(identity.c.id).where(
    identity.c.channel_id == _CHANNEL, among(identity.c.address, "resting")
)
# Asked by every channel every second, even when nothing happens.
_CANDIDATES = Query(_WAITS)
_CANDIDATES_BUT = Query(_WAITS.where(delivery.c.identity_id.not_in(_RESTING)))
_STILL = Query(DELIVERY.where(among(delivery.c.id, "ids"), _may_go()).order_by(delivery.c.id))


def candidates(
    connection: Connection, channel_id: int, now: int, limit: int, resting: Sequence[str] = ()
) -> dict[int, int]:
    """Deliveries that may be sent now, oldest first: delivery → dialog.  Nothing is locked yet.

    None to the addresses in ``resting``.
    """
    values = {"channel_id": channel_id, "now": now, "count": limit}
    found = (
        _CANDIDATES_BUT.rows(connection, **values, resting=resting)
        if resting
        else _CANDIDATES.rows(connection, **values)
    )
    return {row["id"]: row["dialog_id"] for row in found}


def still_may_go(connection: Connection, ids: Iterable[int], now: int) -> list[Delivery]:
    """Those of the candidates that may be sent now that their dialogs are locked."""
    return [Delivery(**row) for row in _STILL.rows(connection, ids=ids, now=now)]


def expired(connection: Connection, now: int, limit: int) -> dict[int, int]:
    """Deliveries whose sender vanished: delivery → dialog."""
    statement = (
        select(delivery.c.id, delivery.c.dialog_id)
        .where(_WAITING, delivery.c.state == "sending", delivery.c.lease_until < now)
        .order_by(delivery.c.id)
        .limit(limit)
    )
    return {row.id: row.dialog_id for row in connection.execute(statement)}


def lease_expired(connection: Connection, ids: Iterable[int], now: int) -> list[Delivery]:
    statement = DELIVERY.where(
        delivery.c.id.in_(list(ids)), delivery.c.state == "sending", delivery.c.lease_until < now
    ).order_by(delivery.c.id)
    return [Delivery(**row._mapping) for row in connection.execute(statement)]


def of_numbers_off(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those on numbers for which SMS was switched off meanwhile."""
    statement = (
        select(delivery.c.id)
        .join(channel, channel.c.id == delivery.c.channel_id)
        .where(delivery.c.id.in_(ids), not_(channel.c.sms_on))
    )
    return set(connection.execute(statement).scalars())


def without_consent(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those that are no answers, to contacts who opted out."""
    statement = (
        select(delivery.c.id)
        .join(message, message.c.id == delivery.c.message_id)
        .join(identity, identity.c.id == delivery.c.identity_id)
        .where(delivery.c.id.in_(ids), message.c.purpose != "service", identity.c.opted_out)
    )
    return set(connection.execute(statement).scalars())


class ToSend(NamedTuple):
    delivery_id: int
    address: str
    text: str
    reply_to: str | None
    origin: str
    last_inbound_at: int | None
    quick_replies: str | None
    """JSON of :class:`connectors.contract.QuickReply`."""
    link_buttons: str | None
    """JSON of :class:`connectors.contract.LinkButton`."""
    template: str | None
    """JSON of :class:`connectors.templates.FilledTemplate`."""


def contents(connection: Connection, delivery_ids: Sequence[int]) -> dict[int, ToSend]:
    """What each delivery sends, and where to."""
    replied = message.alias("replied")
    statement = (
        select(
            delivery.c.id,
            identity.c.address,
            message.c.text,
            replied.c.external_id,
            message.c.origin,
            dialog.c.last_inbound_at,
            message.c.quick_replies,
            message.c.link_buttons,
            message.c.template,
        )
        .join(dialog, dialog.c.id == delivery.c.dialog_id)
        .join(identity, identity.c.id == delivery.c.identity_id)
        .join(message, message.c.id == delivery.c.message_id)
        .outerjoin(replied, replied.c.id == message.c.reply_to)
        .where(delivery.c.id.in_(delivery_ids))
    )
    return {row.id: ToSend(*row) for row in connection.execute(statement)}


def files_of(connection: Connection, message_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """Message → rows of its files, in order; a place has no bytes."""
    c = attachment.c
    statement = (
        select(c.message_id, c.id, c.kind, c.name, c.mime, c.size, c.sha256)
        .where(c.message_id.in_(message_ids), c.sha256.is_not(None), c.version_id.is_(None))
        .order_by(c.message_id, c.position)
    )
    found: dict[int, list[dict[str, Any]]] = {}
    for row in connection.execute(statement).mappings():
        found.setdefault(row["message_id"], []).append(dict(row))
    return found
