"""Bring a database to the present schema (Alembic), from nothing or from any earlier version."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, pool
from sqlalchemy.ext.asyncio import create_async_engine

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

_HERE = Path(__file__).parent
NEWEST = max(path.name.split("_")[0] for path in (_HERE / "migrations/versions").glob("[0-9]*.py"))
"""The revision of the present schema: the file's number is the revision's name."""


def alembic_config(connection: Connection | None = None) -> "AlembicConfig":
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(_HERE / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Run all migrations that are still to be run, in one transaction."""
    # Imported only where there is something to do: most starts, and all commands but the first, find nothing.
    from alembic import command

    command.upgrade(alembic_config(connection), "head")


def _is_current(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    return found == [NEWEST]


async def migrate(url: str) -> None:
    """Migrate the database at an SQLAlchemy async address; safe to call at every start."""
    engine = create_async_engine(url, poolclass=pool.NullPool)
    if engine.dialect.name == "sqlite":
        Path(engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
    try:
        async with asyncio.timeout(300), engine.begin() as connection:
            if await connection.run_sync(_is_current):
                return
            if engine.dialect.name == "postgresql":
                # Two processes that start together migrate one after the other.
                await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7263920117)")
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()
