"""A thread that another application takes, and gives back: shown at once, by the newest word about it."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import func, select

from connectors.contract import AnyItem, Control, InboundMessage, Peer
from server.db import schema
from server.intake.keys import Entry
from server.intake.store import UnitStore, Work
from tests.support.backend import Backend, Live

SETTINGS = {
    "page_id": "1",
    "app_secret": "app-secret",
    "verify_token": "verify-me",
    "page_token": "page-token",
    "app_id": "900",
    "api_base": "http://127.0.0.1:9",
}
AT = 1_700_000_000_000
REASON = "Another application has this conversation now."


class Page:
    """A page of ours behind the running server, and Meta's calls to it."""

    def __init__(self, live: Live, channel_id: str) -> None:
        self.live = live
        self.channel_id = channel_id

    async def post(self, at: int, *, standby: bool = False, peer: str = "77", **what: Any) -> None:
        event = {"sender": {"id": peer}, "recipient": {"id": "1"}, "timestamp": AT + at, **what}
        entry = {"id": "1", "time": AT, "standby" if standby else "messaging": [event]}
        body = json.dumps({"object": "page", "entry": [entry]}).encode()
        mark = "sha256=" + hmac.new(b"app-secret", body, hashlib.sha256).hexdigest()
        url = f"{self.live.url}/webhooks/{self.channel_id}"
        async with self.live.http.post(url, data=body, headers={"x-hub-signature-256": mark}) as answer:
            assert answer.status == 200

    async def write(self, at: int, *, standby: bool = False) -> None:
        await self.post(at, standby=standby, message={"mid": f"m{at}", "text": f"nr {at}"})

    async def take(self, at: int, **to: Any) -> None:
        await self.post(at, take_thread_control={"previous_owner_app_id": "900", **to})

    async def give_back(self, at: int, to: str = "900") -> None:
        await self.post(at, pass_thread_control={"new_owner_app_id": to})

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        return await self.live.call(method, f"/api/v1{path}", token="ct_ala-token", **options)

    async def dialog(self) -> dict[str, Any]:
        _, page = await self.call("GET", "/dialogs?view=all")
        [found] = page["items"]
        return dict(found)

    async def state(self) -> tuple[bool, bool]:
        dialog = await self.dialog()
        return dialog["replyAllowed"], dialog["elsewhere"]

    async def events(self) -> list[str]:
        """Of the dialog alone: those of the channel's health come when they like."""
        statement = select(schema.event.c.name).order_by(schema.event.c.seq)
        names = await self.live.backend.database.read(lambda c: list(c.execute(statement).scalars()))
        return [name for name in names if name.startswith(("dialog.", "message."))]


@pytest.fixture
async def page(backend: Backend) -> AsyncIterator[Page]:
    await backend.add_agent("Ala", "supervisor", token="ct_ala-token")
    added = await backend.inbox.channels.add(kind="messenger", name="Strona", settings=SETTINGS)
    async with backend.live() as live:
        yield Page(live, added.id)


FREE, ELSEWHERE = (True, False), (False, True)


async def test_a_taken_thread_is_locked_at_once_and_free_when_it_is_given_back(page: Page) -> None:
    await page.write(0)
    assert await page.state() == FREE
    before = await page.events()
    for _ in range(2):
        await page.take(1)
    assert await page.state() == ELSEWHERE
    assert await page.events() == [*before, "dialog.updated"], "told once"
    dialog = await page.dialog()
    path, text = f"/dialogs/{dialog['id']}/messages", {"text": "Dzień dobry"}
    status, refusal = await page.call("POST", path, body=text, headers={"Idempotency-Key": "k"})
    assert (status, refusal["reason"], refusal["detail"]) == (409, "thread_elsewhere", REASON)

    await page.post(2, request_thread_control={"requested_owner_app_id": "263902037430900"})
    assert await page.state() == ELSEWHERE
    await page.give_back(3)
    assert await page.state() == FREE
    assert await page.events() == [*before, "dialog.updated", "dialog.updated"]
    keys = select(func.count()).where(schema.inbound_key.c.kind == "control")
    assert await page.live.backend.database.read(lambda c: c.execute(keys).scalar_one()) == 2


async def test_whose_it_is_says_the_new_owner_where_one_is_named(page: Page) -> None:
    await page.write(0)
    for at, to, state in ((1, "263902037430900", ELSEWHERE), (2, "900", FREE), (3, "901", ELSEWHERE)):
        await page.give_back(at, to)
        assert await page.state() == state
    await page.take(4, new_owner_app_id=900)
    assert await page.state() == FREE


