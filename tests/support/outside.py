"""Centrala as an operator and an outside script see it: a command line, an environment, addresses.

Nothing of the server is imported here: only processes, HTTP and sockets.
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
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
from tests.support.process import ServerProcess, free_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = float(os.environ.get("CENTRALA_TEST_PATIENCE", "60"))
"""How long anything may take on a machine that has other things to do."""
PASSWORD = "zażółć gęślą jaźń"

SETTINGS: dict[str, dict[str, str]] = {
    "telegram": {"token": "77:outside-token", "secret_token": "outside-secret", "mode": "webhook"},
    "viber": {"auth_token": "outside-viber"},
    "messenger": {
        "page_id": "4041",
        "app_secret": "outside-app-secret",
        "verify_token": "outside-verify",
        "page_token": "outside-page",
    },
    "whatsapp": {
        "phone_number_id": "5051",
        "waba_id": "5052",
        "app_secret": "outside-whatsapp-secret",
        "verify_token": "outside-verify",
        "access_token": "outside-access",
    },
    "sms": {"account_sid": "AC" + "7" * 32, "auth_token": "outside-twilio", "number": "+48732001009"},
}
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
        async with asyncio.timeout(PATIENCE_S):
            while self.process.running:  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(0.02)

    def words(self) -> str:
        return self.log.read_text(errors="replace")[-5000:] if self.log.exists() else ""


# ------------------------------------------------------------------------------------------ the API


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


# ------------------------------------------------------------------------------------------ the providers


class Post:
    """A webhook as a provider posts it."""

    def __init__(self, body: bytes, headers: dict[str, str]) -> None:
        self.body = body
        self.headers = headers


def signed(kind: str, body: bytes, url: str, settings: dict[str, str] | None = None) -> Post:
    """``body``, signed after the provider's documentation.  ``url`` is the public address of the webhook."""
    secrets = settings or SETTINGS[kind]
    headers = {"Content-Type": "application/json"}
    match kind:
        case "telegram":
            headers["X-Telegram-Bot-Api-Secret-Token"] = secrets["secret_token"]
        case "viber":
            headers["X-Viber-Content-Signature"] = _sha256(secrets["auth_token"], body)
        case "messenger" | "whatsapp":
            headers["X-Hub-Signature-256"] = "sha256=" + _sha256(secrets["app_secret"], body)
        case "sms":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["X-Twilio-Signature"] = _twilio(secrets["auth_token"], url, body)
    return Post(body, headers)


def _sha256(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _twilio(secret: str, url: str, body: bytes) -> str:
    """Twilio's: the address, then each parameter's name and value in the names' order; HMAC-SHA1, base64."""
    from urllib.parse import parse_qsl

    pairs = sorted(set(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))
    text = url + "".join(name + value for name, value in pairs)
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def text_message(kind: str, number: int, text: str, *, peer: int = 500, name: str = "Zofia Żółw") -> bytes:
    """A person's text message in the provider's own format; ``number`` makes its id."""
    at = 1_700_000_000_000 + number
    match kind:
        case "telegram":
            body = {
                "update_id": 10_000 + number,
                "message": {
                    "message_id": number,
                    "date": at // 1000,
                    "chat": {"id": peer, "type": "private", "first_name": name},
                    "from": {"id": peer, "is_bot": False, "first_name": name, "language_code": "pl"},
                    "text": text,
                },
            }
        case "viber":
            body = {
                "event": "message",
                "timestamp": at,
                "chat_hostname": "SN-CHAT-05_",
                "message_token": 5_000_000_000_000_000_000 + number,
                "sender": {
                    "id": f"viber-{peer}==",
                    "name": name,
                    "language": "pl",
                    "country": "PL",
                    "api_version": 10,
                },
                "message": {"type": "text", "text": text},
                "silent": False,
            }
        case "messenger":
            page = SETTINGS["messenger"]["page_id"]
            event = {
                "sender": {"id": str(peer)},
                "recipient": {"id": page},
                "timestamp": at,
                "message": {"mid": f"m_outside{number}", "text": text},
            }
            body = {"object": "page", "entry": [{"id": page, "time": at, "messaging": [event]}]}
        case "whatsapp":
            address = f"48600{peer:06d}"
            value = {
                "messaging_product": "whatsapp",
                "metadata": {
                    "display_phone_number": "48732001003",
                    "phone_number_id": SETTINGS["whatsapp"]["phone_number_id"],
                },
                "contacts": [{"profile": {"name": name}, "wa_id": address}],
                "messages": [
                    {
                        "from": address,
                        "id": f"wamid.outside{number}",
                        "timestamp": str(at // 1000),
                        "text": {"body": text},
                        "type": "text",
                    }
                ],
            }
            entry = {"id": "5052", "changes": [{"value": value, "field": "messages"}]}
            body = {"object": "whatsapp_business_account", "entry": [entry]}
        case _:
            sid = f"SM{number:032x}"
            pairs = {
                "ToCountry": "PL", "ToState": "", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "",
                "SmsSid": sid, "SmsStatus": "received", "Body": text, "FromCountry": "PL",
                "To": SETTINGS["sms"]["number"], "NumSegments": "1", "MessageSid": sid,
                "AccountSid": SETTINGS["sms"]["account_sid"], "From": f"+48600{peer:06d}", "ApiVersion": "2010-04-01",
            }  # fmt: skip
            return urlencode(pairs).encode()
    return json.dumps(body, ensure_ascii=False).encode()
