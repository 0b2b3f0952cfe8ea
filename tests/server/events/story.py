"""A story in which every kind of event happens, told through the real doors, with three people watching.

The clock stands still and is moved by the story, so that the same story always gives the same bytes.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import select

from connectors.simulator import sample_picture
from server.db import schema
from tests.support.apply import Inbox
from tests.support.backend import Backend, Live
from tests.support.outside import PATIENCE_S, Api, Follower, signed, text_message

BEGIN_MS = 1_767_603_600_000  # 2026-01-05T09:00:00Z
SECRETS = {
    "telegram": {"token": "1:token", "secret_token": "secret", "mode": "webhook"},
    "viber": {"auth_token": "viber-token"},
}


class StillClock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self.at_ms = BEGIN_MS

    def now_ms(self) -> int:
        return self.at_ms


class Watcher:
    """Somebody signed in: their API, their socket, and what their client made of it so far."""

    def __init__(self, name: str, agent_id: int, api: Api, follower: Follower) -> None:
        self.name = name
        self.id = str(agent_id)
        self.api = api
        self.follower = follower
        self.inbox = Inbox()
        self.frames: list[dict[str, Any]] = []
        """Of the present step."""
        self.resets = 0

    async def snapshot(self) -> dict[str, Any]:
        """Everything this agent may see; ``seq`` was read before the rest."""
        dialogs: list[Any] = []
        reads: dict[str, int] = {}
        seq, cursor = "", ""
        while True:
            page = await self.api.get(f"/dialogs?view=all&status=all&limit=100{cursor}")
            seq = seq or page["seq"]
            dialogs += page["items"]
            reads |= page["reads"]
            if page["cursor"] is None:
                break
            cursor = f"&cursor={page['cursor']}"
        messages, activities = [], []
        for dialog in dialogs:
            messages += await self.api.all(f"/dialogs/{dialog['id']}/messages")
            activities += await self.api.all(f"/dialogs/{dialog['id']}/activities")
        return {
            "seq": seq,
            "dialogs": dialogs,
            "messages": messages,
            "activities": activities,
            "reads": reads,
            "agents": (await self.api.get("/agents"))["items"],
            "channels": (await self.api.get("/channels"))["items"],
        }

    async def catch_up(self, seq: str) -> None:
        """Read frames until this client has everything up to ``seq``; after a reset it starts afresh."""
        async with asyncio.timeout(PATIENCE_S):
            while int(self.follower.last) < int(seq):
                frame = await self.follower.frame()
                if frame["type"] == "reset":
                    self.resets += 1
                    await self.follower.send(type="start")
                    await self.follower.frame()
                    self.frames = []
                    self.inbox = Inbox().merge(await self.snapshot())
                else:
                    self.frames.append(frame)
                    self.inbox.apply(frame)


class Provider:
    """Telegram and Viber as far as the story needs them: accept, under ids in order; one picture."""

    def __init__(self) -> None:
        self.last = 500
        self.refuses = False

    async def answer(self, request: web.Request) -> web.Response:
        await request.read()
        path = request.path
        if "/file/" in path:
            return web.Response(body=sample_picture(), content_type="image/jpeg")
        if path.endswith("getFile"):
            return web.json_response({"ok": True, "result": {"file_id": "f", "file_path": "photos/1.jpg"}})
        if "send" not in path:
            return web.json_response({"ok": True, "result": True, "status": 0})
        if self.refuses:
            return web.json_response({"status": 6, "status_message": "notSubscribed"})
        self.last += 1
        if path.endswith("send_message"):
            return web.json_response({"status": 0, "status_message": "ok", "message_token": self.last})
        message = {"message_id": self.last, "date": 1_700_000_500, "chat": {"id": 500, "type": "private"}}
        return web.json_response({"ok": True, "result": message})


class Story:
    """The stage: a live server, two channels, an administrator, a supervisor, an agent."""

    def __init__(
        self,
        live: Live,
        http: aiohttp.ClientSession,
        channels: dict[str, int],
        provider: Provider,
        clock: StillClock,
    ) -> None:
        self.live = live
        self.http = http
        self.channels = channels
        self.provider = provider
        self.watchers: dict[str, Watcher] = {}
        self.ids: dict[str, int] = {}
        self.clock = clock
        self._number = 0

    @property
    def units(self) -> Any:
        return self.live.backend.units

    def api(self, name: str) -> Api:
        return self.watchers[name].api

    # ---------------------------------------------------------------------------------- what people do

    async def post(self, kind: str, body: bytes) -> None:
        path = f"/webhooks/{self.channels[kind]}"
        post = signed(kind, body, "", SECRETS[kind])
        async with self.http.post(self.live.url + path, data=post.body, headers=post.headers) as answer:
            assert answer.status == 200, await answer.text()

    async def write(self, kind: str, text: str, peer: int = 500, name: str = "Zofia Żółw") -> None:
        self._number += 1
        await self.post(kind, text_message(kind, self._number, text, peer=peer, name=name))

    async def dialog(self, peer: str) -> str:
        """The id of this person's newest dialog."""
        found = [
            d
            for d in await self.api("Root").all("/dialogs?view=all&status=all")
            if d["contact"]["address"] == peer
        ]
        return max((d["id"] for d in found), key=int)

    async def call(self, name: str, method: str, path: str, body: Any = None) -> Any:
        status, answer = await self.api(name).call(method, path, body)
        assert status < 300, (path, answer)
        return answer

    async def assign(self, name: str, peer: str, to: str | None) -> None:
        dialog_id = await self.dialog(peer)
        before = (await self.api("Root").get(f"/dialogs/{dialog_id}"))["assignee"]
        body = {"agentId": to and self.watchers[to].id, "expectedAgentId": before and before["id"]}
        await self.call(name, "PUT", f"/dialogs/{dialog_id}/assignment", body)

    async def reply(
        self, name: str, peer: str, text: str, ends: str | None = None, **more: Any
    ) -> dict[str, Any]:
        dialog_id = await self.dialog(peer)
        message: dict[str, Any] = await self.call(
            name, "POST", f"/dialogs/{dialog_id}/messages", {"text": text, "kind": "message", **more}
        )
        if ends is not None:
            await self.reaches(message["id"], ends)
        return message

    async def reaches(self, message_id: str, state: str) -> None:
        statement = select(schema.message.c.state).where(schema.message.c.id == int(message_id))
        await self._until(lambda c: c.execute(statement).scalar_one() == state)

    async def pictures_are_here(self) -> None:
        waiting = select(schema.attachment.c.id).where(schema.attachment.c.state == "pending").limit(1)
        await self._until(lambda c: c.execute(waiting).first() is None)

    async def _until(self, done: Callable[[Any], bool]) -> None:
        for _ in range(int(PATIENCE_S / 0.02)):
            if await self.live.backend.database.read(done):
                return
            await asyncio.sleep(0.02)
        rows = await self.live.backend.database.read(
            lambda c: c.execute(select(schema.message)).mappings().all()
        )
        raise AssertionError(
            f"never came to it: {[(row['text'], row['state'], row['failure']) for row in rows]}"
        )

    async def note_health(self) -> None:
        await self.live.inbox.channels._write_notes(all_of_it=True)

    # ---------------------------------------------------------------------------------- watching

    async def head(self) -> str:
        found: str = (await self.api("Root").get("/agents"))["seq"]
        return found

    async def all_caught_up(self) -> None:
        seq = await self.head()
        for watcher in self.watchers.values():
            await watcher.catch_up(seq)


