"""The commands of :mod:`server.cli` that work on the database, beside a running server or without one.

Nothing is announced over Redis here: a running server looks for itself at least every second.
"""

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from server.commands import agents, channels
from server.commands.tools import Tools, opened
from server.config import Config, Log
from server.logs import set_up_logging


def run(name: str, arguments: argparse.Namespace, config: Config) -> int:
    """Run the command of that name; returns its exit code."""
    set_up_logging(Log(level="warning", format=config.log.format))
    work = _COMMANDS[name]

    async def start() -> int:
        async with opened(config) as tools:
            return await work(tools, arguments)

    return asyncio.run(start())


async def export(tools: Tools, arguments: argparse.Namespace) -> int:
    from server.dialogs.export import export_to

    output = None if arguments.output == "-" else Path(arguments.output)
    await export_to(tools.database, arguments.what, output, tools.config)
    return 0


_COMMANDS: Mapping[str, Callable[[Tools, argparse.Namespace], Awaitable[int]]] = {
    "add_agent": agents.add_agent,
    "reset_password": agents.reset_password,
    "issue_token": agents.issue_token,
    "list_tokens": agents.list_tokens,
    "revoke_token": agents.revoke_token,
    "deactivate_agent": agents.deactivate_agent,
    "activate_agent": agents.activate_agent,
    "list_agents": agents.list_agents,
    "add_channel": channels.add_channel,
    "list_channels": channels.list_channels,
    "check_channels": channels.check_channels,
    "encrypt_channels_anew": channels.encrypt_channels_anew,
    "pause_channel": channels.pause_channel,
    "resume_channel": channels.resume_channel,
    "switch_off": channels.switch_off,
    "switch_on": channels.switch_on,
    "export": export,
}
