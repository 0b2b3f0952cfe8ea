"""These tests run on uvloop, as the server does: a closed pipe is another exception there."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
import uvloop

from tests.server.writer.writing import Writer
from tests.support.backend import Backend


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def writer(backend: Backend) -> AsyncIterator[Writer]:
    made = Writer(backend)
    made.start()
    yield made
    await made.stop()
