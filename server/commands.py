"""The commands of :mod:`server.cli` that work on the database, beside a running server or without one.

Nothing is announced over Redis here: a running server looks for itself at least every second.
"""

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from server.agents.model import check_password
from server.agents.passwords import Passwords
from server.agents.service import Agents, Change
from server.bus.memory import MemoryBus
from server.channels.service import Channels
from server.channels.setup import ChannelSetup
from server.clock import SystemClock
from server.config import Config, Log
from server.db.engine import Database, open_database
from server.db.migrate import migrate
from server.entities import Agent, Channel
from server.errors import InboxError, Invalid, NotFound
from server.ids import Ids, parse_id
from server.logs import set_up_logging
from server.unit_of_work import UnitOfWork


class Tools:
    """The parts of the server that commands use."""

    def __init__(self, config: Config, database: Database) -> None:
        clock = SystemClock()
        bus = MemoryBus()
        self.config = config
        self.database = database
        self.units = UnitOfWork(database, bus, clock, Ids(clock))
        self.passwords = Passwords()
        self.agents = Agents(self.units, config, self.passwords)
        self.channels = Channels(self.units, config, bus)
        self.channel_setup = ChannelSetup(self.units, self.channels.opened)


@asynccontextmanager
async def opened(config: Config) -> AsyncIterator[Tools]:
    """The tools, on a database that was migrated if that was needed."""
    await migrate(config.database_url)
    database = open_database(config.database_url, pool_size=2)
    tools = Tools(config, database)
    try:
        yield tools
    finally:
        await tools.channels.close()
        tools.passwords.close()
        await database.close()


def run(name: str, arguments: argparse.Namespace, config: Config) -> int:
    """Run the command of that name; returns its exit code."""
    set_up_logging(Log(level="warning", format=config.log.format))
    work = _COMMANDS[name]

    async def start() -> int:
        async with opened(config) as tools:
            return await work(tools, arguments)

    return asyncio.run(start())


# ------------------------------------------------------------------------------------------ agents


async def add_agent(tools: Tools, arguments: argparse.Namespace) -> int:
    password = _read_password(arguments)
    channel_ids = None if arguments.channel is None else [_id(text, "channel") for text in arguments.channel]
    agent = await tools.agents.add(
        email=arguments.email,
        name=arguments.name,
        role=arguments.role,
        password=password,
        channel_ids=channel_ids,
    )
    _show(arguments, _agent_fields(agent), f"Added {agent.name} <{agent.email}>, {agent.role}.")
    return 0


async def reset_password(tools: Tools, arguments: argparse.Namespace) -> int:
    account = await tools.agents.find(arguments.email)
    await tools.agents.set_password(account.id, _read_password(arguments))
    _show(
        arguments, {"id": str(account.id)}, f"{account.name} has a new password and is signed out everywhere."
    )
    return 0


async def issue_token(tools: Tools, arguments: argparse.Namespace) -> int:
    account = await tools.agents.find(arguments.email)
    token = await tools.agents.issue_token(account.id)
    _show(arguments, {"token": token}, token)
    return 0


async def list_tokens(tools: Tools, arguments: argparse.Namespace) -> int:
    account = await tools.agents.find(arguments.email)
    found = await tools.agents.tokens(account.id)
    lines = [
        f"{each.id}\tmade {each.created_at}\t{_when('expires', each.expires_at)}\t{_when('used', each.last_used_at)}"
        for each in found
    ]
    _show(
        arguments,
        [
            {
                "id": each.id,
                "createdAt": each.created_at,
                "expiresAt": each.expires_at,
                "lastUsedAt": each.last_used_at,
            }
            for each in found
        ],
        "\n".join(lines) or f"{account.name} has no tokens.",
    )
    return 0


def _when(what: str, at: str | None) -> str:
    return f"{what} {at}" if at else f"never {what}"


async def revoke_token(tools: Tools, arguments: argparse.Namespace) -> int:
    await tools.agents.revoke_token(_id(arguments.id, "token"))
    _show(arguments, {"id": arguments.id}, "The token is revoked.")
    return 0


async def deactivate_agent(tools: Tools, arguments: argparse.Namespace) -> int:
    return await _set_active(tools, arguments, active=False)


async def activate_agent(tools: Tools, arguments: argparse.Namespace) -> int:
    return await _set_active(tools, arguments, active=True)


async def _set_active(tools: Tools, arguments: argparse.Namespace, *, active: bool) -> int:
    account = await tools.agents.find(arguments.email)
    agent = await tools.agents.change(account.id, Change(active=active))
    _show(arguments, _agent_fields(agent), f"{agent.name} is {'active' if active else 'deactivated'}.")
    return 0


async def list_agents(tools: Tools, arguments: argparse.Namespace) -> int:
    agents, _ = await tools.agents.list()
    lines = [
        "\t".join([agent.email, agent.name, agent.role, *([] if agent.active else ["deactivated"])])
        for agent in agents
    ]
    _show(
        arguments, [_agent_fields(agent) for agent in agents], "\n".join(lines) or "There are no agents yet."
    )
    return 0


# ------------------------------------------------------------------------------------------ channels


