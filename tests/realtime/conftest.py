"""A live server with an administrator."""

from collections.abc import AsyncIterator

import pytest

from tests.realtime.client import TOKEN
from tests.support.backend import Backend, Live


@pytest.fixture
async def live(backend: Backend) -> AsyncIterator[Live]:
    await backend.add_agent("Root", "administrator", token=TOKEN)
    async with backend.live() as running:
        yield running
