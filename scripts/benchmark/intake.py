"""Intake: a signed webhook, committed and answered, beside a bare ASGI echo on the same uvicorn settings."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from benchmark.clients import BenchError, Posted, post
from benchmark.processes import cpu_seconds, wait_idle
from benchmark.report import Goal, Result
from benchmark.rounds import Rounds, Sample, interleave, percentile, spread
from benchmark.servers import Running, bring_customers, floor, messenger, product
from benchmark.stores import Stores, embedded, networked
from benchmark.webhooks import Webhooks, number_of

CONNECTIONS = 64
CUSTOMERS = 1000
_AT_MOST_PER_SECOND = 12_000


def measure(rounds: int, seconds: float) -> Iterator[Result]:
    yield _on("intake, embedded", embedded(), rounds, seconds, goal=0.30)
    yield _on("intake, networked", networked(), rounds, seconds, goal=0.20)


def _on(
    name: str, opened: AbstractContextManager[Stores], rounds: int, seconds: float, goal: float
) -> Result:
    with (
        opened as stores,
        messenger(stores) as path,
        floor("echo", stores.folder) as echo,
        product(stores) as server,
    ):
        load = Load(stores, server, Webhooks(path, server.port, customers=CUSTOMERS), seconds)
        load.bring_customers()
        load.prepare_echo()
        found = interleave({"echo": partial(load.on_echo, echo), "product": load.on_product}, rounds)
        problem = load.verify()
    return _result(name, stores, found, load, goal, problem)


class Load:
    """Rounds of posting, and the account of what was answered."""

    def __init__(self, stores: Stores, server: Running, webhooks: Webhooks, seconds: float) -> None:
        self._stores = stores
        self._server = server
        self._webhooks = webhooks
        self._seconds = seconds
        self._file = stores.folder / "product.requests"
        self._echo_file = stores.folder / "echo.requests"
        self.answered: set[int] = set()
        self.statuses: Counter[int] = Counter()

    def bring_customers(self) -> None:
        """Every customer's first message, so that the rounds find contacts and dialogs as in daily work."""
        self._account(*bring_customers(self._stores, self._server, self._webhooks))

    def prepare_echo(self) -> None:
        Webhooks("/webhooks/1", 0, customers=CUSTOMERS).write(self._echo_file, 20_000)

    def on_echo(self, echo: Running) -> Sample:
        return _sample(
            echo.pid, (), lambda: _post_for(self._seconds, echo.port, self._echo_file, count=500_000)
        )

    def on_product(self) -> Sample:
        numbers = self._webhooks.write(self._file, int(self._seconds * _AT_MOST_PER_SECOND))

        def run() -> Posted:
            posted = _post_for(self._seconds, self._server.port, self._file, count=len(numbers))
            self._account(numbers, posted)
            return posted

        return _sample(self._server.pid, self._stores.pids, run, then=partial(wait_idle, self._server.pid))

    def _account(self, numbers: list[int], posted: Posted) -> None:
        self.statuses += posted.statuses
        for number, answer in zip(numbers, posted.answers, strict=False):
            if 200 <= answer.status < 300:
                self.answered.add(number)

    def verify(self) -> str | None:
        """What is wrong with the account: every answered message must be in the database exactly once."""
        rows = self._stores.query("SELECT external_id FROM message WHERE external_id LIKE 'm_bench%'")
        stored = Counter(number_of(row[0]) for row in rows)
        lost, twice = self.answered - stored.keys(), [n for n, times in stored.items() if times > 1]
        if lost or twice:
            return f"{len(lost)} answered messages are missing, {len(twice)} are there more than once"
        return None


def _post_for(seconds: float, port: int, file: Path, count: int) -> Posted:
    return post(port, file, connections=CONNECTIONS, count=count, seconds=seconds)


def _sample(
    pid: int, stores: tuple[int, ...], run: Callable[[], Posted], *, then: Callable[[], object] = lambda: None
) -> Sample:
    """The clock stops with the posting; CPU is counted until ``then`` is over too."""
    before, stores_before = cpu_seconds(pid), cpu_seconds(*stores)
    posted = run()
    then()
    cpu, stores_cpu = cpu_seconds(pid) - before, cpu_seconds(*stores) - stores_before
    good = [answer.latency_us for answer in posted.answers if 200 <= answer.status < 300]
    if not good:
        raise BenchError(f"no request was answered 2xx: {dict(posted.statuses)}")
    figures = {
        "per_second": len(good) / posted.usage.seconds,
        "cpu_us": cpu * 1e6 / len(good),
        "stores_cpu_us": stores_cpu * 1e6 / len(good),
        "p50_ms": percentile(good, 0.5) / 1000,
        "p90_ms": percentile(good, 0.9) / 1000,
        "p99_ms": percentile(good, 0.99) / 1000,
        "not_2xx": len(posted.answers) - len(good),
    }
    return Sample(figures, posted.usage)


def _result(
    name: str, stores: Stores, rounds: Rounds, load: Load, goal: float, problem: str | None
) -> Result:
    ratio = spread(rounds.ratios("product", "echo", "per_second"))
    cpu = spread(rounds.ratios("product", "echo", "cpu_us"))
    lines = [
        f"{stores.name}, {CONNECTIONS} connections, {CUSTOMERS} customers with open dialogs",
        *(_line(side, rounds) for side in ("echo", "product")),
        f"CPU of the server: {cpu['median']:.1f} times the echo's ({cpu['min']:.1f} to {cpu['max']:.1f})",
        f"answers: {dict(load.statuses)}; answered messages in the database exactly once: "
        + (f"NO, {problem}" if problem else f"yes, all {len(load.answered)}"),
    ]
    return Result(
        name=name,
        lines=[*lines, *rounds.notes()],
        rounds=rounds,
        goals=[Goal("messages/s of the echo's requests/s", ratio, at_least=goal)],
        facts={"cpu_ratio": cpu, "answered": len(load.answered)},
        problem=problem,
    )


def _line(side: str, rounds: Rounds) -> str:
    def median(figure: str) -> float:
        return rounds.median(side, figure)

    line = (
        f"{side:8} {median('per_second'):8.0f}/s   CPU {median('cpu_us'):6.0f} us each   "
        f"p50 {median('p50_ms'):5.1f}  p90 {median('p90_ms'):5.1f}  p99 {median('p99_ms'):6.1f} ms"
    )
    if median("stores_cpu_us"):
        line += f"   stores' CPU {median('stores_cpu_us'):.0f} us each"
    return line
