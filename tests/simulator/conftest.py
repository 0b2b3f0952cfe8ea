"""A business with a web server that keeps every webhook it gets, and a simulator beside it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import msgspec
import pytest
from aiohttp import web

from connectors.contract import AnyItem, Connector, WebhookRequest
from connectors.http import HTTPClient
from connectors.registry import open_connector
from connectors.simulator import KINDS, Customer, Simulator

SAMPLES = Path(__file__).parent / "samples"


class Hook(msgspec.Struct, frozen=True):
    """A request as our server got it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True))


class Business:
    """Answers every webhook with the next of ``answers``, then with 200."""

    def __init__(self) -> None:
        self.url = ""
        self.hooks: list[Hook] = []
        self.answers: list[web.Response] = []
        self.refuses = b""
        """Only webhooks that contain this get one of ``answers``."""
        self.picture = b""
        self.slow = 0.0
        self.running = 0
        self.most_running = 0
        """How many webhooks were in work at the same time."""
        self._arrived = asyncio.Event()

    async def handle(self, request: web.Request) -> web.Response:
        if request.path.startswith("/link/picture.png"):
            return web.Response(body=self.picture, content_type="image/png")
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        hook = Hook(request.method, request.raw_path, dict(request.headers), await request.read())
        self.hooks.append(hook)
        self._arrived.set()
        await asyncio.sleep(self.slow)
        self.running -= 1
        if self.answers and self.refuses in hook.body:
            return self.answers.pop(0)
        return web.Response()

    async def wait_for(self, count: int) -> list[Hook]:
        """At least this many webhooks, waiting for them."""
        async with asyncio.timeout(5):
            while len(self.hooks) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return self.hooks


@pytest.fixture
async def business() -> AsyncIterator[Business]:
    business = Business()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", business.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    business.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield business
    await runner.cleanup()


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    """Repeats of webhooks come a hundred times faster than in reality."""
    async with Simulator(seed=1, pace=0.01) as simulator:
        yield simulator


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def sample() -> Callable[[str], Any]:
    """A sample's JSON by file name."""

    def read(name: str) -> Any:
        return json.loads((SAMPLES / name).read_bytes())

    return read


@pytest.fixture
def sample_form() -> Callable[[str], dict[str, str]]:
    def read(name: str) -> dict[str, str]:
        return dict(parse_qsl((SAMPLES / name).read_text().strip(), keep_blank_values=True))

    return read


@pytest.fixture
def assert_shaped() -> Callable[..., None]:
    """``value`` has every key of ``sample`` with a value of the same type, and no keys but ``extra`` besides."""

    def check(value: Any, sample: Any, *, lacks: str = "", extra: str = "") -> None:
        missing, more = set(lacks.split()), set(extra.split())
        problems = sorted(set(_differences(value, sample, "", missing, more)))
        assert not problems, problems

    return check


def _differences(value: Any, sample: Any, path: str, lacks: set[str], extra: set[str]) -> list[str]:
    if isinstance(sample, dict) and isinstance(value, dict):
        found = [f"{path}.{key} is missing" for key in sample.keys() - value.keys() - lacks]
        found += [f"{path}.{key} is not in the sample" for key in value.keys() - sample.keys() - extra]
        for key in sample.keys() & value.keys():
            found += _differences(value[key], sample[key], f"{path}.{key}", lacks, extra)
        return found
    if isinstance(sample, list) and isinstance(value, list):
        return [line for item in value for line in _differences(item, sample[0], path + "[]", lacks, extra)]
    numbers = isinstance(sample, int | float) and isinstance(value, int | float)
    return [] if numbers or type(value) is type(sample) else [f"{path}: {type(value)}, not {type(sample)}"]


# ------------------------------------------------------------------------------------------ our connector beside it

CREDENTIALS = {
    "sms": {"account_sid": "AC0001", "auth_token": "t", "number": "+48732001002"},
    "messenger": {"page_id": "1029384756", "app_secret": "s", "page_token": "p", "verify_token": "v"},
    "telegram": {"token": "123456:ABC", "secret_token": "secret_1"},
    "viber": {"auth_token": "t"},
    "whatsapp": {
        "phone_number_id": "106540352242922",
        "waba_id": "102290129340398",
        "app_secret": "s",
        "access_token": "a",
        "verify_token": "v",
    },
}
SPECIAL: dict[str, dict[str, object]] = {
    "sms": {"mms": True},
    "telegram": {"mode": "webhook"},
    "viber": {"name": "Sklep"},
}


class Pair:
    """A connector and a customer's phone at its provider."""

    def __init__(self, kind: str, sim: Simulator, business: Business, http: HTTPClient) -> None:
        self.business = business
        url = f"{business.url}/webhooks/{kind}"
        sim.add_account(kind, webhook_url=url, **CREDENTIALS[kind])
        self.phone: Customer = sim.customer(kind, name="Zofia Żółw")
        settings = {**CREDENTIALS[kind], "api_base": sim.api_base(kind), **SPECIAL.get(kind, {})}
        provider = "twilio" if kind == "sms" else None
        self.connector: Connector = open_connector(kind, provider, settings, http, url)

    def received(self) -> list[AnyItem]:
        """What the connector makes of every webhook so far."""
        items: list[AnyItem] = []
        for hook in self.business.hooks:
            url = self.business.url + hook.target
            headers = {name.lower(): value for name, value in hook.headers.items()}
            request = WebhookRequest(
                method=hook.method, url=url, query=urlsplit(url).query, headers=headers, body=hook.body
            )
            items += self.connector.receive(request).items
        return items


@pytest.fixture(params=KINDS)
async def pair(request: pytest.FixtureRequest, sim: Simulator, business: Business) -> AsyncIterator[Pair]:
    async with HTTPClient() as http:
        yield Pair(request.param, sim, business, http)
