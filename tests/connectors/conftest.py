"""Fixtures of the connector tests."""

from collections.abc import AsyncIterator

import pytest

from connectors import http as http_module
from connectors.http import HTTPClient
from tests.connectors import fake
from tests.connectors.names import Names


@pytest.fixture
async def provider() -> AsyncIterator[fake.Provider]:
    async with fake.running() as running:
        yield running


@pytest.fixture
async def http() -> AsyncIterator[HTTPClient]:
    async with HTTPClient(timeout=2) as client:
        yield client


@pytest.fixture
async def guarded(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HTTPClient]:
    """Names resolve to loopback, as an attacker's would."""
    monkeypatch.setattr(http_module.aiohttp, "ThreadedResolver", lambda: Names("127.0.0.1"))
    async with HTTPClient(timeout=2) as client:
        yield client
