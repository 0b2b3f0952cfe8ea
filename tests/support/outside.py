"""Centrala as an operator and an outside script see it: a command line, an environment, addresses.

Nothing of the server is imported here: only processes, HTTP and sockets.
"""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import websockets

from tests.support import forks
from tests.support.forks import ForkedServer
from tests.support.posting import SETTINGS
from tests.support.process import ServerProcess, free_port
from tests.support.waiting import PATIENCE_S, until

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "zażółć gęślą jaźń"
PROVIDERS = {"sms": "twilio"}


class CommandFailed(Exception):
    """A command of ``centrala`` ended with another code than 0."""


class Outside:
    """One installation: a data folder and an environment.  Servers and commands are processes."""

    def __init__(
        self, folder: Path, *, database_url: str = "", bus_url: str = "", host: str = "127.0.0.1", **more: str
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.host = host
        self.port = free_port()
        self.base = f"http://{host}:{self.port}"
        # The address that providers know; signatures over it must not depend on how a request reached us.
        self.public_url = "https://inbox.example.pl"
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("CENTRALA__")
        } | {
            "CENTRALA__SERVER__HOST": host,
            "CENTRALA__SERVER__PUBLIC_URL": self.public_url,
            "CENTRALA__DATA__DIR": str(folder / "data"),
            "CENTRALA_TRACEBACK": "1",
            "PYTHONUNBUFFERED": "1",
        }
        if database_url:
            self.environment["CENTRALA__DATABASE__URL"] = database_url
        if bus_url:
            self.environment["CENTRALA__BUS__URL"] = bus_url
        self.environment |= {f"CENTRALA__{name.upper()}": value for name, value in more.items()}
        self.servers: list[OutsideServer] = []

    async def centrala(self, *arguments: str, given: str = "") -> str:
        """Run a command to its end; what it printed."""
        done = await asyncio.to_thread(
            forks.run, arguments, cwd=ROOT, environment=self.environment, given=given, timeout=2 * PATIENCE_S
        )
        if done.returncode != 0:
            raise CommandFailed(
                f"centrala {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}"
            )
        return done.stdout

    async def centrala_json(self, *arguments: str, given: str = "") -> Any:
        return json.loads(await self.centrala(*arguments, "--json", given=given))

    async def add_agent(self, email: str, name: str, role: str) -> Any:
        return await self.centrala_json(
            "agent", "add", "--email", email, "--name", name, "--role", role, "--password-stdin",
            given=PASSWORD + "\n",
        )  # fmt: skip

    async def token(self, email: str) -> str:
        found: str = (await self.centrala_json("agent", "token", email))["token"]
        return found

    async def add_channel(self, kind: str, name: str, **settings: str) -> Any:
        """``{"id", "webhook"}`` of a new channel."""
        pairs = [f"{key}={value}" for key, value in {**SETTINGS[kind], **settings}.items()]
        provider = ["--provider", PROVIDERS[kind]] if kind in PROVIDERS else []
        sets = [part for pair in pairs for part in ("--set", pair)]
        return await self.centrala_json("channel", "add", kind, "--name", name, *provider, *sets)

    def server(self, *, port: int | None = None, **environment: str) -> "OutsideServer":
        """A server process of this installation, not started yet; several may share a database."""
        made = OutsideServer(self, port or self.port, environment)
        self.servers.append(made)
        return made

    def kill_all(self) -> None:
        for server in self.servers:
            server.process.kill()


