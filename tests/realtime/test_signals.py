"""Typing and viewing notices: to those who see the dialog but their author, about a dialog that the author sees."""

from tests.realtime.client import AGENT_TOKEN, Client, connect, emit
from tests.support.backend import Live
from tests.support.world import World


async def _next(client: Client) -> dict:
    frame = await client.receive()
    while frame["type"] == "watermark":
        frame = await client.receive()
    return frame


async def test_a_notice_reaches_who_sees_the_dialog_and_comes_from_who_sees_it(live: Live) -> None:
    world = World(live.backend)
    granted = await live.backend.add_channel()
    other = await live.backend.add_channel(name="Inny")
    ala = await live.backend.add_agent("Ala", channels=(granted,), token=AGENT_TOKEN)
    ola = await live.backend.add_agent("Ola", channels=(granted,), token="ct_ola")
    free, hidden = await world.dialog(granted, "hej"), await world.dialog(other, "hej")
    async with (
        connect(live) as root,
        connect(live, AGENT_TOKEN) as agent,
        connect(live, "ct_ola") as colleague,
    ):
        for dialog_id in (str(hidden), "42", "nonsense", str(free)):
            await agent.send(type="signal", kind="typing", dialogId=dialog_id)
        notice = {
            "type": "signal",
            "kind": "typing",
            "dialogId": str(free),
            "agent": {"id": str(ala), "name": "Ala"},
        }
        # The first that comes is the last that was sent: of the others nobody hears.
        assert [await _next(root), await _next(colleague)] == [notice, notice]
        await root.send(type="signal", kind="viewing", dialogId=str(hidden))
        await root.send(type="ping")
        assert (await _next(root))["type"] == "pong"
        await emit(live)
        assert [(await _next(each))["type"] for each in (agent, colleague)] == ["event", "event"]
    assert ola != ala
