"""How fast a channel may send: token buckets for the channel and for each person, and pauses a provider asked for.

Asked before messages are claimed, so that what has to wait is still ``queued``.  Times are seconds of the event loop.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from connectors.contract import Pace, Rate
from connectors.errors import NotAccepted

_LONGEST_HOLD: Final = 300.0
_HOLD_UNTOLD: Final = 1.0
"""After "too many" about the whole channel that does not say for how long."""
_SHORTEST_LOOK: Final = 0.02
UNLIMITED: Final = Pace()


class _Bucket(msgspec.Struct):
    """Full at first; below zero when a message became more provider messages than was known when it was claimed."""

    rate: Rate
    tokens: float
    at: float

    def fill(self, now: float) -> float:
        self.tokens = min(self.rate.burst, self.tokens + (now - self.at) * self.rate.per_second)
        self.at = now
        return self.tokens

    def ready_in(self, now: float) -> float:
        """Seconds until one more message may go."""
        return max(0.0, (1.0 - self.fill(now)) / self.rate.per_second)


class Pacer:
    """Of one channel in one process.  Remembers only people whose bucket is not full again."""

    def __init__(self, pace: Pace, now: Callable[[], float]) -> None:
        self._pace = pace
        self._now = now
        self._channel = None if pace.channel is None else _new(pace.channel, now())
        self._peers: dict[str, _Bucket] = {}
        self._held_until = 0.0
        self._limited: dict[str, float] = {}
        """People for whom the provider said "too many" without saying whether it meant them or the channel."""

    def room(self, wanted: int) -> int:
        """How many of ``wanted`` messages may be begun now."""
        now = self._now()
        if now < self._held_until:
            return 0
        if self._channel is None:
            return wanted
        return min(wanted, int(self._channel.fill(now) + 1e-9))

    def resting(self) -> tuple[str, ...]:
        """People who may not be written to just now."""
        now = self._now()
        full = [peer for peer, each in self._peers.items() if each.fill(now) >= each.rate.burst]
        for peer in full:
            del self._peers[peer]
        return tuple(peer for peer, each in self._peers.items() if each.tokens < 1.0)

    def begun(self, peer: str) -> None:
        """A message to this person goes out."""
        self._take(peer, 1)

    def parts(self, peer: str, more: int) -> None:
        """It became so many more provider messages than one."""
        if more > 0:
            self._take(peer, more)

    def refused(self, peer: str, error: NotAccepted) -> None:
        """Hold the channel when its provider asked for it; one person's pause is kept by their own deliveries."""
        seconds = error.retry_after
        if seconds is None and error.failure.code == "rate_limited" and error.peer_only is False:
            seconds = _HOLD_UNTOLD
        if not seconds or error.peer_only:
            return
        now = self._now()
        until = now + min(seconds, _LONGEST_HOLD)
        if error.peer_only is None:
            self._limited = {who: end for who, end in self._limited.items() if end > now and who != peer}
            alone = not self._limited
            self._limited[peer] = until
            if alone:
                return
        self._held_until = max(self._held_until, until)

    def pause(self) -> float | None:
        """Seconds until more may go than now; None: nothing is held back."""
        now = self._now()
        if now < self._held_until:
            return self._held_until - now
        if self._channel is not None and (wait := self._channel.ready_in(now)) > 0:
            return max(wait, _SHORTEST_LOOK)
        waits = [wait for each in self._peers.values() if (wait := each.ready_in(now)) > 0]
        return max(min(waits), _SHORTEST_LOOK) if waits else None

    def is_held(self) -> bool:
        """Whether nobody may be written to just now, whoever it is."""
        return self.room(1) == 0

    def _take(self, peer: str, count: int) -> None:
        now = self._now()
        if self._channel is not None:
            self._channel.fill(now)
            self._channel.tokens -= count
        if self._pace.peer is not None:
            bucket = self._peers.setdefault(peer, _new(self._pace.peer, now))
            bucket.fill(now)
            bucket.tokens -= count


def _new(rate: Rate, now: float) -> _Bucket:
    return _Bucket(rate=rate, tokens=float(rate.burst), at=now)
