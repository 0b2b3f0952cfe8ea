"""Search in a long log: what is hard to find beside a page of a common word, and both beside SQL written by hand."""

import asyncio
import datetime
import http.client
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

import asyncpg
from benchmark.clients import BenchError
from benchmark.history import Histories, History
from benchmark.report import Goal, Result
from benchmark.rounds import Rounds, Sample, interleave, spread

from server.db.word_index import attach
from server.folding import fold
from tests.support.seed import COMMON, END_MS, MIDDLE, RARE, SPAN_MS

_PAGE = 50
_EACH = 5
"""Times each page is asked for in a round; the median counts."""
_WEEK_MS = 7 * 86_400_000
_EASY = "common word"


class Case(NamedTuple):
    name: str
    words: tuple[str, ...]
    parameters: tuple[tuple[str, str], ...] = ()
    condition: str = "true"
    """The same for the SQL by hand."""


def measure(histories: Histories, rounds: int) -> Iterator[Result]:
    return (_on(history, rounds) for history in histories.both())


def _cases(history: History) -> list[Case]:
    left = history.seeded.left
    week = END_MS - SPAN_MS + SPAN_MS // 10
    bounds = (("from", _instant(week)), ("to", _instant(week + _WEEK_MS)))
    old = f"d.created_at >= {week} AND d.created_at < {week + _WEEK_MS}"
    return [
        Case(_EASY, (COMMON,)),
        Case("common, agent who left", (COMMON,), (("agent", str(left)),), f"d.assignee_id = {left}"),
        Case("common, one old week", (COMMON,), bounds, old),
        Case("1 of 250", (MIDDLE,)),
        Case("1 of 250, agent who left", (MIDDLE,), (("agent", str(left)),), f"d.assignee_id = {left}"),
        Case("rare", (RARE,)),
        Case("common and rare", (COMMON, RARE)),
        Case("not there", ("qwertyuiop",)),
        Case("two letters", (COMMON[:2],)),
    ]


def _on(history: History, rounds: int) -> Result:
    cases = _cases(history)
    sides: dict[str, Callable[[], Sample]] = {}
    by_hand = _OnSQLite(history) if history.stores.is_sqlite else _OnPostgreSQL(history)
    pages = _Pages(history)
    for case in cases:
        sides[case.name] = partial(_timed, partial(pages.read, case))
        sides[f"{case.name} (by hand)"] = partial(_timed, partial(by_hand.read, case))
    found = interleave(sides, rounds)
    by_hand.close()
    return _result(history, cases, found)


def _timed(read: Callable[[], object]) -> Sample:
    taken = []
    for _ in range(_EACH):
        begun = time.perf_counter()
        read()
        taken.append((time.perf_counter() - begun) * 1000)
    return Sample({"ms": statistics.median(taken)})


class _Pages:
    """The first page of the log over HTTP, with its total, as the console asks for it."""

    def __init__(self, history: History) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", history.server.port)
        self._headers = {"Authorization": f"Bearer {history.token}"}

    def read(self, case: Case) -> None:
        query = {"status": "all", "limit": str(_PAGE), "q": " ".join(case.words), **dict(case.parameters)}
        self._connection.request("GET", f"/api/v1/log?{urlencode(query)}", headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise BenchError(f"{case.name}: {answer.status} {body[:200]!r}")


class _OnSQLite:
    def __init__(self, history: History) -> None:
        database = Path(history.stores.database_url)
        self._connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        attach(self._connection, database)

    def read(self, case: Case) -> None:
        match = " AND ".join(f'"{fold(word)}"*' for word in case.words)
        self._connection.execute(_by_hand(case, _HITS_SQLITE), (match,)).fetchall()

    def close(self) -> None:
        self._connection.close()


class _OnPostgreSQL:
    def __init__(self, history: History) -> None:
        self._runner = asyncio.Runner()
        self._connection = cast(Any, self._runner.run(asyncpg.connect(history.stores.database_url)))

    def read(self, case: Case) -> None:
        match = " & ".join(f"'{fold(word)}':*" for word in case.words)
        self._runner.run(self._connection.fetch(_by_hand(case, _HITS_POSTGRESQL), match))

    def close(self) -> None:
        self._runner.run(self._connection.close())
        self._runner.close()


_HITS_SQLITE = "d.number IN (SELECT rowid >> 33 FROM message_search WHERE message_search MATCH ?)"
_HITS_POSTGRESQL = "d.id IN (SELECT dialog_id FROM message WHERE search @@ to_tsquery('simple', $1))"


def _by_hand(case: Case, hits: str) -> str:
    """What anybody would write first."""
    return (
        f"SELECT d.* FROM dialog d WHERE {hits} AND {case.condition}"  # noqa: S608 - constants
        f" ORDER BY d.created_at DESC, d.number DESC LIMIT {_PAGE}"
    )


def _instant(ms: int) -> str:
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _result(history: History, cases: list[Case], rounds: Rounds) -> Result:
    seeded = history.seeded
    lines = [
        f"{history.stores.name}, {seeded.messages} messages in {seeded.dialogs} dialogs, pages of {_PAGE}"
    ]
    worst, at_worst = cases[0], [1.0]
    for case in cases:
        ratios = rounds.ratios(case.name, _EASY, "ms")
        lines.append(
            f"{case.name:26} {rounds.median(case.name, 'ms'):7.1f} ms = {statistics.median(ratios):5.1f} x a common "
            f"word's page   SQL by hand {rounds.median(f'{case.name} (by hand)', 'ms'):7.1f} ms"
        )
        if statistics.median(ratios) > statistics.median(at_worst):
            worst, at_worst = case, ratios
    goal = Goal(f"the worst ({worst.name}) of a common word's page", spread(at_worst), at_most=8)
    return Result(
        name=f"search, {history.stores.name}", lines=[*lines, *rounds.notes()], rounds=rounds, goals=[goal]
    )
