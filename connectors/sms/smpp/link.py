"""The one connection of an account, for everything that goes over it: made where there is none, until it is released."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final, TypeVar

from connectors.errors import STOPPED, Failure, NotAccepted
from connectors.sms.smpp import failures, pdu, session
from connectors.sms.smpp.arrivals import Arrivals
from connectors.sms.smpp.pdu import Command, Message, Pdu
from connectors.sms.smpp.session import ANSWER_SECONDS, Session
from connectors.sms.smpp.settings import Settings

T = TypeVar("T")

_BIND_SECONDS: Final = 5.0
"""How long a message waits for the connection, as after a restart of the SMSC."""


class Link:
    """Of one channel.  What comes is put into ``arrivals``."""

    def __init__(self, settings: Settings, arrivals: Arrivals) -> None:
        self.settings = settings
        self._arrivals = arrivals
        self._session: Session | None = None
        self._binding: asyncio.Task[Session] | None = None
        self._waiting = 0
        self._wanted = asyncio.Event()
        self._bound = asyncio.Event()
        self._window = asyncio.Semaphore(settings.window)
        self._shown: Session | None = None
        self._works = False
        self.news = asyncio.Event()
        """Set when something came, when the connection ended, and when :meth:`works_anew`."""

    @property
    def wanted(self) -> bool:
        """Whether the connection is this process's to make: from :meth:`want` until :meth:`release`."""
        return self._wanted.is_set()

    def want(self) -> None:
        self._wanted.set()

    async def release(self) -> None:
        """Say goodbye, and make no connection until it is wanted again."""
        self._wanted.clear()
        self._bound.clear()
        if self._binding is not None:
            self._binding.cancel()
        bound, self._session = self._session, None
        if bound is not None:
            await bound.unbind()
        self.news.set()

    async def connected(self) -> Session:
        """The connection, made where there is none.  Raises NotAccepted or Refused."""
        if self._session is not None and not self._session.closed:
            return self._session
        if self._binding is None or self._binding.done():
            self._bound.clear()
            self._session = None
            self._binding = asyncio.create_task(self._bind(), name="smpp bind")
        binding = self._binding
        self._waiting += 1
        try:
            await asyncio.wait({binding})
        finally:
            self._waiting -= 1
            if not self._waiting:
                binding.cancel()
        if binding.cancelled():  # by release()
            raise failures.unreachable()
        return binding.result()

    async def _bind(self) -> Session:
        found = await session.bind(
            self.settings, room=self._arrivals.room, incoming=self._take, ended=self._ended
        )
        self._session = found
        if not found.number:
            found.number = self._arrivals.bound()
        if not found.closed:
            self._bound.set()
        return found

    def _ended(self) -> None:
        self._bound.clear()
        self.news.set()

    def _take(self, of: Session, found: Pdu) -> None:
        if not of.number:  # messages may come in the very moment of the bind
            of.number = self._arrivals.bound()
        self._arrivals.put(of.number, found, partial(of.answer, found))
        self.news.set()

    # -------------------------------------------------------------------------------------- what goes over it

    async def submit(self, message: Message, late: Callable[[Pdu], None] | None = None) -> Pdu:
        """The SMSC's answer, of any status.  ``late`` is given one that comes after this gave up.

        Raises NotAccepted where not one octet was written (there is no connection, or whoever waits for one is stopped),
        and Uncertain where no answer came.
        """
        await _unwritten(self._window.acquire())
        try:
            bound = await _unwritten(self._there())
            answer = await bound.request(Command.SUBMIT_SM, pdu.write_message(message), ANSWER_SECONDS, late)
        finally:
            self._window.release()
        self._show(bound)
        return answer

    async def _there(self) -> Session:
        """The connection, once it is there.  Asked last: one that is lost while a message waits costs it no attempt."""
        try:
            async with asyncio.timeout(_BIND_SECONDS):
                await self._bound.wait()
        except TimeoutError:
            raise failures.unreachable() from None
        if self._session is None:
            raise failures.unreachable()
        return self._session

    def _show(self, bound: Session) -> None:
        if bound is not self._shown:
            self._shown, self._works = bound, True
            self.news.set()

    def works_anew(self) -> bool:
        """Whether a connection has shown that it works, by an answer to a message; True once for each."""
        found, self._works = self._works, False
        return found

    async def ready(self) -> None:
        """Wait for the connection, and make it where that is ours to do.  Raises NotAccepted or Refused with the reason."""
        try:
            async with asyncio.timeout(_BIND_SECONDS):
                await self._wanted.wait()
        except TimeoutError:
            raise failures.connected_elsewhere() from None
        await self.connected()


async def _unwritten(waiting: Awaitable[T]) -> T:
    """Whoever is stopped in the middle of it shall know that not one octet was written."""
    try:
        return await waiting
    except asyncio.CancelledError:
        text = "The message was not sent yet; that is done shortly."
        raise NotAccepted(Failure(code=STOPPED, text=text)) from None
