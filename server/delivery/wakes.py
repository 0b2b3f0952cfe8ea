"""Waking whoever sends on a channel when something may wait for it, and now and then without that."""

import asyncio

from server.bus.base import Bus, Topic
from server.supervisor import is_woken


class Wakes:
    """Of one topic whose messages name channels.  ``look_seconds``: after so long it is worth looking anyway."""

    def __init__(self, bus: Bus, topic: Topic, look_seconds: float) -> None:
        self._look_seconds = look_seconds
        self._events: dict[str, asyncio.Event] = {}
        bus.subscribe(topic, self._wake)

    def listen(self, channel_id: str) -> asyncio.Event:
        """What comes from now on is not missed by the next :meth:`wait`."""
        return self._events.setdefault(channel_id, asyncio.Event())

    async def wait(self, channel_id: str) -> None:
        event = self.listen(channel_id)
        try:
            await is_woken(event, self._look_seconds)
        finally:
            event.clear()

    def wake_in(self, seconds: float, channel_id: str) -> None:
        """Sooner than the next look: something may be due then."""
        asyncio.get_running_loop().call_later(seconds, self._wake, channel_id)

    def _wake(self, channel_id: str | None) -> None:
        events = self._events.values() if channel_id is None else [self._events.get(channel_id)]
        for event in events:
            if event is not None:
                event.set()
