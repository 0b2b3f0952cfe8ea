"""Bringing a database to the present schema, and seeing at a glance that it is there already."""

import pytest
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, select

from server.db import migrate, schema
from tests.support.backend import Backend


def test_the_newest_revision_is_the_one_alembic_ends_at() -> None:
    assert ScriptDirectory.from_config(migrate.alembic_config()).get_current_head() == migrate.NEWEST


async def test_a_database_that_is_up_to_date_is_left_alone(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_connection: Connection) -> None:
        raise AssertionError("there was nothing to migrate")

    monkeypatch.setattr(migrate, "upgrade", never)
    await backend.add_channel()
    await migrate.migrate(backend.config.database_url)
    kept = await backend.database.read(lambda c: c.execute(select(schema.channel.c.name)).scalars().all())
    assert kept == ["Bot"]


async def test_a_database_of_a_later_version_is_refused(backend: Backend) -> None:
    await backend.database.write(
        lambda c: c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'").close()
    )
    with pytest.raises(CommandError, match="9999"):
        await migrate.migrate(backend.config.database_url)
