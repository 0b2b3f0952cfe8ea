"""Bring a database to the present schema (Alembic), from nothing or from any earlier version."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Connection, pool
from sqlalchemy.ext.asyncio import create_async_engine

_HERE = Path(__file__).parent


def alembic_config(connection: Connection | None = None) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(_HERE / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Run all migrations that are still to be run, in one transaction."""
    command.upgrade(alembic_config(connection), "head")


async def migrate(url: str) -> None:
    """Migrate the database at an SQLAlchemy async address; safe to call at every start."""
    if url.startswith("sqlite"):
        Path(url.split("///", 1)[1]).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, poolclass=pool.NullPool)
    try:
        async with asyncio.timeout(300), engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                # Two processes that start together migrate one after the other.
                await connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7263920117)")
            await connection.run_sync(upgrade)
    finally:
        await engine.dispose()
