from collections.abc import AsyncIterator

import pytest

from server.intake.sink import IntakeSink
from server.supervisor import Supervisor
from tests.support.backend import Backend


@pytest.fixture
async def sink(backend: Backend) -> AsyncIterator[IntakeSink]:
    """Intake as it runs in the server's own process."""
    supervisor = Supervisor()
    backend.inbox.sink.start(supervisor)
    yield backend.inbox.sink
    await supervisor.stop()
