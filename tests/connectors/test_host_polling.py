"""The host of one channel: it polls from what was committed, and only with the right to."""

import asyncio

import pytest

from connectors.contract import Ignored, Polled
from connectors.errors import Failure, NotAccepted, Refused
from connectors.polling import Poller
from tests.connectors.hosting import FAILURE, Box, Line, running
from tests.support.waiting import until


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
