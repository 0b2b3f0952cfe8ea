"""Sockets cut, Redis killed, PostgreSQL stopped, readers that don't read: two servers, one for webhooks, one for agents."""

import asyncio
import random
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server.db.migrate import migrate
from tests.faults.conftest import make
from tests.faults.traffic import Client, Deployment, Providers, told
from tests.support.outside import OutsideServer
from tests.support.process import free_port
from tests.support.services import PostgresServer, RedisServer
from tests.support.waiting import until


class Agents:
    """Two agents at work: they take, give back, hand over and answer at random."""

    def __init__(self, deployment: Deployment, server: OutsideServer, seed: int) -> None:
        self.deployment = deployment
        self.server = server
        self.random = random.Random(seed)
        self.done = 0

    async def work(self) -> None:
        while True:
            try:
                await self._once()
            except (aiohttp.ClientError, OSError, TimeoutError, AssertionError):
                await asyncio.sleep(0.1)

    async def _once(self) -> None:
        api = self.deployment.api("Root", self.server)
        dialogs = (await api.get("/dialogs?view=all&limit=100"))["items"]
        for dialog in self.random.sample(dialogs, min(3, len(dialogs))):
            who = self.random.choice(("Ala", "Bartek", None))
            expected = dialog["assignee"] and dialog["assignee"]["id"]
            body = {"agentId": who and str(self.deployment.agents[who]), "expectedAgentId": expected}
            status, answer = await api.call("PUT", f"/dialogs/{dialog['id']}/assignment", body)
            assert status in (200, 409, 422, 503), answer
            note = {"text": "notatka", "kind": "note"}
            status, answer = await api.call("POST", f"/dialogs/{dialog['id']}/messages", note)
            assert status in (201, 503), answer
            self.done += 1
            await asyncio.sleep(0.02)


