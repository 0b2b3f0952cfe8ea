"""The host of one channel: whatever its connector does, every claimed message gets an end, and nothing else suffers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from connectors.contract import AnyItem, Attempt, Ignored, Outbound, Polled, Sent
from connectors.errors import STOPPED, Failure, NotAccepted, Refused, Uncertain
from connectors.host import ChannelHost, HostLimits
from connectors.polling import Poller

FAILURE = Failure(code="x", text="Something was wrong.")


class Box:
    """An outbox in memory that keeps to the port's contract: one message per person on its way."""

    def __init__(self) -> None:
        self.waiting: list[Outbound] = []
        self.sending: dict[str, Outbound] = {}
        self.attempts: list[Attempt] = []
        self.claims = 0
        self.resting: list[tuple[str, ...]] = []
        self.broken = 0
        self.committing: asyncio.Event | None = None
        """Until when a claim takes."""
        self._changed = asyncio.Event()

    def put(self, *texts: str, peer: str = "77") -> None:
        for text in texts:
            number = str(len(self.waiting) + len(self.sending) + len(self.attempts))
            self.waiting.append(Outbound(delivery_id=number, attempt=1, peer_id=peer, text=text))
        self._changed.set()

    async def claim(self, channel_id: str, limit: int, resting: Sequence[str] = ()) -> list[Outbound]:
        self.claims += 1
        self.resting.append(tuple(resting))
        claimed: list[Outbound] = []
        for message in list(self.waiting):
            if len(claimed) < limit and message.peer_id not in {*self.sending, *resting}:
                self.waiting.remove(message)
                self.sending[message.peer_id] = message
                claimed.append(message)
        if claimed and self.committing is not None:
            await self.committing.wait()
        return claimed

    async def record(self, channel_id: str, attempts: Sequence[Attempt]) -> None:
        await asyncio.sleep(0)
        if self.broken:
            self.broken -= 1
            raise ConnectionError("the database is away")
        self.attempts += attempts
        ended = {attempt.delivery_id for attempt in attempts}
        self.sending = {peer: m for peer, m in self.sending.items() if m.delivery_id not in ended}
        self._changed.set()

    async def wait(self, channel_id: str) -> None:
        try:
            async with asyncio.timeout(0.2):
                await self._changed.wait()
        except TimeoutError:
            return
        finally:
            self._changed.clear()


class Line:
    """A connector that does what the test says, the poll port and the sink of it."""

    def __init__(self, *, polls: bool = False) -> None:
        self.polls = polls
        self.sent: list[str] = []
        self.now = self.most = 0
        self.sending: Callable[[Outbound], Any] = lambda _: None
        self.polling: list[Any] = []
        self.polled: list[str | None] = []
        self.ingested: list[tuple[tuple[AnyItem, ...], str | None]] = []
        self.committed: str | None = None
        self.allowed = True
        self.failures: list[str] = []
        self.worked: list[bool] = []
        self.lose = 0

    async def send(self, message: Outbound) -> Sent:
        self.sent.append(message.text)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            result = self.sending(message)
            if asyncio.iscoroutine(result):
                result = await result
            if isinstance(result, Exception):
                raise result
            return Sent(external_ids=(f"x{message.delivery_id}",))
        finally:
            self.now -= 1

    async def poll(self, cursor: str | None) -> Polled:
        self.polled.append(cursor)
        step = self.polling.pop(0) if self.polling else None
        if step is None:
            await asyncio.sleep(3600)
        if isinstance(step, Exception):
            raise step
        return step

    async def ingest(
        self, channel_id: str, items: Sequence[AnyItem], *, raw: bytes = b"", cursor=None
    ) -> None:
        if self.lose:
            self.lose -= 1
            raise RuntimeError("another process polls now")
        self.ingested.append((tuple(items), cursor))
        self.committed = cursor

    async def may_poll(self) -> bool:
        return self.allowed

    async def cursor(self) -> str | None:
        return self.committed

    async def failed(self, failure: Failure) -> None:
        self.failures.append(failure.text)

    async def works(self, *, received: bool) -> None:
        self.worked.append(received)


