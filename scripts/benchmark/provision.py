"""Adds agents by the server's own use cases and prints a bearer token of each.  Argument: how many.

The command line does the same for one agent in a second; a thousand sockets need a hundred agents.
"""

import asyncio
import sys

from server.app import Inbox
from server.config import load


async def main(count: int) -> None:
    inbox = Inbox(load())
    for number in range(count):
        agent = await inbox.agents.add(
            email=f"agent{number}@bench.example",
            name=f"Agent {number}",
            role="supervisor",
            password=f"a long password of number {number}",
        )
        print(await inbox.agents.issue_token(int(agent.id)))
    await inbox.channels.close()
    await inbox.database.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
