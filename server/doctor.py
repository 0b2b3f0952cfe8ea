"""``centrala doctor``: what is wrong, and how to mend it.  Changes nothing."""

import asyncio
import contextlib
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import msgspec
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, make_url

from connectors.errors import ConnectorError
from server.agents.origin import is_loopback_host
from server.agents.queries import has_administrator
from server.bus import open_bus
from server.bus.base import Topic
from server.bus.memory import MemoryBus
from server.channels import alarms
from server.channels import queries as channel_queries
from server.channels.opened import OpenedChannels
from server.clock import rfc3339
from server.config import Config
from server.console import STATIC
from server.db.engine import Database, open_database
from server.db.migrate import alembic_config
from server.errors import ConfigError
from server.keyring import Keyring, Unreadable
from server.logs import redact
from server.media.stores import open_store

_BUS_S = 4.0
_DATABASE_S = 10.0
_ROOM = 1 << 30


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at; ``mend`` says what to do, and ``fatal`` that the server won't work without it."""

    what: str
    mend: str = ""
    fatal: bool = False


async def examine(config: Config) -> int:
    """Print what was found; 1 when something must be mended."""
    fatal = False
    async for finding in _findings(config):
        mark = "ok   " if not finding.mend else "WRONG" if finding.fatal else "note "
        mend = f"      {finding.mend}\n" if finding.mend else ""
        sys.stdout.write(f"{mark} {finding.what}\n{mend}")
        sys.stdout.flush()
        fatal = fatal or finding.fatal
    return 1 if fatal else 0


async def _findings(config: Config) -> AsyncIterator[Finding]:
    yield Finding("The configuration is right.")
    yield await asyncio.to_thread(_data_folder, config)
    yield await asyncio.to_thread(_keys, config)
    yield await asyncio.to_thread(_console)
    yield await _media(config)
    yield await _bus(config)
    async for finding in _database(config):
        yield finding


