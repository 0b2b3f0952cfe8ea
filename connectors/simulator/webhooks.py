"""Going out to the business's server: webhooks with retries, and fetching the media it offers by link."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Protocol
from urllib.parse import urlsplit

import aiohttp
import msgspec
from yarl import URL

from connectors.simulator.faults import Faults
from connectors.simulator.world import Blob, Exchange, World

_BODY_KEPT = 64 * 1024
_MEDIA_LIMIT = 50 * 1024 * 1024
_REORDER_PATIENCE = 0.05
"""Seconds that a shuffled batch waits for more."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook as it goes over the wire."""

    event: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"
    timeout: float = 15.0


class Retry(Protocol):
    """When a failed webhook is posted again: seconds to wait, or None for never."""

    def __call__(self, last: Exchange) -> float | None: ...


Job = Callable[[], Coroutine[Any, Any, None]]
Notify = Callable[[Exchange], None]
"""Told about every attempt, so that the phone can show it."""


def once(last: Exchange) -> float | None:
    """No retries."""
    return None


class Courier:
    """Posts webhooks.

    Calls in the same ``lane`` are first attempted one after the other; a failed one is repeated in the
    background and does not hold up those behind it.  ``pace`` stretches or shortens all waiting between retries.
    """

    def __init__(self, world: World, *, pace: float = 1.0) -> None:
        self.pace = pace
        self.routes: dict[str, str] = {}
        """Address prefixes that are reached elsewhere, as a proxy in front of the server would have it."""
        self._world = world
        self._tasks: set[asyncio.Task[None]] = set()
        self._lanes: dict[str, deque[Job]] = {}
        self._held: dict[int, list[Job]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=200),
            skip_auto_headers=("User-Agent", "Accept"),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def stop(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._lanes.clear()
        self._held.clear()
        if self._session is not None:
            await self._session.close()

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the simulator was not started")
        return self._session

    def spawn(self, job: Coroutine[Any, Any, None]) -> None:
        """Run in the background until done, or until the simulator stops."""
        task = asyncio.create_task(job)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def settled(self, timeout: float = 10.0) -> None:
        """Wait until nothing is being posted or waits for a retry."""
        async with asyncio.timeout(timeout):
            while self._tasks:
                await asyncio.wait(tuple(self._tasks))

    # ------------------------------------------------------------------ webhooks

    def post(
        self, call: Call, *, faults: Faults, retry: Retry = once, notify: Notify, lane: str | None = None
    ) -> asyncio.Future[Exchange]:
        """Post in the background; the result is the exchange of the first attempt."""
        first: asyncio.Future[Exchange] = asyncio.get_running_loop().create_future()
        for _ in range(faults.copies()):
            job = partial(self._carry, call, first, retry, notify)
            if faults.reorder > 1:
                self._hold(job, faults)
            elif lane is None:
                self.spawn(job())
            else:
                self._enqueue(lane, job)
        return first

    def _enqueue(self, lane: str, job: Job) -> None:
        if lane in self._lanes:
            self._lanes[lane].append(job)
        else:
            self._lanes[lane] = deque([job])
            self.spawn(self._drain(lane))

    async def _drain(self, lane: str) -> None:
        queue = self._lanes[lane]
        while queue:
            await queue.popleft()()
        del self._lanes[lane]

    def _hold(self, job: Job, faults: Faults) -> None:
        held = self._held.setdefault(id(faults), [])
        held.append(job)
        if len(held) >= faults.reorder:
            self._release(faults)
        elif len(held) == 1:
            self.spawn(self._release_later(held, faults))

    async def _release_later(self, batch: list[Job], faults: Faults) -> None:
        await asyncio.sleep(_REORDER_PATIENCE)
        if self._held.get(id(faults)) is batch:
            self._release(faults)

    def _release(self, faults: Faults) -> None:
        batch = self._held.pop(id(faults))
        faults.random.shuffle(batch)
        self.spawn(self._in_turn(batch))

    async def _in_turn(self, batch: list[Job]) -> None:
        for job in batch:
            await job()

    async def _carry(self, call: Call, first: asyncio.Future[Exchange], retry: Retry, notify: Notify) -> None:
        exchange = await self.attempt(call)
        notify(exchange)
        if not first.done():
            first.set_result(exchange)
        if not exchange.ok and (wait := retry(exchange)) is not None:
            self.spawn(self._repeat(call, exchange, wait, retry, notify))

    async def _repeat(
        self, call: Call, last: Exchange, wait: float | None, retry: Retry, notify: Notify
    ) -> None:
        while not last.ok and wait is not None:
            await asyncio.sleep(wait * self.pace)
            last = await self.attempt(call, attempt=last.attempt + 1)
            notify(last)
            wait = retry(last)

    async def attempt(self, call: Call, *, attempt: int = 1) -> Exchange:
        """One HTTP exchange; never raises for what the other side does."""
        status, body, error, retry_after, unconnected = None, bytearray(), "", None, False
        started, at_ms = time.perf_counter(), self._world.stamp()
        try:
            async with self._http().request(
                call.method,
                URL(self._reached_at(call.url), encoded=True),
                data=call.body or None,
                headers=call.headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=call.timeout, sock_connect=5.0),
            ) as response:
                status = response.status
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) >= _BODY_KEPT:
                        break
                with suppress(KeyError, ValueError):
                    retry_after = float(response.headers["Retry-After"])
        except TimeoutError as exc:
            error = "no answer in time"
            unconnected = isinstance(exc, aiohttp.ConnectionTimeoutError)
        except (aiohttp.ClientError, ValueError, OSError) as exc:
            error = type(exc).__name__
            unconnected = isinstance(exc, aiohttp.ClientConnectorError)
        exchange = Exchange(
            event=call.event,
            method=call.method,
            path=urlsplit(call.url).path or "/",
            status=status,
            ms=round((time.perf_counter() - started) * 1000, 1),
            at_ms=at_ms,
            attempt=attempt,
            error=error,
            body=bytes(body),
            retry_after=retry_after,
            unconnected=unconnected,
        )
        self._world.exchanges.append(exchange)
        return exchange

    # ------------------------------------------------------------------ media

    async def fetch(self, url: str, *, default_name: str) -> Blob | None:
        """The file behind a link that the business sent, or None if it can't be had."""
        if urlsplit(url).scheme not in {"http", "https"}:
            return None
        timeout = aiohttp.ClientTimeout(total=15)
        try:
            async with self._http().get(
                URL(self._reached_at(url), encoded=True), timeout=timeout
            ) as response:
                if response.status != 200:
                    return None
                data = bytearray()
                async for chunk in response.content.iter_chunked(1 << 16):
                    data += chunk
                    if len(data) > _MEDIA_LIMIT:
                        return None
                mime = response.content_type
        except (TimeoutError, aiohttp.ClientError, ValueError, OSError):
            return None
        name = urlsplit(url).path.rpartition("/")[2] or default_name
        return self._world.blobs.add(bytes(data), name=name, mime=mime)

    def _reached_at(self, url: str) -> str:
        for prefix, target in self.routes.items():
            if url.startswith(prefix):
                return target + url.removeprefix(prefix)
        return url
