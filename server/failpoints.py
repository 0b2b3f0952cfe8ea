"""Named points at which a test can stop the process, to prove what survives.

Armed only by ``CENTRALA_FAILPOINT=name[:count]``: the process kills itself (SIGKILL: nothing is flushed, nobody is
told) when the point is passed for the count-th time.  Without the variable a point costs one comparison.
"""

import os
import signal

_name, _, _count = os.environ.get("CENTRALA_FAILPOINT", "").partition(":")
_left = int(_count or 1)
_others: list[int] = []


def take_along(pid: int) -> None:
    """A point that is passed here kills that process too: the one that this process works for."""
    _others.append(pid)


def failpoint(name: str) -> None:
    """Pass a point; ``name`` is ``place.moment``, listed in docs/architecture.md."""
    global _left
    if name != _name:
        return
    _left -= 1
    if _left == 0:
        for pid in (*_others, os.getpid()):
            os.kill(pid, signal.SIGKILL)
