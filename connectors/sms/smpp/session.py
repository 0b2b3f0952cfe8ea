"""One bound connection to an SMSC: requests and their answers, both ways, until it ends."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable
from typing import Final

from connectors.errors import NotAccepted, SendError
from connectors.sending import unclear
from connectors.sms.smpp import failures, pdu, tls
from connectors.sms.smpp.pdu import RESPONSE, BadPdu, Command, Pdu
from connectors.sms.smpp.settings import Settings, where_of

CONNECT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 10.0
UNBIND_SECONDS: Final = 1.0
_LAST_SEQUENCE: Final = 0x7FFFFFFF
_BUFFER: Final = 2**17
_MOST_LATE: Final = 1000

log = logging.getLogger(__name__)


class Session:
    """Open with :func:`bind`.  ``incoming`` is called with each deliver_sm and data_sm; while it waits, nothing is read."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        room: Callable[[], "asyncio.Future[None] | None"],
        incoming: Callable[["Session", Pdu], None],
        ended: Callable[[], None],
    ) -> None:
        self._reader, self._writer = reader, writer
        self._room, self._incoming, self._ended = room, incoming, ended
        self._waiting: dict[int, asyncio.Future[Pdu]] = {}
        self._late: dict[int, Callable[[Pdu], None]] = {}
        self._sequence = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.number = 0
        self.closed = False

    def start(self, enquire_seconds: float) -> None:
        self._tasks.append(asyncio.create_task(self._read_for_ever(), name="smpp reader"))
        if enquire_seconds:
            self._tasks.append(
                asyncio.create_task(self._enquire_for_ever(enquire_seconds), name="smpp enquire")
            )

    # ------------------------------------------------------------------------------------- requests of ours

    async def request(
        self,
        command: Command,
        body: bytes = b"",
        seconds: float = ANSWER_SECONDS,
        late: Callable[[Pdu], None] | None = None,
    ) -> Pdu:
        """The answer, of any status.

        Raises NotAccepted when nothing was written, and Uncertain when no answer came.  One that comes when this has
        ended is given to ``late``, as long as the connection lives.
        """
        if self.closed:
            raise failures.unreachable()
        self._sequence = self._sequence % _LAST_SEQUENCE + 1
        sequence = self._sequence
        answer: asyncio.Future[Pdu] = asyncio.get_running_loop().create_future()
        self._waiting[sequence] = answer
        try:
            async with asyncio.timeout(seconds):
                self._write(Pdu(command=command, sequence=sequence, body=body))
                await self._writer.drain()
                return await answer
        except (TimeoutError, OSError):
            raise unclear(failures.NAME, "gave no answer in time") from None
        except _Ended:
            raise unclear(failures.NAME, "ended the connection before it answered") from None
        finally:
            del self._waiting[sequence]
            if late is not None and not self.closed and (answer.cancelled() or not answer.done()):
                self._await_late(sequence, late)

    def _await_late(self, sequence: int, late: Callable[[Pdu], None]) -> None:
        self._late[sequence] = late
        while len(self._late) > _MOST_LATE:
            del self._late[next(iter(self._late))]

    async def ping(self) -> bool:
        """Whether the other side answers; a connection that does not is ended."""
        try:
            await self.request(Command.ENQUIRE_LINK)
        except SendError:
            if self._room() is None:  # else we are the ones who don't read
                self.close()
            return False
        return True

    async def unbind(self) -> None:
        """Say goodbye and end the connection; takes a second at most."""
        with contextlib.suppress(SendError):
            await self.request(Command.UNBIND, seconds=UNBIND_SECONDS)
        self.close()

    async def _enquire_for_ever(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            # While we don't read, no answer can come.
            if self._room() is None:
                await self.ping()

    # ------------------------------------------------------------------------------------- requests of theirs

    def answer(self, to: Pdu, status: int = 0) -> None:
        """Answer a request, if the connection is still there."""
        # deliver_sm_resp and data_sm_resp have an empty message_id.
        body = b"\0" if to.command in (Command.DELIVER_SM, Command.DATA_SM) else b""
        command = Command.GENERIC_NACK if status in _NACKS else to.command | RESPONSE
        if not self.closed:
            sequence = to.sequence
            with contextlib.suppress(OSError):
                self._write(
                    Pdu(command=command, sequence=sequence, status=status, body=b"" if status else body)
                )

    async def _read_for_ever(self) -> None:
        try:
            while not self.closed:
                if (room := self._room()) is not None:
                    await room
                    continue
                self._take(await self._next())
        except BadPdu as error:
            log.warning("the SMSC sent %s: the connection is ended", error)
            self.answer(Pdu(command=0, sequence=0), error.status)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.close()

    async def _next(self) -> Pdu:
        head = await self._reader.readexactly(4)
        return pdu.decode(head + await self._reader.readexactly(pdu.length_of(head) - 4))

    def _take(self, found: Pdu) -> None:
        if found.command & RESPONSE:
            waiting = self._waiting.get(found.sequence)
            if waiting is not None and not waiting.done():
                waiting.set_result(found)
            elif (late := self._late.pop(found.sequence, None)) is not None:
                late(found)
        elif found.command in (Command.DELIVER_SM, Command.DATA_SM):
            self._incoming(self, found)
        elif found.command in (Command.ENQUIRE_LINK, Command.UNBIND):
            self.answer(found)
            if found.command == Command.UNBIND:
                self.close()
        elif found.command != Command.ALERT_NOTIFICATION:
            self.answer(found, pdu.INVALID_COMMAND)

    # ------------------------------------------------------------------------------------- the connection

    def _write(self, out: Pdu) -> None:
        self._writer.write(out.encode())

    def close(self) -> None:
        """End the connection at once; whatever waits for an answer gets none."""
        if self.closed:
            return
        self.closed = True
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(_Ended())
        self._writer.close()
        current = asyncio.current_task()
        for task in self._tasks:
            if task is not current:
                task.cancel()
        self._ended()


class _Ended(Exception):
    """The connection ended."""


_NACKS: Final = (pdu.INVALID_LENGTH, pdu.INVALID_COMMAND)


async def bind(
    settings: Settings,
    *,
    room: Callable[[], "asyncio.Future[None] | None"] = lambda: None,
    incoming: Callable[[Session, Pdu], None] = lambda session, found: session.answer(found, 0x64),
    ended: Callable[[], None] = lambda: None,
) -> Session:
    """Connect and bind as a transceiver.

    ``room`` gives what to wait for before more is read, or None.  Raises NotAccepted (try again) or Refused (a person
    has to mend it).
    """
    where = where_of(settings)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(
                where.host,
                where.port,
                ssl=tls.context(settings.ca) if where.tls else None,
                limit=_BUFFER,
            )
    except ssl.SSLError as error:
        raise tls.refusal(error, where.host) from None
    except (OSError, TimeoutError, UnicodeError) as error:
        # Without TLS at the other side, its greeting is no PDU there, and the connection is ended.
        if where.tls and isinstance(error, ConnectionResetError):
            raise tls.refusal(error, where.host) from None
        raise failures.unreachable() from None
    session = Session(reader, writer, room, incoming, ended)
    session.start(settings.enquire_seconds)
    body = pdu.write_bind(settings.system_id, settings.password, settings.system_type)
    try:
        answer = await session.request(Command.BIND_TRANSCEIVER, body)
    except NotAccepted:
        session.close()
        raise
    except SendError:
        session.close()
        raise failures.unreachable("The SMSC did not answer when we connected.") from None
    except BaseException:
        session.close()
        raise
    if answer.status:
        session.close()
        raise failures.bind_refusal(answer.status)
    return session
