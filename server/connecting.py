"""``centrala connector KIND…``: channels of some kinds in a process of their own, beside ``serve``, without HTTP.

It is assembled like a server (``server/assembly.py``) and meets it only in the database and over the bus.
"""

import asyncio
import signal
import sys
from collections.abc import Sequence

from sqlalchemy import make_url

from server.assembly import Assembly
from server.channels.running import RunningKinds, only
from server.config import Config
from server.errors import ConfigError


def connect(config: Config, kinds: Sequence[str]) -> None:
    """Run until told to stop.  Raises ConfigError where this can't work."""
    running = only(kinds)
    _refuse_single_process(config)
    asyncio.run(_run(config, running))


def _refuse_single_process(config: Config) -> None:
    """SQLite is not made for several writing processes, and nobody hears another process over a bus in memory."""
    if make_url(config.database_url).get_backend_name() == "sqlite":
        raise ConfigError(
            "database.url: connectors apart need PostgreSQL, which the server uses too; expected"
            " postgresql://name:password@host/database (with SQLite `centrala serve` runs every channel)"
        )
    if not config.bus.url.startswith(("redis://", "rediss://")):
        raise ConfigError(
            "bus.url: connectors apart need Redis, which the server uses too; expected redis://host:6379/0"
        )


async def _run(config: Config, kinds: RunningKinds) -> None:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    assembly = Assembly(config, kinds=kinds)
    assembly.keyring.load()
    try:
        await assembly.start()
        sys.stdout.write(f"Centrala runs the channels of {', '.join(sorted(kinds.only or ()))}\n")
        sys.stdout.flush()
        await told.wait()
    finally:
        await assembly.stop()
