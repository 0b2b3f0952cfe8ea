from typing import Any

from tests.support.world import World

API = "/api/v1"


async def test_the_inbox_over_http(world: World) -> None:
    channel, other = await world.backend.add_channel(), await world.backend.add_channel(name="Inny")
    ala = await world.backend.add_agent("Ala", "agent", (channel,), token="ct_ala")
    await world.backend.add_agent("Bartek", "agent", (channel,), token="ct_bartek")
    await world.backend.add_agent("Ewa", "supervisor", (channel,), token="ct_ewa")
    dialog = await world.dialog(channel, "Dzień dobry", "gdzie paczka?", name="Łucja", source="google")
    hidden = await world.dialog(other, "tajne")
    async with world.backend.live() as live:

        async def call(method: str, path: str, token: str, body: Any = None) -> tuple[int, Any]:
            return await live.call(method, API + path, token=token, body=body)

        status, page = await call("GET", "/dialogs?counts=true", "ct_ala")
        assert status == 200
        assert [item["id"] for item in page["items"]] == [str(dialog)]
        assert page["counts"] == {"mine": 0, "unassigned": 1, "all": 1}
        assert page["items"][0]["contact"]["name"] == "Łucja"
        assert set(page) == {"items", "cursor", "seq", "reads", "counts"}

        for path in (f"/dialogs/{hidden}", "/dialogs/12345", "/dialogs/x", f"/dialogs/{hidden}/messages"):
            status, problem = await call("GET", path, "ct_ala")
            assert status == 404
            assert problem["type"] == "urn:centrala:problem:not_found"
            assert problem["detail"] == "There is no such dialog."

        status, shown = await call("GET", f"/dialogs/{dialog}", "ct_ala")
        assert (status, shown["id"], shown["inboundRead"]) == (200, str(dialog), 0)
        status, _ = await call("PUT", f"/dialogs/{dialog}/read", "ct_ala", {"inboundCount": 2})
        assert status == 204
        assert (await call("GET", f"/dialogs/{dialog}", "ct_ala"))[1]["inboundRead"] == 2

        status, messages = await call("GET", f"/dialogs/{dialog}/messages?limit=1", "ct_ala")
        assert [m["text"] for m in messages["items"]] == ["gdzie paczka?"]
        _, messages = await call(
            "GET", f"/dialogs/{dialog}/messages?limit=1&cursor={messages['cursor']}", "ct_ala"
        )
        assert [m["text"] for m in messages["items"]] == ["Dzień dobry"]
        assert messages["cursor"] is None

        mine = messages["items"][0]["id"]
        assert (await call("GET", f"/dialogs/{dialog}/messages/{mine}/versions", "ct_ala"))[0] == 200
        for path in (f"{dialog}/messages/12345", f"{dialog}/messages/x", f"{hidden}/messages/{mine}"):
            assert (await call("GET", f"/dialogs/{path}/versions", "ct_ala"))[0] == 404

        status, problem = await call("POST", f"/dialogs/{dialog}/messages", "ct_ala")
        assert (status, problem["errors"]) == (400, [{"field": "body", "message": "required, and missing"}])

        take = {"agentId": str(ala), "expectedAgentId": None}
        status, taken = await call("PUT", f"/dialogs/{dialog}/assignment", "ct_ala", take)
        assert (status, taken["assignee"]["name"]) == (200, "Ala")
        status, problem = await call("PUT", f"/dialogs/{dialog}/assignment", "ct_bartek", take)
        assert (status, problem["type"]) == (409, "urn:centrala:problem:already_assigned")
        assert problem["assignee"] == {"id": str(ala), "name": "Ala"}
        status, _ = await call("PUT", f"/dialogs/{dialog}/assignment", "ct_ala", {"agentId": str(ala)})
        assert status == 400

        status, closed = await call("POST", f"/dialogs/{dialog}/closure", "ct_ala")
        assert (status, closed["status"], closed["assignee"]["name"]) == (200, "closed", "Ala")
        status, problem = await call("POST", f"/dialogs/{dialog}/closure", "ct_ala")
        assert (status, problem["type"]) == (409, "urn:centrala:problem:already_closed")
        _, activities = await call("GET", f"/dialogs/{dialog}/activities", "ct_ala")
        assert [a["type"] for a in activities["items"]] == ["closed", "assigned"]

        status, log = await call("GET", "/log?q=paczk", "ct_ewa")
        assert status == 200
        assert [item["id"] for item in log["items"]] == [str(dialog)]
        assert (log["total"], log["timeZone"]) == ({"count": 1, "capped": False}, "Europe/Warsaw")
        _, facets = await call("GET", "/log/facets", "ct_ewa")
        assert facets["agents"] == [{"id": str(ala), "name": "Ala", "active": True}]
        assert facets["sources"] == ["google"]
        for query in ("cursor=x", "limit=0", "limit=101", "from=jutro", "tz=Nie/Ma", "order=x", "status=x", "agent=x",
                      "channel=-1", "view=x"):  # fmt: skip
            status, problem = await call("GET", f"/log?{query}", "ct_ewa")
            assert status == 400, query
            assert problem["type"] == "urn:centrala:problem:malformed", query

        status, opened = await call("DELETE", f"/dialogs/{dialog}/closure", "ct_ala")
        assert (status, opened["status"], opened["reopenCount"]) == (200, "open", 1)

        contact = shown["contact"]["id"]
        status, found = await call("GET", f"/contacts/{contact}", "ct_ala")
        assert (status, found["contact"]["name"]) == (200, "Łucja")
        assert [item["id"] for item in found["dialogs"]] == [str(dialog)]
        status, problem = await call("GET", f"/contacts/{contact}", "ct_bartek")
        assert (status, problem["detail"]) == (404, "There is no such contact.")


async def test_the_export_over_http(world: World) -> None:
    channel = await world.backend.add_channel()
    await world.backend.add_agent("Ala", "agent", (channel,), token="ct_ala")
    await world.backend.add_agent("Ewa", "supervisor", (channel,), token="ct_ewa")
    await world.dialog(channel, "=1+1", status="closed")
    async with world.backend.live() as live:
        for name in ("dialogs", "messages"):
            status, _ = await live.call("GET", f"{API}/log/{name}.csv", token="ct_ala")
            assert status == 403
            headers = {"Authorization": "Bearer ct_ewa"}
            path = f"{live.url}{API}/log/{name}.csv?from=2026-01-01&to=2036-03-31&tz=Europe/Warsaw"
            async with live.http.get(path, headers=headers) as answer:
                content = await answer.read()
                assert answer.status == 200
                assert answer.headers["Content-Type"].startswith("text/csv; charset=utf-8")
                disposition = answer.headers["Content-Disposition"]
                assert f'filename="{name}_2026-01-01_2036-03-31_Europe-Warsaw.csv"' in disposition
            assert content.startswith(b"\xef\xbb\xbf")
            assert content.count(b"\r\n") == 2
        status, _ = await live.call("GET", f"{API}/log/messages.csv?profile=x", token="ct_ewa")
        assert status == 400
