"""A whole server for tests, on either pair of stores: SQLite with the bus in memory, PostgreSQL with Redis."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from sqlalchemy import insert

from server import config as configuration
from server.agents.access import Access
from server.app import Inbox
from server.bus.base import Topic
from server.config import Config
from server.db import schema
from server.serving import Server, make_server
from server.unit_of_work import Transaction
from tests.support.loopback import NOWHERE
from tests.support.stores import BACKENDS, addresses, make_sqlite

_OF_PROVIDERS = {"telegram", "viber", "messenger", "whatsapp"}


class MovableClock:
    """Real time plus whatever the test adds."""

    def __init__(self) -> None:
        from server.clock import SystemClock

        self._system = SystemClock()
        self.ahead_ms = 0

    def now_ms(self) -> int:
        return self._system.now_ms() + self.ahead_ms

    def move(self, *, hours: float = 0, seconds: float = 0) -> None:
        self.ahead_ms += int((hours * 3600 + seconds) * 1000)


class Backend:
    """One server process's parts on a fresh, migrated database; started only by :meth:`live`."""

    def __init__(self, name: str, config: Config) -> None:
        self.name = name
        self.config = config
        self.clock = MovableClock()
        self.inbox = Inbox(config, self.clock)
        self.units = self.inbox.units
        self.database = self.inbox.database
        self.started = False

    async def add_agent(
        self,
        name: str = "Ala",
        role: str = "agent",
        channels: tuple[int, ...] = (),
        *,
        token: str | None = None,
    ) -> int:
        """An agent without a password; ``token`` is a bearer token to sign in with."""

        def work(tx: Transaction) -> int:
            from server.agents.tokens import hash_of

            agent_id = tx.ids.new()
            email = f"{name.lower()}-{agent_id}@example.com"
            tx.connection.execute(
                insert(schema.agent).values(
                    id=agent_id,
                    email=email,
                    name=name,
                    role=role,
                    active=True,
                    locale="",
                    created_at=tx.now_ms,
                    seq=0,
                )
            )
            for channel_id in channels:
                tx.connection.execute(
                    insert(schema.agent_channel).values(agent_id=agent_id, channel_id=channel_id)
                )
            if token is not None:
                tx.connection.execute(
                    insert(schema.api_token).values(
                        id=tx.ids.new(),
                        token_hash=hash_of(token),
                        agent_id=agent_id,
                        created_at=tx.now_ms,
                        expires_at=None,
                    )
                )
            return agent_id

        return await self.units.run(work)

    async def add_channel(
        self, kind: str = "telegram", name: str = "Bot", *, provider: str | None = None, **settings: Any
    ) -> int:
        """A channel, as a row: what its settings are for is up to the connector.

        Unless they name a provider's address, it is one where nobody answers.
        """
        settings = settings or {"token": "1:token", "secret_token": "secret"}
        if kind in _OF_PROVIDERS:
            settings = {"api_base": NOWHERE, **settings}

        def work(tx: Transaction) -> int:
            channel_id = tx.ids.new()
            tx.connection.execute(
                insert(schema.channel).values(
                    id=channel_id,
                    kind=kind,
                    provider=provider,
                    name=name,
                    settings=json.dumps(settings),
                    account=settings.get("page_id"),
                    active=True,
                    created_at=tx.now_ms,
                    seq=0,
                )
            )
            tx.wake(Topic.CHANNELS, str(channel_id))
            return channel_id

        return await self.units.run(work)

    def access(
        self, agent_id: int, role: str = "agent", channels: tuple[int, ...] = (), *, sees_team: bool = False
    ) -> Access:
        return Access(
            agent_id=agent_id,
            name="Ala",
            role=role,
            channel_ids=frozenset(channels),
            sees_team=sees_team,
        )

    @contextlib.asynccontextmanager
    async def live(self) -> AsyncIterator["Live"]:
        """The server on a free port, with everything running."""
        self.started = True
        ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        server = make_server(self.config, ready.set_result, self.inbox)
        serving = asyncio.create_task(_serve(server))
        done, _ = await asyncio.wait({serving, ready}, timeout=30, return_when=asyncio.FIRST_COMPLETED)
        if serving in done:
            serving.result()
            raise AssertionError("the server ended at once")
        async with aiohttp.ClientSession() as http:
            try:
                yield Live(self, ready.result(), http)
            finally:
                server.should_exit = True
                await serving

    async def close(self) -> None:
        if not self.started:
            await self.inbox.channels.close()
            await self.inbox.bus.stop()
            await self.database.close()


async def _serve(server: Server) -> None:
    # Without signal handlers: the process belongs to pytest.
    await server._serve()


class Live:
    """A running server and a client of it."""

    def __init__(self, backend: Backend, port: int, http: aiohttp.ClientSession) -> None:
        self.backend = backend
        self.inbox = backend.inbox
        self.http = http
        self.url = f"http://127.0.0.1:{port}"
        self.ws_url = f"ws://127.0.0.1:{port}/ws"

    async def call(
        self, method: str, path: str, *, token: str | None = None, body: Any = None, **options: Any
    ) -> tuple[int, Any]:
        """Status and decoded JSON (None for an empty body) of one API call."""
        headers = dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None:
            options["data"] = msgspec.json.encode(body)
            headers["Content-Type"] = "application/json"
        async with self.http.request(method, self.url + path, headers=headers, **options) as answer:
            text = await answer.read()
            if "json" not in answer.headers.get("Content-Type", ""):
                return answer.status, text
            return answer.status, json.loads(text) if text else None


_numbers = itertools.count(1)


def make_config(
    tmp_path: Path, database_url: str = "", bus_url: str = "memory://", **sections: Any
) -> Config:
    """A configuration for tests; ``sections`` are values as they would stand in config.toml."""
    values: dict[str, Any] = {
        "server": {"host": "127.0.0.1", "port": 0, "public_url": "http://inbox.test"},
        "data": {"dir": str(tmp_path / f"data{next(_numbers)}")},
        "database": {"url": database_url, "pool_size": 5},
        "bus": {"url": bus_url},
    }
    for name, section in sections.items():
        values.setdefault(name, {}).update(section)
    return msgspec.convert(values, configuration.Config)


@pytest.fixture(params=BACKENDS)
async def backend(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Backend]:
    """The same test on both pairs of stores; a module's ``SECTIONS`` are those of their configuration."""
    sections: dict[str, Any] = getattr(request.module, "SECTIONS", {})
    async with addresses(request) as (url, bus):
        config = make_config(tmp_path, url, bus or "memory://", **sections)
        if not url:
            await make_sqlite(config.database_url)
        made = Backend(request.param, config)
        try:
            yield made
        finally:
            await made.close()