async def test_what_is_only_overheard_locks_too_and_frees_nothing(page: Page) -> None:
    await page.write(0)
    await page.write(1, standby=True)
    assert await page.state() == ELSEWHERE
    await page.post(2, standby=True, postback={"title": "Tak", "mid": "m2"})
    assert await page.state() == ELSEWHERE
    await page.write(3)
    assert await page.state() == FREE


async def test_what_a_colleague_sends_locks_too_where_we_only_stand_by(page: Page) -> None:
    """By the newest word, as every other; told by the event of the message itself."""

    async def echo(at: int, *, standby: bool) -> None:
        said = {"mid": f"e{at}", "text": f"nr {at}", "is_echo": True, "app_id": 263902037430900}
        await page.post(at, standby=standby, sender={"id": "1"}, recipient={"id": "77"}, message=said)

    await page.write(0)
    before = await page.events()
    await echo(1, standby=False)
    assert await page.state() == FREE
    await echo(2, standby=True)
    assert await page.state() == ELSEWHERE
    assert await page.events() == [*before, "message.added", "message.added"]
    await page.write(4)
    assert await page.state() == FREE
    await echo(3, standby=True)
    assert await page.state() == FREE
    path = f"/dialogs/{(await page.dialog())['id']}"
    assert (await page.call("POST", f"{path}/closure"))[0] == 200
    # Sent long before the dialog was closed: it stays so, and knows it when it is opened.
    await echo(5, standby=True)
    assert (await page.call("GET", path))[1]["status"] == "closed"
    assert (await page.call("DELETE", f"{path}/closure"))[0] == 200
    assert await page.state() == ELSEWHERE


async def test_nothing_is_made_of_it_for_who_has_no_dialog(page: Page) -> None:
    await page.take(0)
    for table in (schema.contact, schema.identity, schema.dialog):
        statement = select(func.count()).select_from(table)
        assert await page.live.backend.database.read(lambda c, s=statement: c.execute(s).scalar_one()) == 0  # type: ignore[misc]
    assert await page.events() == []


async def test_a_dialog_that_is_closed_knows_it_when_it_is_opened_again(page: Page) -> None:
    await page.write(0)
    path = f"/dialogs/{(await page.dialog())['id']}/closure"
    assert (await page.call("POST", path))[0] == 200
    await page.take(1)
    assert (await page.call("DELETE", path))[0] == 200
    assert await page.state() == ELSEWHERE


async def test_in_whatever_order_they_come_the_newest_word_counts(backend: Backend) -> None:
    """And all of an order at once end as they do one by one."""
    channel_id = await backend.add_channel()
    store = UnitStore(backend.units, 24)

    def said(peer: str, at: int, *, standby: bool = False) -> InboundMessage:
        key = f"{peer}-{at}"
        return InboundMessage(
            key=key, external_id=key, at_ms=AT + at, text="a", peer=Peer(id=peer), standby=standby
        )

    def changed(peer: str, at: int, *, ours: bool) -> Control:
        return Control(key=f"{peer}-{at}", at_ms=AT + at, event="", peer=Peer(id=peer), ours=ours)

    expected: dict[str, bool] = {}
    for number, order in enumerate(permutations(range(1, 5))):
        for last in ("given back", "taken", "said", "overheard"):
            for together in (True, False):
                peer = f"{number}-{last}-{together}"
                elsewhere = last in ("taken", "overheard")
                words: dict[int, AnyItem] = {
                    1: changed(peer, 1, ours=not elsewhere),
                    2: said(peer, 2, standby=elsewhere),
                    3: changed(peer, 3, ours=elsewhere),
                    4: said(peer, 4, standby=elsewhere)
                    if last in ("said", "overheard")
                    else changed(peer, 4, ours=not elsewhere),
                }
                items = [said(peer, 0), *(words[each] for each in order)]
                for some in [items] if together else [[item] for item in items]:
                    await store.store(Work(entries=[Entry(channel_id, item) for item in some]))
                expected[peer] = elsewhere
    columns = select(schema.identity.c.address, schema.dialog.c.elsewhere).join(
        schema.dialog, schema.dialog.c.identity_id == schema.identity.c.id
    )
    found = await backend.database.read(lambda c: {row.address: row.elsewhere for row in c.execute(columns)})
    assert found == expected
