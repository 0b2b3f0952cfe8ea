"""The demo as a newcomer starts it: one process with the server, the console and the simulated phones."""

import http.client
import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.forks import ForkedServer
from tests.support.process import free_port

ROOT = Path(__file__).resolve().parents[3]
CONSOLE = ROOT / "server/static/index.html"
PASSWORD = "centrala-demo"
AGENTS = {
    "ala": "Ala Kowalska",
    "bartek": "Bartek Wiśniewski",
    "sonia": "Sonia Zając",
    "adam": "Adam Lis",
}


class Demo:
    """``centrala serve --demo`` on two free ports with a data folder of its own; ``story``: people write by themselves."""

    def __init__(self, folder: Path, *, story: bool = False) -> None:
        port = _two_free_ports()
        self.data = folder / "data"
        self.url = f"http://127.0.0.1:{port}"
        self.phones_url = f"http://127.0.0.1:{port + 1}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CENTRALA__")}
        self.process = ForkedServer(
            ["serve", "--demo", *([] if story else ["--empty"])],
            log=folder / "demo.log",
            ready=lambda: _answers(self.url),
            environment={
                **kept,
                "CENTRALA__SERVER__PORT": str(port),
                "CENTRALA__DATA__DIR": str(self.data),
            },
        )


def _two_free_ports() -> int:
    """A port whose neighbour is free too: the phones get that one."""
    while True:
        port = free_port()
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


def _answers(url: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
