"""What goes on while things break: providers that come again until they get a 2xx, agents that do the same."""

import asyncio
import contextlib
import json
from collections import Counter
from typing import Any

import aiohttp
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from server.db import schema
from tests.support.backend import Backend
from tests.support.outside import PATIENCE_S, Api, Follower, Outside, OutsideServer
from tests.support.posting import SETTINGS, signed, text_message
from tests.support.waiting import until

KINDS = ("telegram", "viber", "messenger", "sms")
HIDDEN_FROM_ALA = "sms"
PEERS = 5


class Deployment:
    """One installation; the test looks into its database by itself."""

    def __init__(self, outside: Outside, backend: Backend, http: aiohttp.ClientSession) -> None:
        self.outside = outside
        self.backend = backend
        self.http = http
        self.server: OutsideServer = outside.server()
        self.channels: dict[str, int] = {}
        self.agents: dict[str, int] = {}
        self._closed = False

    @classmethod
    async def make(cls, outside: Outside, backend: Backend, http: aiohttp.ClientSession) -> "Deployment":
        made = cls(outside, backend, http)
        for kind in KINDS:
            await made.add_channel(kind, "http://127.0.0.1:9")
        granted = tuple(made.channels[kind] for kind in KINDS if kind != HIDDEN_FROM_ALA)
        for name, role in (("Root", "administrator"), ("Ala", "agent"), ("Bartek", "agent")):
            made.agents[name] = await backend.add_agent(name, role, granted, token=f"ct_{name}")
        return made

    async def add_channel(self, kind: str, api_base: str) -> None:
        settings = {**SETTINGS[kind], "api_base": api_base}
        provider = "twilio" if kind == "sms" else None
        self.channels[kind] = await self.backend.add_channel(
            kind, f"Kanał {kind}", provider=provider, **settings
        )

    def api(self, name: str, server: OutsideServer | None = None) -> Api:
        return Api((server or self.server).url, f"ct_{name}", self.http)

    async def rows(self, table: Any, *order: Any) -> list[dict[str, Any]]:
        statement = select(table).order_by(*(order or (next(iter(table.primary_key.columns)),)))
        for attempt in range(3):
            try:
                return await self.backend.database.read(
                    lambda c: [dict(row) for row in c.execute(statement).mappings()]
                )
            except DBAPIError:
                # The test's own connections are of before the database was restarted.
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    async def close(self) -> None:
        self.outside.kill_all()
        await self.backend.close()


class Providers:
    """Post messages, each again and again until it is answered 2xx, as providers do."""

    def __init__(self, deployment: Deployment, *, at_once: int = 8, kinds: tuple[str, ...] = KINDS) -> None:
        self.deployment = deployment
        self.kinds = kinds
        self.acknowledged: dict[tuple[str, str], str] = {}
        """(kind, text) of every message that was answered 2xx, and its text."""
        self.statuses: Counter[int] = Counter()
        self._at_once = at_once
        self._number = 0
        self._stop = asyncio.Event()
        self._pause_s = 0.0

    @contextlib.asynccontextmanager
    async def busy(self, pause_s: float = 0.0) -> Any:
        """In the background for as long as this lasts; what was begun is ended."""
        self._stop.clear()
        self._pause_s = pause_s
        tasks = [asyncio.create_task(self._work(n)) for n in range(self._at_once)]
        try:
            yield self
        finally:
            self._stop.set()
            async with asyncio.timeout(PATIENCE_S):
                await asyncio.gather(*tasks)

    async def _work(self, worker: int) -> None:
        """One person after another; the same person's messages in order, as Telegram sends them."""
        while not self._stop.is_set():
            self._number += 1
            number = self._number
            kind = self.kinds[number % len(self.kinds)]
            text = f"wiadomość {number}"
            await self._until_acknowledged(
                kind, text, text_message(kind, number, text, peer=700 + number % PEERS)
            )
            await asyncio.sleep(self._pause_s)

    async def _until_acknowledged(self, kind: str, text: str, body: bytes) -> None:
        deployment = self.deployment
        path = f"/webhooks/{deployment.channels[kind]}"
        post = signed(kind, body, deployment.outside.public_url + path)
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S / 4)
        while True:
            try:
                async with deployment.http.post(
                    deployment.server.url + path, data=post.body, headers=post.headers, timeout=timeout
                ) as answer:
                    await answer.read()
                    self.statuses[answer.status] += 1
                    if 200 <= answer.status < 300:
                        self.acknowledged[kind, text] = text
                        return
                    assert answer.status == 503, f"{answer.status} is no answer for a good webhook"
            except (aiohttp.ClientError, TimeoutError, ConnectionError):
                pass
            await asyncio.sleep(0.1)

    async def check(self) -> None:
        """Everything that was acknowledged is there, once; nothing else; one open dialog per person."""
        kind_of = {channel_id: kind for kind, channel_id in self.deployment.channels.items()}
        messages = await self.deployment.rows(schema.message)
        inbound = Counter(
            (kind_of[m["channel_id"]], m["text"]) for m in messages if m["direction"] == "inbound"
        )
        assert inbound == Counter(dict.fromkeys(self.acknowledged, 1))
        dialogs = await self.deployment.rows(schema.dialog)
        assert len({d["identity_id"] for d in dialogs}) == len(dialogs) == len(self.kinds) * PEERS
        counted = Counter(m["dialog_id"] for m in messages if m["direction"] == "inbound")
        assert {d["id"]: d["inbound_count"] for d in dialogs} == counted
        await check_the_log(self.deployment)


