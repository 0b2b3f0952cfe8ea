"""A live server with a provider that takes everything: what samples are posted to, and what some need beforehand."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import web
from yarl import URL

from tests.connectors import samples
from tests.support.backend import Live
from tests.support.outside import PATIENCE_S, Api

PUBLIC_URL = "http://inbox.test"
TOKEN = "ct_samples"
PEER = "701"


class Provider:
    """Accepts whatever we send, under ids that a test chooses beforehand."""

    def __init__(self) -> None:
        self.ids: dict[str, list[str]] = {}
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        path = request.match_info["path"]
        await request.read()
        if request.method != "POST" or name not in self.ids or not self.ids[name]:
            return web.json_response({"error": {"message": "nothing here", "code": 100}}, status=400)
        taken = self.ids[name].pop(0)
        if path.endswith("Messages.json"):
            return web.json_response({"sid": taken, "status": "queued", "num_segments": "1"}, status=201)
        if path.endswith("sms.do"):
            return web.json_response({"count": 1, "list": [{"id": taken, "status": "QUEUE", "error": None}]})
        if path == "send":
            return web.json_response({"result": "ok", "message": {"id": taken}})
        if path.endswith("send_message"):
            # By hand: the token is a number beyond what every JSON library writes exactly.
            text = f'{{"status":0,"status_message":"ok","message_token":{taken}}}'
            return web.Response(text=text, content_type="application/json")
        # Messenger's answer and WhatsApp's in one.
        return web.json_response({"recipient_id": PEER, "message_id": taken, "messages": [{"id": taken}]})


class Desk:
    """A live server; a channel for each sample; somebody who sees everything."""

    def __init__(self, live: Live, api: Api, provider: Provider) -> None:
        self.live = live
        self.api = api
        self.provider = provider
        self._open: list[int] = []

    async def pause(self) -> None:
        """The channels that a test had: hundreds that go on looking for work would slow down all that follow."""
        while self._open:
            await self.live.inbox.channels.change(self._open.pop(), active=False)

    async def channel(self, kind: str, **settings: str) -> int:
        """A channel of its own; sends go to the provider under the channel's number."""
        name = f"c{len(self.provider.ids)}"
        self.provider.ids[name] = []
        settings = {**samples.SETTINGS[kind], **samples.at(kind, f"{self.provider.url}/{name}"), **settings}
        settings.pop("name", None)
        of, provider = samples.channel(kind)
        self._open.append(await self.live.backend.add_channel(of, name, provider=provider, **settings))
        return self._open[-1]

    async def post(self, kind: str, channel_id: int, body: bytes) -> int:
        path = f"/webhooks/{channel_id}"
        request = samples.signed(kind, body, PUBLIC_URL + path)
        url = URL(request.url.replace(PUBLIC_URL, self.live.url), encoded=True)
        async with self.live.http.request(
            request.method, url, data=request.body or None, headers=request.headers
        ) as answer:
            said = await answer.text()
            assert said == "OK" or kind not in samples.CHANNELS or kind == "sms" or answer.status != 200
            return answer.status

    async def dialogs(self, channel_id: int) -> list[dict[str, Any]]:
        return await self.api.all(f"/dialogs?view=all&status=all&channel={channel_id}")

    async def thread(
        self, channel_id: int, peer: str | None = None
    ) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The channel's only dialog and its messages."""
        found = await self.dialogs(channel_id)
        [dialog] = [each for each in found if peer is None or each["contact"]["address"] == peer]
        return dialog, await self.api.messages(dialog["id"])

    async def answered(
        self, kind: str, channel_id: int, external_id: str, peer: str = PEER, page: str = ""
    ) -> dict[str, Any]:
        """A customer's dialog in which we answered, accepted under this id."""
        assert await self.post(kind, channel_id, seed(kind, channel_id, peer, page=page)) == 200
        dialog, _ = await self.thread(channel_id, peer)
        name = dialog["channel"]["name"]
        self.provider.ids[name].append(external_id)
        status, message = await self.api.call(
            "POST", f"/dialogs/{dialog['id']}/messages", {"text": "odpowiedź", "kind": "message"}
        )
        assert status == 201, message
        return await self.reaches(dialog, message["id"], "sent")

    async def reaches(self, dialog: dict[str, Any], message_id: str, state: str) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                [found] = [m for m in await self.api.messages(dialog["id"]) if m["id"] == message_id]
                if found["state"] == state:
                    return found
                await asyncio.sleep(0.05)


