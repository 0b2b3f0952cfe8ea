from collections.abc import AsyncIterator

import pytest

from connectors.http import HTTPClient
from connectors.simulator import Simulator
from server.db import schema
from tests.server.delivery.reactions import Bench
from tests.server.delivery.whatsapp import ROUTES, Number
from tests.support.backend import Backend
from tests.support.delivery import Desk, api_client


@pytest.fixture
async def number(backend: Backend) -> AsyncIterator[Number]:
    desk = await Desk.make(backend)
    async with (
        Simulator() as sim,
        HTTPClient() as http,
        api_client(
            ROUTES, access=desk.access, replies=desk.replies, starts=desk.starts, templates=desk.templates
        ) as client,
    ):
        yield Number(desk, sim, http, client)


@pytest.fixture
async def bench(backend: Backend) -> Bench:
    desk = await Desk.make(backend)
    dialog = await desk.dialog()
    [row] = await desk.rows(schema.message)
    return Bench(desk, dialog, row["id"])
