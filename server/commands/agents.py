"""``centrala agent …``: who may sign in."""

import argparse
import getpass
import sys
from typing import Any

from server.agents.model import check_password
from server.agents.service import Change
from server.commands.tools import Tools, id_of, show
from server.entities import Agent
from server.errors import Invalid


async def add_agent(tools: Tools, arguments: argparse.Namespace) -> int:
    password = _read_password(arguments)
    channel_ids = (
        None if arguments.channel is None else [id_of(text, "channel") for text in arguments.channel]
    )
    agent = await tools.agents.add(
        email=arguments.email,
        name=arguments.name,
        role=arguments.role,
        password=password,
        channel_ids=channel_ids,
    )
    show(arguments, _agent_fields(agent), f"Added {agent.name} <{agent.email}>, {agent.role}.")
    return 0


async def reset_password(tools: Tools, arguments: argparse.Namespace) -> int:
    account = await tools.agents.find(arguments.email)
    await tools.agents.set_password(account.id, _read_password(arguments))
    show(
        arguments, {"id": str(account.id)}, f"{account.name} has a new password and is signed out everywhere."
    )
    return 0


async def issue_token(tools: Tools, arguments: argparse.Namespace) -> int:
    account = await tools.agents.find(arguments.email)
    token = await tools.agents.issue_token(account.id)
    show(arguments, {"token": token}, token)
    return 0


async def list_tokens(tools: Tools, arguments: argparse.Namespace) -> int:
    account = await tools.agents.find(arguments.email)
    found = await tools.agents.tokens(account.id)
    lines = [
        f"{each.id}\tmade {each.created_at}\t{_when('expires', each.expires_at)}\t{_when('used', each.last_used_at)}"
        for each in found
    ]
    show(
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
    await tools.agents.revoke_token(id_of(arguments.id, "token"))
    show(arguments, {"id": arguments.id}, "The token is revoked.")
    return 0


async def deactivate_agent(tools: Tools, arguments: argparse.Namespace) -> int:
    return await _set_active(tools, arguments, active=False)


async def activate_agent(tools: Tools, arguments: argparse.Namespace) -> int:
    return await _set_active(tools, arguments, active=True)


async def _set_active(tools: Tools, arguments: argparse.Namespace, *, active: bool) -> int:
    account = await tools.agents.find(arguments.email)
    agent = await tools.agents.change(account.id, Change(active=active))
    show(arguments, _agent_fields(agent), f"{agent.name} is {'active' if active else 'deactivated'}.")
    return 0


async def list_agents(tools: Tools, arguments: argparse.Namespace) -> int:
    agents, _ = await tools.agents.list()
    lines = [
        "\t".join([agent.email, agent.name, agent.role, *([] if agent.active else ["deactivated"])])
        for agent in agents
    ]
    show(
        arguments, [_agent_fields(agent) for agent in agents], "\n".join(lines) or "There are no agents yet."
    )
    return 0


def _agent_fields(agent: Agent) -> dict[str, Any]:
    return {
        "id": agent.id,
        "email": agent.email,
        "name": agent.name,
        "role": agent.role,
        "active": agent.active,
        "channelIds": list(agent.channel_ids),
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
