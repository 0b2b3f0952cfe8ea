"""The CSV of all messages over HTTP, beside the database's own tool."""

import csv
import http.client
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmark.clients import BenchError
from benchmark.history import Histories, History
from benchmark.processes import memory_kb
from benchmark.report import Goal, Result
from benchmark.rounds import Rounds, Sample, interleave, spread

# The columns of the product's file, from one join; the product also looks for attachments and receipts, guards
# against formulas, and keeps to an agent's rights.
_SELECT = """
SELECT m.id, m.dialog_id, d.number, m.kind, m.direction, m.author_type, m.author_name, {time}, m.text, '', m.state,
       NULL, NULL, m.failure, m.external_id, 'UTC', {time}
FROM message m JOIN dialog d ON d.id = m.dialog_id ORDER BY m.dialog_id, m.at, m.id
"""
_TIME_SQLITE = "strftime('%Y-%m-%d %H:%M:%S', m.at / 1000, 'unixepoch')"
_TIME_POSTGRESQL = "to_char(to_timestamp(m.at / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')"


def measure(histories: Histories, rounds: int) -> Iterator[Result]:
    return (_on(history, rounds) for history in histories.both())


def _on(history: History, rounds: int) -> Result:
    name, tool = _tool(history)
    _check(history)
    sides = {profile: partial(_download, history, profile) for profile in ("data", "spreadsheet")}
    found = interleave({"tool": partial(_timed, history, tool), **sides}, rounds)
    return _result(history, name, found)


class _Tool:
    """Writes the file without the product."""

    def __init__(self, history: History, command: list[str] | None) -> None:
        self._history = history
        self._command = command

    def run(self) -> None:
        target = self._history.stores.folder / "floor.csv"
        if self._command is None:
            self._by_python(target)
            return
        with target.open("wb") as out:
            done = subprocess.run(self._command, stdout=out, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise BenchError(f"{self._command[0]} failed: {done.stderr.decode()[-300:]}")

    def _by_python(self, target: Path) -> None:
        connection = sqlite3.connect(self._history.stores.database_url)
        with target.open("w", newline="", encoding="utf-8") as out:
            csv.writer(out).writerows(connection.execute(_SELECT.format(time=_TIME_SQLITE)))
        connection.close()


def _tool(history: History) -> tuple[str, _Tool]:
    url = history.stores.database_url
    if not history.stores.is_sqlite:
        select = " ".join(_SELECT.format(time=_TIME_POSTGRESQL).split())
        psql = shutil.which("psql")
        if psql is None:
            raise BenchError("no psql to compare with (Debian: apt install postgresql-client)")
        return r"psql \copy", _Tool(
            history, [psql, url, "-c", rf"\copy ({select}) TO STDOUT WITH (FORMAT csv)"]
        )
    cli = shutil.which("sqlite3")
    if cli is None:
        return "Python's sqlite3 and csv (there is no sqlite3 program)", _Tool(history, None)
    return "sqlite3 -csv", _Tool(history, [cli, "-readonly", "-csv", url, _SELECT.format(time=_TIME_SQLITE)])


def _timed(history: History, tool: _Tool) -> Sample:
    begun = time.perf_counter()
    tool.run()
    return Sample({"per_second": history.seeded.messages / (time.perf_counter() - begun)})


def _download(history: History, profile: str) -> Sample:
    target = history.stores.folder / f"{profile}.csv"
    before = memory_kb(history.server.pid)
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", history.server.port)
    headers = {"Authorization": f"Bearer {history.token}"}
    connection.request("GET", f"/api/v1/log/messages.csv?status=all&profile={profile}", headers=headers)
    answer = connection.getresponse()
    if answer.status != 200:
        raise BenchError(f"the export was refused: {answer.status}")
    most = before
    with target.open("wb") as out:
        while piece := answer.read1(1 << 18):
            out.write(piece)
            most = max(most, memory_kb(history.server.pid))
    seconds = time.perf_counter() - begun
    connection.close()
    return Sample({"per_second": history.seeded.messages / seconds, "memory_mb": (most - before) / 1024})


def _check(history: History) -> None:
    """The file has every message once."""
    _download(history, "data")
    with (history.stores.folder / "data.csv").open(encoding="utf-8", newline="") as file:
        ids = [row[0] for row in csv.reader(file)][1:]
    if len(ids) != history.seeded.messages or len(set(ids)) != len(ids):
        raise BenchError(f"the export has {len(ids)} rows for {history.seeded.messages} messages")


def _result(history: History, tool: str, rounds: Rounds) -> Result:
    size = (history.stores.folder / "data.csv").stat().st_size / 2**20
    lines = [f"{history.stores.name}, {history.seeded.messages} messages, {size:.0f} MB, over HTTP to a file"]
    lines.append(f"{tool:36} {rounds.median('tool', 'per_second'):8.0f} rows/s")
    lines += [
        f"profile {profile:28} {rounds.median(profile, 'per_second'):8.0f} rows/s   "
        f"server's memory grows by {rounds.median(profile, 'memory_mb'):.1f} MB"
        for profile in ("data", "spreadsheet")
    ]
    goals = [
        Goal(
            f"rows/s of {tool}'s, profile {profile}",
            spread(rounds.ratios(profile, "tool", "per_second")),
            at_least=0.35,
        )
        for profile in ("data", "spreadsheet")
    ]
    return Result(
        name=f"export, {history.stores.name}", lines=[*lines, *rounds.notes()], rounds=rounds, goals=goals
    )
