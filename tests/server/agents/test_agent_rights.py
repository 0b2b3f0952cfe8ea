"""Who may add and change agents, what others are told of it, and the last administrator."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import select

from server.agents.authentication import Credential
from server.agents.service import Change
from server.db.schema import audit
from server.entities import Role
from server.errors import Conflict
from server.events import store
from server.events.model import AdministratorScope, AgentScope, Event, StaffScope
from tests.support.backend import Backend

NEW = {"email": "ola@example.com", "name": "Ola", "role": "agent", "password": "correct horse battery"}


async def events(backend: Backend) -> list[Event]:
    return await backend.database.read(lambda c: store.read_after(c, 0, 1000))


async def test_only_administrators_add_and_change_agents(backend: Backend) -> None:
    tokens = {role: f"ct_{role}-token-of-this-test" for role in ("agent", "supervisor", "administrator")}
    ids = {role: await backend.add_agent(role, role, token=token) for role, token in tokens.items()}
    async with backend.live() as live:
        for role in ("agent", "supervisor"):
            status, _ = await live.call("POST", "/api/v1/agents", token=tokens[role], body=NEW)
            assert status == 403
            own = f"/api/v1/agents/{ids[role]}"
            status, _ = await live.call("PATCH", own, token=tokens[role], body={"role": "administrator"})
            assert status == 403
        assert (await live.call("POST", "/api/v1/agents", body=NEW))[0] == 401
        admin = tokens["administrator"]
        status, added = await live.call("POST", "/api/v1/agents", token=admin, body=NEW)
        assert (status, added["email"], added["active"]) == (201, "ola@example.com", True)
        status, problem = await live.call("POST", "/api/v1/agents", token=admin, body=NEW)
        assert (status, problem["type"]) == (409, "urn:centrala:problem:email_taken")
        path = f"/api/v1/agents/{added['id']}"
        status, changed = await live.call(
            "PATCH", path, token=admin, body={"role": "supervisor", "name": "O"}
        )
        assert (status, changed["role"], changed["name"]) == (200, "supervisor", "O")
        for body, expected in [
            ({"seq": "9"}, 400),
            ({"passwordHash": "x"}, 400),
            ({"role": "owner"}, 400),
            ({"name": ""}, 422),
            ({"channelIds": ["1"]}, 422),
            ({"channelIds": ["x"]}, 422),
            ({"active": "yes"}, 400),
        ]:
            status, problem = await live.call("PATCH", path, token=admin, body=body)
            assert (status, problem["errors"][0]["field"].split(".")[0]) == (expected, next(iter(body))), body
        for missing in ("1", "x", "9" * 19, "9" * 30):
            status, _ = await live.call("PATCH", f"/api/v1/agents/{missing}", token=admin, body={"name": "x"})
            assert status == 404


async def test_addresses_are_for_administrators(backend: Backend) -> None:
    await backend.add_agent("Ala", token="ct_ala-token")
    await backend.add_agent("Ewa", "administrator", token="ct_ewa-token")
    async with backend.live() as live:
        _, seen = await live.call("GET", "/api/v1/agents", token="ct_ala-token")
        assert {agent["email"] for agent in seen["items"]} == {""}
        assert [agent["name"] for agent in seen["items"]] == ["Ala", "Ewa"]
        _, seen = await live.call("GET", "/api/v1/agents", token="ct_ewa-token")
        assert all("@example.com" in agent["email"] for agent in seen["items"])


async def test_tokens_are_shown_and_revoked_by_their_agent_and_by_administrators(backend: Backend) -> None:
    roles: tuple[Role, ...] = ("agent", "supervisor", "administrator")
    ids = {role: await backend.add_agent(role, role, token=f"ct_{role}-token") for role in roles}
    async with backend.live() as live:

        async def call(method: str, asker: str, path: str) -> tuple[int, Any]:
            return await live.call(method, f"/api/v1/agents/{path}", token=f"ct_{asker}-token")

        own: dict[str, str] = {}
        for role in roles:
            status, found = await call("GET", role, f"{ids[role]}/tokens")
            [one] = found["items"]
            assert (status, set(one)) == (200, {"id", "createdAt", "expiresAt", "lastUsedAt"})
            own[role] = one["id"]
        for asker, whose in [("agent", "supervisor"), ("supervisor", "agent")]:
            path = f"{ids[whose]}/tokens"
            assert (await call("GET", asker, path))[0] == 403
            assert (await call("DELETE", asker, f"{path}/{own[whose]}"))[0] == 403
            # Nor as one's own.
            assert (await call("DELETE", asker, f"{ids[asker]}/tokens/{own[whose]}"))[0] == 404
        for missing in ("1", "x", "9" * 30):
            assert (await call("GET", "administrator", f"{missing}/tokens"))[0] == 404
            assert (await call("DELETE", "administrator", f"{missing}/tokens/{own['agent']}"))[0] == 404
            assert (await call("DELETE", "administrator", f"{ids['agent']}/tokens/{missing}"))[0] == 404
        assert (await live.call("GET", f"/api/v1/agents/{ids['agent']}/tokens"))[0] == 401
        for asker, whose in [("administrator", "agent"), ("supervisor", "supervisor")]:
            assert (await call("GET", whose, f"{ids[whose]}/tokens"))[0] == 200
            assert (await call("DELETE", asker, f"{ids[whose]}/tokens/{own[whose]}"))[0] == 204
            assert (await call("GET", whose, f"{ids[whose]}/tokens"))[0] == 401
        assert (await call("GET", "administrator", f"{ids['agent']}/tokens"))[1] == {"items": []}
        rows = await backend.database.read(lambda c: c.execute(select(audit).order_by(audit.c.id)).all())
    assert [(row.agent_id, row.action, json.loads(row.detail)) for row in rows] == [
        (ids[asker], "token.revoked", {"agent": str(ids[whose]), "token": own[whose]})
        for asker, whose in [("administrator", "agent"), ("supervisor", "supervisor")]
    ]


async def test_a_change_is_told_to_all_without_the_address_and_resets_the_agent(backend: Backend) -> None:
    channel = await backend.add_channel()
    agent = await backend.inbox.agents.add(**NEW)
    assert agent.channel_ids == (str(channel),)
    before = len(await events(backend))
    changed = await backend.inbox.agents.change(int(agent.id), Change(channel_ids=()))
    told = (await events(backend))[before:]
    assert [(e.name, type(e.scope)) for e in told] == [
        ("agent.access_changed", AgentScope),
        ("agent.updated", StaffScope),
        ("agent.updated", AdministratorScope),
    ]
    assert b"ola@example.com" not in told[1].data
    assert b"ola@example.com" in told[2].data
    assert changed.seq == str(told[2].seq)
    # A new name is no reason to begin anew.
    await backend.inbox.agents.change(int(agent.id), Change(name="Olga", channel_ids=()))
    assert [e.name for e in (await events(backend))[before + 3 :]] == ["agent.updated", "agent.updated"]


async def test_grants_count_at_once(backend: Backend) -> None:
    channel = await backend.add_channel()
    agent_id = await backend.add_agent(channels=(channel,))

    token = Credential(token=await backend.inbox.agents.issue_token(agent_id), is_session=False)

    async def access() -> Any:
        caller = await backend.inbox.authentication.check(token)
        return None if caller is None else caller.access

    assert (await access()).channel_ids == {channel}
    await backend.inbox.agents.change(agent_id, Change(channel_ids=(), role="supervisor"))
    found = await access()
    assert (found.channel_ids, found.role) == (frozenset(), "supervisor")
    assert not found.sees_channel(channel)
    await backend.inbox.agents.change(agent_id, Change(active=False))
    assert await access() is None


async def test_the_last_administrator_stays(backend: Backend) -> None:
    first = await backend.add_agent("A", "administrator")
    for change in (Change(role="agent"), Change(active=False)):
        with pytest.raises(Conflict, match="last administrator"):
            await backend.inbox.agents.change(first, change)
    await backend.add_agent("Gone", "agent")
    second = await backend.add_agent("B", "administrator")
    results = await asyncio.gather(
        backend.inbox.agents.change(first, Change(role="agent")),
        backend.inbox.agents.change(second, Change(active=False)),
        return_exceptions=True,
    )
    assert sorted(isinstance(each, Conflict) for each in results) == [False, True]
