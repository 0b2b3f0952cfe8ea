"""The frame that every Messenger item has: who, to whom, when, on which page."""

from connectors import wire
from connectors.contract import Peer
from connectors.messenger import payloads


class Skip(Exception):
    """Understood, and nothing for us."""


class Event:
    """One item with its frame: who, to whom, when."""

    def __init__(
        self,
        frame: payloads.Frame,
        page: str | None,
        entry_time: wire.Number,
        *,
        standby: bool,
        own_app: str | None = None,
    ) -> None:
        self.standby = standby
        self.own_app = own_app
        self.page = page
        self.sender = wire.text_id(frame.sender.id) if frame.sender else None
        self.recipient = wire.text_id(frame.recipient.id) if frame.recipient else None
        self.timestamp = frame.timestamp
        self.at_ms = ms(self.timestamp if self.timestamp is not None else entry_time)

    @property
    def from_page(self) -> bool:
        return self.sender is not None and self.sender == self.page and self.recipient != self.page

    def _outwards(self, outgoing: bool) -> bool:
        """Whether the recipient is the person.  ``outgoing`` says so, but the page itself is nobody's customer."""
        to_page = self.sender is not None and self.recipient == self.page and self.page is not None
        return self.from_page or (outgoing and not to_page)

    def peer(self, *, outgoing: bool = False) -> Peer:
        """The person: who sent it, unless the page did."""
        peer_id = self.recipient if self._outwards(outgoing) else self.sender
        if peer_id is None:
            raise Skip("no PSID")
        return Peer(id=peer_id)

    def accounts(self, *, outgoing: bool = False) -> tuple[str, ...]:
        """Candidates for the page: they differ in some real entries."""
        return pages(self.page, self.sender if self._outwards(outgoing) else self.recipient)

    def key(self, kind: str, *parts: object) -> str:
        return wire.fingerprint(kind, self.sender, self.recipient, self.at_ms, *parts)


def pages(*candidates: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(candidate for candidate in candidates if candidate))


def ms(value: wire.Number) -> int | None:
    """Milliseconds; some fixtures hold ten digits, which are seconds."""
    number = wire.as_int(value)
    return wire.as_ms(value, seconds=number is not None and number < 10**11)
