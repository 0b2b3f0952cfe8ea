"""Installations made by hand (quickly), served by processes that can be killed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server.config import Config
from tests.faults.traffic import Deployment
from tests.support.backend import Backend, make_config
from tests.support.outside import Outside
from tests.support.stores import BACKENDS, addresses, make_sqlite


async def make(folder: Path, http: aiohttp.ClientSession, url: str, bus: str) -> Deployment:
    """Four channels, an administrator and two agents, one of whom does not see every channel."""
    outside = Outside(
        folder, database_url=url, bus_url=bus, delivery__lease_seconds="3", delivery__call_seconds="2",
        delivery__retry_first_seconds="1",
    )  # fmt: skip
    sections: dict[str, Any] = {"data": {"dir": str(folder / "data")}}
    config: Config = make_config(folder, url, bus or "memory://", **sections)
    if not url:
        await make_sqlite(config.database_url)
    return await Deployment.make(outside, Backend("sqlite" if not url else "postgresql", config), http)


@pytest.fixture(params=BACKENDS)
async def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Deployment]:
    async with aiohttp.ClientSession() as http, addresses(request) as (url, bus):
        made = await make(tmp_path, http, url, bus)
        try:
            yield made
        finally:
            await made.close()
