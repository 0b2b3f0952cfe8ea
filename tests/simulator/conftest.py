"""A business with a web server that keeps every webhook it gets, and a simulator beside it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import msgspec
import pytest
from aiohttp import web

from connectors.simulator import Simulator

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
