from collections.abc import AsyncIterator

import pytest

from connectors.http import HTTPClient
from connectors.simulator import Simulator
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
