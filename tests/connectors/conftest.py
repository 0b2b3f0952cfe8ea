"""Fixtures of the connector tests."""

from collections.abc import AsyncIterator

import pytest

from connectors.http import HTTPClient
from tests.connectors import fake


@pytest.fixture
async def provider() -> AsyncIterator[fake.Provider]:
    async with fake.running() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[HTTPClient]:
    async with HTTPClient(timeout=2) as client:
        yield client
