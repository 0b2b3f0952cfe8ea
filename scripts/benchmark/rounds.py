"""Interleaved rounds: what is compared takes turns, so that a machine that drifts drifts under all of them alike."""

import statistics
import sys
from collections.abc import Callable, Sequence

import msgspec
from benchmark.clients import BenchError, Usage
from benchmark.processes import Others

MUCH = 0.3
"""Cores; with more than this taken by others, rates say little."""

Measured = dict[str, float]
"""Named figures of one side in one round."""


class Sample(msgspec.Struct, frozen=True):
    figures: Measured
    client: Usage | None = None
    others: float = 0.0
    """Cores used meanwhile by processes that are not the benchmark's."""

    @property
    def trustworthy(self) -> bool:
        return self.client is None or self.client.trustworthy


Side = Callable[[], Sample]
Round = dict[str, Sample]


class Rounds(msgspec.Struct, frozen=True):
    """The rounds that count, and how many were thrown away because the client was short of processor time."""

    kept: list[Round]
    thrown_away: int

    def median(self, side: str, figure: str) -> float:
        return statistics.median(round_[side].figures[figure] for round_ in self.kept)

    def notes(self) -> list[str]:
        """What a reader must know to trust the figures."""
        clients = [s.client for r in self.kept for s in r.values() if s.client is not None]
        others = statistics.median(s.others for r in self.kept for s in r.values())
        found = [f"others used {others:.1f} cores"]
        if clients:
            busy, starved = max(c.busy for c in clients), max(c.starved for c in clients)
            found[0] += f"; load client: at most {busy:.0%} of a core, {starved:.0%} waiting for one"
        if others > MUCH:
            found.append(
                "OTHERS USED MUCH OF THE MACHINE: figures by the clock are too low, by CPU they are better"
            )
        return found

    def ratios(self, side: str, floor: str, figure: str) -> list[float]:
        return [r[side].figures[figure] / r[floor].figures[figure] for r in self.kept]


def interleave(sides: dict[str, Side], count: int) -> Rounds:
    """``count`` rounds of all sides in turn, after one that only warms up."""
    kept: list[Round] = []
    thrown_away = 0
    for side in sides.values():
        side()
    while len(kept) < count:
        round_ = {name: _observed(side) for name, side in sides.items()}
        if all(sample.trustworthy for sample in round_.values()):
            kept.append(round_)
            _progress(".")
        else:
            thrown_away += 1
            _progress("x")
        if thrown_away > 2 * count + 3:
            _progress("\n")
            if not kept:
                worst = {name: (s.client.busy, s.client.starved) for name, s in round_.items() if s.client}
                raise BenchError(f"the machine is too busy: the client was short of processor time, {worst}")
            break
    _progress("\n")
    return Rounds(kept, thrown_away)


def _observed(side: Side) -> Sample:
    with Others() as others:
        sample = side()
    return msgspec.structs.replace(sample, others=round(others.cores, 2))


def spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def percentile(values: Sequence[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _progress(mark: str) -> None:
    sys.stderr.write(mark)
    sys.stderr.flush()
