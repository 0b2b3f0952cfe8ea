"""The writer process itself: ``python -m server.writer``, started by the server only."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO

import msgspec
import uvloop

from server import failpoints
from server.bus.base import Listener, Topic
from server.clock import SystemClock
from server.config import Config
from server.db.engine import open_database
from server.db.failures import is_outage
from server.errors import Unavailable
from server.events.model import Event
from server.garbage import settle
from server.ids import Ids
from server.intake.keywords import Keywords
from server.intake.store import LeaseLost, Left, UnitStore
from server.logs import set_up_logging
from server.unit_of_work import UnitOfWork
from server.writer.answers import SECURE_FIRST, Answers
from server.writer.frames import SIZE_BYTES, Answer, decodable, decode_work, encode

_POOL_SIZE = 2

log = logging.getLogger(__name__)


class _Collected:
    """The child's bus: what is to be published goes back with the answer, as the server is who others hear."""

    healthy = True

    def __init__(self) -> None:
        self.published: list[tuple[Topic, str]] = []

    def publish(self, topic: Topic, message: str) -> None:
        self.published.append((topic, message))

    def subscribe(self, topic: Topic, listener: Listener) -> Callable[[], None]:
        raise NotImplementedError("nobody listens in the writer process")

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class Writer:
    """Stores one batch at a time."""

    def __init__(self, config: Config) -> None:
        clock = SystemClock()
        self._bus = _Collected()
        self._events: list[Event] = []
        self.database = open_database(config.database_url, pool_size=_POOL_SIZE, of_writer=True)
        units = UnitOfWork(self.database, self._bus, clock, Ids(clock))
        units.on_commit(self._events.extend)
        self._store = UnitStore(units, config.dialogs.reopen_within_hours, Keywords.of(config.consent))

    async def answer(self, data: bytes) -> bytes:
        answer = Answer(events=self._events, published=self._bus.published)
        try:
            answer.left = await self._store_of(data) or None
        except (Unavailable, LeaseLost) as known:
            answer.error, answer.detail = type(known).__name__, str(known)
        except Exception as unknown:
            log.warning("a batch can't be stored", exc_info=unknown)
            answer.error = Unavailable.__name__ if is_outage(unknown) else type(unknown).__name__
        encoded = encode(answer)
        self._events.clear()
        self._bus.published.clear()
        return encoded

    async def _store_of(self, data: bytes) -> Left:
        try:
            work = decode_work(data)
        except msgspec.MsgspecError:
            readable = decodable(data)
            if readable is None:
                raise
            work, sifted, has_rest = readable
            return sifted.left(await self._store.store(work), rest=has_rest)
        return await self._store.store(work)


def _read(source: BinaryIO) -> bytes | None:
    """The next frame; None when the server is gone or has no more."""
    head = source.read(SIZE_BYTES)
    size = int.from_bytes(head, "little")
    data = source.read(size) if len(head) == SIZE_BYTES else b""
    return data if data and len(data) == size else None


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Our ends of the pipes, buffered whatever the environment says; what anybody prints goes with the log."""
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return source, target


async def _serve(writer: Writer, source: BinaryIO, answers: Answers) -> None:
    """Reading blocks the event loop, which has nothing to do until there is a batch; to start it for each costs more."""
    if SECURE_FIRST in sys.argv:
        await writer.database.secure()
    answers.put(b"ready")
    answers.start()
    while (data := _read(source)) is not None:
        answers.put(await writer.answer(data))
    answers.end()
    await writer.database.close()


def main() -> None:
    """Serve the server that started us, until it closes our input."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # what is in hand is finished; the server tells us when to end
    source, target = _pipes()
    given = _read(source)
    if given is None:
        return
    config = msgspec.msgpack.decode(given, type=Config)
    set_up_logging(config.log)
    failpoints.take_along(os.getppid())
    writer = Writer(config)
    settle()
    with (
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        contextlib.suppress(BrokenPipeError),  # the server is gone
    ):
        runner.run(_serve(writer, source, Answers(target, writer.database.flush)))


if __name__ == "__main__":
    main()
