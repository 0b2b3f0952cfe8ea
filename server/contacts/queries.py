"""SQL about contacts and their identities."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from server.clock import rfc3339
from server.contacts.model import ContactCard, IdentityView
from server.contacts.names import contact_folded
from server.db.schema import channel, contact, identity
from server.db.sql import one_of
from server.entities import ChannelRef

__all__ = ["card_of", "contact_folded", "identities_of"]


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
            channel.c.id.label("channel_id"),
            channel.c.kind,
            channel.c.name.label("channel_name"),
        )
        .join(channel, channel.c.id == identity.c.channel_id)
        .where(identity.c.contact_id == contact_id, one_of(connection, identity.c.id, among))
        .order_by(identity.c.id)
    )
    return [
        IdentityView(
            id=str(row.id),
            channel=ChannelRef(id=str(row.channel_id), kind=row.kind, name=row.channel_name),
            address=row.address,
            name=row.name,
        )
        for row in connection.execute(statement)
    ]
