"""A server process that tests start, kill and start again, and that never outlives them."""

import ctypes
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

import psutil

STOP_SECONDS = 10
START_SECONDS = 30
PR_SET_PDEATHSIG = 1

# Loaded here, as nothing may be loaded between fork and exec.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class ServiceError(Exception):
    """A service is missing or did not start; the message says what to do."""


def die_with_parent() -> None:
    """Ask Linux to kill this process when the thread that started it ends, even by `kill -9`."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port() -> int:
    """Return a free loopback port below those the system hands out to clients.

    A port from the system's own range could be taken by some client while a test keeps its server down.
    """
    while True:
        port = random.randint(15_000, 30_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_until(done: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll `done`; for set-up only, as it blocks the event loop."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise ServiceError(f"{what} took longer than {seconds} s")
        time.sleep(0.01)


def gone(process: psutil.Process) -> bool:
    """Say whether a process has ended, though perhaps nobody has asked for its exit code yet."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class Process(Protocol):
    """What of ``subprocess.Popen`` is used here."""

    pid: int

    returncode: int | Any

    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...


class ServerProcess:
    """One command that can be started, stopped, killed and frozen any number of times.

    `start` must be called from a thread that lives as long as the server shall: Linux counts the thread
    that started a process as its parent.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        ready: Callable[[], bool],
        user: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.command = [str(part) for part in command]
        self.log = log
        self._ready = ready
        self._user = user
        self._environment = environment
        self._process: Process | None = None

    @property
    def name(self) -> str:
        return Path(self.command[0]).name

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None, f"{self.name} is not running"
        return self._process.pid

    def start(self) -> None:
        """Start the server and wait until it answers; nothing if it runs."""
        if self.running:
            return
        with self.log.open("ab") as log:
            self._process = self._spawn(log)
        wait_until(self._answers_or_died, START_SECONDS, f"starting {self.name}")

    def _spawn(self, log: IO[bytes]) -> "Process":
        return subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=self._environment,
            user=self._user,
            group=self._user,
            extra_groups=[] if self._user is not None else None,
            # Ctrl-C shall reach pytest alone.
            start_new_session=True,
            preexec_fn=die_with_parent,
        )

    def _answers_or_died(self) -> bool:
        if not self.running:
            raise ServiceError(f"{self.name} did not start:\n{self.last_words()}")
        return self._ready()

    def last_words(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> None:
        """Ask the server to stop, and kill it if it will not."""
        if self._process is None:
            return
        if self.running:
            self.thaw()
            self._process.send_signal(with_signal)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def kill(self) -> None:
        """Kill the server and its children as a power cut would: nothing is flushed, nobody is told.

        When this returns none of them runs any more, so nothing can be committed behind the test's back.
        """
        if self._process is None:
            return
        # Frozen first, so that it cannot start another child between looking and killing.
        family = self._signal_family(signal.SIGSTOP)
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait(STOP_SECONDS)
        wait_until(lambda: all(gone(process) for process in family), STOP_SECONDS, f"killing {self.name}")
        self._process = None

    def restart(self) -> None:
        """Kill and start again."""
        self.kill()
        self.start()

    def freeze(self) -> None:
        """Make the server hang: connections stay open and nothing answers."""
        self._signal_family(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_family(signal.SIGCONT)

    def _signal_family(self, number: signal.Signals) -> list[psutil.Process]:
        """Signal the server, then its children: PostgreSQL's leave the process group, which would miss them."""
        if self._process is None or not self.running:
            return []
        server = psutil.Process(self._process.pid)
        server.send_signal(number)
        children = server.children(recursive=True)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.send_signal(number)
        return [server, *children]
