"""A contact by an address that somebody of ours typed: found, or made."""

from typing import NamedTuple

from sqlalchemy import delete, insert, select

from server.contacts.model import contact_folded
from server.db.schema import contact, identity
from server.db.sql import insert_ignoring
from server.unit_of_work import Transaction


class Found(NamedTuple):
    identity_id: int
    contact_id: int
    name: str
    reachable: bool
    opted_out: bool


def find_or_add(tx: Transaction, channel_id: int, address: str, *, phone: str | None) -> Found:
    """The identity of this address on this channel, locked; a new one gets a contact of its own.

    Its lock is the one that intake takes too: two who begin with the same person at once come one after the other.
    """
    found = _locked(tx, channel_id, address)
    if found is None:
        _add(tx, channel_id, address, phone)
        found = _locked(tx, channel_id, address)
    if found is None:  # it was made by this transaction, or by one that has committed
        raise RuntimeError("an identity that was just made is not there")
    return found


def _locked(tx: Transaction, channel_id: int, address: str) -> Found | None:
    c = identity.c
    here = c.channel_id == channel_id, c.address == address
    # Locked by a statement of its own: one that waited for a lock and joins would see the other tables as before.
    tx.connection.execute(select(c.id).where(*here).with_for_update(key_share=True))
    statement = (
        select(c.id, c.contact_id, contact.c.name, c.reachable, c.opted_out)
        .join(contact, contact.c.id == c.contact_id)
        .where(*here)
    )
    row = tx.connection.execute(statement).one_or_none()
    return None if row is None else Found(*row)


def _add(tx: Transaction, channel_id: int, address: str, phone: str | None) -> None:
    contact_id = tx.ids.new()
    tx.connection.execute(
        insert(contact).values(
            id=contact_id,
            number=tx.number("contact"),
            name="",
            phone=phone,
            folded=contact_folded("", phone),
            created_at=tx.now_ms,
            seq=0,
        )
    )
    values = {
        "id": tx.ids.new(),
        "contact_id": contact_id,
        "channel_id": channel_id,
        "address": address,
        "created_at": tx.now_ms,
    }
    if not insert_ignoring(tx.connection, identity, [values], identity.c.id):
        tx.connection.execute(delete(contact).where(contact.c.id == contact_id))  # another was first
