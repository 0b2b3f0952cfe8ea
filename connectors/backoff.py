"""Pauses after failures: longer and longer, and never the same for two who failed together."""

import random

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0


class Backoff:
    """Growing pauses with jitter, in seconds."""

    def __init__(self, first: float = FIRST_PAUSE, longest: float = LONGEST_PAUSE) -> None:
        self._first, self._longest, self._next = first, longest, first

    def pause(self) -> float:
        now = self._next
        self._next = min(now * 2, self._longest)
        return now * random.uniform(0.75, 1.25)  # noqa: S311 - no secret

    def reset(self) -> None:
        self._next = self._first
