"""``centrala connector`` beside a server: real processes over PostgreSQL and Redis, one of them killed in the middle."""

import asyncio
import sys
import time

import pytest

from connectors.simulator import Simulator
from server.db import schema
from tests.faults.traffic import Deployment
from tests.support.process import ServerProcess
from tests.support.waiting import until

BOTS = ("81:first", "82:second")


class ConnectorProcess(ServerProcess):
    """``centrala connector telegram`` of an installation."""

    def __init__(self, deployment: Deployment, name: str) -> None:
        log = deployment.outside.folder / f"connector-{name}.log"
        super().__init__(
            [sys.executable, "-m", "server", "connector", "telegram"],
            log=log,
            ready=lambda: "runs the channels of telegram" in log.read_text(),
            environment=deployment.outside.environment,
        )


async def poller(deployment: Deployment) -> int | None:
    """The process that polls the first bot; its name in the lease holds its number."""
    name = f"poll:{deployment.channels['telegram']}"
    found = [row["owner"] for row in await deployment.rows(schema.lease) if row["name"] == name]
    return int(found[0].split("-")[-2]) if found else None


async def add_bot(deployment: Deployment, sim: Simulator, token: str) -> int:
    sim.add_account("telegram", token=token)
    return await deployment.backend.add_channel(
        "telegram", f"Bot {token}", token=token, mode="polling", api_base=sim.api_base("telegram")
    )


@pytest.mark.parametrize("deployment", ["postgresql"], indirect=True)
async def test_when_the_poller_is_killed_another_takes_over_and_nothing_is_lost_or_doubled(
    deployment: Deployment,
) -> None:
    async with Simulator() as sim:
        deployment.channels["telegram"] = await add_bot(deployment, sim, BOTS[0])
        await deployment.server.start(CENTRALA__CONNECTORS__LEAVE_OUT="telegram")
        connectors = [ConnectorProcess(deployment, name) for name in "ab"]
        try:
            await asyncio.gather(*(asyncio.to_thread(each.start) for each in connectors))
            wanted, other = await _write_while_the_poller_dies(deployment, sim, connectors)
            assert sorted(await _stored(deployment)) == sorted(wanted)
            await _the_one_that_is_left_does_all(deployment, sim)
            # Nobody else ever polled: the provider would have refused one of them.
            assert "polling failed" not in "".join(each.last_words() for each in connectors)
            began = time.monotonic()
            await asyncio.to_thread(other.stop)
            assert time.monotonic() - began < 5
            assert await poller(deployment) is None, "the right to poll was not given back"
        finally:
            for each in connectors:
                each.kill()


async def _stored(deployment: Deployment) -> list[str]:
    return [row["text"] for row in await deployment.rows(schema.message) if row["direction"] == "inbound"]


async def _write_while_the_poller_dies(
    deployment: Deployment, sim: Simulator, connectors: list[ConnectorProcess]
) -> tuple[list[str], ConnectorProcess]:
    """What was written, once as much is stored; and the process that took over."""
    customer = sim.customer("telegram", name="Zofia", account="81")
    wanted: list[str] = []

    async def write() -> None:
        while len(wanted) < 5_000:
            wanted.append(f"wiadomość {len(wanted)}")
            await customer.write(wanted[-1])
            await asyncio.sleep(0.01)

    writing = asyncio.create_task(write())
    try:
        await until(lambda: _stored(deployment))
        pid = await poller(deployment)
        [polling] = [each for each in connectors if each.pid == pid]
        [other] = [each for each in connectors if each is not polling]
        polling.kill()
        written = len(wanted)

        async def taken_over() -> bool:
            return await poller(deployment) == other.pid and len(await _stored(deployment)) > written

        await until(taken_over)
    finally:
        writing.cancel()
        await asyncio.wait({writing})

    async def all_stored() -> bool:
        return len(await _stored(deployment)) >= len(wanted)

    await until(all_stored)
    return wanted, other


async def _the_one_that_is_left_does_all(deployment: Deployment, sim: Simulator) -> None:
    """It sends what the server took from an agent, and follows a channel that is added."""
    api = deployment.api("Root")
    [dialog] = await api.all("/dialogs?view=all&status=all")
    status, _ = await api.call("POST", f"/dialogs/{dialog['id']}/messages", {"text": "Już jadę"})
    assert status == 201
    await add_bot(deployment, sim, BOTS[1])
    await sim.customer("telegram", name="Ola", account="82").write("do drugiego bota")

    async def both() -> bool:
        sent = [each.text for each in sim.ledger]
        return "Już jadę" in sent and "do drugiego bota" in await _stored(deployment)

    await until(both)
    assert [each.text for each in sim.ledger] == ["Już jadę"]