class OutsideServer:
    """``centrala serve`` on a port from the environment."""

    def __init__(self, outside: Outside, port: int, environment: dict[str, str], *arguments: str) -> None:
        self.outside = outside
        self.port = port
        self.url = f"http://{outside.host}:{port}"
        self.arguments = arguments
        self.log = outside.folder / f"server-{port}.log"
        self.environment = environment

    @property
    def process(self) -> ServerProcess:
        if not hasattr(self, "_process"):
            self._process = ForkedServer(
                ["serve", *self.arguments],
                log=self.log,
                ready=lambda: True,
                environment={
                    **self.outside.environment,
                    "CENTRALA__SERVER__PORT": str(self.port),
                    **self.environment,
                },
            )
        return self._process

    async def start(self, **environment: str) -> "OutsideServer":
        """Start it, with these variables besides, and wait until it answers."""
        if environment or not hasattr(self, "_process"):
            self.environment = environment or self.environment
            if hasattr(self, "_process"):
                del self._process
        self.process.start()
        await self.ready()
        return self

    async def ready(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                if not self.process.running:
                    raise AssertionError(f"the server ended:\n{self.words()}")
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection(self.outside.host, self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        await asyncio.to_thread(self.process.stop)

    def kill(self) -> None:
        self.process.kill()

    async def died(self) -> None:
        """Wait until it ended by itself."""
        await until(lambda: not self.process.running)

    def words(self) -> str:
        return self.log.read_text(errors="replace")[-5000:] if self.log.exists() else ""


class Api:
    """The HTTP API and the socket, with a bearer token."""

    def __init__(self, url: str, token: str | None, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.token = token
        self.http = http

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Status and decoded JSON, or bytes of anything else."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        data = None
        if body is not None:
            data = json.dumps(body)
            sent["Content-Type"] = "application/json"
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        async with self.http.request(
            method, f"{self.url}/api/v1{path}", data=data, headers=sent, timeout=timeout
        ) as answer:
            text = await answer.read()
            if "json" in answer.headers.get("Content-Type", ""):
                return answer.status, json.loads(text) if text else None
            return answer.status, text

    async def get(self, path: str) -> Any:
        status, found = await self.call("GET", path)
        assert status == 200, (path, status, found)
        return found

    async def all(self, path: str) -> list[Any]:
        """All pages of a list."""
        items: list[Any] = []
        cursor = ""
        while True:
            page = await self.get(f"{path}{'&' if '?' in path else '?'}limit=100{cursor}")
            items += page["items"]
            if page["cursor"] is None:
                return items
            cursor = "&" + urlencode({"cursor": page["cursor"]})

    async def messages(self, dialog_id: str) -> list[Any]:
        """A dialog's messages, oldest first."""
        return (await self.all(f"/dialogs/{dialog_id}/messages"))[::-1]

    @contextlib.asynccontextmanager
    async def follow(self, **first: Any) -> AsyncIterator["Follower"]:
        """The live feed, from now or from where a follower was."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = self.url.replace("http", "ws", 1) + "/ws"
        async with websockets.connect(
            url, additional_headers=headers, max_queue=None, open_timeout=PATIENCE_S
        ) as socket:
            follower = Follower(socket)
            await follower.send(**(first or {"type": "start"}))
            await follower.frame()
            yield follower


class Follower:
    """A client of the feed that holds the server to the chain of ``prev``."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.epoch = ""
        self.last = ""
        self.events: list[dict[str, Any]] = []
        self.first: dict[str, Any] = {}

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    async def frame(self, seconds: float = PATIENCE_S) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(self.socket.recv(), seconds))
        self.first = self.first or frame
        if frame["type"] == "welcome":
            self.epoch, self.last = frame["epoch"], frame["seq"]
        elif frame["type"] in ("event", "watermark"):
            assert frame["prev"] == self.last, f"something was missed before {frame}"
            self.last = frame["seq"]
        if frame["type"] == "event":
            self.events.append(frame)
        return frame

    async def event(self, name: str, **wanted: Any) -> dict[str, Any]:
        """The next event of this name; ``wanted`` are fields of its message."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame = await self.frame()
                if frame["type"] == "event" and frame["name"] == name:
                    message = frame["data"].get("message", {})
                    if all(message.get(key) == value for key, value in wanted.items()):
                        return frame

    async def until(self, seq: str) -> None:
        """Until this client has everything up to ``seq``."""
        async with asyncio.timeout(PATIENCE_S):
            while int(self.last or 0) < int(seq):
                await self.frame()