async def check_the_log(deployment: Deployment) -> None:
    """Nothing half-done: the event log has no gap, and every row is as its last event says."""
    events = await deployment.rows(schema.event, schema.event.c.seq)
    seqs = [event["seq"] for event in events]
    assert seqs == list(range(seqs[0], seqs[-1] + 1)) if seqs else True
    last: dict[tuple[str, str], int] = {}
    for event in events:
        data = json.loads(event["data"])
        for kind in ("dialog", "message"):
            if kind in data:
                last[kind, data[kind]["id"]] = int(data[kind]["seq"])
    for kind, table in (("dialog", schema.dialog), ("message", schema.message)):
        for row in await deployment.rows(table):
            assert last[kind, str(row["id"])] == row["seq"], (kind, row["id"])


# ------------------------------------------------------------------------------------------ what a client was told


class Client:
    """An agent's client, whose connection is cut at any time; it keeps what it applied and resumes."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.applied: list[tuple[int, str]] = []
        self.begun = 0
        self.resets: list[str] = []
        self.connections = 0
        self._epoch = ""
        self._last = ""
        self._follower: Follower | None = None

    async def follow(self) -> None:
        """For ever: connect, apply, connect again."""
        while True:
            with contextlib.suppress(Exception):
                await self._once()
            await asyncio.sleep(0.02)

    async def _once(self) -> None:
        from websockets.exceptions import ConnectionClosed, InvalidHandshake

        first = (
            {"type": "resume", "epoch": self._epoch, "seq": self._last} if self._epoch else {"type": "start"}
        )
        try:
            async with self.api.follow(**first) as follower:
                self.connections += 1
                if follower.first["type"] == "reset":
                    self.resets.append(follower.first["reason"])
                    return
                if not self._epoch:
                    self.begun = int(follower.last)
                self._epoch, self._last = follower.epoch, follower.last
                self._follower = follower
                while True:
                    frame = await follower.frame()
                    self._last = follower.last
                    if frame["type"] == "event":
                        self.applied.append((int(frame["seq"]), frame["name"]))
                    elif frame["type"] == "reset":
                        self.resets.append(frame["reason"])
        except (ConnectionClosed, InvalidHandshake, OSError, TimeoutError):
            self._follower = None

    def cut(self) -> None:
        """As a cable is pulled: no closing handshake."""
        if self._follower is not None:
            self._follower.socket.transport.abort()

    async def reaches(self, seq: int) -> None:
        await until(lambda: int(self._last or 0) >= seq)


async def told(deployment: Deployment, name: str, after: int) -> list[tuple[int, str]]:
    """What the log says this agent is told after that seq: by rights as an operator would explain them."""
    me = deployment.agents[name]
    everything = name == "Root"
    granted = {channel_id for kind, channel_id in deployment.channels.items() if kind != HIDDEN_FROM_ALA}

    def mine(channel_id: int, assignee: int | None) -> bool:
        return everything or (channel_id in granted and assignee in (None, me))

    found = []
    for event in await deployment.rows(schema.event, schema.event.c.seq):
        if event["seq"] <= after:
            continue
        match event["audience"]:
            case "dialog":
                if mine(event["channel_id"], event["assignee_after"]):
                    found.append((event["seq"], event["name"]))
                elif not event["is_new"] and mine(event["channel_id"], event["assignee_before"]):
                    found.append((event["seq"], "dialog.hidden"))
            case "channel" if everything or event["channel_id"] in granted:
                found.append((event["seq"], event["name"]))
            case "agent" if event["agent_id"] == me:
                found.append((event["seq"], event["name"]))
            case "staff":
                found.append((event["seq"], event["name"]))
            case "administrator" if everything:
                found.append((event["seq"], event["name"]))
    return found
