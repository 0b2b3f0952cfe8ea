"""The way back from the writer process: no answer leaves it before what it is about is on the disk.

The disk may take as long for a batch as the processor does.  So SQLite commits without waiting for the disk, the next
transaction begins, and a thread has everything flushed that was committed until then; only after that it answers.
Whoever is answered has what a commit promises: after a loss of power it is there.
"""

import contextlib
import logging
import os
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import BinaryIO, Final

from server.writer.frames import framed

NOT_FLUSHED: Final = 3
"""The exit code of a writer process that could not have the disk keep what was committed."""
SECURE_FIRST: Final = "--secure-first"
"""The argument of the next one: what can be read may be missing on the disk, and a repeated message must not be answered
because it can be read.
"""

log = logging.getLogger(__name__)


class Answers:
    """Writes answers in the order in which they were put, each after a flush that began after it was put."""

    def __init__(self, target: BinaryIO, flush: Callable[[], None]) -> None:
        self._target = target
        self._flush = flush
        self._waiting: SimpleQueue[bytes | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="answers", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, answer: bytes) -> None:
        self._waiting.put(answer)

    def end(self) -> None:
        """Returns when all were written, or the server is gone."""
        self._waiting.put(None)
        self._thread.join()

    def _work(self) -> None:
        with contextlib.suppress(BrokenPipeError):  # the server is gone
            while self._answer():
                pass

    def _answer(self) -> bool:
        """Answer all who wait; whether there may be more."""
        answers = [self._waiting.get()]
        while not self._waiting.empty():
            answers.append(self._waiting.get())
        try:
            self._flush()
        except OSError:
            # What the disk has of it nobody can tell any more: nothing may be answered, and the next process begins anew.
            log.critical("what was committed can't be flushed to the disk", exc_info=True)
            os._exit(NOT_FLUSHED)
        for answer in answers:
            if answer is not None:
                self._target.write(framed(answer))
        self._target.flush()
        return None not in answers