class Watching:
    """Clients of both agents and of the administrator at one server, under traffic."""

    def __init__(self, deployment: Deployment, server: OutsideServer, seed: int) -> None:
        self.deployment = deployment
        self.clients = {name: Client(deployment.api(name, server)) for name in ("Root", "Ala", "Bartek")}
        self.providers = Providers(deployment, at_once=4)
        self.agents = Agents(deployment, server, seed)
        self.random = random.Random(seed)

    async def __aenter__(self) -> "Watching":
        self._tasks = [asyncio.create_task(client.follow()) for client in self.clients.values()]
        await until(lambda: all(client.connections for client in self.clients.values()))
        self._tasks.append(asyncio.create_task(self.agents.work()))
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def cut_for(self, seconds: float) -> None:
        """Cut everybody's connection now and then."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await asyncio.sleep(self.random.uniform(0.02, 0.3))
            self.random.choice(list(self.clients.values())).cut()

    async def check(self) -> None:
        """When all is quiet each client has applied what the log has for it: in order, once."""
        self._tasks.pop().cancel()
        await asyncio.sleep(0.3)
        head = int((await self.deployment.api("Root", self.agents.server).get("/agents"))["seq"])
        for name, client in self.clients.items():
            await client.reaches(head)
            wanted = await told(self.deployment, name, client.begun)
            applied = [each for each in client.applied if each[0] <= head]
            assert applied == [each for each in wanted if each[0] <= head], f"{name} was told something else"
            assert len(applied) > 20
            assert client.resets == [], name
        hidden = {name for _, name in self.clients["Ala"].applied}
        assert "dialog.hidden" in hidden, "nothing was ever hidden from Ala: the test proves too little"


@pytest.mark.parametrize("seed", [1])
async def test_sockets_cut_at_any_time_miss_nothing(deployment: Deployment, seed: int) -> None:
    await deployment.server.start()
    async with Watching(deployment, deployment.server, seed) as watching:
        async with watching.providers.busy(pause_s=0.02):
            await watching.cut_for(6)
        await watching.check()
        assert min(client.connections for client in watching.clients.values()) > 3
    await watching.providers.check()
    await deployment.server.stop()


# ------------------------------------------------------------------------------------------ two servers


class Pair:
    """Webhooks come to one server, agents sit at the other."""

    def __init__(self, deployment: Deployment, other: OutsideServer) -> None:
        self.deployment = deployment
        self.first = deployment.server
        self.second = other


@pytest.fixture
async def pair(
    tmp_path: Path, postgres_server: PostgresServer, redis_server: RedisServer
) -> AsyncIterator[Pair]:
    url = await postgres_server.create_database(migrate)
    # As it is outside of tests: what was committed outlives a kill of PostgreSQL.
    await postgres_server.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = on")
    async with aiohttp.ClientSession() as http:
        deployment = await make(tmp_path, http, url, redis_server.url)
        second = deployment.outside.server(port=free_port())
        try:
            await asyncio.gather(deployment.server.start(), second.start())
            yield Pair(deployment, second)
        finally:
            await deployment.close()
            postgres_server.start()
            await postgres_server.drop_database(url)


async def test_redis_killed_and_empty_again_under_traffic(pair: Pair, redis_server: RedisServer) -> None:
    async with Watching(pair.deployment, pair.second, 2) as watching:
        async with watching.providers.busy(pause_s=0.02):
            for _ in range(2):
                await watching.cut_for(0.7)
                redis_server.kill()
                await watching.cut_for(1.5)
                before = len(watching.providers.acknowledged)
                # With Redis away for good, a webhook that waited for it would not be answered at all.
                await until(lambda before=before: len(watching.providers.acknowledged) > before, 15)
                redis_server.start()
            await watching.cut_for(1)
        await watching.check()
    await watching.providers.check()
    assert set(watching.providers.statuses) == {200}


async def test_postgresql_killed_and_stopped_under_traffic(
    pair: Pair, postgres_server: PostgresServer
) -> None:
    statuses: set[int] = set()
    api = pair.deployment.api("Root", pair.second)
    async with Watching(pair.deployment, pair.second, 3) as watching:
        async with watching.providers.busy(pause_s=0.02):
            for end in (postgres_server.kill, postgres_server.stop):
                await watching.cut_for(0.7)
                await asyncio.to_thread(end)
                watching.providers.statuses.clear()
                await asyncio.sleep(0.7)
                statuses.add((await api.call("GET", "/dialogs"))[0])
                assert set(watching.providers.statuses) <= {503}, "answered 2xx without a database"
                postgres_server.start()
                begun = time.monotonic()
                before = len(watching.providers.acknowledged)
                while len(watching.providers.acknowledged) < before + 8:
                    assert time.monotonic() - begun < 15, "it does not come back"
                    await asyncio.sleep(0.05)
            await watching.cut_for(0.5)
        await watching.check()
    assert statuses == {503}
    await watching.providers.check()


async def test_a_stop_waits_for_no_stuck_reader(deployment: Deployment) -> None:
    """A socket that never reads, one that says nothing, one in the middle of a request: SIGTERM ends within 5 s."""
    await deployment.server.start()
    stuck = await asyncio.to_thread(_open_sockets, deployment)
    providers = Providers(deployment)
    async with providers.busy():
        await until(lambda: len(providers.acknowledged) >= 150)
    begun = time.monotonic()
    process: Any = deployment.server.process._process
    process.terminate()
    await deployment.server.died()
    assert time.monotonic() - begun < 5
    assert process.returncode in (0, -15)
    for each in stuck:
        each.close()
    await providers.check()


def _open_sockets(deployment: Deployment) -> list[socket.socket]:
    address = (deployment.outside.host, deployment.server.port)
    upgrade = (
        b"GET /ws HTTP/1.1\r\nHost: inbox.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Authorization: Bearer ct_Root\r\n\r\n"
    )
    start = b'{"type":"start"}'
    reader, silent, half = (socket.create_connection(address, timeout=10) for _ in range(3))
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.sendall(upgrade)
    assert b"101" in reader.recv(4096)
    reader.sendall(bytes([0x81, 0x80 | len(start), 0, 0, 0, 0]) + start)
    path = f"/webhooks/{deployment.channels['telegram']}"
    half.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{{".encode())
    return [reader, silent, half]
