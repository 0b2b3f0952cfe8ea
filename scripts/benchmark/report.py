"""What was found, for people (text) and for keeping (JSON with the facts of the machine)."""

import datetime
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from benchmark.clients import ROOT
from benchmark.rounds import Rounds

RESULTS = ROOT / "bench-results"
_PACKAGES = (
    "uvicorn", "uvloop", "httptools", "litestar", "msgspec", "sqlalchemy", "aiosqlite", "asyncpg", "redis",
    "hiredis", "websockets",
)  # fmt: skip


class Goal(msgspec.Struct, frozen=True):
    """A figure with what is wanted of it."""

    name: str
    value: dict[str, float]
    """Median, min and max over the rounds."""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def reached(self) -> bool:
        median = self.value["median"]
        return (self.at_least is None or median >= self.at_least) and (
            self.at_most is None or median <= self.at_most
        )

    def __str__(self) -> str:
        wanted = f">= {self.at_least:g}" if self.at_least is not None else f"<= {self.at_most:g}"
        v = self.value
        verdict = "reached" if self.reached else "NOT reached"
        return f"{self.name}: {v['median']:.2f} ({v['min']:.2f} to {v['max']:.2f}), goal {wanted}: {verdict}"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    lines: list[str]
    rounds: Rounds | None = None
    goals: list[Goal] = []
    facts: dict[str, Any] = {}
    problem: str | None = None
    """Something that makes the figures worthless, such as a lost message."""

    def __str__(self) -> str:
        kept = ""
        if self.rounds is not None:
            kept = f"  [{len(self.rounds.kept)} rounds"
            kept += f", {self.rounds.thrown_away} thrown away]" if self.rounds.thrown_away else "]"
        return "\n".join(
            [f"== {self.name}{kept}", *(f"   {line}" for line in [*self.lines, *map(str, self.goals)])]
        )


def facts() -> dict[str, Any]:
    """Where and on what it was measured."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "--short", "HEAD"),
        "uncommitted": bool(_git("status", "--porcelain", "--", "server", "connectors", "scripts/benchmark")),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_before": os.getloadavg(),
        "packages": {name: version(name) for name in _PACKAGES},
    }


def save(found: dict[str, Any], results: list[Result]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / ".gitignore").write_text("*\n")
    file = RESULTS / f"{found['date'].replace(':', '').replace('+0000', 'Z')}.json"
    content = {"facts": found | {"load_after": os.getloadavg()}, "results": results}
    file.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1))
    return file


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
