"""What all items of one change share: the number they belong to and the people they name."""

import msgspec

from connectors import numbers, wire
from connectors.contract import Peer
from connectors.errors import BadPayload
from connectors.whatsapp import payloads


class Skip(Exception):
    """Understood, and nothing for us."""


class Frame:
    """One change of a conversation."""

    def __init__(self, value: payloads.Value, *, standby: bool) -> None:
        number = wire.text_id(value.metadata.phone_number_id) if value.metadata else None
        self.accounts = (number,) if number else ()
        self.standby = standby
        self._contacts = value.contacts or []

    def peer(self, number: wire.Id, user_id: wire.Id = None) -> Peer:
        """The person: by the WhatsApp id, or by the business-scoped one where WhatsApp hides the number.

        Since 2026 ``from`` and ``wa_id`` may hold a business-scoped id or be missing, so neither is taken for a
        telephone number unless it looks like one.
        """
        contact = self._contact(wire.text_id(number), wire.text_id(user_id))
        candidates = (number, user_id, contact.wa_id, contact.user_id)
        found = next((text for each in candidates if (text := wire.text_id(each))), None)
        if found is None:
            raise BadPayload("nobody is named")
        profile = contact.profile or payloads.Profile()
        return Peer(
            id=found, name=profile.name or profile.username or None, phone=numbers.from_whatsapp(found)
        )

    def _contact(self, *ids: str | None) -> payloads.Contact:
        """The person's entry.  A single one is theirs anyway: ``from`` and ``wa_id`` differ in some countries."""
        for contact in self._contacts:
            own = {wire.text_id(contact.wa_id), wire.text_id(contact.user_id)} - {None}
            if not own.isdisjoint(ids):
                return contact
        return self._contacts[0] if len(self._contacts) == 1 else payloads.Contact()


def seconds(value: wire.Number) -> int | None:
    """WhatsApp's times are seconds, mostly quoted."""
    return wire.as_ms(value, seconds=True)


def fallback_key(raw: msgspec.Raw) -> str:
    """For what has no id of its own: WhatsApp repeats a webhook with the same bytes."""
    return wire.fingerprint(bytes(raw))
