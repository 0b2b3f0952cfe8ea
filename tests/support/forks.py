"""``centrala`` in processes that are forked from one that has imported it: real ones, without a second of imports each.

One such parent belongs to each pytest worker. It is asked over a socket: arguments, environment and folder, with the
descriptors that become standard input, output and error, and a pipe on which it tells the exit code. It ends when the
socket does, and the processes with it.
"""

import atexit
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from tests.support.loopback import refuse_outside
from tests.support.process import ServerProcess, die_with_parent

ROOT = Path(__file__).resolve().parents[2]
PRELOADED = (
    "server.cli",
    "server.commands",
    "server.serving",
    "server.demo",
    "server.doctor",
    "alembic.command",
    "asyncpg",
    "redis.asyncio",
    "uvicorn.protocols.http.httptools_impl",
    "connectors.simulator",
    "connectors.telegram.connector",
    "connectors.viber.connector",
    "connectors.messenger.connector",
    "connectors.whatsapp.connector",
)


class Forked:
    """A running process, with the part of ``subprocess.Popen`` that tests use."""

    def __init__(self, pid: int, code: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._code = code

    def poll(self) -> int | None:
        return self._look(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("centrala", timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _look(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._code], [], [], timeout)[0]:
            # Nothing comes when the parent itself was killed, and all its children with it.
            self.returncode = int(os.read(self._code, 20) or -signal.SIGKILL)
            os.close(self._code)
        return self.returncode


class _Parent:
    """Our side of the process that forks."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        self._turn = threading.Lock()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.forks", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                # Ctrl-C shall reach pytest alone.
                start_new_session=True,
            )
        atexit.register(self._end)

    def _end(self) -> None:
        self._socket.close()
        self._process.wait()

    def start(
        self, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], files: Sequence[int]
    ) -> Forked:
        code, tell = os.pipe()
        wanted = json.dumps([[*arguments], str(cwd), dict(environment)]).encode()
        try:
            with self._turn:
                socket.send_fds(self._socket, [len(wanted).to_bytes(4, "big")], [*files, tell])
                self._socket.sendall(wanted)
                pid = int.from_bytes(_exactly(self._socket, 4), "big")
        finally:
            os.close(tell)
        return Forked(pid, code)


_parents: list[_Parent] = []
_first = threading.Lock()


def start(
    arguments: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    stdin: IO[bytes] | int = subprocess.DEVNULL,
    output: tuple[IO[bytes], IO[bytes]],
) -> Forked:
    """Start ``centrala`` with these arguments, as ``python -m server`` does; ``output`` is standard output and error."""
    with _first:
        if not _parents:
            _parents.append(_Parent())
    if isinstance(stdin, int):
        with Path(os.devnull).open("rb") as nothing:
            return start(arguments, cwd=cwd, environment=environment, stdin=nothing, output=output)
    return _parents[0].start(
        arguments, cwd, environment, [stdin.fileno(), output[0].fileno(), output[1].fileno()]
    )


def run(
    arguments: Sequence[str], *, cwd: Path, environment: Mapping[str, str], given: str = "", timeout: float
) -> "subprocess.CompletedProcess[str]":
    """Run a command of ``centrala`` to its end."""
    with (
        tempfile.TemporaryFile() as stdin,
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
    ):
        stdin.write(given.encode())
        stdin.seek(0)
        process = start(arguments, cwd=cwd, environment=environment, stdin=stdin, output=(stdout, stderr))
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
        stdout.seek(0)
        stderr.seek(0)
        return subprocess.CompletedProcess([*arguments], code, stdout.read().decode(), stderr.read().decode())


class ForkedServer(ServerProcess):
    """``centrala serve``, or what else of it goes on until it is stopped; ``command`` is its arguments alone."""

    def _spawn(self, log: IO[bytes]) -> Forked:
        assert self._environment is not None
        return start(self.command, cwd=ROOT, environment=self._environment, output=(log, log))


# ------------------------------------------------------------------------------------------ the parent


def _exactly(source: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = source.recv(size - len(data))
        if not more:
            raise EOFError("the other side is gone")
        data += more
    return data


def _reap(telling: dict[int, int]) -> None:
    """Tell the exit code of everyone who ended."""
    while telling:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        tell = telling.pop(pid)
        os.write(tell, str(os.waitstatus_to_exitcode(status)).encode())
        os.close(tell)


def _become(arguments: list[str], cwd: str, environment: dict[str, str], files: list[int]) -> int:
    """In the child: be as if started by ``python -m server``; the exit code."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    die_with_parent()
    for target, given in enumerate(files):
        os.dup2(given, target)
        os.close(given)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = os.fdopen(0, "r", encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    # Reads the environment once, when imported.
    importlib.reload(importlib.import_module("server.failpoints"))
    main: object = importlib.import_module("server.cli").main
    assert callable(main)
    return int(main(arguments))


def serve(asked: socket.socket) -> int:
    """Fork for every request until nobody can ask any more; returns in the children too, with their exit codes."""
    ended, wake = os.pipe()
    os.set_blocking(ended, False)
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    telling: dict[int, int] = {}
    while True:
        ready = select.select([asked, ended], [], [])[0]
        if ended in ready:
            os.read(ended, 4096)
            _reap(telling)
        if asked not in ready:
            continue
        head, files, _flags, _address = socket.recv_fds(asked, 4, 4)
        if not head:
            return 0
        request = json.loads(_exactly(asked, int.from_bytes(head, "big")))
        pid = os.fork()
        if pid == 0:
            for each in (asked.fileno(), ended, wake, files[3], *telling.values()):
                os.close(each)
            asked.detach()
            return _become(*request, files[:3])
        for each in files[:3]:
            os.close(each)
        telling[pid] = files[3]
        asked.sendall(pid.to_bytes(4, "big"))


if __name__ == "__main__":
    import gc

    refuse_outside()
    for module in PRELOADED:
        importlib.import_module(module)
    gc.freeze()
    sys.exit(serve(socket.socket(fileno=int(sys.argv[1]))))
