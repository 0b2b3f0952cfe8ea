"""A running demo for each module, browser windows for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.e2e.journeys.demo import CONSOLE, Demo
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones

# Far more than anything takes; a busy machine must not fail a test.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    if not CONSOLE.is_file():
        pytest.fail("the console is not built (server/static is empty): run scripts/setup", pytrace=False)
    demo = Demo(tmp_path_factory.mktemp("demo"))
    demo.process.start()
    yield demo
    demo.process.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def desk(browser: Browser, demo: Demo) -> AsyncIterator[Desk]:
    """Windows; none of them may have complained when the test is over."""
    desk = Desk(browser, demo)
    yield desk
    await desk.close()
    assert desk.trouble == []


@pytest_asyncio.fixture(loop_scope="module")
async def phones(desk: Desk) -> Phones:
    return await desk.phones()
