"""``scripts/bench``: what the product does in a second, beside what the machine could do at most.

Exit code 0 whatever the figures are; 1 when something could not be measured, or a message was lost.
"""

import argparse
import sys
from collections.abc import Callable

from benchmark import feed, intake, latency, report
from benchmark.clients import BenchError, client
from benchmark.report import Result

Measurement = Callable[[int, bool], list[Result]]


def _intake(rounds: int, quick: bool) -> list[Result]:
    return intake.measure(rounds, seconds=1.0 if quick else 3.0)


def _feed(rounds: int, quick: bool) -> list[Result]:
    return feed.measure(rounds, events=50 if quick else 300)


def _latency(rounds: int, quick: bool) -> list[Result]:
    return latency.measure(rounds, seconds=1.0 if quick else 4.0)


MEASUREMENTS: dict[str, Measurement] = {"intake": _intake, "feed": _feed, "latency": _latency}


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
    try:
        for program in ("http", "feed"):
            client(program)
        for name in wanted:
            for result in MEASUREMENTS[name](rounds, arguments.quick):
                print(result, flush=True)
                results.append(result)
                failed |= result.problem is not None
    except BenchError as error:
        print(f"scripts/bench: {error}", file=sys.stderr)
        failed = True
    if results:
        print(f"kept in {report.save(found, results)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
