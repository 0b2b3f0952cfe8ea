"""What comes for a number on which SMS is off: kept as it came for administrators, and no dialog is made of it.

Decided before it is stored, by what this process knows of the channel: at most a second behind the database.
"""

from typing import Final, Protocol

import msgspec

from connectors.contract import Consent, InboundMessage, Part, Unknown
from server.intake.keys import Entry
from server.intake.keywords import Keywords

NUMBER_OFF: Final = "number_off"
"""Why it is in quarantine."""


class Switches(Protocol):
    """What is needed of ``server.channels.opened.OpenedChannels``."""

    async def known(self, channel_id: int) -> object: ...

    def is_off(self, channel_id: int) -> bool: ...


class Aside:
    def __init__(self, switches: Switches, keywords: Keywords) -> None:
        self._switches = switches
        self._keywords = keywords

    async def look(self, channel_id: int) -> None:
        """Learn how the channel is now; a webhook's was looked up by its door.  Raises Unavailable."""
        await self._switches.known(channel_id)

    def sorted(self, entries: list[Entry], raw: bytes) -> tuple[list[Entry], bytes]:
        """The entries with those messages set aside, and what is kept of them: the call as it came; where that is no
        text (a PDU), or of several things no one's, what we read in it.

        A word that withdraws consent counts all the same, and so does every report: they make no dialog.
        """
        named = {entry.channel_id for entry in entries}
        off = {channel_id for channel_id in named if self._switches.is_off(channel_id)}
        if not off:
            return entries, raw
        found: list[Entry] = []
        messages: list[InboundMessage | Part] = []
        for entry in entries:
            item = entry.item
            if entry.channel_id not in off or not isinstance(item, InboundMessage | Part):
                found.append(entry)
                continue
            messages.append(item)
            found.append(Entry(entry.channel_id, Unknown(key=item.key, why=NUMBER_OFF)))
            if (consent := self._consent(item)) is not None:
                found.append(Entry(entry.channel_id, consent))
        return found, raw if not messages or _is_text(raw) else msgspec.json.encode(messages)

    def _consent(self, item: InboundMessage | Part) -> Consent | None:
        granted = self._keywords.decision(item.text) if isinstance(item, InboundMessage) else None
        if granted is None:
            return None
        return Consent(
            key=item.key,
            at_ms=item.at_ms,
            peer=item.peer,
            granted=granted,
            source="keyword",
            wording=item.text,
        )


def _is_text(raw: bytes) -> bool:
    try:
        return bool(raw) and "\0" not in raw.decode()
    except UnicodeDecodeError:
        return False
