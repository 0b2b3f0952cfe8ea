"""From a customer's message to the agents' screens: one process, and two that only Redis and PostgreSQL connect."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from benchmark.clients import BenchError, FeedClient, post
from benchmark.report import Result
from benchmark.rounds import Rounds, Sample, interleave, percentile, spread
from benchmark.servers import Running, add_agents, bring_customers, floor, messenger, product
from benchmark.stores import Stores, embedded, networked
from benchmark.webhooks import Webhooks

RATE = 100
SOCKETS = 10
CONNECTIONS = 16


def measure(rounds: int, seconds: float) -> Iterator[Result]:
    with ExitStack() as stack:
        one, two = stack.enter_context(embedded()), stack.enter_context(networked())
        echo = stack.enter_context(floor("echo", one.folder))
        echo_load = Webhooks("/webhooks/1", echo.port)
        single = Journey(one, stack, processes=1)
        double = Journey(two, stack, processes=2)
        events = int(RATE * seconds)
        found = interleave(
            {
                "echo": partial(_echo, echo, one.folder / "echo.requests", echo_load, events),
                "one process": partial(single.round, events),
                "two processes": partial(double.round, events),
            },
            rounds,
        )
    yield _result(found, seconds)


class Journey:
    """Webhooks into the first process, sockets on the last."""

    def __init__(self, stores: Stores, stack: ExitStack, processes: int) -> None:
        path = stack.enter_context(messenger(stores))
        self._tokens = stores.folder / "tokens"
        self._tokens.write_text("\n".join(add_agents(stores, SOCKETS)))
        self._folder = stores.folder
        self._servers: list[Running] = [stack.enter_context(product(stores)) for _ in range(processes)]
        self._webhooks = Webhooks(path, self._servers[0].port, customers=100)
        bring_customers(stores, self._servers[0], self._webhooks)

    def round(self, events: int) -> Sample:
        file = self._folder / "latency.requests"
        numbers = self._webhooks.write(file, events)
        client = FeedClient(
            self._servers[-1].port, self._folder, sockets=SOCKETS, expected=events, tokens=self._tokens
        )
        posted = post(
            self._servers[0].port, file, connections=CONNECTIONS, count=events, seconds=60, rate=RATE
        )
        if posted.statuses != Counter({200: events}):
            raise BenchError(f"events were refused: {dict(posted.statuses)}")
        delivered = client.finish()
        begun = dict(zip(numbers, (answer.begun_ns for answer in posted.answers), strict=True))
        waits = [(arrival.at_ns - begun[arrival.number]) / 1e6 for arrival in delivered.arrivals]
        answers = [answer.latency_us / 1000 for answer in posted.answers]
        return Sample({**_percentiles(waits), "answer_p50_ms": percentile(answers, 0.5)}, posted.usage)


def _echo(echo: Running, file: Path, webhooks: Webhooks, events: int) -> Sample:
    webhooks.write(file, events)
    posted = post(echo.port, file, connections=CONNECTIONS, count=events, seconds=60, rate=RATE)
    return Sample(_percentiles([answer.latency_us / 1000 for answer in posted.answers]), posted.usage)


def _percentiles(milliseconds: list[float]) -> dict[str, float]:
    return {"p50_ms": percentile(milliseconds, 0.5), "p90_ms": percentile(milliseconds, 0.9)}


def _result(rounds: Rounds, seconds: float) -> Result:
    def line(side: str, what: str) -> str:
        p50, p90 = rounds.median(side, "p50_ms"), rounds.median(side, "p90_ms")
        return f"{side:14} {what:20} p50 {p50:6.1f}   p90 {p90:6.1f} ms"

    lines = [
        f"{RATE} messages/s at fixed times for {seconds:g} s, {SOCKETS} sockets",
        line("echo", "there and back"),
        line("one process", "customer to screen"),
        line("two processes", "customer to screen"),
    ]
    ratio = spread(rounds.ratios("two processes", "one process", "p50_ms"))
    lines.append(
        f"two processes / one process, p50: {ratio['median']:.1f} ({ratio['min']:.1f} to {ratio['max']:.1f})"
    )
    return Result(name="latency", lines=[*lines, *rounds.notes()], rounds=rounds, facts={"ratio": ratio})
