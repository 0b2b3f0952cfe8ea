"""Both pairs of stores, with migrated databases that are made once and copied: a migration costs more than most tests."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from server.db.migrate import migrate

BACKENDS = ("sqlite", "postgresql")
_template: list[bytes] = []


async def make_sqlite(url: str) -> None:
    """What ``migrate(url)`` makes of nothing, copied; all copies of one run have the same epoch."""
    file = Path(url.split("///", 1)[1])
    file.parent.mkdir(parents=True, exist_ok=True)
    if not _template:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder, "template.db")
            await migrate(f"sqlite+aiosqlite:///{made}")
            _template.append(made.read_bytes())
    file.write_bytes(_template[0])


@asynccontextmanager
async def addresses(
    request: pytest.FixtureRequest, *, of_one_test: bool = True
) -> AsyncIterator[tuple[str, str]]:
    """Of a migrated database and of a bus, for a fixture whose parameters are BACKENDS; empty: SQLite and memory.

    A fixture of many tests takes the services as they are, and clears nothing in them.
    """
    if request.param == "sqlite":
        yield "", ""
        return
    kind = "server" if of_one_test else "process"
    postgres, redis = (request.getfixturevalue(f"{name}_{kind}") for name in ("postgres", "redis"))
    postgres.start()
    redis.start()
    url = await postgres.create_database(migrate)
    try:
        yield url, redis.url
    finally:
        postgres.start()  # a test may have stopped it
        await postgres.drop_database(url)
