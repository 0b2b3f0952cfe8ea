"""Fixtures of several features' tests: a desk that sends and receives, and an installation by the command line."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.supervisor import Supervisor
from tests.server.installation import Installation
from tests.support.backend import Backend
from tests.support.delivery import Desk


@pytest.fixture
async def desk(backend: Backend) -> Desk:
    return await Desk.make(backend)


@pytest.fixture
async def receiving(backend: Backend) -> AsyncIterator[None]:
    """What is given to the backend's sink is stored meanwhile."""
    supervisor = Supervisor()
    backend.inbox.sink.start(supervisor)
    yield
    await supervisor.stop()


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)
