"""One channel's polling: only with the right to it, from the cursor that was committed, with pauses when it fails."""

import asyncio
import contextlib
import logging
from typing import Protocol

from connectors.backoff import Backoff
from connectors.contract import Connector, Exclusive, Polled, Sink
from connectors.errors import Failure, NotAccepted, Refused, SendError

_LONGEST_HOLD = 300.0
_POLL_SECONDS = 90.0
_RENEW_SECONDS = 2.0
_RENEWAL_SECONDS = 2.0
_RELEASE_SECONDS = 2.0
_REFUSED_PAUSE = 5.0

log = logging.getLogger(__name__)


class PollPort(Protocol):
    """What polling needs besides the Sink: one poller per channel, and where it stands.  Implemented by the server."""

    async def may_poll(self) -> bool:
        """Take or keep the right to poll, for some seconds; False while another process has it."""
        ...

    async def cursor(self) -> str | None:
        """The cursor that was committed last."""
        ...


class Health(Protocol):
    """Told how the channel does, for administrators.  Implemented by the server."""

    async def failed(self, failure: Failure) -> None: ...

    async def works(self, *, received: bool) -> None:
        """The provider answered after it had failed, or (``received``) with something from outside."""
        ...


class Poller:
    """Fetches for one connector what its provider does not bring."""

    def __init__(
        self, channel_id: str, connector: Connector, *, sink: Sink, port: PollPort, health: Health
    ) -> None:
        self._id = channel_id
        self._connector = connector
        self._sink = sink
        self._port = port
        self._health = health
        self._may_poll = asyncio.Event()
        self._failing = False

    @property
    def has_right(self) -> bool:
        return self._may_poll.is_set()

    async def right(self) -> None:
        """Wait until the right is ours."""
        await self._may_poll.wait()

    async def keep_right(self) -> None:
        """Keep the right to poll, or wait for it; for ever."""
        while True:
            try:
                # What can't be renewed in time may be somebody else's soon.
                async with asyncio.timeout(_RENEWAL_SECONDS):
                    allowed = await self._port.may_poll()
            except Exception:
                await self.lost()
                raise
            if allowed:
                self._may_poll.set()
            else:
                await self.lost()
            await asyncio.sleep(_RENEW_SECONDS)

    async def lost(self) -> None:
        """Without the right to poll nothing is fetched, nor sent over a connection that another process may open."""
        self._may_poll.clear()
        if isinstance(self._connector, Exclusive):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_RELEASE_SECONDS):
                    await self._connector.release()

    async def poll(self) -> None:
        """Poll whenever the right to do so is ours; for ever."""
        backoff = Backoff()
        while True:
            await self._may_poll.wait()
            cursor = await self._port.cursor()
            try:
                await self._poll_from(cursor, backoff)
            except NotAccepted as error:
                await self._trouble(error.failure, max(backoff.pause(), error.retry_after or 0.0))
            except Refused as error:
                # A revoked token, or another poller elsewhere (409): only a person can mend it.
                await self._trouble(error.failure, max(backoff.pause(), _REFUSED_PAUSE))
            except SendError as error:
                await self._trouble(error.failure, backoff.pause())
            except TimeoutError:
                await asyncio.sleep(backoff.pause())

    async def _poll_from(self, cursor: str | None, backoff: Backoff) -> None:
        """Poll on and on while all goes well and the right to poll is ours."""
        while self._may_poll.is_set():
            async with asyncio.timeout(_POLL_SECONDS):
                polled: Polled = await self._connector.poll(cursor)
            if polled.items or polled.cursor != cursor:
                await self._sink.ingest(self._id, polled.items, raw=polled.raw, cursor=polled.cursor)
            cursor = polled.cursor
            if polled.items or self._failing:
                await self._health.works(received=bool(polled.items))
                self._failing = False
            backoff.reset()

    async def _trouble(self, failure: Failure, pause: float) -> None:
        log.warning("channel %s: polling failed: %s", self._id, failure.text)
        self._failing = True
        await self._health.failed(failure)
        await asyncio.sleep(min(pause, _LONGEST_HOLD))
