"""Where background tasks live: each is named, restarted when it fails, and ended when the process stops.

Nothing else in the server calls ``create_task``.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

_FIRST_DELAY_S = 0.2
_MAX_DELAY_S = 10.0
_HEALTHY_AFTER_S = 30.0
_CANCEL_AGAIN_S = 0.2

log = logging.getLogger(__name__)


async def is_woken(event: asyncio.Event, seconds: float) -> bool:
    """Wait until the event is set, but no longer than this: whoever waits for a wake-up also looks without one."""
    try:
        async with asyncio.timeout(seconds):
            return await event.wait()
    except TimeoutError:
        return False


class Supervisor:
    """Owns the tasks of one part of the server."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Run ``work`` for ever: when it raises or returns it is started again, after a growing pause."""
        _task = self._start(name, self._for_ever(name, work))

    def once(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run ``work`` once in the background; a failure is logged, never lost."""
        return self._start(name, self._logged(name, work))

    async def stop(self) -> None:
        """Cancel everything and wait until it is gone.

        A library may swallow a cancellation that arrives at a bad moment (redis-py does), so it is repeated.
        """
        left = set(self._tasks)
        while left:
            for task in left:
                task.cancel()
            _done, left = await asyncio.wait(left, timeout=_CANCEL_AGAIN_S)

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _for_ever(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        delay = _FIRST_DELAY_S
        while True:
            started = asyncio.get_running_loop().time()
            try:
                await work()
            except Exception:
                log.exception("%s failed, starting it again", name)
            if asyncio.get_running_loop().time() - started > _HEALTHY_AFTER_S:
                delay = _FIRST_DELAY_S
            await asyncio.sleep(delay)
            delay = min(delay * 2, _MAX_DELAY_S)

    async def _logged(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("%s failed", name)
