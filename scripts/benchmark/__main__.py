"""``scripts/bench``: what the product does in a second, beside what the machine could do at most.

Exit code 0 whatever the figures are; 1 when something could not be measured, or a message was lost.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack

from benchmark import batch, export, feed, intake, latency, report, search
from benchmark.clients import BenchError, client
from benchmark.history import Histories
from benchmark.report import Result

from tests.support.process import ServiceError

MEASUREMENTS = ("intake", "batch", "feed", "latency", "search", "export")


class Run:
    """One run; what several measurements need is made once."""

    def __init__(self, rounds: int, quick: bool, stack: ExitStack) -> None:
        self._rounds = rounds
        self._quick = quick
        self._histories = Histories(stack, 20_000 if quick else 200_000)

    def measure(self, what: str) -> Iterator[Result]:
        match what:
            case "intake":
                return intake.measure(self._rounds, seconds=1.0 if self._quick else 3.0)
            case "batch":
                return batch.measure(self._rounds)
            case "feed":
                return feed.measure(self._rounds, events=50 if self._quick else 300)
            case "latency":
                return latency.measure(self._rounds, seconds=1.0 if self._quick else 4.0)
            case "search":
                return search.measure(self._histories, self._rounds)
            case _:
                return export.measure(self._histories, self._rounds)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Measure the server beside the floors of this machine."
    )
    parser.add_argument("what", nargs="*", choices=[*MEASUREMENTS, "all"], default=["all"])
    parser.add_argument("--rounds", type=int, help="rounds of each measurement (default 7; quick: 3)")
    parser.add_argument(
        "--quick", action="store_true", help="short rounds and small data, to see that it works"
    )
    arguments = parser.parse_args()
    rounds = arguments.rounds or (3 if arguments.quick else 7)
    wanted = MEASUREMENTS if "all" in arguments.what else arguments.what

    found = report.facts()
    results: list[Result] = []
    failed = False
    with ExitStack() as stack:
        try:
            for program in ("http", "feed"):
                client(program)
            run = Run(rounds, arguments.quick, stack)
            for what in wanted:
                for result in run.measure(what):
                    print(result, flush=True)
                    results.append(result)
                    failed |= result.problem is not None
        except (BenchError, ServiceError) as error:
            print(f"scripts/bench: {error}", file=sys.stderr)
            failed = True
    if results:
        print(f"kept in {report.save(found, results)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
