"""The feed: events to a thousand sockets, beside a raw TCP server that writes one shared frame to as many."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmark.clients import BenchError, Delivered, FeedClient, post
from benchmark.processes import cpu_seconds, memory_kb
from benchmark.report import Goal, Result
from benchmark.rounds import Rounds, Sample, interleave, percentile, spread
from benchmark.servers import Running, add_agents, bring_customers, floor, messenger, product
from benchmark.stores import Stores, embedded
from benchmark.webhooks import Webhooks

SOCKETS = 1000
AGENTS = 100
PUBLISHERS = 8
"""Webhooks under way at a time.  The floor writes each event by itself; the product commits in groups anyway."""
_PACED_EVENTS = 20
_PACED_RATE = 10


def measure(rounds: int, events: int) -> Iterator[Result]:
    with embedded() as stores, messenger(stores) as path, product(stores) as server:
        tokens = stores.folder / "tokens"
        tokens.write_text("\n".join(add_agents(stores, AGENTS)))
        webhooks = Webhooks(path, server.port)
        bring_customers(stores, server, webhooks)
        length = _frame_length(server, stores, tokens, webhooks)
        idle_kb = _idle_socket_kb(server, stores, tokens)
        with floor("tcp", stores.folder, length) as tcp:
            sides = {
                "tcp": Feed(tcp, stores.folder, None, webhooks, events, publishers=1),
                "product": Feed(server, stores.folder, tokens, webhooks, events, publishers=PUBLISHERS),
            }
            found = interleave({name: side.round for name, side in sides.items()}, rounds)
    yield _result(stores, found, length, idle_kb, events)


class Feed:
    """One side: sockets on it, and events published through it by HTTP."""

    def __init__(
        self,
        server: Running,
        folder: Path,
        tokens: Path | None,
        webhooks: Webhooks,
        events: int,
        *,
        publishers: int,
    ) -> None:
        self._server = server
        self._folder = folder
        self._tokens = tokens
        self._webhooks = webhooks
        self._events = events
        self._publishers = publishers

    def round(self) -> Sample:
        """A burst, of which the rate of deliveries and the CPU are told, then single events apart from each other."""
        burst = self._publish(self._events, self._publishers, rate=0)
        single = self._publish(_PACED_EVENTS, 1, rate=_PACED_RATE)
        figures = burst.figures | {"spread_ms": single.figures["spread_ms"]}
        return Sample(figures, burst.client)

    def _publish(self, events: int, connections: int, rate: int) -> Sample:
        file = self._folder / "feed.requests"
        numbers = self._webhooks.write(file, events)
        client = FeedClient(
            self._server.port, self._folder, sockets=SOCKETS, expected=events, tokens=self._tokens
        )
        before = cpu_seconds(self._server.pid)
        posted = post(self._server.port, file, connections=connections, count=events, seconds=60, rate=rate)
        if posted.statuses != Counter({200: events}):
            raise BenchError(f"events were refused: {dict(posted.statuses)}")
        delivered = client.finish()
        cpu = cpu_seconds(self._server.pid) - before
        _check(delivered, numbers)
        last = max(arrival.at_ns for arrival in delivered.arrivals)
        seconds = (last - posted.answers[0].begun_ns) / 1e9
        deliveries = events * SOCKETS
        figures = {
            "per_second": deliveries / seconds,
            "cpu_us": cpu * 1e6 / deliveries,
            "spread_ms": _spread_ms(delivered),
        }
        return Sample(figures, delivered.usage)


def _check(delivered: Delivered, numbers: list[int]) -> None:
    """Every socket got every event once, all in the same order."""
    orders: dict[int, list[int]] = {}
    for arrival in delivered.arrivals:
        orders.setdefault(arrival.socket, []).append(arrival.number)
    first = next(iter(orders.values()))
    if sorted(first) != numbers or len(orders) != SOCKETS or any(order != first for order in orders.values()):
        raise BenchError("the feed lost, repeated or disordered events")


def _spread_ms(delivered: Delivered) -> float:
    """From the first socket that had an event to the last; the median over the events."""
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for arrival in delivered.arrivals:
        first[arrival.number] = min(first.get(arrival.number, arrival.at_ns), arrival.at_ns)
        last[arrival.number] = max(last.get(arrival.number, arrival.at_ns), arrival.at_ns)
    return percentile([(last[number] - first[number]) / 1e6 for number in first], 0.5)


def _frame_length(server: Running, stores: Stores, tokens: Path, webhooks: Webhooks) -> int:
    """How long the product's frames are."""
    file = stores.folder / "feed.requests"
    events = 50
    webhooks.write(file, events)
    client = FeedClient(server.port, stores.folder, sockets=1, expected=events, tokens=tokens)
    post(server.port, file, connections=1, count=events, seconds=60)
    delivered = client.finish()
    return delivered.bytes // events


def _idle_socket_kb(server: Running, stores: Stores, tokens: Path) -> float:
    """Resident memory of the server for one more socket that only listens."""

    def grown_kb(sockets: int) -> int:
        before = memory_kb(server.pid)
        client = FeedClient(server.port, stores.folder, sockets=sockets, expected=0, tokens=tokens)
        after = memory_kb(server.pid)
        client.finish(now=True)
        return after - before

    grown_kb(10)  # what the first sockets need once
    return grown_kb(SOCKETS) / SOCKETS


def _result(stores: Stores, rounds: Rounds, length: int, idle_kb: float, events: int) -> Result:
    lines = [
        f"{stores.name}, {SOCKETS} sockets of {AGENTS} supervisors, {events} events of {length} bytes, "
        f"{PUBLISHERS} webhooks under way at a time",
    ]
    lines += [_line(side, rounds) for side in ("tcp", "product")]
    return Result(
        name="feed",
        lines=[*lines, *rounds.notes()],
        rounds=rounds,
        goals=[
            Goal(
                "deliveries/s of raw TCP's",
                spread(rounds.ratios("product", "tcp", "per_second")),
                at_least=0.70,
            ),
            Goal("KB of memory for an idle socket", spread([idle_kb]), at_most=24),
        ],
        facts={"cpu_ratio": spread(rounds.ratios("product", "tcp", "cpu_us")), "frame_bytes": length},
    )


def _line(side: str, rounds: Rounds) -> str:
    return (
        f"{side:8} {rounds.median(side, 'per_second'):8.0f} deliveries/s   "
        f"CPU {rounds.median(side, 'cpu_us'):5.2f} us each   "
        f"one event alone, first to last socket: {rounds.median(side, 'spread_ms'):5.1f} ms"
    )
