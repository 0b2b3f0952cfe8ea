"""Settings that only the whole server puts together: what they say is what happens."""

import asyncio
import contextlib
from typing import Any

import pytest
import websockets
from sqlalchemy import select

from server.db import schema
from server.intake import quarantine
from tests.support.backend import Backend
from tests.support.world import World

SECTIONS: dict[str, Any] = {
    "dialogs": {"agents_see": "team"},
    "realtime": {"keep_events": 3, "sockets_per_agent": 2},
    "retention": {"quarantine_days": 2},
    "media": {"link_hours": 3},
}


async def test_events_and_quarantine_go_when_their_time_is_over(backend: Backend) -> None:
    channel_id = await backend.add_channel()
    for why, hours in (("old", 47), ("new", 2)):
        await backend.units.run(lambda tx, w=why: quarantine.keep(tx, channel_id, w, w.encode()))
        backend.clock.move(hours=hours)
    for _ in range(5):
        await backend.inbox.channels.change(channel_id, name="Sklep")

    def left(connection: Any) -> tuple[list[str], list[int]]:
        kept = connection.scalars(select(schema.quarantine.c.why)).all()
        return kept, connection.scalars(select(schema.event.c.seq).order_by(schema.event.c.seq)).all()

    before = (await backend.database.read(left))[1]
    assert len(before) >= 7
    async with backend.live():
        kept, seqs = await backend.database.read(left)
        async with asyncio.timeout(20):
            while kept != ["new"]:
                kept, seqs = await backend.database.read(left)
        assert seqs[-1] >= before[-1]
        assert len(seqs) <= 3 + seqs[-1] - before[-1]


async def test_agents_of_a_team_see_each_others_dialogs_and_have_so_many_sockets(backend: Backend) -> None:
    channel_id = await backend.add_channel()
    world = World(backend)
    bartek = await world.agent("Bartek", channels=(channel_id,))
    dialog_id = await world.dialog(channel_id, "Dzień dobry", assignee=bartek)
    await backend.add_agent("Ala", channels=(channel_id,), token="ct_ala")
    async with backend.live() as live, contextlib.AsyncExitStack() as sockets:
        assert (await live.call("GET", f"/api/v1/dialogs/{dialog_id}", token="ct_ala"))[0] == 200

        def connect() -> Any:
            return websockets.connect(live.ws_url, additional_headers={"Authorization": "Bearer ct_ala"})

        for _ in range(2):
            await sockets.enter_async_context(connect())
        with pytest.raises(websockets.InvalidStatus) as refused:
            await sockets.enter_async_context(connect())
        assert refused.value.response.status_code == 429


async def test_a_link_to_a_file_is_good_for_so_many_hours(backend: Backend) -> None:
    links = backend.inbox.attachments._links
    token = links.link(7).rpartition("/")[2]
    backend.clock.move(hours=2.9)
    assert links.attachment(token) == 7
    backend.clock.move(hours=0.2)
    assert links.attachment(token) is None
