"""What becomes known of a message after its sending ended without an answer.

An answer that comes when nobody waits for it any more tells how the attempt ended, as long as the connection lives;
after that only a report can that brings back our reference (see :attr:`connectors.contract.Receipt.reference`).
"""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec

from connectors.contract import Attempt, Outbound, Sent
from connectors.errors import Failure, Refused, SendError, Uncertain

ROOM: Final = 1000
"""Ends that nobody took yet; of more, the newest are dropped, and their messages stay unknown."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a message, as it is sent."""

    message: Outbound
    number: int
    """From 1."""
    count: int
    accepted: tuple[str, ...]
    """Ids of the parts before it that were sent in the same attempt."""

    @property
    def is_last(self) -> bool:
        return self.number == self.count


class Late:
    """Of one account."""

    def __init__(self) -> None:
        self._ends: asyncio.Queue[Attempt] = asyncio.Queue(ROOM)

    async def next(self) -> Attempt:
        """The next attempt whose end became known late."""
        return await self._ends.get()

    def answered(self, place: Place, read: Callable[[], str]) -> None:
        """An answer came for a part that nobody waits for.  ``read`` gives the id in it, or raises what it says."""
        try:
            found = read()
        except SendError as error:
            if isinstance(error, Uncertain):
                return
            error.accepted = place.accepted
            self._put(place, error=error)
            return
        ids = (*place.accepted, found)
        if place.is_last:
            self._put(place, sent=Sent(external_ids=ids))
            return
        # The parts behind it were never begun; whether they still may go out is not ours to say.
        text = f"Only {place.number} of the {place.count} parts of the message were sent."
        self._put(place, error=Refused(Failure(code="incomplete", text=text), accepted=ids))

    def _put(self, place: Place, *, sent: Sent | None = None, error: SendError | None = None) -> None:
        message = place.message
        attempt = Attempt(
            delivery_id=message.delivery_id,
            attempt=message.attempt,
            done=message.done,
            sent=sent,
            error=error,
        )
        if not self._ends.full():
            self._ends.put_nowait(attempt)
