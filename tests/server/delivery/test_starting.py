"""Dialogs that an agent begins: whom they reach, who has them, and that asking twice begins once."""

import asyncio
from contextlib import AbstractAsyncContextManager

import httpx
import msgspec
import pytest

from connectors.contract import Capabilities
from server.agents.access import Access
from server.db import schema
from server.delivery.start_api import ROUTES
from server.delivery.starting import NewDialog
from server.errors import Conflict
from tests.support.backend import Backend
from tests.support.delivery import Desk, LoopConnector, api_client

SMS = Capabilities(start_dialog=True, phone_numbers=True, text_limit=100, segments=True)
NUMBER = "+48601234567"


@pytest.fixture
async def desk(backend: Backend) -> Desk:
    channel_id = await backend.add_channel("sms", "+48 732", provider="twilio", account_sid="AC1")
    agent_id = await backend.add_agent(channels=(channel_id,))
    made = Desk(backend, channel_id, backend.access(agent_id, channels=(channel_id,)))
    made.channels.connectors[channel_id] = LoopConnector(SMS)
    return made


def client(desk: Desk, access: Access | None = None) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    return api_client(ROUTES, access=access or desk.access, starts=desk.starts)


async def test_a_new_number_gets_a_contact_a_dialog_and_the_message(desk: Desk) -> None:
    body = {"channelId": desk.channel, "address": " (0048) 601-234-567 ", "text": "Dzień dobry"}
    async with client(desk) as http:
        answer = await http.post("/api/v1/dialogs", json=body, headers={"Idempotency-Key": "a"})
        again = await http.post("/api/v1/dialogs", json=body, headers={"Idempotency-Key": "a"})
        other = await http.post(
            "/api/v1/dialogs", json={**body, "text": "co"}, headers={"Idempotency-Key": "a"}
        )
    assert (answer.status_code, again.status_code, other.status_code) == (201, 200, 422)
    dialog = answer.json()
    assert dialog["contact"] == again.json()["contact"]
    assert (dialog["contact"]["address"], dialog["assignee"]["name"]) == (NUMBER, "Ala")
    assert (dialog["status"], dialog["waitingSince"], dialog["messageCount"]) == ("open", None, 1)
    [contact] = await desk.rows(schema.contact)
    assert (contact["phone"], contact["number"]) == (NUMBER, 1)
    [event, message] = [(e.name, msgspec.json.decode(e.data)) for e in await desk.events()]
    assert event[0] == "dialog.created"
    assert event[1]["activity"]["actor"] == {"type": "agent", "id": str(desk.access.agent_id), "name": "Ala"}
    assert (message[0], message[1]["message"]["state"]) == ("message.added", "queued")
    [claimed] = await desk.claim()
    assert (claimed.peer_id, claimed.text) == (NUMBER, "Dzień dobry")


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"address": "12"}, 422, "address"),
        ({"address": "Jan"}, 422, "address"),
        ({"channelId": "77"}, 422, "channelId"),
        ({"text": " "}, 422, "text"),
        ({"text": "x" * 1001}, 422, "text"),
        ({"subject": "x"}, 400, "subject"),
    ],
)
async def test_what_is_wrong_is_named_and_leaves_nothing(
    desk: Desk, change: dict, status: int, field: str
) -> None:
    body = {"channelId": desk.channel, "address": "601234567", "text": "ok"} | change
    async with client(desk) as http:
        answer = await http.post("/api/v1/dialogs", json=body)
    assert (answer.status_code, [e["field"] for e in answer.json()["errors"]]) == (status, [field])
    assert await desk.rows(schema.contact) == await desk.rows(schema.dialog) == []


async def test_only_where_the_channel_lets_us_and_is_granted(desk: Desk) -> None:
    body = {"channelId": desk.channel, "address": "601234567"}
    stranger = msgspec.structs.replace(desk.access, channel_ids=frozenset())
    async with client(desk, stranger) as http:
        assert (await http.post("/api/v1/dialogs", json=body)).status_code == 422
    desk.channels.connectors[desk.channel_id] = LoopConnector(Capabilities())
    async with client(desk) as http:
        answer = await http.post("/api/v1/dialogs", json=body)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:centrala:problem:cannot_start")
    desk.channels.paused.add(desk.channel_id)
    async with client(desk) as http:
        assert (await http.post("/api/v1/dialogs", json=body)).json()["type"].endswith(":channel_paused")


async def test_an_open_dialog_is_taken_up_and_a_colleagues_is_not(desk: Desk) -> None:
    theirs = await desk.dialog(NUMBER)
    new = NewDialog(channel_id=desk.channel_id, address="601 234 567", text="Oddzwaniam")
    started = await desk.starts.start(desk.access, new)
    assert (started.created, started.dialog.id) == (False, str(theirs))
    assert started.dialog.assignee
    assert started.dialog.assignee.id == str(desk.access.agent_id)
    other_id = await desk.backend.add_agent("Ola", channels=(desk.channel_id,))
    other = desk.backend.access(other_id, channels=(desk.channel_id,))
    # The same to who sees the team's dialogs, whether anything is written or not.
    team = msgspec.structs.replace(other, sees_team=True)
    for access, text in ((other, "hej"), (team, "hej"), (team, None)):
        with pytest.raises(Conflict) as refused:
            await desk.starts.start(access, msgspec.structs.replace(new, text=text))
        assert refused.value.code == "dialog_is_anothers"
    assert len(await desk.deliveries()) == 1


async def test_the_same_number_from_all_sides_at_once_is_one_dialog(desk: Desk) -> None:
    new = NewDialog(channel_id=desk.channel_id, address=NUMBER, text="raz")
    mine = [desk.starts.start(desk.access, new) for _ in range(6)]
    await asyncio.gather(*mine, desk.dialog(NUMBER), desk.dialog(NUMBER))
    assert len(await desk.rows(schema.contact)) == 1
    [dialog] = await desk.rows(schema.dialog)
    assert (dialog["message_count"], dialog["assignee_id"]) == (8, desk.access.agent_id)
    numbers = [event.seq for event in await desk.events()]
    assert numbers == list(range(1, len(numbers) + 1))
