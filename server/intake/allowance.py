"""How much is kept of what was understood and ignored: whoever sends it with every message must not fill the disk.

Decided before anything is stored, by what this process has kept lately, so that what comes too often costs a look into
a table in memory.  :mod:`server.intake.quarantine` bounds what is there.
"""

import time
from collections.abc import Callable
from typing import Final

AT_ONCE: Final = 20
"""So many of one kind are kept of a channel at once."""
_THEN_EVERY_S: Final = 3600.0
_REMEMBERED: Final = 1000
_AHEAD_S: Final = (AT_ONCE - 1) * _THEN_EVERY_S


class Allowance:
    """Twenty of each kind of a channel, and one more of it for every hour since."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._used_until: dict[tuple[int, str], float] = {}

    def takes(self, channel_id: int, why: str) -> bool:
        """Whether one more of this kind is to be kept; if so, it counts."""
        key, now = (channel_id, why), self._monotonic()
        until = max(self._used_until.pop(key, now), now)
        takes = until - now <= _AHEAD_S
        self._used_until[key] = until + _THEN_EVERY_S if takes else until
        if len(self._used_until) > _REMEMBERED:
            del self._used_until[next(iter(self._used_until))]  # the one that was asked of longest ago
        return takes
