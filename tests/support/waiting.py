"""Waiting for what another task or process does, and tells nobody here when it is done."""

import asyncio
import inspect
import os
from collections.abc import Callable
from typing import Any

PATIENCE_S = float(os.environ.get("CENTRALA_TEST_PATIENCE", "60"))
"""How long anything may take on a machine that has other things to do."""


async def until(done: Callable[[], Any], seconds: float = PATIENCE_S, *, every: float = 0.01) -> None:
    """Look again and again until ``done()`` is true, or what it awaits is.  Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await _answer(done):  # noqa: ASYNC110 - there is nobody here who could set an Event
            await asyncio.sleep(every)


async def _answer(done: Callable[[], Any]) -> Any:
    found = done()
    return await found if inspect.isawaitable(found) else found
