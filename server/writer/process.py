"""The server's side of the writer process: starts it, asks it, and starts the next one when it dies."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Self, cast

from server.config import Config
from server.errors import Unavailable
from server.intake.store import LeaseLost, NotStored, Work
from server.unit_of_work import UnitOfWork
from server.writer.frames import SIZE_BYTES, Answer, decode_answer, encode, framed

_START_S = 10.0
_STOP_S = 3.0
_ROOT = Path(__file__).resolve().parents[2]


class _Child:
    """The running child: frames go in, frames come out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._input = cast(asyncio.StreamWriter, process.stdin)
        self._output = cast(asyncio.StreamReader, process.stdout)

    @classmethod
    async def start(cls) -> Self:
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
        pipe = asyncio.subprocess.PIPE
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                __package__,
                stdin=pipe,
                stdout=pipe,
                env=os.environ | {"PYTHONPATH": path},
            )
        )

    async def send(self, value: Work | Config) -> None:
        self._input.write(framed(encode(value)))
        await self._input.drain()

    async def receive(self) -> bytes:
        size = int.from_bytes(await self._output.readexactly(SIZE_BYTES), "little")
        return await self._output.readexactly(size)

    async def end(self) -> None:
        """Let it finish what it has in hand; don't wait for ever."""
        self._input.close()
        try:
            async with asyncio.timeout(_STOP_S):
                await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()


class WriterProcess:
    """A :class:`~server.intake.store.Store` whose work the child does; :meth:`run` belongs under a supervisor."""

    def __init__(self, config: Config, units: UnitOfWork) -> None:
        self._config = config
        self._units = units
        self._turn = asyncio.Lock()
        self._started = asyncio.Event()
        self._child: _Child | None = None

    async def run(self) -> None:
        """Start the child and keep it; that it ends by itself is an error."""
        child = await _Child.start()
        try:
            await child.send(self._config)
            await child.receive()
            self._child = child
            self._started.set()
            code = await child.process.wait()
            raise RuntimeError(f"the writer process ended by itself, exit code {code}")
        finally:
            self._child = None
            self._started.clear()
            await child.end()

    async def write(self, work: Work) -> None:
        """See :class:`~server.intake.store.Store`."""
        try:
            async with asyncio.timeout(_START_S):
                await self._started.wait()
        except TimeoutError:
            raise Unavailable("The writer process is not running; please try again.") from None
        async with self._turn, self._units.database.turn:
            answer = await self._exchange(work)
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

    async def _exchange(self, work: Work) -> Answer:
        child = self._child
        if child is None:
            raise Unavailable("The writer process is not running; please try again.")
        try:
            await child.send(work)
            return decode_answer(await child.receive())
        except (OSError, asyncio.IncompleteReadError):
            raise Unavailable("It is not certain that this was stored.") from None
        except asyncio.CancelledError:
            child.process.kill()  # its answer would be taken for the next batch's
            raise