async def add_channel(tools: Tools, arguments: argparse.Namespace) -> int:
    settings = dict(_pair(text, "--set") for text in arguments.set)
    for text in arguments.set_file:
        key, path = _pair(text, "--set-file")
        settings[key] = await asyncio.to_thread(_read_secret, Path(path))
    channel = await tools.channels.add(
        kind=arguments.kind,
        provider=arguments.provider,
        name=arguments.name,
        settings=settings,
        reopen_within_hours=arguments.reopen_within_hours,
        grant_to_all=not arguments.no_grants,
    )
    webhook = tools.config.public_url + channel.webhook
    fields: dict[str, Any] = {
        "id": channel.id,
        "webhook": channel.webhook,
        "kind": channel.kind,
        "name": channel.name,
    }
    said = f"Added {channel.name} ({channel.kind}), id {channel.id}. Webhook: {webhook}"
    if arguments.register:
        fields["registration"] = found = await _registered(tools, channel.id)
        said += f"\nRegistered: {found['error'] or 'ok'}"
    _show(arguments, fields, said)
    return 0


async def list_channels(tools: Tools, arguments: argparse.Namespace) -> int:
    channels, _ = await tools.channels.list()
    lines = [
        f"{each.id}\t{each.kind}\t{each.name}\t{each.health}\t{each.last_error or ''}" for each in channels
    ]
    _show(
        arguments,
        [_channel_fields(each) for each in channels],
        "\n".join(lines) or "There are no channels yet.",
    )
    return 0


async def check_channels(tools: Tools, arguments: argparse.Namespace) -> int:
    """Register each webhook; the exit code is 1 when any channel has a problem."""
    channels, _ = await tools.channels.list()
    if arguments.id is not None:
        channels = [await tools.channels.find(_id(arguments.id, "channel"))]
    found = []
    for channel in channels:
        fields: dict[str, Any] = {"id": channel.id, "kind": channel.kind, "name": channel.name}
        found.append(fields | await _registered(tools, channel.id))
    lines = [
        f"{each['id']}\t{each['kind']}\t{each['name']}\t{each['error'] or 'ok'}\t{each['url'] or ''}"
        for each in found
    ]
    _show(arguments, found, "\n".join(lines) or "There are no channels yet.")
    return 1 if any(each["error"] for each in found) else 0


async def _registered(tools: Tools, channel_id: str) -> dict[str, Any]:
    """What the provider says of our webhook, which it is told."""
    try:
        _, found = await tools.channel_setup.register(int(channel_id))
    except InboxError as error:
        return {"url": None, "pending": None, "error": str(error)}
    return {"url": found.url, "pending": found.pending, "error": found.error}


async def pause_channel(tools: Tools, arguments: argparse.Namespace) -> int:
    channel = await tools.channels.pause(_id(arguments.id, "channel"))
    _show(arguments, _channel_fields(channel), f"{channel.name} is paused.")
    return 0


async def resume_channel(tools: Tools, arguments: argparse.Namespace) -> int:
    channel = await tools.channels.resume(_id(arguments.id, "channel"))
    _show(arguments, _channel_fields(channel), f"{channel.name} goes on.")
    return 0


# ------------------------------------------------------------------------------------------ export


async def export(tools: Tools, arguments: argparse.Namespace) -> int:
    from server.dialogs.export import export_to

    output = None if arguments.output == "-" else Path(arguments.output)
    await export_to(tools.database, arguments.what, output, tools.config)
    return 0


# ------------------------------------------------------------------------------------------ inside

_COMMANDS: Mapping[str, Callable[[Tools, argparse.Namespace], Awaitable[int]]] = {
    "add_agent": add_agent,
    "reset_password": reset_password,
    "issue_token": issue_token,
    "list_tokens": list_tokens,
    "revoke_token": revoke_token,
    "deactivate_agent": deactivate_agent,
    "activate_agent": activate_agent,
    "list_agents": list_agents,
    "add_channel": add_channel,
    "list_channels": list_channels,
    "check_channels": check_channels,
    "pause_channel": pause_channel,
    "resume_channel": resume_channel,
    "export": export,
}


def _show(arguments: argparse.Namespace, fields: Any, sentence: str) -> None:
    text = json.dumps(fields, ensure_ascii=False) if arguments.json else sentence
    sys.stdout.write(f"{text}\n")


def _agent_fields(agent: Agent) -> dict[str, Any]:
    return {
        "id": agent.id,
        "email": agent.email,
        "name": agent.name,
        "role": agent.role,
        "active": agent.active,
        "channelIds": list(agent.channel_ids),
    }


def _channel_fields(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "kind": channel.kind,
        "provider": channel.provider,
        "name": channel.name,
        "active": channel.active,
        "webhook": channel.webhook,
        "health": channel.health,
        "lastError": channel.last_error,
    }


def _read_password(arguments: argparse.Namespace) -> str:
    if arguments.password_stdin:
        line = sys.stdin.buffer.readline()
        try:
            password = line.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            raise Invalid("The password on standard input is not UTF-8.", field="password") from None
    elif sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        check_password(password)
        if getpass.getpass("Once more: ") != password:
            raise Invalid("The two passwords differ.", field="password")
    else:
        raise Invalid("Give the password on standard input with --password-stdin.", field="password")
    check_password(password)
    return password


def _read_secret(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip()


def _pair(text: str, option: str) -> tuple[str, str]:
    key, found, value = text.partition("=")
    if not found or not key:
        raise Invalid(f"{option} expects KEY=VALUE.")
    return key, value


def _id(text: str, what: str) -> int:
    found = parse_id(text)
    if found is None:
        raise NotFound(f"There is no {what} {text!r}.")
    return found