_UNSUBSCRIBED = json.dumps(
    {"event": "unsubscribed", "timestamp": 1_700_000_980_000, "message_token": 88, "user_id": "viber-502=="}
).encode()

Step = Callable[[Story], Awaitable[Any]]


async def _photo(story: Story) -> None:
    message = {
        "message_id": 900, "date": 1_700_000_900, "caption": "paragon",
        "chat": {"id": 501, "type": "private", "first_name": "Jan"},
        "from": {"id": 501, "is_bot": False, "first_name": "Jan"},
        "photo": [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 100}],
    }  # fmt: skip
    await story.post("telegram", json.dumps({"update_id": 9000, "message": message}).encode())
    await story.pictures_are_here()


async def _edit(story: Story) -> None:
    message = {
        "message_id": 1, "date": 1_700_000_000, "edit_date": 1_700_000_950, "text": "Dzień dobry, poprawiam",
        "chat": {"id": 500, "type": "private", "first_name": "Zofia Żółw"},
        "from": {"id": 500, "is_bot": False, "first_name": "Zofia Żółw"},
    }  # fmt: skip
    await story.post("telegram", json.dumps({"update_id": 9001, "edited_message": message}).encode())


async def _start(story: Story) -> None:
    message = {
        "message_id": 901, "date": 1_700_000_960, "text": "/start cb_9f2c1e",
        "chat": {"id": 500, "type": "private", "first_name": "Zofia Żółw"},
        "from": {"id": 500, "is_bot": False, "first_name": "Zofia Żółw"},
        "entities": [{"offset": 0, "length": 6, "type": "bot_command"}],
    }  # fmt: skip
    await story.post("telegram", json.dumps({"update_id": 9002, "message": message}).encode())


async def _receipts(story: Story) -> None:
    """The answer in the Viber dialog is delivered and seen."""
    for event in ("delivered", "seen"):
        body = {
            "event": event,
            "timestamp": 1_700_000_970_000,
            "message_token": 502,
            "user_id": "viber-502==",
        }
        await story.post("viber", json.dumps(body).encode())


async def _failure(story: Story) -> None:
    story.provider.refuses = True
    await story.reply("Root", "viber-502==", "to nie dojdzie", "failed")
    story.provider.refuses = False