def _data_folder(config: Config) -> Finding:
    folder = config.data_dir.absolute()
    nearest = next(each for each in (folder, *folder.parents) if each.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return Finding(
            f"The data folder {folder} can't be written.",
            "Give it to the account that runs Centrala, or set data.dir to another folder.",
            fatal=True,
        )
    if shutil.disk_usage(nearest).free < _ROOM:
        return Finding(f"Less than 1 GB is free at {folder}.", "Make room: a full disk stops the inbox.")
    return Finding(f"The data folder is {folder}.")


def _keys(config: Config) -> Finding:
    keyring = Keyring(config, may_make=False)
    if keyring.path is None:
        return Finding("Channels' secrets are encrypted with security.secret_keys.")
    try:
        keyring.load()
        others = keyring.path.stat().st_mode & 0o077
    except FileNotFoundError:
        return Finding(
            f"There is no {keyring.path} yet; the first start makes it.",
            "If there was one, put it back from the backup: without it the channels' secrets can't be read.",
        )
    except (ConfigError, OSError) as error:
        return Finding(
            f"The keys of the channels' secrets can't be read: {error}", "Mend that file.", fatal=True
        )
    if others:
        return Finding(f"Others on this machine can read {keyring.path}.", f"chmod 600 {keyring.path}")
    return Finding(f"Channels' secrets are encrypted with the key in {keyring.path}; back it up.")


async def _media(config: Config) -> Finding:
    store = open_store(config)
    try:
        trouble = await store.check()
    finally:
        await store.close()
    if trouble is not None:
        mend = "Mend [s3]: endpoint, region, bucket, and a key that may read, write and delete there."
        if config.media.store == "local":
            mend = "Give the folder to the account that runs Centrala."
        return Finding(f"Attachments can't be kept: {trouble}", mend, fatal=True)
    if config.media.store == "local":
        return Finding("Attachments are kept in the data folder.")
    return Finding(f"Attachments are kept in the bucket {config.s3.bucket}, which takes them.")


def _console() -> Finding:
    if (STATIC / "index.html").is_file():
        return Finding("The console is built.")
    return Finding("The web console has not been built.", "Run scripts/build, or install a released package.")


async def _bus(config: Config) -> Finding:
    if config.bus.url.startswith("memory://"):
        return Finding("The bus is in memory: right for one server process.")
    bus = open_bus(config.bus.url)
    where = redact(config.bus.url)
    connected = asyncio.Event()
    # As soon as it is connected it tells everybody to look.
    bus.subscribe(Topic.EVENTS, lambda _message: connected.set())
    await bus.start()
    try:
        async with asyncio.timeout(_BUS_S):
            await connected.wait()
    except TimeoutError:
        return Finding(
            f"Redis at {where} does not answer.",
            "Start it or mend bus.url. Nothing is lost without it, but pushes take up to a second.",
        )
    finally:
        await bus.stop()
    return Finding(f"Redis at {where} answers.")


async def _database(config: Config) -> AsyncIterator[Finding]:
    url = make_url(config.database_url)
    if url.get_backend_name() == "sqlite" and not await asyncio.to_thread(Path(url.database or "").exists):
        yield Finding(
            f"There is no database at {url.database} yet.", "`centrala serve` or `centrala migrate` makes it."
        )
        return
    if url.get_backend_name() == "sqlite" and (
        trouble := await asyncio.to_thread(_no_database, url.database or "")
    ):
        yield Finding(
            f"The file {url.database} can't be read as a database: {trouble}.",
            "Put it back from the backup; keep the file, as much of it may still be saved.",
            fatal=True,
        )
        return
    database = open_database(config.database_url, pool_size=1)
    try:
        found = await _schema(database, url.render_as_string(hide_password=True))
        yield found
        if not found.fatal:
            async for finding in _contents(config, database):
                yield finding
    finally:
        await database.close()


def _no_database(path: str) -> str | None:
    """What SQLite says of a file that is none of its own; looked at alone, or the index of words would be blamed."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.Error as error:
        return str(error)
    return None


async def _schema(database: Database, shown: str) -> Finding:
    """Whether the database answers, and is that of this version."""
    try:
        async with asyncio.timeout(_DATABASE_S):
            revision = await database.read(_revision)
    except Exception as error:  # noqa: BLE001 - whatever it is, the operator needs to hear it
        return Finding(
            f"The database {shown} can't be read: {type(error).__name__}: {redact(str(error))[:200]}",
            "Start it, or mend database.url (name, password, host).",
            fatal=True,
        )
    newest = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if revision != newest:
        return Finding(
            f"The database has schema {revision or 'none'}; this version needs {newest}.",
            "Run `centrala migrate` (after a backup); an unknown schema is that of a newer Centrala.",
            fatal=True,
        )
    return Finding(f"The database {shown} answers and is up to date.")


async def _contents(config: Config, database: Database) -> AsyncIterator[Finding]:
    """Who may sign in, and the channels."""
    if not await database.read(has_administrator):
        yield Finding(
            "There is no administrator.",
            "centrala agent add --email E --name N --role administrator --password-stdin",
        )
    rows = await database.read(channel_queries.channel_rows)
    opened = OpenedChannels(database, MemoryBus(), config, Keyring(config, may_make=False))
    try:
        for row in rows:
            yield _channel(opened, row)
            for alarm in alarms.alarms_of(row):
                yield _alarm(row, alarm)
    finally:
        await opened.close()
    if rows and is_loopback_host(urlsplit(config.public_url).netloc):
        yield Finding(
            f"Providers can't reach {config.public_url}.",
            "Set server.public_url to the https address under which this server is reached from outside.",
        )


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _channel(opened: OpenedChannels, row: channel_queries.ChannelRow) -> Finding:
    name = f"Channel {row.name} ({row.kind}, {row.id})"
    try:
        opened.open(row)
    except Unreadable as error:
        return Finding(
            f"{name} can't be opened: {error}", "Until then nothing comes or goes there.", fatal=True
        )
    except (ConnectorError, ValueError, ImportError) as error:
        return Finding(f"{name} can't be opened: {error}", "Add it anew with the right settings.")
    if alarms.health_of_row(row) == "failing":
        why = row.look_error or row.last_error
        return Finding(f"{name} fails: {why}", f"Run `centrala channel check {row.id}`.")
    return Finding(f"{name} can be opened{'' if row.active else ' and is paused'}.")


def _alarm(row: channel_queries.ChannelRow, alarm: alarms.Raised) -> Finding:
    name, since = f"Channel {row.name} ({row.kind}, {row.id})", rfc3339(alarm.since)
    known = "" if alarm.acknowledged_at is None else " It was acknowledged."
    if alarm.kind == "silent":
        text = f"{name} has had no message for more than {row.silence_hours} hours.{known}"
        return Finding(text, "Write to it yourself; look whether the provider still calls the webhook.")
    if alarm.kind == "quarantine":
        text = f"{name} got {alarm.count} things that were not understood, the first at {since}."
        return Finding(text, "See Settings → Quarantine in the console, and acknowledge the alarm there.")
    return Finding(f"{name} has failed since {since}.{known}", "See above.")
