"""One channel's life: what waits is sent, what can only be fetched is polled, trouble backs off, stopping is clean.

The host knows a connector and the two ports.  Whatever the connector does, an exception of its own included, ends as
the :class:`~connectors.contract.Attempt` of one delivery or as a pause of this one channel.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from connectors.backoff import LONGEST_PAUSE, Backoff
from connectors.contract import (
    AnswersLate,
    Attempt,
    Connector,
    Exclusive,
    Outbound,
    Outbox,
    Paced,
    ReactionBox,
    Sink,
)
from connectors.errors import STOPPED, Failure, NotAccepted, SendError, Uncertain
from connectors.journal import Journal
from connectors.pacing import UNLIMITED, Pacer
from connectors.polling import Health, Poller, PollPort
from connectors.reacting import Reactor

_RECORD_TRIES = 60
_RECORD_PAUSE = 10.0

log = logging.getLogger(__name__)


class HostLimits(msgspec.Struct, frozen=True, kw_only=True):
    concurrency: int = 16
    """Messages on their way at once, each to another person."""
    call_seconds: float = 25.0
    """Longest time for one message; shorter than the lease of a claimed delivery."""
    stop_seconds: float = 2.0
    """How long calls on their way may take to end when the host is stopped."""


class ChannelHost:
    """Runs one connector.  :meth:`run` goes on until it is cancelled, and then ends its calls cleanly."""

    def __init__(
        self,
        channel_id: str,
        connector: Connector,
        *,
        outbox: Outbox,
        sink: Sink,
        poll_port: PollPort,
        health: Health,
        limits: HostLimits,
        reactions: ReactionBox | None = None,
    ) -> None:
        self._id = channel_id
        self._connector = connector
        self._outbox = outbox
        self._limits = limits
        self._calls: dict[asyncio.Task[Attempt], Outbound] = {}
        self._pacer = Pacer(connector.pace if isinstance(connector, Paced) else UNLIMITED, _now)
        self._poller = Poller(channel_id, connector, sink=sink, port=poll_port, health=health)
        self._needs_right = isinstance(connector, Exclusive | Paced)
        self._claiming: asyncio.Future[list[Outbound]] | None = None
        self._reactor: Reactor | None = None
        if reactions is not None:
            right = self._poller if self._needs_right else None
            self._reactor = Reactor(channel_id, connector, reactions, self._pacer, right, limits.call_seconds)

    async def run(self) -> None:
        """Send, and poll where the connector polls; one failing loop does not stop the other."""
        try:
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._keep("send", self._send_for_ever), name=f"send {self._id}")
                if isinstance(self._connector, AnswersLate):
                    loops.create_task(self._keep("late", self._record_late), name=f"late {self._id}")
                if self._reactor is not None:
                    loops.create_task(self._keep("react", self._reactor.run), name=f"react {self._id}")
                if self._connector.polls or self._needs_right:
                    loops.create_task(self._keep("lease", self._poller.keep_right), name=f"lease {self._id}")
                if self._connector.polls:
                    loops.create_task(self._keep("poll", self._poller.poll), name=f"poll {self._id}")
        finally:
            # Whoever stops us may cancel again when it takes long: results are recorded all the same.
            draining = asyncio.ensure_future(self._drain())
            while not draining.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.shield(draining)

    async def _keep(self, what: str, loop: Callable[[], Awaitable[None]]) -> None:
        """Go on after any failure of the loop itself (the database away, say)."""
        backoff = Backoff()
        while True:
            started = _now()
            try:
                await loop()
            except Exception as error:
                log.warning("channel %s: %s loop failed: %s", self._id, what, _name(error), exc_info=error)
            if _now() - started > LONGEST_PAUSE:
                backoff.reset()
            await asyncio.sleep(backoff.pause())

    # ------------------------------------------------------------------------------------- sending

    async def _send_for_ever(self) -> None:
        while True:
            await self._claim()
            await self._wait()
            await self._record_done()

    async def _claim(self) -> None:
        """Begin as many calls as there is room for."""
        while (
            self._may_send() and (room := self._pacer.room(self._limits.concurrency - len(self._calls))) > 0
        ):
            # Shielded: what a claim commits while we are stopped must not be left behind (see _give_back).
            claim = self._outbox.claim(self._id, room, self._pacer.resting())
            self._claiming = asyncio.ensure_future(claim)
            claimed = await asyncio.shield(self._claiming)
            self._claiming = None
            for message in claimed:
                self._pacer.begun(message.peer_id)
                name = f"delivery {message.delivery_id}"
                self._calls[asyncio.create_task(self._call(message), name=name)] = message
            if not claimed:
                return

    def _may_send(self) -> bool:
        """A pace, like a connection, is of one process: two that send would send twice as fast."""
        return self._poller.has_right or not self._needs_right

    async def _wait(self) -> None:
        """Until a call ended, or something may wait for us, or what was held back may go."""
        full = len(self._calls) >= self._limits.concurrency
        if full:
            await asyncio.wait(self._calls, return_when=asyncio.FIRST_COMPLETED)
            return
        pause, held = self._pacer.pause(), self._pacer.is_held()
        signal: Awaitable[None]
        if not self._may_send():
            signal, pause = self._poller.right(), None
        else:
            signal = asyncio.sleep(pause or 0.0) if held else self._outbox.wait(self._id)
        waiting = asyncio.ensure_future(signal)
        try:
            await asyncio.wait({waiting, *self._calls}, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(waiting)

    async def _call(self, message: Outbound) -> Attempt:
        """Send one message; every way in which that can end becomes an Attempt."""
        journal = Journal(message.progress)
        try:
            async with asyncio.timeout(self._limits.call_seconds):
                sent = await self._connector.send(msgspec.structs.replace(message, progress=journal))
        except SendError as error:
            return _attempt(message, error, journal)
        except TimeoutError:
            cut = _cut_off(journal, "no_answer", "The provider gave no answer in time")
            return _attempt(message, cut, journal)
        except asyncio.CancelledError:
            cut = _cut_off(journal, "interrupted", "Sending was interrupted")
            return _attempt(message, cut, journal)
        except Exception as error:
            log.exception("channel %s: the connector failed in an unexpected way", self._id)
            defect = _uncertain("unexpected", "Sending failed unexpectedly", _name(error))
            return _attempt(message, defect, journal)
        return Attempt(delivery_id=message.delivery_id, attempt=message.attempt, done=message.done, sent=sent)

    async def _record_done(self) -> None:
        """Record all calls that ended, and hold back the channel when its provider asked for it."""
        done = {task: message for task, message in self._calls.items() if task.done()}
        if not done:
            return
        for task, message in done.items():
            self._learn(message, task.result())
        await self._record([task.result() for task in done])
        for task in done:
            del self._calls[task]

    def _learn(self, message: Outbound, attempt: Attempt) -> None:
        """What an ended call says about how fast we may go."""
        self._pacer.parts(message.peer_id, len(attempt.accepted) - 1)
        if isinstance(attempt.error, NotAccepted):
            self._pacer.refused(message.peer_id, attempt.error)

    async def _record_late(self) -> None:
        """Attempts that were recorded as uncertain, and whose end is known after all."""
        while isinstance(self._connector, AnswersLate):
            await self._record([await self._connector.late()])

    async def _record(self, attempts: list[Attempt]) -> None:
        """Try hard: what can't be recorded ends as unknown when its lease runs out."""
        backoff = Backoff(longest=_RECORD_PAUSE)
        for tries in range(_RECORD_TRIES):
            try:
                await self._outbox.record(self._id, attempts)
                return
            except Exception:
                log.warning("channel %s: can't record %d results", self._id, len(attempts), exc_info=True)
            if tries and len(attempts) > 1:
                for attempt in attempts:
                    await self._record([attempt])
                return
            await asyncio.sleep(backoff.pause())
        log.error("channel %s: gave up on recording delivery %s", self._id, attempts[0].delivery_id)

    async def _drain(self) -> None:
        """Let calls on their way end, cut off those that don't, and record both; takes twice the time at most."""
        try:
            if self._calls:
                await asyncio.wait(self._calls, timeout=self._limits.stop_seconds)
                for task in self._calls:
                    task.cancel()
            async with asyncio.timeout(self._limits.stop_seconds):
                if self._calls:  # one that does not end even so must not hold up the rest
                    await asyncio.wait(self._calls, timeout=self._limits.stop_seconds / 2)
                await self._record_done()
                await self._give_back()
        except Exception:
            log.warning("channel %s: not all results could be recorded", self._id, exc_info=True)
        await self._poller.lost()

    async def _give_back(self) -> None:
        """What was claimed just as we were stopped was certainly not sent: somebody else may do it."""
        if self._claiming is None:
            return
        claimed = await self._claiming
        failure = Failure(code=STOPPED, text="The server was stopped; the message is sent shortly.")
        if claimed:
            back = NotAccepted(failure)
            await self._record([_attempt(message, back, Journal(None)) for message in claimed])


def _attempt(message: Outbound, error: SendError, journal: Journal) -> Attempt:
    """The end of an attempt, with the parts that were accepted however it was cut off."""
    if len(error.accepted) < len(journal.accepted):
        error.accepted = tuple(journal.accepted)
    return Attempt(delivery_id=message.delivery_id, attempt=message.attempt, done=message.done, error=error)


def _cut_off(journal: Journal, code: str, text: str) -> SendError:
    """Between two parts nothing was on its way: what is left of the message is certainly not sent."""
    if journal.in_flight:
        return _uncertain(code, text)
    return NotAccepted(
        Failure(code=STOPPED, text="The rest of the message was not sent yet; that is done shortly.")
    )


def _uncertain(code: str, text: str, provider_code: str | None = None) -> Uncertain:
    sentence = f"{text}; the message may or may not have been sent."
    return Uncertain(Failure(code=code, text=sentence, provider_code=provider_code))


async def _end(task: "asyncio.Future[Any]") -> None:
    """Cancel what is no longer waited for."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _name(error: BaseException) -> str:
    return type(error).__name__


def _now() -> float:
    return asyncio.get_running_loop().time()
