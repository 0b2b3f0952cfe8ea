"""How a whole run goes about its time: how many workers, and which files took longest."""

import os
from collections import Counter

import pytest

_MOST_WORKERS = 4
_SHOWN = 10
_SHOWN_FROM_S = 60.0


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, as tests wait about half of their time: for leases, deaths, pages.

    With two more a run was a minute longer.  Every worker has a Redis, a PostgreSQL and a Chromium of its own, so there
    are not 64 of them on 64 processors.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(_MOST_WORKERS, cores + 1)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """After a long run, where the time went; a new file that appears here wants a second look."""
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid.split("::")[0]] += report.duration
    if seconds.total() < _SHOWN_FROM_S:
        return
    terminalreporter.section("slowest files (seconds of one worker)")
    for file, spent in seconds.most_common(_SHOWN):
        terminalreporter.write_line(f"{spent:7.1f}  {file}")
    terminalreporter.write_line(f"{seconds.total():7.1f}  all {len(seconds)} files")
