"""The load clients in C, compiled when first needed, and what they report."""

import json
import shutil
import struct
import subprocess
from collections import Counter
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = Path(__file__).resolve().parent / "client"
BUILT = ROOT / ".cache/bench"

BUSY_LIMIT = 0.85
"""A client that was on a core, or waited for one, for a larger part of the time may itself have set the pace."""

_ANSWER = struct.Struct("<QII")
_ARRIVAL = struct.Struct("<IIQ")


class BenchError(Exception):
    """Nothing can be measured; the message says why."""


class Usage(msgspec.Struct, frozen=True):
    """How much of one core a client used, and missed, while it measured."""

    seconds: float
    busy: float
    starved: float

    @property
    def trustworthy(self) -> bool:
        return self.busy + self.starved <= BUSY_LIMIT


class Answer(NamedTuple):
    begun_ns: int
    latency_us: int
    status: int


class Arrival(NamedTuple):
    socket: int
    number: int
    at_ns: int


class Posted(NamedTuple):
    usage: Usage
    answers: list[Answer]

    @property
    def statuses(self) -> Counter[int]:
        return Counter(answer.status for answer in self.answers)


class Delivered(NamedTuple):
    usage: Usage
    arrivals: list[Arrival]
    bytes: int
    """Of payloads."""


def client(name: str) -> Path:
    """The compiled client; compiled again only when its source is newer."""
    program = BUILT / name
    sources = [SOURCES / f"{name}.c", SOURCES / "common.h"]
    if program.exists() and all(program.stat().st_mtime > source.stat().st_mtime for source in sources):
        return program
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise BenchError(
            "the load client is in C and there is no compiler: install gcc (Debian: apt install gcc libc6-dev)"
        )
    BUILT.mkdir(parents=True, exist_ok=True)
    command = [compiler, "-O2", "-std=gnu11", "-Wall", "-o", str(program), str(sources[0])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"the load client does not compile:\n{done.stderr}")
    return program


def post(port: int, requests: Path, *, connections: int, count: int, seconds: float, rate: int = 0) -> Posted:
    """Post the requests of a file, ``count`` of them or as many as ``seconds`` allow; ``rate`` makes an open loop."""
    results = requests.with_suffix(".answers")
    arguments: list[Any] = [client("http"), port, connections, requests, results, count, seconds, rate]
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"the load client failed: {done.stderr.strip()}")
    usage = _usage(json.loads(done.stdout))
    return Posted(usage, [Answer(*fields) for fields in _ANSWER.iter_unpack(results.read_bytes())])


class FeedClient:
    """Many sockets, open from :meth:`start` until :meth:`finish`."""

    def __init__(self, port: int, folder: Path, *, sockets: int, expected: int, tokens: Path | None) -> None:
        self._results = folder / "feed.arrivals"
        arguments = [client("feed"), port, sockets, tokens or "-", "bench-", expected, self._results, 60]
        self._process = subprocess.Popen(
            [str(a) for a in arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._pipe(self._process.stdout).readline() != "ready\n":
            self._process.wait()
            raise BenchError(f"the feed client did not get its {sockets} sockets")

    def finish(self, *, now: bool = False) -> Delivered:
        """Wait until everything expected has arrived; ``now`` ends it at once."""
        given, told = self._pipe(self._process.stdin), self._pipe(self._process.stdout)
        if now:
            given.close()
        report = told.read()
        if self._process.wait() != 0:
            raise BenchError("the feed client failed")
        found = json.loads(report)
        if found["extra"]:
            raise BenchError(f"{found['extra']} frames more than expected")
        arrivals = [Arrival(*fields) for fields in _ARRIVAL.iter_unpack(self._results.read_bytes())]
        told.close()
        given.close()
        return Delivered(_usage(found), arrivals, found["bytes"])

    @staticmethod
    def _pipe(end: IO[str] | None) -> IO[str]:
        if end is None:
            raise AssertionError("it was opened with a pipe")
        return end


def _usage(report: dict[str, int]) -> Usage:
    wall = report["wall_ns"] or 1
    return Usage(
        seconds=wall / 1e9,
        busy=round(report["cpu_ns"] / wall, 3),
        starved=round(report["starved_ns"] / wall, 3),
    )
