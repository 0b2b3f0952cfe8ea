"""Whether channels work, noted in passing and written now and then: never a write per message."""

import asyncio
from typing import Final

import msgspec

from connectors.errors import Failure
from server.channels.model import clean_error, health_of, said_of
from server.channels.queries import ChannelRow
from server.clock import Clock

QUICK_S: Final = 1.0
"""How soon a change from working to failing or back is written."""
LAZY_S: Final = 30.0
"""How often a channel that goes on as before gets its newest times."""

_ERROR: Final = ("last_error", "last_error_code", "last_error_said")
_TIMES: Final = ("last_error_at", "last_inbound_at", "last_outbound_at")

NOTHING_KNOWN: Final = dict.fromkeys(
    [
        *(*_ERROR, "last_error_at", "pending", "looked_at"),
        *("look_error", "look_error_code", "look_error_said", "look_error_at"),
    ]
)
"""The columns of a channel with new settings: what was wrong before says nothing about them."""


class _Written(msgspec.Struct, frozen=True):
    works: bool | None = None
    at: int = 0
    told: frozenset[str] = frozenset()


class Note(msgspec.Struct, kw_only=True):
    """What was learned of one channel since it was last written."""

    last_error: str | None = None
    last_error_code: str | None = None
    last_error_said: str | None = None
    last_error_at: int | None = None
    last_inbound_at: int | None = None
    last_outbound_at: int | None = None
    worked_at: int | None = None
    """When the channel was seen to work again, whatever was wrong before."""

    def merged_into(self, row: ChannelRow) -> dict[str, str | int | None]:
        """The columns that this note moves on; nothing goes back."""
        values: dict[str, str | int | None] = {}
        for name in _TIMES:
            mine, stored = getattr(self, name), getattr(row, name)
            if mine is not None and (stored is None or mine > stored):
                values[name] = mine
        if "last_error_at" in values:
            values |= {name: getattr(self, name) for name in _ERROR}
        elif self.worked_at is not None and (row.last_error_at or 0) <= self.worked_at:
            values |= dict.fromkeys((*_ERROR, "last_error_at"))
        return values

    @property
    def tells(self) -> frozenset[str]:
        """What it has a time of."""
        return frozenset(name for name in _TIMES if getattr(self, name) is not None)

    @property
    def works(self) -> bool:
        health = health_of(
            active=True,
            last_error_at=self.last_error_at,
            last_inbound_at=self.last_inbound_at,
            last_outbound_at=self.last_outbound_at,
        )
        return health != "failing"


class HealthNotes:
    """Collects notes; :meth:`due` says what to write now."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._notes: dict[int, Note] = {}
        self._written: dict[int, _Written] = {}
        self._something = asyncio.Event()

    def received(self, channel_id: int) -> None:
        self._note(channel_id).last_inbound_at = self._clock.now_ms()

    def sent(self, channel_id: int) -> None:
        self._note(channel_id).last_outbound_at = self._clock.now_ms()

    def failed(self, channel_id: int, failure: Failure) -> None:
        note = self._note(channel_id)
        note.last_error, note.last_error_at = clean_error(failure.text), self._clock.now_ms()
        note.last_error_code, note.last_error_said = failure.code, said_of(failure.provider_code)
        note.worked_at = None

    def works(self, channel_id: int) -> None:
        note = self._note(channel_id)
        note.worked_at = self._clock.now_ms()
        note.last_error = note.last_error_code = note.last_error_said = note.last_error_at = None

    def forget(self, channel_id: int) -> None:
        """The channel has other settings: what comes next is news."""
        self._notes.pop(channel_id, None)
        self._written.pop(channel_id, None)

    async def wait(self) -> None:
        """Returns when there is something to look at, not more often than every second."""
        await self._something.wait()
        await asyncio.sleep(QUICK_S)

    def take_due(self, *, all_of_it: bool = False) -> dict[int, Note]:
        """The notes to write now: first news, changes for good or bad, and what has waited long enough."""
        now = self._clock.now_ms()
        due = {}
        for channel_id, note in self._notes.items():
            last = self._written.get(channel_id, _Written())
            is_news = last.works is not note.works or not note.tells <= last.told
            if all_of_it or is_news or now - last.at >= LAZY_S * 1000:
                due[channel_id] = note
        for channel_id, note in due.items():
            del self._notes[channel_id]
            told = self._written.get(channel_id, _Written()).told | note.tells
            self._written[channel_id] = _Written(note.works, now, told)
        if not self._notes:
            self._something.clear()
        return due

    def put_back(self, notes: dict[int, Note]) -> None:
        """They could not be written: newer ones go first."""
        for channel_id, old in notes.items():
            note = self._note(channel_id)
            for name in ("last_inbound_at", "last_outbound_at"):
                if getattr(note, name) is None:
                    setattr(note, name, getattr(old, name))
            if note.last_error_at is None and note.worked_at is None:
                note.worked_at = old.worked_at
                for name in (*_ERROR, "last_error_at"):
                    setattr(note, name, getattr(old, name))
            self._written.pop(channel_id, None)

    def _note(self, channel_id: int) -> Note:
        self._something.set()
        return self._notes.setdefault(channel_id, Note())
