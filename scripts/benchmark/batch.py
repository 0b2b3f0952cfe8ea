"""One Messenger call of 1,000 entries, over a real socket, on the embedded default: how long until its 2xx."""

from collections import Counter
from collections.abc import Iterator

from benchmark.clients import BenchError, post
from benchmark.report import Goal, Result
from benchmark.rounds import spread
from benchmark.servers import messenger, product
from benchmark.stores import Stores, embedded
from benchmark.webhooks import Webhooks, number_of

ENTRIES = 1000
_SECONDS = 60


def measure(rounds: int) -> Iterator[Result]:
    with embedded() as stores, messenger(stores) as path, product(stores) as server:
        # As many customers as entries, all new in the first call, all with an open dialog in the others.
        webhooks = Webhooks(path, server.port, customers=ENTRIES)
        calls = [_call(stores, server.port, webhooks) for _ in range(rounds)]
        again = _once_more(stores, server.port)
        problem = _verify(stores, [number for _, numbers in calls for number in numbers])
    took = [seconds for seconds, _ in calls]
    lines = [
        f"{stores.name}, one call of {ENTRIES} entries after another, each message of another customer",
        f"all customers new: {took[0]:.2f} s; the last call repeated: {again:.2f} s",
        f"answered messages in the database exactly once: {'NO, ' + problem if problem else 'yes, all'}",
    ]
    yield Result(
        name="batch, embedded",
        lines=lines,
        goals=[Goal("seconds to the 2xx of a call of 1,000 entries", spread(took), at_most=5.0)],
        facts={"seconds": took, "repeated": again},
        problem=problem,
    )


def _call(stores: Stores, port: int, webhooks: Webhooks) -> tuple[float, list[int]]:
    numbers = webhooks.write_batch(stores.folder / "batch.requests", ENTRIES)
    return _once_more(stores, port), numbers


def _once_more(stores: Stores, port: int) -> float:
    """Post the call as it stands in its file; seconds until it was answered."""
    posted = post(port, stores.folder / "batch.requests", connections=1, count=1, seconds=_SECONDS)
    if list(posted.statuses) != [200]:
        raise BenchError(f"the call was not answered 200: {dict(posted.statuses)}")
    return posted.answers[0].latency_us / 1e6


def _verify(stores: Stores, numbers: list[int]) -> str | None:
    rows = stores.query("SELECT external_id FROM message WHERE external_id LIKE 'm_bench%'")
    stored = Counter(number_of(row[0]) for row in rows)
    if stored == Counter(numbers):
        return None
    return f"{len(numbers)} were answered, {len(stored)} are there, in {stored.total()} rows"
