"""For all tests of a module, on either pair of stores: an installation made by the command line alone, or a desk for samples."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from connectors.simulator import KINDS, Customer, Simulator
from connectors.simulator.provider import Account
from tests.blackbox.desk import TOKEN, Desk, Provider
from tests.support.backend import Backend, Live, make_config
from tests.support.outside import PATIENCE_S, Api, Outside, OutsideServer
from tests.support.posting import SETTINGS, Post, signed, text_message
from tests.support.stores import BACKENDS, addresses, make_sqlite


class Site:
    """A running installation with a channel of each kind at simulated providers, three agents, and a client of each."""

    def __init__(self, outside: Outside, sim: Simulator, http: aiohttp.ClientSession) -> None:
        self.outside = outside
        self.sim = sim
        self.http = http
        self.server: OutsideServer = outside.server()
        self.channels: dict[str, dict[str, Any]] = {}
        self.accounts: dict[str, Account] = {}
        """Those of the channels, at the simulated providers."""
        self.agents: dict[str, dict[str, Any]] = {}
        self.root: Api
        self.ala: Api
        self.bartek: Api
        self._number = 0

    async def add_channel(self, kind: str, name: str, **settings: str) -> dict[str, Any]:
        found: dict[str, Any] = await self.outside.add_channel(
            kind, name, api_base=self.sim.api_base(kind), **settings
        )
        return found

    async def add_agent(self, name: str, role: str) -> Api:
        email = f"{name.lower()}@example.pl"
        self.agents[name] = await self.outside.add_agent(email, name, role)
        return self.client(await self.outside.token(email))

    def client(self, token: str | None) -> Api:
        return Api(self.outside.base, token, self.http)

    def number(self) -> int:
        self._number += 1
        return self._number

    def person(self, kind: str, name: str = "Zofia Żółw") -> Customer:
        """Somebody new with a phone at the simulated provider."""
        return self.sim.customer(kind, name=f"{name} {self.number()}")

    def text(self, kind: str, text: str = "Dzień dobry", *, peer: int, name: str = "Zofia Żółw") -> Post:
        """A new text message, signed for the channel of this kind."""
        return self.sign(kind, text_message(kind, self.number(), text, peer=peer, name=name))

    def sign(self, kind: str, body: bytes) -> Post:
        return signed(kind, body, self.outside.public_url + self.channels[kind]["webhook"])

    async def post(self, kind: str, post: Post, path: str | None = None) -> int:
        """Post a webhook; the status."""
        url = self.outside.base + (path or self.channels[kind]["webhook"])
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        async with self.http.post(
            url, data=io.BytesIO(post.body), headers=post.headers, timeout=timeout
        ) as answer:
            await answer.read()
            return answer.status

    async def dialog_with(self, address: str) -> dict[str, Any]:
        """The dialog of whom the provider knows by this address."""
        [found] = await self.dialogs_with(address)
        return found

    async def dialogs_with(self, address: str) -> list[dict[str, Any]]:
        dialogs = await self.root.all("/dialogs?view=all&status=all")
        return [dialog for dialog in dialogs if dialog["contact"]["address"] == address]


async def new_dialog(site: Site, kind: str = "telegram", text: str = "Dzień dobry") -> dict:
    """The dialog of somebody new who wrote this."""
    phone = site.person(kind)
    await phone.write(text)
    return await site.dialog_with(phone.address)


async def reply(api: Api, dialog: dict, text: str, **more: object) -> dict:
    status, message = await api.call(
        "POST", f"/dialogs/{dialog['id']}/messages", {"text": text, "kind": "message", **more}
    )
    assert status == 201, message
    return message


async def reaches(api: Api, dialog: dict, message: dict, state: str) -> dict:
    """Wait until a message has this state."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            [found] = [m for m in await api.messages(dialog["id"]) if m["id"] == message["id"]]
            if found["state"] == state:
                return found
            await asyncio.sleep(0.05)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=BACKENDS)
async def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    folder: Path = tmp_path_factory.mktemp("site")
    if request.param == "sqlite":
        outside = Outside(folder)
        drop = None
    else:
        postgres = request.getfixturevalue("postgres_process")
        redis = request.getfixturevalue("redis_process")
        postgres.start()
        redis.start()
        drop = await postgres.create_database()
        # As an operator writes it.
        outside = Outside(folder, database_url=drop.replace("+asyncpg", ""), bus_url=redis.url)
    async with Simulator(pace=0.05) as sim, aiohttp.ClientSession() as http:
        made = Site(outside, sim, http)
        try:
            await _set_up(made)
            yield made
        finally:
            outside.kill_all()
            if drop is not None:
                await postgres.drop_database(drop)


async def _set_up(site: Site) -> None:
    """An administrator and a channel before the server's first start, everything else while it runs."""
    site.sim.reach(site.outside.public_url, site.outside.base)
    site.channels["telegram"] = await site.add_channel("telegram", "Bot sklepu")
    site.root = await site.add_agent("Root", "administrator")
    await site.server.start()
    rest = [kind for kind in KINDS if kind != "telegram"]
    added = await asyncio.gather(*(site.add_channel(kind, f"Sklep {kind}") for kind in rest))
    site.channels |= dict(zip(rest, added, strict=True))
    site.ala, site.bartek = await asyncio.gather(
        site.add_agent("Ala", "agent"), site.add_agent("Bartek", "agent")
    )
    for kind, channel in site.channels.items():
        settings = {key: value for key, value in SETTINGS[kind].items() if key != "mode"}
        site.accounts[kind] = site.sim.add_account(
            kind, webhook_url=site.outside.public_url + channel["webhook"], **settings
        )


@pytest.fixture
def unique() -> str:
    """A word that stands in no other test's texts."""
    return "q" + uuid4().hex[:12]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=BACKENDS)
async def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """A live server for payloads of every kind, without the simulated providers."""
    async with addresses(request, of_one_test=False) as (url, bus):
        config = make_config(tmp_path_factory.mktemp("samples"), url, bus or "memory://")
        if not url:
            await make_sqlite(config.database_url)
        async with _provider() as provider, _live(Backend(request.param, config)) as live:
            yield Desk(live, Api(live.url, TOKEN, live.http), provider)


@asynccontextmanager
async def _provider() -> AsyncIterator[Provider]:
    provider = Provider()
    app = web.Application()
    app.router.add_route("*", "/{name}/{path:.*}", provider.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield provider
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _live(backend: Backend) -> AsyncIterator[Live]:
    # The recorded media are on hosts of others, which no test may call.
    backend.inbox.fetcher.start = lambda _supervisor: None
    # It would take the ids that a test has put ready for its replies.
    backend.inbox.watch.start = lambda _supervisor: None
    await backend.add_agent("Root", "administrator", token=TOKEN)
    async with backend.live() as live:
        yield live


@pytest_asyncio.fixture(loop_scope="module")
async def quiet_afterwards(desk: Desk) -> AsyncIterator[None]:
    yield
    await desk.pause()
