"""What processes cost: their own CPU time and memory, and how much of the machine others took meanwhile."""

import os
import time
from types import TracebackType

import psutil

_IDLE_PART = 0.02
_IDLE_LOOK_S = 0.2
_IDLE_WITHIN_S = 5.0


def cpu_seconds(*pids: int) -> float:
    """CPU time so far of these processes and their children, ended ones included."""
    total = 0.0
    for pid in pids:
        for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += times.user + times.system
            if process.pid == pid:
                total += times.children_user + times.children_system
    return total


def wait_idle(pid: int) -> bool:
    """Wait until a process and its children use less than 2 % of a core; False when they still do after 5 s.

    The kernel counts in ticks of 10 ms, so of the 200 ms that are looked at no tick may fall on them.
    """
    deadline = time.monotonic() + _IDLE_WITHIN_S
    before = cpu_seconds(pid)
    while time.monotonic() < deadline:
        time.sleep(_IDLE_LOOK_S)
        now = cpu_seconds(pid)
        if now - before < _IDLE_PART * _IDLE_LOOK_S:
            return True
        before = now
    return False


def memory_kb(pid: int) -> int:
    """Resident memory of its own; pages of files, such as a database mapped into memory, are not in it."""
    memory = psutil.Process(pid).memory_info()
    own: int = memory.rss - memory.shared
    return own // 1024


class Others:
    """Cores that processes outside the benchmark used between entering and leaving."""

    cores = 0.0

    def __enter__(self) -> "Others":
        self._begun = time.monotonic()
        self._before = self._busy() - self._ours()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        used = self._busy() - self._ours() - self._before
        self.cores = max(0.0, used / (time.monotonic() - self._begun))

    @staticmethod
    def _busy() -> float:
        times = psutil.cpu_times()
        return float(times.user + times.nice + times.system + times.irq + times.softirq)

    @staticmethod
    def _ours() -> float:
        return cpu_seconds(os.getpid())
