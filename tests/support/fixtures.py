"""Fixtures of the services: each pytest worker has servers of its own, which costs less than sharing them."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.support import loopback
from tests.support.browser import launch_chromium
from tests.support.services import PostgresServer, RedisServer


@pytest.fixture(scope="session", autouse=True)
def _nothing_reaches_outside() -> None:
    loopback.refuse_outside()


@pytest.fixture(autouse=True)
def _who_tries_to_reach_outside_fails() -> Iterator[None]:
    loopback.tried.clear()
    yield
    assert loopback.tried == [], "tests reach loopback addresses only; channels without a provider: NOWHERE"


@pytest.fixture(scope="session")
def redis_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """For redis_server; a test wants that one."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def redis_server(redis_process: RedisServer) -> Iterator[RedisServer]:
    """An empty running Redis; the test may stop, kill, freeze and restart it as it likes."""
    redis_process.start()
    redis_process.clear()
    yield redis_process
    redis_process.thaw()


@pytest.fixture(scope="session")
def postgres_process() -> Iterator[PostgresServer]:
    """For postgres_server; a test wants that one."""
    server = PostgresServer()
    try:
        server.create()
        yield server
    finally:
        server.remove()


@pytest.fixture
def postgres_server(postgres_process: PostgresServer) -> Iterator[PostgresServer]:
    """A running PostgreSQL; the test may stop, kill, freeze and restart it as it likes."""
    postgres_process.start()
    yield postgres_process
    postgres_process.thaw()


@pytest.fixture
async def postgres_url(postgres_server: PostgresServer) -> AsyncIterator[str]:
    """The address of an empty database."""
    url = await postgres_server.create_database()
    yield url
    postgres_server.start()
    await postgres_server.drop_database(url)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for a module, whose tests must share its loop.

    `pytestmark = pytest.mark.asyncio(loop_scope="module")`; a new context for each test keeps them apart.
    """
    async with launch_chromium() as started:
        yield started
