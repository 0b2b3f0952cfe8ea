"""Ids that are known before the insert, unique across processes, and ordered by time.

An id is 63 bits: 41 bits of milliseconds since 2020, 12 bits of a random process number, 10 bits of a counter.
Because ids follow time, a range of dates is a range of ids.  Two processes with one process number could in theory
make the same id in the same millisecond; the primary key then refuses the second and its transaction is repeated
with new ids.
"""

import secrets
from collections.abc import Callable

from server.clock import Clock
from server.errors import NotFound
from server.reasons import Reason

_EPOCH_MS = 1_577_836_800_000  # 2020-01-01T00:00:00Z
_COUNTER_BITS = 10
_NODE_BITS = 12
_TIME_SHIFT = _COUNTER_BITS + _NODE_BITS


class Ids:
    """Makes ids; strictly rising within one process, even when the clock steps back."""

    def __init__(self, clock: Clock, random_below: Callable[[int], int] = secrets.randbelow) -> None:
        self._clock = clock
        self._node = random_below(1 << _NODE_BITS) << _COUNTER_BITS
        self._last_ms = 0
        self._counter = 0

    def new(self) -> int:
        now = self._clock.now_ms() - _EPOCH_MS
        if now > self._last_ms:
            self._last_ms, self._counter = now, 0
        else:
            self._counter += 1
            if self._counter >> _COUNTER_BITS:
                self._last_ms, self._counter = self._last_ms + 1, 0
        return (self._last_ms << _TIME_SHIFT) | self._node | self._counter


def first_id_at(ms: int) -> int:
    """The smallest id that a row made at ``ms`` (epoch milliseconds) or later can have."""
    return max(0, ms - _EPOCH_MS) << _TIME_SHIFT


def parse_id(text: str) -> int | None:
    """An id as it comes from outside, or None when it can't be one."""
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    value = int(text)
    return value if 0 < value < 1 << 63 else None


def named_id(text: str, nothing: Reason) -> int:
    """The id in an address.  Raises NotFound: what can't be an id names nothing either."""
    found = parse_id(text)
    if found is None:
        raise NotFound(nothing)
    return found
