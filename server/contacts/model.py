"""A contact as its page shows it, and how one is found.  Pure."""

from server.entities import ChannelRef, Dialog, Entity
from server.folding import phone_spellings, words


class ContactCard(Entity, frozen=True, kw_only=True):
    id: str
    number: int
    """The permanent record number, shown as #318."""
    name: str
    phone: str | None
    created_at: str


class ConsentView(Entity, frozen=True, kw_only=True):
    """What was last said about marketing."""

    granted: bool
    source: str
    wording: str
    at: str


class IdentityView(Entity, frozen=True, kw_only=True):
    """An address of the contact on one channel."""

    id: str
    channel: ChannelRef
    address: str
    name: str
    reachable: bool
    opted_out: bool
    consent: ConsentView | None


class ContactPage(Entity, frozen=True, kw_only=True):
    contact: ContactCard
    identities: list[IdentityView]
    dialogs: list[Dialog]
    """The newest that the asker may see."""
    seq: str


def contact_folded(name: str, phone: str | None) -> str:
    """What ``contact.folded`` holds: the words of the name, then the number with and without its country code."""
    found = words(name)
    if phone:
        found += phone_spellings(phone)
    return " ".join(found)
