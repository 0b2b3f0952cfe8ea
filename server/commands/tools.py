"""What the commands share: the parts of the server they use, and how they read arguments and answer."""

import argparse
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from server.agents.passwords import Passwords
from server.agents.service import Agents
from server.bus.memory import MemoryBus
from server.channels.service import Channels
from server.channels.setup import ChannelSetup
from server.clock import SystemClock
from server.config import Config
from server.db.engine import Database, open_database
from server.db.migrate import migrate
from server.errors import NotFound
from server.ids import Ids, parse_id
from server.keyring import Keyring
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
        self.channels = Channels(self.units, config, bus, Keyring(config))
        self.channel_setup = ChannelSetup(self.units, self.channels.opened, region=config.workspace.region)


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


def show(arguments: argparse.Namespace, fields: Any, sentence: str) -> None:
    """One answer on standard output: JSON where it was asked for, else the sentence."""
    text = json.dumps(fields, ensure_ascii=False) if arguments.json else sentence
    sys.stdout.write(f"{text}\n")


def id_of(text: str, what: str) -> int:
    found = parse_id(text)
    if found is None:
        raise NotFound(f"There is no {what} {text!r}.")
    return found
