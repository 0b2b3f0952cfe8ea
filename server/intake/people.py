"""Contacts and identities of a batch: found or made, in set-oriented SQL, rows locked in one order."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, delete, insert, select, update

from connectors.contract import Peer
from server.bus.base import Topic
from server.contacts.model import contact_folded
from server.db.prepared import Query, among
from server.db.schema import channel, contact, identity
from server.db.sql import insert_ignoring
from server.unit_of_work import Transaction

_NAME_LENGTH = 300
_SHORT = 20
_ADDRESS_LENGTH = 255
_PICTURE_AFTER_MS = 60_000
"""A name is asked for at once; who has one is only asked for a picture, which can wait until the rush is over."""


# The columns are the fields of Person, in their order.
_FIND = Query(
    select(
        identity.c.id,
        identity.c.contact_id,
        contact.c.number,
        contact.c.name,
        identity.c.name,
        identity.c.address,
        contact.c.phone,
        identity.c.reachable,
        identity.c.opted_out,
        identity.c.picture,
        channel.c.kind,
        channel.c.name,
        channel.c.reopen_within_hours,
        channel.c.reply_window_hours,
    )
    .join(channel, channel.c.id == identity.c.channel_id)
    .join(contact, contact.c.id == identity.c.contact_id)
    .where(identity.c.channel_id == bindparam("channel_id"), among(identity.c.address, "addresses"))
)
# Locked by a statement of its own: one that waited for a lock and joins would see the other tables as they were before.
_LOCK = Query(
    select(identity.c.id)
    .where(identity.c.channel_id == bindparam("channel_id"), among(identity.c.address, "addresses"))
    .order_by(identity.c.id)
    .with_for_update(key_share=True)
)


class Address(NamedTuple):
    """What makes an identity unique."""

    channel_id: int
    address: str


class Person(msgspec.Struct):
    """An identity with its contact and its channel, as intake needs it."""

    identity_id: int
    contact_id: int
    contact_number: int
    contact_name: str
    identity_name: str
    address: str
    phone: str | None
    reachable: bool
    opted_out: bool
    picture: str | None
    channel_kind: str
    channel_name: str
    reopen_within_hours: int | None
    """Of the channel; None: as everywhere."""
    reply_window_hours: int | None
    renamed: bool = False
    """The contact has another name by this batch, which stands in all its dialogs."""


def address_of(channel_id: int, peer: Peer) -> Address:
    return Address(channel_id, peer.id[:_ADDRESS_LENGTH])


def find_or_make(
    tx: Transaction, peers: dict[Address, Peer], only_known: Collection[Address] = ()
) -> dict[Address, Person]:
    """The people behind these peers; new ones get a contact of their own.  Their rows are locked.

    ``only_known``: others, who are there too if they are known already.
    """
    people = _find(tx, {*peers, *only_known} if only_known else peers)
    missing = sorted(peers.keys() - people.keys())
    if missing:
        _make(tx, missing, peers)
        people |= _find(tx, missing)
    for address, person in people.items():
        if address in peers:
            _update(tx, person, peers[address])
    return people


def _find(tx: Transaction, addresses: Iterable[Address]) -> dict[Address, Person]:
    by_channel: dict[int, list[str]] = {}
    for channel_id, address in addresses:
        by_channel.setdefault(channel_id, []).append(address)
    found: dict[Address, Person] = {}
    for channel_id in sorted(by_channel):
        wanted = {"channel_id": channel_id, "addresses": by_channel[channel_id]}
        if tx.connection.dialect.name == "postgresql":  # SQLite has locked everything
            _LOCK.tuples(tx.connection, **wanted)
        for row in _FIND.tuples(tx.connection, **wanted):
            person = Person(*row)
            found[Address(channel_id, person.address)] = person
    return found


def _make(tx: Transaction, addresses: list[Address], peers: dict[Address, Peer]) -> None:
    number = tx.number("contact", len(addresses))
    contacts: list[dict[str, Any]] = []
    identities: list[dict[str, Any]] = []
    for offset, address in enumerate(addresses):
        peer = peers[address]
        name = (peer.name or "")[:_NAME_LENGTH]
        called = name or (peer.said_name or "")[:_NAME_LENGTH]
        phone = _phone_of(peer)
        contact_id = tx.ids.new()
        contacts.append(
            {
                "id": contact_id,
                "number": number + offset,
                "name": called,
                "phone": phone,
                "language": peer.language[:_SHORT] if peer.language else None,
                "folded": contact_folded(called, phone),
                "created_at": tx.now_ms,
                "seq": 0,
            }
        )
        identities.append(
            {
                "id": tx.ids.new(),
                "contact_id": contact_id,
                "channel_id": address.channel_id,
                "address": address.address,
                "name": name,
                "profile_due_at": tx.now_ms + (_PICTURE_AFTER_MS if name else 0),
                "created_at": tx.now_ms,
            }
        )
        if not name:
            tx.wake(Topic.MEDIA)
    tx.connection.execute(insert(contact), contacts)
    made = {
        row.contact_id for row in insert_ignoring(tx.connection, identity, identities, identity.c.contact_id)
    }
    # Another process was first for these: its contact is the one.
    orphans = [c["id"] for c in contacts if c["id"] not in made]
    if orphans:
        tx.connection.execute(delete(contact).where(contact.c.id.in_(orphans)))


def _update(tx: Transaction, person: Person, peer: Peer) -> None:
    """Take over a changed name, unless an agent gave the contact another one; and a number that is surely theirs.

    What anybody may have said they are called only fills a gap: nobody renames a contact by a form.
    """
    name = (peer.name or "")[:_NAME_LENGTH]
    said = (peer.said_name or "")[:_NAME_LENGTH]
    phone = _phone_of(peer) or person.phone
    renamed = bool(name) and name != person.identity_name
    fills = not name and not person.contact_name and bool(said)
    if not renamed and not fills and phone == person.phone:
        return
    if fills:
        person.contact_name = said
        person.renamed = True
    if renamed:
        tx.connection.execute(update(identity).where(identity.c.id == person.identity_id).values(name=name))
        if person.contact_name in ("", person.identity_name):
            person.contact_name = name
            person.renamed = True
        person.identity_name = name
    person.phone = phone
    tx.connection.execute(
        update(contact)
        .where(contact.c.id == person.contact_id)
        .values(name=person.contact_name, phone=phone, folded=contact_folded(person.contact_name, phone))
    )


def _phone_of(peer: Peer) -> str | None:
    """The number that is surely theirs; what is too long to be one is none."""
    return peer.phone if peer.phone and len(peer.phone) <= _SHORT else None