ACCOUNTS = {"messenger": "page_id", "whatsapp": "phone_number_id"}
"""The setting that names the account of a channel whose callback several may share."""


def page_of(kind: str, body: bytes) -> str:
    """The account that a payload of Meta's is for; empty where the kind has none."""
    if kind not in ACCOUNTS:
        return ""
    payload = json.loads(body)
    entries = (payload.get("entry") if isinstance(payload, dict) else None) or [{}]
    if kind == "messenger":
        found = entries[0].get("id")
    else:
        found = entries[0]["changes"][0]["value"].get("metadata", {}).get("phone_number_id")
    return str(found or samples.SETTINGS[kind][ACCOUNTS[kind]])


def body_of(file: str) -> bytes:
    """The payload; where the recording blotted out its account's number, another stands there."""
    kind, body = samples.kind_of(file), samples.body(file)
    page = page_of(kind, body)
    return body if not page or page.isdigit() else body.replace(page.encode(), b"404217156637689")


def settings_for(kind: str, body: bytes) -> dict[str, str]:
    return {ACCOUNTS[kind]: page_of(kind, body)} if kind in ACCOUNTS else {}


def seed(kind: str, channel_id: int, peer: str, message_id: str = "9000001", page: str = "") -> bytes:
    """A plain message of this person, with this id, in the provider's own format."""
    match kind:
        case "telegram":
            chat = {"id": int(peer), "type": "private", "first_name": "Zofia"}
            message = {"message_id": int(message_id), "date": 1_500_000_000, "chat": chat, "text": "pierwsza"}
            return json.dumps(
                {"update_id": 77, "message": {**message, "from": {**chat, "is_bot": False}}}
            ).encode()
        case "viber":
            body = {"event": "message", "timestamp": 1_500_000_000_000, "message_token": int(message_id)}
            sender = {"id": peer, "name": "Zofia"}
            return json.dumps(
                {**body, "sender": sender, "message": {"type": "text", "text": "pierwsza"}}
            ).encode()
        case "messenger":
            ids = {"sender": {"id": peer}, "recipient": {"id": page or "404217156637689"}}
            event = {
                **ids,
                "timestamp": int(datetime.now(UTC).timestamp() * 1000),
                "message": {"mid": message_id, "text": "pierwsza"},
            }
            return json.dumps(
                {"object": "page", "entry": [{"id": page or "404217156637689", "messaging": [event]}]}
            ).encode()
        case "smsapi":
            fields = {"sms_to": "48732001002", "sms_from": peer.lstrip("+"), "sms_text": "pierwsza"}
            return urlencode({**fields, "MsgId": f"M{message_id}"}).encode()
        case "gateway":
            fields = {"from": peer.lstrip("+"), "to": "48732001002", "text": "pierwsza"}
            return urlencode({**fields, "id": f"M{message_id}"}).encode()
        case "whatsapp":
            written = {"type": "text", "text": {"body": "pierwsza"}}
            at = str(int(datetime.now(UTC).timestamp()))
            value = {
                "metadata": {"phone_number_id": page or samples.SETTINGS[kind]["phone_number_id"]},
                "messages": [{"from": peer, "id": message_id, "timestamp": at, **written}],
            }
            entry = {"changes": [{"field": "messages", "value": value}]}
            return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        case _:
            return urlencode(
                {
                    "MessageSid": f"SM{message_id}",
                    "From": peer,
                    "To": "+48732001002",
                    "Body": "pierwsza",
                    "NumMedia": "0",
                }
            ).encode()


def rfc3339(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def entries(*ops: str) -> list[Any]:
    """The samples whose expectation begins with one of these."""
    chosen = [entry for entry in samples.inbound() if entry["expect"][0]["op"] in ops]
    assert chosen
    return [pytest.param(entry, id=entry["file"]) for entry in chosen]


async def post_twice(desk: Desk, entry: dict[str, Any], channel_id: int, status: int = 200) -> None:
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    assert [await desk.post(kind, channel_id, body) for _ in range(2)] == [status, status]
