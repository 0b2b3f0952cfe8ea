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

from benchmark.clients import ROOT, BenchError, Posted, post
from benchmark.stores import Stores
from benchmark.webhooks import APP_SECRET, PAGE, Webhooks

from tests.support.process import ServerProcess, free_port, wait_until

_COMMAND = [sys.executable, "-m", "server"]
_FLOORS = Path(__file__).resolve().parent / "floors"
_ASKED = "SELECT id FROM identity WHERE profile_due_at IS NOT NULL LIMIT 1"


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
    except BenchError:
        sys.stderr.write(server.last_words())
        raise
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


@contextmanager
def messenger(stores: Stores) -> Iterator[str]:
    """A Messenger channel, through the command line, and the API behind it; the path of its webhook."""
    with floor("graph", stores.folder) as graph:
        settings = {
            "page_id": PAGE,
            "app_secret": APP_SECRET,
            "verify_token": "bench",
            "page_token": "bench",
            "api_base": f"http://127.0.0.1:{graph.port}",
        }
        words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        added: dict[str, Any] = json.loads(
            command(stores, "channel", "add", "messenger", "--name", "Bench", *words, "--json")
        )
        yield str(added["webhook"])


def bring_customers(stores: Stores, server: Running, webhooks: Webhooks) -> tuple[list[int], Posted]:
    """Every customer's first message; returns when nobody's name is still being asked for.

    From then on the server finds contacts and dialogs as it does in daily work.
    """
    file = stores.folder / "customers.requests"
    numbers = webhooks.write(file, webhooks.customers, cover_customers=True)
    posted = post(server.port, file, connections=16, count=len(numbers), seconds=60)
    wait_until(lambda: not stores.query(_ASKED), 120, "asking for the customers' names")
    return numbers, posted


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
