"""A provider accepts and its answer is lost: what it tells afterwards, with our mark, settles the doubt."""

import asyncio
from typing import Any

import pytest

from connectors.simulator import Simulator
from server.db import schema
from tests.connectors.samples import SETTINGS
from tests.support.backend import Backend
from tests.support.outside import PATIENCE_S


@pytest.mark.parametrize("kind", ["messenger", "whatsapp"])
async def test_a_lost_answer_is_settled_by_what_the_provider_tells(backend: Backend, kind: str) -> None:
    """Messenger's echo with ``metadata``, WhatsApp's status with ``biz_opaque_callback_data``; sent once."""
    async with backend.live() as live, Simulator(seed=3, pace=0.01) as sim:
        channel_id = await backend.add_channel(
            kind, kind, **{**SETTINGS[kind], "api_base": sim.api_base(kind)}
        )
        await backend.add_agent("Root", "administrator", token="ct_root")
        account: Any = sim.add_account(
            kind, webhook_url=f"{live.url}/webhooks/{channel_id}", **SETTINGS[kind]
        )
        connector = await live.inbox.channels.open(channel_id)
        await connector.register(account.webhook_url)
        phone = sim.customer(kind, name="Zofia")
        await phone.write("Dzień dobry")
        _, found = await live.call("GET", "/api/v1/dialogs", token="ct_root")
        [dialog] = found["items"]
        await phone.go_offline()
        sim.faults[kind].reset_after_accept()
        path = f"/api/v1/dialogs/{dialog['id']}/messages"
        status, message = await live.call("POST", path, token="ct_root", body={"text": "Już patrzę"})
        assert status == 201
        await reach(backend, message["id"], "sent")
        await phone.online()
        await phone.open_thread()
        await reach(backend, message["id"], "read")
        assert [entry.text for entry in sim.ledger] == ["Już patrzę"]
        states = await history(backend)
        assert states.index("sending") < states.index("sent") <= states.index("read")


async def reach(backend: Backend, message_id: str, state: str) -> None:
    async with asyncio.timeout(PATIENCE_S / 2):
        while (found := await shown(backend, message_id)) != state:
            assert found != "failed"
            await asyncio.sleep(0.02)


async def shown(backend: Backend, message_id: str) -> str:
    statement = schema.message.select().where(schema.message.c.id == int(message_id))
    return str(await backend.database.read(lambda c: c.execute(statement).mappings().one()["state"]))


async def history(backend: Backend) -> list[str]:
    statement = schema.delivery_state.select().order_by(schema.delivery_state.c.id)
    return await backend.database.read(lambda c: [row.state for row in c.execute(statement)])