@asynccontextmanager
async def running(line: Line, box: Box, **limits: Any) -> AsyncIterator[None]:
    host = ChannelHost(
        "1",
        line,  # type: ignore[arg-type]
        outbox=box,
        sink=line,
        poll_port=line,
        health=line,
        limits=HostLimits(**({"stop_seconds": 0.2, "call_seconds": 5.0} | limits)),
    )
    task = asyncio.create_task(host.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(done: Callable[[], Any], seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while not done():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_messages_to_one_person_keep_their_order_and_others_go_meanwhile() -> None:
    line, box = Line(), Box()
    line.sending = lambda _: asyncio.sleep(0.01)
    for peer in "abc":
        box.put(*(f"{peer}{i}" for i in range(4)), peer=peer)
    async with running(line, box):
        await until(lambda: len(box.attempts) == 12)
    for peer in "abc":
        assert [text for text in line.sent if text[0] == peer] == [f"{peer}{i}" for i in range(4)]
    assert line.most == 3


async def test_never_more_at_once_than_allowed() -> None:
    line, box = Line(), Box()
    line.sending = lambda _: asyncio.sleep(0.01)
    for peer in range(20):
        box.put("x", peer=str(peer))
    async with running(line, box, concurrency=4):
        await until(lambda: len(box.attempts) == 20)
    assert line.most == 4


@pytest.mark.parametrize("error", [NotAccepted(FAILURE), Refused(FAILURE), Uncertain(FAILURE)])
async def test_what_a_connector_says_is_recorded_as_it_is(error: Exception) -> None:
    line, box = Line(), Box()
    line.sending = lambda _: error
    box.put("x")
    async with running(line, box):
        await until(lambda: box.attempts)
    assert box.attempts[0].error is error
    assert (box.attempts[0].delivery_id, box.attempts[0].attempt) == ("0", 1)


async def test_a_defect_in_a_connector_is_uncertain_and_the_next_message_goes() -> None:
    line, box = Line(), Box()
    line.sending = lambda m: KeyError("oops") if m.text == "1" else None
    box.put("1", "2")
    async with running(line, box):
        await until(lambda: len(box.attempts) == 2)
    assert isinstance(box.attempts[0].error, Uncertain)
    assert box.attempts[1].sent == Sent(external_ids=("x1",))


async def test_a_call_without_an_end_is_cut_and_uncertain() -> None:
    line, box = Line(), Box()
    line.sending = lambda _: asyncio.sleep(3600)
    box.put("x")
    async with running(line, box, call_seconds=0.05):
        await until(lambda: box.attempts)
    assert isinstance(box.attempts[0].error, Uncertain)


async def test_a_provider_that_wants_rest_gets_it() -> None:
    line, box = Line(), Box()
    line.sending = lambda m: NotAccepted(FAILURE, retry_after=0.3, peer_only=False) if m.text == "1" else None
    box.put("1", peer="a")
    async with running(line, box):
        await until(lambda: box.attempts)
        begun = asyncio.get_running_loop().time()
        box.put("2", peer="b")
        await until(lambda: len(box.attempts) == 2)
    assert asyncio.get_running_loop().time() - begun > 0.2


async def test_results_are_kept_while_the_database_is_away() -> None:
    line, box = Line(), Box()
    box.broken = 1
    box.put("x")
    async with running(line, box):
        await until(lambda: box.attempts)
    assert (line.sent, box.attempts[0].error) == (["x"], None)


async def test_stopping_waits_for_calls_that_end_and_cuts_those_that_do_not() -> None:
    line, box = Line(), Box()
    line.sending = lambda m: asyncio.sleep(0.05 if m.text == "quick" else 3600)
    box.put("quick", peer="a")
    box.put("stuck", peer="b")
    async with running(line, box):
        await until(lambda: len(line.sent) == 2)
    ends = {attempt.delivery_id: attempt.error for attempt in box.attempts}
    assert ends["0"] is None
    assert isinstance(ends["1"], Uncertain)
    claims = box.claims
    await asyncio.sleep(0.05)
    assert box.claims == claims


async def test_a_call_that_can_not_be_cut_off_holds_up_nothing_else() -> None:
    """What ended meanwhile is recorded, and what was just being claimed is given back."""
    line, box, over = Line(), Box(), asyncio.Event()

    async def stubborn(message: Outbound) -> None:
        while message.text == "stubborn" and not over.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await over.wait()
        await asyncio.sleep(3600 if message.text == "stuck" else 0)

    line.sending = stubborn
    box.put("stubborn", peer="a")
    box.put("stuck", peer="b")
    async with running(line, box):
        await until(lambda: len(line.sent) == 2)
        box.committing = asyncio.Event()
        box.put("late", peer="c")
        await until(lambda: "c" in box.sending)
        asyncio.get_running_loop().call_later(0.05, box.committing.set)
    over.set()
    ends = {attempt.delivery_id: attempt.error for attempt in box.attempts}
    assert ends.keys() == {"1", "2"}
    assert isinstance(ends["1"], Uncertain)
    assert isinstance(ends["2"], NotAccepted)
    assert ends["2"].failure.code == STOPPED
    assert line.sent == ["stubborn", "stuck"]


async def test_polling_goes_on_from_the_committed_cursor() -> None:
    line, box = Line(polls=True), Box()
    item = Ignored(key="1", why="test")
    line.polling = [Polled(items=(item,), cursor="5"), Polled(items=(), cursor="5")]
    line.committed = "3"
    async with running(line, box):
        await until(lambda: len(line.polled) == 3)
    assert line.polled == ["3", "5", "5"]
    assert line.ingested == [((item,), "5")]
    assert line.worked == [True], "a sign of life only where something came"


async def test_only_who_may_poll_polls() -> None:
    line, box = Line(polls=True), Box()
    line.allowed = False
    async with running(line, box):
        await asyncio.sleep(0.1)
    assert line.polled == []


async def test_trouble_with_polling_is_reported_and_does_not_stop_sending() -> None:
    line, box = Line(polls=True), Box()
    line.polling = [NotAccepted(FAILURE, retry_after=0.1), Polled(items=(), cursor="9")]
    async with running(line, box):
        await until(lambda: line.failures)
        box.put("x")
        await until(lambda: box.attempts)
        await until(lambda: line.worked)
    assert line.committed == "9"
    assert line.failures == ["Something was wrong."]
    assert line.worked == [False], "and that it works again"


class Noted(Poller):
    """Notes how long it would pause."""

    def __init__(self, line: Line) -> None:
        super().__init__("c", line, sink=line, port=line, health=line)
        self.pauses: list[float] = []

    async def _trouble(self, failure: Failure, pause: float) -> None:
        self.pauses.append(pause)


async def test_pauses_of_polling_grow_and_are_as_long_as_the_provider_says() -> None:
    told = [NotAccepted(FAILURE), NotAccepted(FAILURE), NotAccepted(FAILURE, retry_after=70.0)]
    ends = iter([*told, None, NotAccepted(FAILURE), Refused(FAILURE)])

    class Trouble(Line):
        async def poll(self, cursor: str | None) -> Polled:
            end = next(ends, asyncio.CancelledError())
            if end is not None:
                raise end
            return Polled(items=(), cursor="")

    line = Trouble(polls=True)
    poller = Noted(line)
    keeping = asyncio.create_task(poller.keep_right())
    with pytest.raises(asyncio.CancelledError):
        await poller.poll()
    keeping.cancel()
    first, second, asked, anew, refused = poller.pauses
    assert first < 0.7 < second < asked == 70
    assert anew < 0.7, "it went well in between"
    assert refused >= 5


async def test_what_was_not_committed_is_polled_again() -> None:
    line, box = Line(polls=True), Box()
    line.lose = 1
    item = Ignored(key="1", why="test")
    line.polling = [Polled(items=(item,), cursor="5"), Polled(items=(item,), cursor="5")]
    async with running(line, box):
        await until(lambda: line.ingested)
    assert line.polled[:2] == [None, None]


class OneLine(Line):
    """Sends and polls over one connection."""

    def __init__(self) -> None:
        super().__init__(polls=True)
        self.released = 0
        self.hang = False

    async def may_poll(self) -> bool:
        if self.lose:
            self.lose -= 1
            raise ConnectionError("the database is away")
        if self.hang:
            await asyncio.sleep(60)
        return self.allowed

    async def release(self) -> None:
        self.released += 1


async def test_one_connection_is_used_and_kept_only_with_the_right_to_poll(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("connectors.polling._RENEW_SECONDS", 0.02)
    monkeypatch.setattr("connectors.polling._RENEWAL_SECONDS", 0.2)
    line, box = OneLine(), Box()
    line.allowed = False
    box.put("1")
    async with running(line, box):
        await until(lambda: line.released)
        assert (line.sent, line.polled, box.claims) == ([], [], 0)
        line.allowed = True
        await until(lambda: box.attempts)
        for way in ("allowed", "lose", "hang"):
            released, claims = line.released, box.claims
            setattr(line, way, {"allowed": False, "lose": 1, "hang": True}[way])
            await until(lambda before=released: line.released > before)
            assert box.claims - claims <= 1
            line.allowed, line.hang = True, False
            box.put("2")
            await until(lambda: not box.waiting)
        await until(lambda: len(box.attempts) == 4)
        released = line.released
    assert line.released == released + 1, "a host that stops ends the connection"
