"""The server's side of the writer process: starts it, asks it, and starts the next one when it dies."""

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Self, cast

import msgspec

from server import reasons
from server.config import Config
from server.errors import Unavailable
from server.intake.store import LeaseLost, NotStored, Work
from server.unit_of_work import UnitOfWork
from server.writer.frames import SIZE_BYTES, Answer, decode_answer, encode, framed

_START_S = 10.0
_ANSWER_S = 120.0  # more than the databases' own limits allow a batch
_STOP_S = 3.0
_ROOT = Path(__file__).resolve().parents[2]
# What a dead or confused child looks like; uvloop tells a closed pipe by RuntimeError.
_BROKEN = (OSError, RuntimeError, EOFError, TimeoutError, msgspec.DecodeError)


class _Child:
    """The running child: frames go in, frames come out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._input = cast(asyncio.StreamWriter, process.stdin)
        self._output = cast(asyncio.StreamReader, process.stdout)

    @classmethod
    async def start(cls) -> Self:
        """Not in our session, where Ctrl-C would reach it, and blind for the folder that we were started in."""
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                __package__,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=os.environ | {"PYTHONPATH": path},
                start_new_session=True,
            )
        )

    async def send(self, data: bytes) -> None:
        self._input.write(framed(data))
        await self._input.drain()

    async def receive(self) -> bytes:
        size = int.from_bytes(await self._output.readexactly(SIZE_BYTES), "little")
        return await self._output.readexactly(size)

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
        self._turn = asyncio.Lock()
        self._settled = asyncio.Event()
        """Set when a start succeeded or failed: there is nothing to wait for."""
        self._newest: _Child | None = None
        self._free: _Child | None = None
        """The newest child while it can be given a batch."""
        self.is_running = False

    async def run(self) -> None:
        """Start the child and keep it; that it ends by itself is an error."""
        self._settled.clear()
        self._newest = child = await _Child.start()
        try:
            async with asyncio.timeout(_START_S):
                await child.send(encode(self._config))
                await child.receive()
            self._free, self.is_running = child, True
            self._settled.set()
            code = await child.process.wait()
            raise RuntimeError(f"the writer process ended by itself, exit code {code}")
        except Exception:
            child.kill()
            raise
        finally:
            self._free, self.is_running = None, False
            self._settled.set()

    async def stop(self) -> None:
        """Let the child finish what it has in hand."""
        if self._newest is not None:
            await self._newest.end()

    async def write(self, work: Work) -> None:
        """See :class:`~server.intake.store.Store`."""
        data = encode(work)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START_S):
                await self._settled.wait()
        async with self._turn, self._units.database.turn:
            answer = await self._exchange(data)
        self._units.tell(answer.events)
        for topic, message in answer.published:
            self._units.bus.publish(topic, message)
        match answer.error:
            case None:
                return
            case Unavailable.__name__:
                raise Unavailable(answer.detail)
            case LeaseLost.__name__:
                raise LeaseLost(answer.detail)
            case name:
                raise NotStored(name)

    async def _exchange(self, data: bytes) -> Answer:
        child = self._free
        if child is None:
            raise Unavailable(reasons.WRITER_AWAY)
        # Not free until its answer was read: one that nobody waited for would be taken for the next batch's.
        self._free = None
        try:
            async with asyncio.timeout(_ANSWER_S):
                await child.send(data)
                answer = decode_answer(await child.receive())
        except _BROKEN:
            child.kill()
            raise Unavailable(reasons.NOT_CERTAIN) from None
        if child is self._newest and self.is_running:
            self._free = child
        return answer
