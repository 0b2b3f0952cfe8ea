"""The product and the floors, each a process of its own, started as anybody would start it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmark.clients import ROOT, BenchError
from benchmark.stores import Stores
from benchmark.webhooks import APP_SECRET, PAGE

from tests.support.process import ServerProcess, free_port

_COMMAND = [sys.executable, "-m", "server"]
_FLOORS = Path(__file__).resolve().parent / "floors"
_NOBODY_LISTENS = "http://127.0.0.1:9"


class Running(ServerProcess):
    """A server on a loopback port."""

    def __init__(self, command: list[str], port: int, log: Path, environment: Mapping[str, str]) -> None:
        self.port = port
        super().__init__(command, log=log, ready=self._listens, environment=environment)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def running(
    command: list[str], port: int, folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Running]:
    # With it set every start compiles every module again.
    inherited = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    server = Running(command, port, folder / f"server-{port}.log", inherited | dict(environment or {}))
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def floor(name: str, folder: Path, *arguments: object) -> Iterator[Running]:
    """``echo`` or ``tcp``: what the machine does when the product does nothing."""
    port = free_port()
    command = [sys.executable, str(_FLOORS / f"{name}.py"), str(port), *map(str, arguments)]
    with running(command, port, folder) as server:
        yield server


@contextmanager
def product(stores: Stores, **settings: str) -> Iterator[Running]:
    """``python -m server serve`` on these stores; ``settings`` as in the environment (``server__port``)."""
    port = free_port()
    own = {f"CENTRALA__{name.upper()}": value for name, value in settings.items()}
    environment = stores.environment | {"CENTRALA__SERVER__PORT": str(port)} | own
    with running([*_COMMAND, "serve"], port, stores.folder, environment) as server:
        yield server


def command(stores: Stores, *arguments: str, given: str = "") -> str:
    """What ``centrala ARGUMENTS`` prints."""
    done = subprocess.run(
        [*_COMMAND, *arguments],
        cwd=ROOT,
        env=os.environ | stores.environment,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"centrala {' '.join(arguments[:2])} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def add_messenger(stores: Stores) -> str:
    """A Messenger channel, through the command line; the path of its webhook."""
    settings = {
        "page_id": PAGE,
        "app_secret": APP_SECRET,
        "verify_token": "bench",
        "page_token": "bench",
        "api_base": _NOBODY_LISTENS,
    }
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    added: dict[str, Any] = json.loads(
        command(stores, "channel", "add", "messenger", "--name", "Bench", *words, "--json")
    )
    return str(added["webhook"])


def add_agents(stores: Stores, count: int) -> list[str]:
    """Supervisors and their bearer tokens: as ``agent add`` and ``agent token`` make them, in one process for all."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).resolve().parent / "provision.py"), str(count)],
        cwd=ROOT,
        env=os.environ | stores.environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BenchError(f"agents could not be added:\n{done.stderr}")
    return done.stdout.split()
