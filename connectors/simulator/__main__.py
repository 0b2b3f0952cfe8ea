"""``python -m connectors.simulator``: the providers and the phones on their own."""

import argparse
import asyncio
import sys

from connectors.simulator.app import Simulator
from connectors.simulator.demo import CREDENTIALS


async def _run(port: int, webhooks: dict[str, str]) -> None:
    simulator = Simulator()
    for kind, credentials in CREDENTIALS.items():
        simulator.add_account(kind, webhook_url=webhooks.get(kind, ""), **credentials)
    simulator.add_demo_customers()
    await simulator.start(port=port)
    lines = [f"Phones: {simulator.base_url}/", "Accounts:"]
    lines += [f"  {kind}: {credentials}" for kind, credentials in CREDENTIALS.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    try:
        await asyncio.Event().wait()
    finally:
        await simulator.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m connectors.simulator", description=__doc__)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument(
        "--webhook",
        action="append",
        default=[],
        metavar="KIND=URL",
        help="where an account's webhooks go; repeatable",
    )
    options = parser.parse_args()
    webhooks = dict(pair.partition("=")[::2] for pair in options.webhook)
    try:
        asyncio.run(_run(options.port, webhooks))
    except KeyboardInterrupt:
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
