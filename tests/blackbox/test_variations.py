"""The variations of what providers send, through the real webhook, twice: what an agent gets to see of each, once."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.blackbox.desk import Desk
from tests.blackbox.test_samples import check_message
from tests.connectors import variations
from tests.connectors.variations import Variation

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("kind", variations.TABLES)
async def test_variations_reach_the_agents_once(desk: Desk, kind: str) -> None:
    channel_id = await desk.channel(kind)
    for _ in range(2):
        for variation in variations.of(kind):
            assert await desk.post(kind, channel_id, variation.body) == 200, variation.what
    dialogs = {dialog["contact"]["address"]: dialog for dialog in await desk.dialogs(channel_id)}
    expected = {peer: variation for variation in variations.of(kind) for peer in peers(variation)}
    assert {peer: dialogs.get(peer, "no dialog") for peer in expected if peer not in dialogs} == {}
    assert {peer: "a dialog" for peer in dialogs if peer not in expected} == {}
    for peer, variation in expected.items():
        await check_dialog(desk, dialogs[peer], variation)
    await desk.pause()


def peers(variation: Variation) -> Iterator[str]:
    """With whom it is a dialog: whoever wrote, was written to, pressed, or came by a link that tells something."""
    for each in variation.expect:
        if each["op"] in ("message", "echo", "postback") or (each["op"] == "start" and each["ref"]):
            yield each["peer"]


async def check_dialog(desk: Desk, dialog: dict[str, Any], variation: Variation) -> None:
    messages = await desk.api.messages(dialog["id"])
    wanted = [each for each in variation.expect if each["op"] in ("message", "echo", "postback")]
    ids = {each.get("ext_id", index) for index, each in enumerate(wanted)}
    assert len(messages) == len(ids), (variation.what, messages)
    for each in wanted:
        [message] = [m for m in messages if len(messages) == 1 or m["externalId"] == each["ext_id"]]
        if each["op"] == "message":
            shown = {name: value for name, value in each.items() if (name, value) != ("ts_ms", None)}
            check_message(message, dialog, shown)
        elif each["op"] == "postback":
            assert message["text"] == (each.get("title") or each["payload"]), variation.what
        else:
            assert message["direction"] == "outbound", variation.what
            assert message["state"] in ("sent", "read"), variation.what
            assert message["text"] == each.get("text", message["text"])
    for each in variation.expect:
        if each["op"] == "start":
            assert dialog["source"]["ref"] == each["ref"], variation.what
