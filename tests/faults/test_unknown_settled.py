"""A provider accepts and its answer is lost: what it tells afterwards settles the doubt; where nothing tells, it stays."""

import asyncio
import json
from typing import Any

import pytest

from connectors.simulator import Simulator
from connectors.sms import callbacks
from server.db import schema
from tests.connectors import samples
from tests.support.backend import Backend
from tests.support.outside import PATIENCE_S

SECTIONS = {"delivery": {"call_seconds": 1}}

TOLD = {
    "messenger": "sent",  # the echo with ``metadata``
    "whatsapp": "read",  # statuses with ``biz_opaque_callback_data``
    "sms": "delivered",  # Twilio's status callbacks, at an address that carries our mark
    "smsapi": "delivered",  # reports with ``idx``
    "viber": "unknown",  # nothing names it, until the customer's next message brings ``tracking_data`` back
    "telegram": "unknown",  # nothing ever names it
}
"""How far each gets by itself, of what its provider brings without being asked."""


@pytest.mark.parametrize("lost", ["reset", "stall"])
@pytest.mark.parametrize("kind", TOLD)
async def test_a_lost_answer_is_settled_where_the_provider_tells(
    backend: Backend, kind: str, lost: str
) -> None:
    """The connection breaks after the acceptance, or the answer comes after we stopped waiting; sent once, ever."""
    async with backend.live() as live, Simulator(seed=3, pace=0.01) as sim:
        phone = await a_phone(backend, live, sim, kind)
        await phone.write("Dzień dobry")
        [dialog] = (await live.call("GET", "/api/v1/dialogs", token="ct_root"))[1]["items"]
        faults = sim.faults[kind]
        faults.reset_after_accept() if lost == "reset" else faults.timeout_after_accept(3.0)
        path = f"/api/v1/dialogs/{dialog['id']}/messages"
        status, message = await live.call("POST", path, token="ct_root", body={"text": "Już patrzę"})
        assert status == 201
        if TOLD[kind] == "unknown":
            await reach(backend, message["id"], "unknown")
            failure = json.loads((await shown(backend, message["id"]))["failure"])
            assert failure["code"] == "no_clear_answer"
            assert failure["text"].endswith("the message may or may not have been sent.")
            await phone.open_thread()
            assert (await shown(backend, message["id"]))["state"] == "unknown"
            await phone.write("Halo?")
            end = "delivered" if kind == "viber" else "unknown"
        else:
            await phone.open_thread()
            end = TOLD[kind] if TOLD[kind] != "sent" else "read"
        await reach(backend, message["id"], end)
        assert [entry.text for entry in sim.ledger] == ["Już patrzę"]
        states = await history(backend)
        assert states.index("sending") < len(states) - 1


async def a_phone(backend: Backend, live: Any, sim: Simulator, kind: str) -> Any:
    """A customer's phone, and the channel at its simulated provider."""
    name, provider = samples.channel(kind)
    settings = {key: value for key, value in samples.SETTINGS[kind].items() if key != "name"}
    if kind == "smsapi":
        settings["sender"] = settings["number"]
    at = {"api_base": sim.api_base(kind)}
    channel_id = await backend.add_channel(name, kind, provider=provider, **settings, **at)
    await backend.add_agent("Root", "administrator", token="ct_root")
    public = backend.config.server.public_url
    sim.reach(public, live.url)
    url = f"{public}/webhooks/{channel_id}"
    if key := settings.get("callback_key"):
        url = callbacks.with_key(url, key)
    known = {key: value for key, value in settings.items() if key not in ("mode", "callback_key")}
    if kind == "smsapi":
        del known["number"]
    account: Any = sim.add_account(kind, webhook_url=url, **known)
    if kind != "telegram":  # which takes no address without TLS
        await (await live.inbox.channels.open(channel_id)).register(account.webhook_url)
    return sim.customer(kind, name="Zofia")


async def reach(backend: Backend, message_id: str, state: str) -> None:
    async with asyncio.timeout(PATIENCE_S / 2):
        while (found := (await shown(backend, message_id))["state"]) != state:
            assert found != "failed"
            await asyncio.sleep(0.02)


async def shown(backend: Backend, message_id: str) -> dict[str, Any]:
    statement = schema.message.select().where(schema.message.c.id == int(message_id))
    return await backend.database.read(lambda c: dict(c.execute(statement).mappings().one()))


async def history(backend: Backend) -> list[str]:
    statement = schema.delivery_state.select().order_by(schema.delivery_state.c.id)
    return await backend.database.read(lambda c: [row.state for row in c.execute(statement)])
