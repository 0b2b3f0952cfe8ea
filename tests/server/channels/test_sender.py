"""The sender that people read beside a dialog: a number that can be answered, or a text (LOG-9)."""

import csv
from typing import Any

from server.dialogs.model import Selection
from tests.connectors import samples
from tests.support.backend import Backend
from tests.support.world import World


async def test_a_send_only_number_is_shown_as_a_text_everywhere(backend: Backend) -> None:
    world = World(backend)
    channels = backend.inbox.channels
    settings = {**samples.SETTINGS["sms"], "send_only": True}
    added = await channels.add(kind="sms", provider="twilio", name="Kody", settings=settings)
    channel_id = int(added.id)
    ewa = await world.agent("Ewa", "supervisor", (channel_id,))
    await world.dialog(channel_id, "Halo", address="+48600100200")

    async def told() -> tuple[Any, ...]:
        pieces = await world.exports.start(ewa, "dialogs", Selection(), "data", "UTC")
        [line] = csv.DictReader(b"".join([piece async for piece in pieces]).decode().splitlines())
        channel = await channels.find(channel_id)
        return line["sender"], channel.capabilities.sender

    assert await told() == ("SMS", "SMS")
    await channels.change(channel_id, settings={"send_only": False})
    assert await told() == ("+48732001002",) * 2
    await channels.change(channel_id, settings={"number": "InPost"})
    assert await told() == ("InPost",) * 2
