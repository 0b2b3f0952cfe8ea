"""Channels' secrets in the database: encrypted, readable with any of the keys, and what happens without them."""

import asyncio
import json
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from msgspec.structs import replace
from sqlalchemy import Connection, select

from server.commands import channels
from server.commands.tools import opened
from server.config import Config, load
from server.db import schema
from server.doctor import examine
from server.errors import ConfigError, Invalid
from server.keyring import Keyring
from tests.support.backend import Backend

SECRET = "geheim-twilio-token"
PLAIN = {"account_sid": "AC" + "7" * 32, "number": "+48732001009"}


async def add(backend: Backend) -> int:
    settings = {**PLAIN, "auth_token": SECRET}
    added = await backend.inbox.channels.add(kind="sms", provider="twilio", name="Sklep", settings=settings)
    return int(added.id)


def everything(connection: Connection) -> str:
    """All rows of all tables, as text."""
    tables = schema.metadata.sorted_tables
    return "\n".join(str(tuple(row)) for table in tables for row in connection.execute(select(table)))


async def stored(backend: Backend, channel_id: int) -> tuple[dict[str, Any], str]:
    columns = select(schema.channel.c.settings, schema.channel.c.secrets)
    one = columns.where(schema.channel.c.id == channel_id)
    settings, secrets = await backend.database.read(lambda c: c.execute(one).one())
    return json.loads(settings), secrets


def with_keys(config: Config, *keys: str) -> Config:
    return replace(config, security=replace(config.security, secret_keys="\n".join(keys)))


def new_key() -> str:
    return Fernet.generate_key().decode()


async def auth_token(config: Config, channel_id: int) -> str:
    """As a process of its own finds it in the database."""
    async with opened(config) as tools:
        connector: Any = await tools.channels.open(channel_id)
        token: str = connector._settings.auth_token
        return token


async def encrypt_anew(config: Config) -> None:
    async with opened(config) as tools:
        await channels.encrypt_channels_anew(tools, Namespace(json=True))


async def test_no_secret_is_in_the_database_and_another_process_reads_it(backend: Backend) -> None:
    channel_id = await add(backend)
    await backend.inbox.channels.change(channel_id, settings={"auth_token": f"{SECRET}-2"})
    settings, secrets = await stored(backend, channel_id)
    assert settings == PLAIN
    assert secrets.startswith("gAAAA")
    assert SECRET not in await backend.database.read(everything)
    assert await auth_token(backend.config, channel_id) == f"{SECRET}-2"
    assert await backend.inbox.channels.secrets_set(channel_id) == ("auth_token",)
    key = backend.config.data_dir / "secrets.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in backend.config.data_dir.glob(".*")] == [], "a draft was left"


async def test_keys_are_replaced_while_both_are_known(backend: Backend) -> None:
    channel_id = await add(backend)
    old, new = (backend.config.data_dir / "secrets.key").read_text().strip(), new_key()
    both = with_keys(backend.config, new, old)
    assert await auth_token(both, channel_id) == SECRET
    with pytest.raises(Invalid, match=r"Channel Sklep .*none of the keys in security\.secret_keys"):
        await encrypt_anew(with_keys(backend.config, new))
    await encrypt_anew(both)
    assert await auth_token(with_keys(backend.config, new), channel_id) == SECRET
    with pytest.raises(Invalid, match=r"secrets\.key"):
        await encrypt_anew(backend.config)


async def test_a_lost_key_is_said_and_mended_by_entering_the_secrets_again(
    backend: Backend, capsys: pytest.CaptureFixture[str]
) -> None:
    channel_id = await add(backend)
    lost = with_keys(backend.config, new_key())
    assert await examine(backend.config) == 0
    assert "is encrypted" not in capsys.readouterr().out
    assert await examine(lost) == 1
    said = capsys.readouterr().out
    assert "WRONG Channel Sklep" in said
    assert "enter the channel's secrets again" in said
    (backend.config.data_dir / "secrets.key").rename(backend.config.data_dir / "away")
    assert await examine(backend.config) == 1
    line = next(line for line in capsys.readouterr().out.splitlines() if "WRONG Channel Sklep" in line)
    assert f"no {backend.config.data_dir.absolute()}/secrets.key. Put it back from the backup" in line
    async with opened(lost) as tools:
        assert await tools.channels.active(channel_id) is None
        assert tools.channels._notes._notes[channel_id].last_error is not None
        [shown] = (await tools.channels.list())[0]
        assert shown.name == "Sklep"
        with pytest.raises(Invalid, match="auth_token: required"):
            await tools.channels.change(channel_id, settings={"number": "+48732001008"})
        await tools.channels.change(channel_id, settings={"auth_token": "nowy"})
    assert await auth_token(lost, channel_id) == "nowy"


def test_processes_that_start_at_once_get_one_key(tmp_path: Path) -> None:
    config = replace(load(environ={}), data=replace(load(environ={}).data, dir=str(tmp_path / "new")))

    def encrypt(_number: int) -> str:
        return Keyring(config).encrypt(b"x")

    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(encrypt, range(8)))
    assert {Keyring(config).decrypt(token) for token in tokens} == {b"x"}


@pytest.mark.parametrize("text", ["", "geheim", "A" * 44, "\ud83d"])
async def test_what_is_no_key_is_named_and_not_repeated(tmp_path: Path, text: str) -> None:
    config = replace(load(environ={}), data=replace(load(environ={}).data, dir=str(tmp_path)))
    (tmp_path / "secrets.key").write_text(text, encoding="utf-8", errors="replace")
    with pytest.raises(ConfigError, match="expected keys of 32 random bytes") as caught:
        Keyring(config).load()
    assert "geheim" not in str(caught.value)
    if text.strip():
        with pytest.raises(ConfigError, match=r"security\.secret_keys: expected keys"):
            await asyncio.to_thread(load, None, {"CENTRALA__SECURITY__SECRET_KEYS": text})
