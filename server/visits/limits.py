"""How many visits may be recorded: from one address and in all.  The same for numbers left to be called back.

Anybody may record one, so this is what bounds the table.  Counters are kept in memory, for each process: an address
in the database would be more than we want to know of a website's visitors.
"""

from typing import Final

from server import reasons
from server.clock import Clock
from server.errors import Throttled

WINDOW_MS: Final = 10 * 60_000
REMEMBERED: Final = 10_000


class Limits:
    """Counts in windows of ten minutes.  At most ``remembered`` keys: beyond that, the oldest begin anew."""

    def __init__(self, clock: Clock, *, per_key: int, in_all: int, remembered: int = REMEMBERED) -> None:
        self._clock = clock
        self._per_key = per_key
        self._in_all = in_all
        self._remembered = remembered
        self._windows: dict[str, tuple[int, int]] = {}
        self._whole = (0, 0)

    def take(self, key: str) -> None:
        """Count one of ``key``, the network of an address or a number.  Raises Throttled; what is refused is not counted."""
        now_ms = self._clock.now_ms()
        whole = _one_more(self._whole, now_ms, self._in_all)
        window = _one_more(self._windows.get(key, (0, 0)), now_ms, self._per_key)
        if key not in self._windows:
            self._make_room(now_ms)
        self._windows[key] = window
        self._whole = whole

    def __len__(self) -> int:
        return len(self._windows)

    def _make_room(self, now_ms: int) -> None:
        if len(self._windows) < self._remembered:
            return
        self._windows = {key: it for key, it in self._windows.items() if it[0] + WINDOW_MS > now_ms}
        while len(self._windows) >= self._remembered:
            del self._windows[next(iter(self._windows))]


def _one_more(window: tuple[int, int], now_ms: int, limit: int) -> tuple[int, int]:
    began, count = window
    if began + WINDOW_MS <= now_ms:
        began, count = now_ms, 0
    if count >= limit:
        wait = max(1, -(-(began + WINDOW_MS - now_ms) // 1000))
        raise Throttled(reasons.TOO_OFTEN, retry_after=wait)
    return began, count + 1
