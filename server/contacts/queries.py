"""SQL about contacts and their identities."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from server.clock import rfc3339
from server.contacts.model import ConsentView, ContactCard, IdentityView
from server.db.schema import channel, consent, contact, identity
from server.db.sql import one_of
from server.entities import ChannelRef


def present_of(connection: Connection, contact_id: int) -> int:
    """The contact that this one was merged into, else itself."""
    statement = select(contact.c.merged_into).where(contact.c.id == contact_id)
    return connection.execute(statement).scalar_one_or_none() or contact_id


def card_of(connection: Connection, contact_id: int) -> ContactCard | None:
    row: Any = connection.execute(select(contact).where(contact.c.id == contact_id)).one_or_none()
    if row is None:
        return None
    return ContactCard(
        id=str(row.id), number=row.number, name=row.name, phone=row.phone, created_at=rfc3339(row.created_at)
    )


def identities_of(connection: Connection, contact_id: int, among: Iterable[int]) -> list[IdentityView]:
    """Those of a contact's addresses that are among these identities."""
    statement = (
        select(
            identity.c.id,
            identity.c.address,
            identity.c.name,
            identity.c.reachable,
            identity.c.opted_out,
            channel.c.id.label("channel_id"),
            channel.c.kind,
            channel.c.name.label("channel_name"),
        )
        .join(channel, channel.c.id == identity.c.channel_id)
        .where(identity.c.contact_id == contact_id, one_of(connection, identity.c.id, among))
        .order_by(identity.c.id)
    )
    rows = connection.execute(statement).all()
    consents = _consents(connection, [row.id for row in rows])
    return [
        IdentityView(
            id=str(row.id),
            channel=ChannelRef(id=str(row.channel_id), kind=row.kind, name=row.channel_name),
            address=row.address,
            name=row.name,
            reachable=row.reachable,
            opted_out=row.opted_out,
            consent=consents.get(row.id),
        )
        for row in rows
    ]


def _consents(connection: Connection, identity_ids: Sequence[int]) -> dict[int, ConsentView]:
    """What each identity last said about marketing."""
    newest = (
        select(func.max(consent.c.id))
        .where(consent.c.identity_id.in_(identity_ids), consent.c.purpose == "marketing")
        .group_by(consent.c.identity_id)
    )
    rows: Any = connection.execute(select(consent).where(consent.c.id.in_(newest)))
    return {
        row.identity_id: ConsentView(
            granted=row.granted, source=row.source, wording=row.wording, at=rfc3339(row.at)
        )
        for row in rows
    }
