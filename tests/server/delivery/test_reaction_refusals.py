"""Which reactions of agents are refused, and with what reason."""

import json

from connectors.contract import Deletion, Peer
from server.db import schema
from server.delivery.reactions.api import ROUTES
from server.intake.keys import Entry
from server.intake.reports import write_reports
from tests.server.delivery.reactions import Bench, becomes, process
from tests.support.delivery import LoopConnector, api_client


async def test_what_cannot_be_put_is_refused_with_a_reason(bench: Bench) -> None:
    desk = bench.desk
    ours = await desk.write(bench.dialog, "odpowiedź")
    elsewhere = await desk.dialog("88")
    other = bench.path.replace(str(bench.dialog), str(elsewhere))
    async with api_client(ROUTES, access=desk.access, reactions=bench.reactions) as http:

        async def refused(body: object, path: str = bench.path) -> tuple[int, str]:
            problem = (await http.put(path, json=body)).json()
            [about] = problem.get("errors") or [problem]
            return problem["status"], about.get("reason", "")

        assert await refused({"emoji": "😂"}) == (422, "reaction_not_offered")
        assert await refused({"emoji": "tak"}) == (422, "reaction_not_emoji")
        assert await refused({"emoji": ""}) == (422, "reaction_not_emoji")
        assert (await refused({"emoji": "👍" * 33}))[0] == 400
        assert (await refused({}))[0] == 400
        assert await refused({"emoji": "👍"}, bench.path.replace(str(bench.message), ours.id)) == (
            409,
            "reaction_target",
        )
        assert await refused({"emoji": "👍"}, other) == (404, "no_such_message")
        assert await refused({"emoji": "👍"}, bench.path.replace(str(bench.message), "x")) == (
            404,
            "no_such_message",
        )
        desk.channels.paused.add(desk.channel_id)
        assert await refused({"emoji": "👍"}) == (409, "channel_paused_sending")
        desk.channels.paused.clear()
        desk.channels.connectors[desk.channel_id] = LoopConnector()
        assert await refused({"emoji": "👍"}) == (409, "reactions_unsupported")
        desk.channels.connectors[desk.channel_id] = bench.connector
        desk.backend.clock.move(hours=25)
        assert await refused({"emoji": "👍"}) == (409, "reply_window_closed")
        desk.backend.clock.move(hours=-25)
        await desk.set(schema.dialog, bench.dialog, elsewhere=True)
        assert await refused({"emoji": "👍"}) == (409, "thread_elsewhere")
        await desk.set(schema.dialog, bench.dialog, elsewhere=False)
        await desk.set(schema.dialog, bench.dialog, status="closed", closed_at=1)
        assert await refused({"emoji": "👍"}) == (409, "dialog_closed")
        await desk.set(schema.dialog, bench.dialog, status="open", closed_at=None)
        [row] = await desk.rows(schema.message, schema.message.c.id == bench.message)
        gone = Deletion(key="d", target=row["external_id"], peer=Peer(id="77"))
        await desk.units.run(lambda tx: write_reports(tx, [Entry(desk.channel_id, gone)], 24) and None)
        assert await refused({"emoji": "👍"}) == (409, "reaction_target")
    assert await desk.rows(schema.own_reaction) == []


async def test_when_the_channel_has_no_reactions_any_more_a_failed_one_can_still_be_given_up(
    bench: Bench,
) -> None:
    desk = bench.desk
    await bench.put("👍")
    await bench.send()
    await bench.put(None)
    desk.channels.connectors[desk.channel_id] = LoopConnector()
    async with process(bench), api_client(ROUTES, access=desk.access, reactions=bench.reactions) as http:
        await becomes(bench, ("failed", None, "👍"))
        [row] = await desk.rows(schema.own_reaction)
        assert json.loads(row["failure"])["code"] == "reactions_unsupported"
        again = await http.delete(bench.path)
        assert (again.status_code, again.json()["reason"]) == (409, "reactions_unsupported")
        other = await http.put(bench.path, json={"emoji": "❤️"})
        assert (other.status_code, other.json()["reason"]) == (409, "reactions_unsupported")
        assert (await http.put(bench.path, json={"emoji": "👍"})).json()["ownReaction"]["state"] == "sent"
        await becomes(bench, ("sent", "👍", "👍"))
    assert bench.connector.reacted == []


async def test_who_may_not_see_or_answer_cannot_react(bench: Bench) -> None:
    desk = bench.desk
    await desk.set(schema.dialog, bench.dialog, assignee_id=await desk.backend.add_agent("Bolek"))
    team = desk.backend.access(desk.access.agent_id, "agent", (desk.channel_id,), sees_team=True)
    for access, status in ((desk.access, 404), (team, 403)):
        async with api_client(ROUTES, access=access, reactions=bench.reactions) as http:
            assert (await http.put(bench.path, json={"emoji": "👍"})).status_code == status
            assert (await http.delete(bench.path)).status_code == status
    lead = desk.backend.access(desk.access.agent_id, "supervisor", (desk.channel_id,))
    async with api_client(ROUTES, access=lead, reactions=bench.reactions) as http:
        assert (await http.put(bench.path, json={"emoji": "👍"})).status_code == 200