async def _later_again(story: Story) -> None:
    """Long after the end a new dialog begins, under a new name."""
    story.clock.at_ms += 3 * 86_400_000
    await story.write("telegram", "To znowu ja", peer=501, name="Jan Kowalski")


STEPS: dict[str, Step] = {
    "dialog.created": lambda s: s.write("telegram", "Dzień dobry"),
    "message.received": lambda s: s.write("telegram", "Czy są jeszcze żółwie?"),
    "dialog.assigned": lambda s: s.assign("Ala", "500", "Ala"),
    "message.added": lambda s: s.reply("Ala", "500", "Są, trzy.", "sent"),
    "message.added-note": lambda s: s.reply("Ala", "500", "stała klientka", kind="note"),
    "message.updated": _edit,
    "message.updated-picture": _photo,
    "dialog.created-viber": lambda s: s.write("viber", "Halo", peer=502),
    "message.added-viber": lambda s: s.reply("Sonia", "viber-502==", "Słucham", "sent"),
    "message.updated-receipts": _receipts,
    "message.updated-failure": _failure,
    "dialog.read": lambda s: _read(s, "500"),
    "dialog.assigned-away": lambda s: s.assign("Ala", "500", "Sonia"),
    "message.received-hidden": lambda s: s.write("telegram", "Halo, jest tam kto?"),
    "dialog.assigned-to-nobody": lambda s: s.assign("Sonia", "500", None),
    "dialog.updated": _start,
    "contact.changed": lambda s: s.write("telegram", "Wypisz mnie!"),
    "contact.changed-blocked": lambda s: s.post("viber", _UNSUBSCRIBED),
    "dialog.closed": lambda s: _close(s, "Root", "500"),
    "dialog.reopened": lambda s: _reopen(s, "Root", "500"),
    "dialog.closed-again": lambda s: _close(s, "Root", "501"),
    "dialog.reopened-by-contact": lambda s: s.write("telegram", "jeszcze jedno", peer=501, name="Jan"),
    "dialog.closed-for-long": lambda s: _close(s, "Root", "501"),
    "dialog.created-after-long": _later_again,
    "channel.updated": lambda s: s.call("Root", "PATCH", f"/channels/{s.channels['telegram']}", {"name": "Bot sklepu"}),
    "channel.updated-health": lambda s: s.note_health(),
    "agent.updated": lambda s: s.call("Root", "PATCH", f"/agents/{s.ids['Ala']}", {"name": "Alicja"}),
    "agent.updated-new": lambda s: s.live.inbox.agents.add(
        email="celina@example.pl", name="Celina", role="agent", password="zażółć gęślą"
    ),
    "quarantine.added": lambda s: s.post("telegram", b'{"update_id": 9003, "zupelnie_nowe": {}}'),
    "agent.access_changed": lambda s: s.call(
        "Root", "PATCH", f"/agents/{s.ids['Ala']}", {"channelIds": [str(s.channels["viber"])]}
    ),
}  # fmt: skip
"""What happens, in this order; each is named for the event that it is about."""


async def _read(story: Story, peer: str) -> None:
    dialog_id = await story.dialog(peer)
    for name in ("Ala", "Root"):
        await story.call(name, "PUT", f"/dialogs/{dialog_id}/read", {"inboundCount": 2})


async def _close(story: Story, name: str, peer: str) -> None:
    await story.call(name, "POST", f"/dialogs/{await story.dialog(peer)}/closure")


async def _reopen(story: Story, name: str, peer: str) -> None:
    await story.call(name, "DELETE", f"/dialogs/{await story.dialog(peer)}/closure")


@asynccontextmanager
async def staged(backend: Backend) -> AsyncIterator[Story]:
    """The stage with everybody watching from the beginning."""
    inbox = backend.inbox
    clock = StillClock()
    backend.clock.now_ms = clock.now_ms  # type: ignore[method-assign]
    # The story itself says when health is noted.
    inbox.channels.keep_notes = asyncio.Event().wait  # type: ignore[method-assign,assignment]
    inbox.watch.start = lambda _supervisor: None  # type: ignore[method-assign]
    provider = Provider()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", provider.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    channels = {
        kind: await backend.add_channel(kind, f"Sklep {kind}", api_base=base, **SECRETS[kind])
        for kind in SECRETS
    }
    people = {"Root": "administrator", "Sonia": "supervisor", "Ala": "agent"}
    granted = tuple(channels.values())
    ids = {
        name: await backend.add_agent(name, role, granted, token=f"ct_{name}")
        for name, role in people.items()
    }
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runner.cleanup)
        live = await stack.enter_async_context(backend.live())
        http = await stack.enter_async_context(aiohttp.ClientSession())
        story = Story(live, http, channels, provider, clock)
        story.ids = ids
        for name in people:
            api = Api(live.url, f"ct_{name}", http)
            follower = await stack.enter_async_context(api.follow())
            story.watchers[name] = Watcher(name, ids[name], api, follower)
        yield story
