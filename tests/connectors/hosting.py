"""An outbox in memory and a connector that does what a test says, for the host of a channel."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from connectors.contract import AnyItem, Attempt, Outbound, Polled, Sent
from connectors.errors import Failure
from connectors.host import ChannelHost, HostLimits

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
        line,
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
