"""The server's side of the writer process: starts it, asks it, and starts the next one when it dies."""

import asyncio
import contextlib
import os
import sys
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self, cast

import msgspec

from server import reasons
from server.config import Config
from server.db.turns import Turn
from server.errors import Unavailable
from server.intake.store import LeaseLost, Left, Work
from server.supervisor import is_woken
from server.unit_of_work import UnitOfWork
from server.writer.answers import NOT_FLUSHED, SECURE_FIRST
from server.writer.frames import SIZE_BYTES, Answer, decode_answer, encodable, encode, framed

_START_S = 10.0
_ANSWER_S = 120.0  # more than the databases' own limits allow a batch
_STOP_S = 3.0
_ROOT = Path(__file__).resolve().parents[2]
# What a dead or confused child looks like; uvloop tells a closed pipe by RuntimeError.
_BROKEN = (OSError, RuntimeError, EOFError, TimeoutError, msgspec.DecodeError)


class NotStored(Exception):
    """The child could not store a work without entries, for the reason named; nothing of its last transaction is there."""


class _Child:
    """The running child: frames go in, frames come out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._input = cast(asyncio.StreamWriter, process.stdin)
        self._output = cast(asyncio.StreamReader, process.stdout)
        self._asked: deque[asyncio.Future[bytes]] = deque()
        self._is_over = False

    @classmethod
    async def start(cls, *arguments: str) -> Self:
        """Not in our session, where Ctrl-C would reach it, and blind for the folder that we were started in."""
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                __package__,
                *arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": path},
                start_new_session=True,
            )
        )

    async def ask(self, data: bytes) -> bytes:
        """The answer to this frame; the child answers in the order in which it is asked.  Raises one of _BROKEN."""
        if self._is_over:
            raise EOFError
        self._input.write(framed(data))
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        return await answer

    async def tell(self, config: Config) -> None:
        """The first frame; returns when the child is ready for the others."""
        self._input.write(framed(encode(config)))
        await self._receive()

    async def _receive(self) -> bytes:
        size = int.from_bytes(await self._output.readexactly(SIZE_BYTES), "little")
        return await self._output.readexactly(size)

    async def answer(self) -> None:
        """Give the answers that come to whoever asked, until no more come."""
        try:
            while True:
                data = await self._receive()
                asked = self._asked.popleft()
                if not asked.done():  # whoever asked may have been cancelled
                    asked.set_result(data)
        except _BROKEN:
            pass
        finally:
            self._is_over = True
            for asked in self._asked:
                if not asked.done():
                    asked.set_exception(EOFError())
            self._asked.clear()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    async def end(self) -> None:
        """Let it finish what it has in hand; don't wait for ever."""
        with contextlib.suppress(*_BROKEN):
            self._input.close()
        try:
            async with asyncio.timeout(_STOP_S):
                await self.process.wait()
        except TimeoutError:
            self.kill()
            await self.process.wait()


class WriterProcess:
    """A :class:`~server.intake.store.Store` whose work the child does.

    :meth:`run` belongs under a supervisor; :meth:`stop` comes after the supervisor's.
    """

    def __init__(self, config: Config, units: UnitOfWork) -> None:
        self._config = config
        self._units = units
        self._turns = _Turns(units.database.turn)
        # The next work lies in the pipe when the child is done with one; on SQLite it is done while the disk is waited for.
        self.depth = 2
        # A transaction costs PostgreSQL so much, whatever is in it, that many small ones are slower than few large ones.
        self.is_costly = units.database.dialect != "sqlite"
        self._settled = asyncio.Event()
        """Set when a start succeeded or failed: there is nothing to wait for."""
        self._newest: _Child | None = None
        self._must_secure = False
        self.is_running = False

    async def run(self) -> None:
        """Start the child and keep it; that it ends by itself is an error."""
        self._settled.clear()
        self._newest = child = await _Child.start(*([SECURE_FIRST] if self._must_secure else []))
        try:
            async with asyncio.timeout(_START_S):
                await child.tell(self._config)
            self._must_secure = False
            self.is_running = True
            self._settled.set()
            await child.answer()
            code = await child.process.wait()
            self._must_secure = code == NOT_FLUSHED
            raise RuntimeError(f"the writer process ended by itself, exit code {code}")
        except Exception:
            child.kill()
            raise
        finally:
            self.is_running = False
            self._settled.set()

    async def stop(self) -> None:
        """Let the child finish what it has in hand."""
        if self._newest is not None:
            await self._newest.end()

    async def store(self, work: Work) -> Left:
        """See :class:`~server.intake.store.Store`."""
        try:
            data = encode(work)
        except Exception:
            if not work.entries:
                raise
            readable, sifted = encodable(work)  # what it is about is found out entry by entry
            return sifted.left(await self._store(encode(readable)), rest=bool(work.kept or work.cursors))
        return await self._store(data)

    async def _store(self, data: bytes) -> Left:
        await is_woken(self._settled, _START_S)
        async with self._turns.next():
            answer = await self._ask(data)
        self._units.tell(answer.events)
        for topic, message in answer.published:
            self._units.bus.publish(topic, message)
        match answer.error:
            case None:
                return answer.left or Left()
            case Unavailable.__name__:
                raise Unavailable(answer.detail)
            case LeaseLost.__name__:
                raise LeaseLost(answer.detail)
            case name:
                raise NotStored(name)

    async def _ask(self, data: bytes) -> Answer:
        child = self._newest
        if child is None or not self.is_running:
            raise Unavailable(reasons.WRITER_AWAY)
        try:
            async with asyncio.timeout(_ANSWER_S):
                return decode_answer(await child.ask(data))
        except _BROKEN:
            child.kill()
            raise Unavailable(reasons.NOT_CERTAIN) from None


class _Turns:
    """The child writes by the database's turn, and keeps it from one work to the next unless others want it too."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._entry = asyncio.Lock()
        self._under_way = 0
        self._none = asyncio.Event()

    @contextlib.asynccontextmanager
    async def next(self) -> AsyncIterator[None]:
        async with self._entry:
            if self._under_way and self._turn.is_wanted:
                await self._none.wait()
            if not self._under_way:
                await self._turn.take()
            self._under_way += 1
            self._none.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if not self._under_way:
                self._turn.give_back()
                self._none.set()
