"""Several pieces of background work at once, with a share for each channel.

The next one starts as soon as one ends, and a channel whose provider hangs holds its own share and no more.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Protocol, TypeVar


class OfChannel(Protocol):
    @property
    def channel_id(self) -> int: ...


T = TypeVar("T", bound=OfChannel)


class Slots:
    """At most ``at_once`` pieces of work, and of those at most ``per_channel`` for one channel.

    ``ended`` is called whenever there is room again.
    """

    def __init__(self, at_once: int, per_channel: int, ended: Callable[[], None]) -> None:
        self._at_once = at_once
        self._per_channel = per_channel
        self._ended = ended
        self._busy: Counter[int] = Counter()

    @property
    def free(self) -> int:
        return self._at_once - self._busy.total()

    @property
    def full(self) -> list[int]:
        """The channels that have their share."""
        return [channel_id for channel_id, count in self._busy.items() if count >= self._per_channel]

    def fitting(self, found: Iterable[T]) -> list[T]:
        """Those, in their order, for which there is room."""
        busy, fitting = self._busy.copy(), []
        for each in found:
            if busy.total() < self._at_once and busy[each.channel_id] < self._per_channel:
                busy[each.channel_id] += 1
                fitting.append(each)
        return fitting

    def hold(self, work: Callable[[T], Awaitable[None]], wanted: T) -> Coroutine[Any, Any, None]:
        """``work`` on one, whose place is taken from now on and given back when the work ends."""
        self._busy[wanted.channel_id] += 1
        return self._run(work, wanted)

    async def _run(self, work: Callable[[T], Awaitable[None]], wanted: T) -> None:
        try:
            await work(wanted)
        finally:
            self._busy[wanted.channel_id] -= 1
            if not self._busy[wanted.channel_id]:
                del self._busy[wanted.channel_id]
            self._ended()
