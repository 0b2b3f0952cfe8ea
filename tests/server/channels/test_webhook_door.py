"""The providers' door, where one callback serves several pages and some of them are paused."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from server.db import schema
from server.events import store
from server.supervisor import Supervisor
from tests.support.backend import Backend

APP = {"app_secret": "app-secret", "verify_token": "verify-me", "page_token": "page-token"}
AT = 1_700_000_000_000


class Door:
    """Two pages of one Meta app, and Meta's calls to the first one's callback."""

    def __init__(self, backend: Backend, http: httpx.AsyncClient, paused: int, other: int) -> None:
        self.backend = backend
        self.http = http
        self.paused = paused
        self.other = other

    async def post(self, page: str, event: dict[str, Any], *, secret: str = "app-secret") -> int:
        event = {"sender": {"id": "77"}, "recipient": {"id": page}, "timestamp": AT, **event}
        body = json.dumps(
            {"object": "page", "entry": [{"id": page, "time": AT, "messaging": [event]}]}
        ).encode()
        mark = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        path = f"/webhooks/{self.paused}"
        answer = await self.http.post(path, content=body, headers={"x-hub-signature-256": mark})
        return answer.status_code

    async def write(self, page: str, text: str, **options: str) -> int:
        return await self.post(page, {"message": {"mid": f"mid.{text}", "text": text}}, **options)

    async def texts(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        statement = select(schema.message.c.channel_id, schema.message.c.text).order_by(schema.message.c.id)
        for row in await self.backend.database.read(lambda c: c.execute(statement).all()):
            found.setdefault(row.channel_id, []).append(row.text)
        return found


@pytest.fixture
async def door(backend: Backend) -> AsyncIterator[Door]:
    supervisor = Supervisor()
    backend.inbox.sink.start(supervisor)
    channels = backend.inbox.channels
    pages = [
        int((await channels.add(kind="messenger", name=page, settings={"page_id": page, **APP})).id)
        for page in ("1", "2")
    ]
    await channels.change(pages[0], active=False)
    transport = httpx.ASGITransport(backend.inbox.webhooks)
    async with httpx.AsyncClient(transport=transport, base_url="http://inbox.test") as http:
        yield Door(backend, http, *pages)
    await supervisor.stop()


async def test_pausing_one_page_stops_no_other_and_loses_nothing(door: Door) -> None:
    assert await door.write("2", "do drugiej") == 200
    assert await door.write("1", "do wstrzymanej") == 200
    assert await door.texts() == {door.other: ["do drugiej"], door.paused: ["do wstrzymanej"]}
    assert [each.id for each in await door.backend.inbox.channels.all_active()] == [door.other]


async def test_a_paused_channel_checks_who_calls(door: Door) -> None:
    assert await door.write("1", "podrobiona", secret="guessed") == 403
    asked = {"hub.mode": "subscribe", "hub.challenge": "4321", "hub.verify_token": "verify-me"}
    answer = await door.http.get(f"/webhooks/{door.paused}", params=asked)
    assert (answer.status_code, answer.text) == (200, "4321")
    assert (await door.http.get("/webhooks/12345", params=asked)).status_code == 404


async def test_a_channel_that_cannot_be_opened_is_asked_again_later(door: Door) -> None:
    broken = await door.backend.add_channel("telegram", "Broken", nonsense="x")
    assert (await door.http.post(f"/webhooks/{broken}", content=b"{}")).status_code == 503


async def test_an_active_channel_of_an_account_goes_before_a_paused_one(door: Door) -> None:
    channels = door.backend.inbox.channels
    again = await channels.add(kind="messenger", name="again", settings={"page_id": "1", **APP})
    found = await channels.of_account("messenger", "1")
    assert [(each.id, each.active) for each in found] == [(int(again.id), True), (door.paused, False)]


async def test_an_alert_of_the_provider_is_told_to_who_has_the_channel(door: Door) -> None:
    channels = door.backend.inbox.channels
    policy = {"policy_enforcement": {"action": "block", "reason": "Too many complaints."}}
    assert await door.post("2", policy) == 200
    before = await door.backend.database.read(lambda c: store.read_after(c, 0, 100))
    await channels.close()
    view = await channels.find(door.other)
    assert "Too many complaints." in (view.last_error or "")
    assert view.health == "failing"
    after = await door.backend.database.read(lambda c: store.read_after(c, 0, 100))
    told = [event for event in after[len(before) :] if b"Too many complaints." in event.data]
    assert [event.name for event in told] == ["channel.updated"]
    assert view.seq == str(told[0].seq)


async def test_a_full_batch_is_stored_once_and_a_bad_entry_costs_no_neighbour(door: Door) -> None:
    """A thousand entries, the most that Meta puts into one call, for both pages; and the same call again."""

    def entry(number: int) -> Any:
        page, peer = str(1 + number % 2), str(number % 100)
        event = {"sender": {"id": peer}, "recipient": {"id": page}, "timestamp": AT + number}
        text = {"message": {"mid": f"m{number}", "text": f"{number}"}}
        return {"id": page, "time": AT, "messaging": [{**event, **text}]}

    entries = [entry(number) for number in range(1000)]
    entries[500] = {**entries[500], "messaging": ["broken"]}
    body = json.dumps({"object": "page", "entry": entries}).encode()
    headers = {"x-hub-signature-256": "sha256=" + hmac.new(b"app-secret", body, hashlib.sha256).hexdigest()}
    for _ in range(2):
        answer = await door.http.post(f"/webhooks/{door.paused}", content=body, headers=headers)
        assert answer.status_code == 200
    found = await door.texts()
    assert sorted(map(int, found[door.paused])) == [n for n in range(0, 1000, 2) if n != 500]
    assert sorted(map(int, found[door.other])) == list(range(1, 1000, 2))
    quarantined = await door.backend.database.read(
        lambda c: c.execute(select(schema.quarantine.c.channel_id)).scalars().all()
    )
    assert len(quarantined) == 1
