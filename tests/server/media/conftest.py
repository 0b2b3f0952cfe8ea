"""A desk with files, for all tests of them."""

import pytest

from tests.server.media.files import Files
from tests.support.delivery import Desk


@pytest.fixture
async def files(desk: Desk) -> Files:
    return Files(desk)
