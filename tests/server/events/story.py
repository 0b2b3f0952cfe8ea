"""A story in which every kind of event happens, told through the real doors, with three people watching.

The clock stands still and is moved by the story, so that the same story always gives the same bytes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import web
from sqlalchemy import select

from connectors.simulator import sample_picture
from server.db import schema
from tests.support.apply import Inbox
from tests.support.backend import Backend, Live
from tests.support.outside import PATIENCE_S, Api, Follower
from tests.support.posting import signed, text_message

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


@asynccontextmanager
async def staged(backend: Backend) -> AsyncIterator[Story]:
    """The stage with everybody watching from the beginning."""
    inbox = backend.inbox
    clock = StillClock()
    backend.clock.now_ms = clock.now_ms
    # The story itself says when health is noted.
    inbox.channels.keep_notes = asyncio.Event().wait
    inbox.watch.start = lambda _supervisor: None
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
