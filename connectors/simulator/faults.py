"""Switches that make a provider misbehave, as real ones do.

A fault is either planned for the next calls (``faults.reset(times=2)``) or drawn with a probability from a
seeded generator (``faults.share(0.3, reset(), …)``).  Every fault says whether the provider had accepted the
message before things went wrong, because that is what the sender cannot know.
"""

import random
from collections import deque
from collections.abc import Sequence
from enum import StrEnum

import msgspec


class What(StrEnum):
    """What goes wrong with one call of a provider's API."""

    RATE_LIMIT = "rate_limit"
    """The provider's own "too many requests"; not accepted."""
    SERVER_ERROR = "server_error"
    """An HTML page with a status 5xx, as a front proxy makes it; not accepted."""
    ERROR_BODY = "error_body"
    """HTTP 200 with an error inside (Messenger, Viber); not accepted."""
    STALL = "stall"
    """Silence for ``seconds``, then the connection breaks; not accepted."""
    RESET = "reset"
    """The connection is reset at once; not accepted."""
    LATE = "late"
    """Accepted, but the answer comes only after ``seconds``."""
    ACCEPT_RESET = "accept_reset"
    """Accepted, then the connection is reset before any answer."""
    CUT = "cut"
    """Accepted, but the answer breaks off in the middle."""
    GARBAGE = "garbage"
    """Accepted, but the answer is not JSON."""


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that goes wrong."""

    what: What
    seconds: float = 0.0
    status: int = 502
    retry_after: int = 1
    code: int | None = None
    """The provider's own error code for :attr:`What.ERROR_BODY`."""


class Faults:
    """The switches of one provider.  ``on`` names the calls: ``send``, ``poll``, ``media``, ``profile``, ``setup``."""

    def __init__(self, seed: int = 0, *, errors_in_ok: bool = False) -> None:
        self.delay = 0.0
        """Seconds that pass before the provider looks at a send."""
        self.duplicate = 0.0
        """The probability that a webhook is posted twice."""
        self.reorder = 0
        """How many webhooks are held back and shuffled; 0: posted as they come.  Not on Telegram (FIFO per chat)."""
        self.random = random.Random(seed)  # noqa: S311 - reproducible faults, no secret
        self._errors_in_ok = errors_in_ok
        self._planned: dict[str, deque[Fault]] = {}
        self._always: dict[str, Fault] = {}
        self._share = 0.0
        self._drawn: Sequence[Fault] = ()

    # ------------------------------------------------------------------ planning

    def plan(self, fault: Fault, *, times: int | None = 1, on: str = "send") -> None:
        """``times`` None: every call until :meth:`clear`."""
        if fault.what is What.ERROR_BODY and not self._errors_in_ok:
            raise ValueError("This provider never answers 200 with an error")
        if times is None:
            self._always[on] = fault
        else:
            self._planned.setdefault(on, deque()).extend([fault] * times)

    def rate_limit(self, retry_after: int = 1, *, times: int | None = 1, on: str = "send") -> None:
        self.plan(Fault(what=What.RATE_LIMIT, retry_after=retry_after), times=times, on=on)

    def server_error(self, status: int = 502, *, times: int | None = 1, on: str = "send") -> None:
        self.plan(Fault(what=What.SERVER_ERROR, status=status), times=times, on=on)

    def error_body(self, code: int | None = None, *, times: int | None = 1, on: str = "send") -> None:
        self.plan(Fault(what=What.ERROR_BODY, code=code), times=times, on=on)

    def stall(self, seconds: float = 60.0, *, times: int | None = 1, on: str = "send") -> None:
        self.plan(Fault(what=What.STALL, seconds=seconds), times=times, on=on)

    def reset(self, *, times: int | None = 1, on: str = "send") -> None:
        self.plan(Fault(what=What.RESET), times=times, on=on)

    def timeout_after_accept(self, seconds: float = 60.0, *, times: int | None = 1, on: str = "send") -> None:
        self.plan(Fault(what=What.LATE, seconds=seconds), times=times, on=on)

    def reset_after_accept(self, *, times: int | None = 1, on: str = "send") -> None:
        self.plan(Fault(what=What.ACCEPT_RESET), times=times, on=on)

    def cut_answer(self, *, times: int | None = 1, on: str = "send") -> None:
        self.plan(Fault(what=What.CUT), times=times, on=on)

    def garbage_answer(self, *, times: int | None = 1, on: str = "send") -> None:
        self.plan(Fault(what=What.GARBAGE), times=times, on=on)

    def share(self, probability: float, *faults: Fault) -> None:
        """From now on this part of all sends goes wrong, with one of ``faults`` each."""
        if not 0.0 <= probability <= 1.0:
            raise ValueError("A probability lies between 0 and 1")
        if any(fault.what is What.ERROR_BODY for fault in faults) and not self._errors_in_ok:
            raise ValueError("This provider never answers 200 with an error")
        self._share = probability
        self._drawn = faults or (
            Fault(what=What.RATE_LIMIT),
            Fault(what=What.SERVER_ERROR),
            Fault(what=What.RESET),
        )

    def clear(self) -> None:
        """All switches off."""
        self.delay = self.duplicate = self._share = 0.0
        self.reorder = 0
        self._planned.clear()
        self._always.clear()

    # ------------------------------------------------------------------ use by the fakes

    def next(self, on: str) -> Fault | None:
        """What goes wrong with this call."""
        if queue := self._planned.get(on):
            return queue.popleft()
        if (fault := self._always.get(on)) is not None:
            return fault
        if on == "send" and self._share and self.random.random() < self._share:
            return self.random.choice(self._drawn)
        return None

    def copies(self) -> int:
        """How often the next webhook is posted."""
        return 2 if self.duplicate and self.random.random() < self.duplicate else 1
