"""Every recorded payload through the real webhook, signed as its provider signs, twice; the result read from the API.

What the connectors make of them is proved in tests/connectors; here it is what an agent gets to see.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio
from aiohttp import web
from yarl import URL

from server.db.migrate import migrate
from tests.connectors import samples
from tests.support.backend import Backend, Live, make_config
from tests.support.outside import PATIENCE_S, Api
from tests.support.stores import make_sqlite

pytestmark = pytest.mark.asyncio(loop_scope="module")

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
            await self.live.inbox.channels.pause(self._open.pop())

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


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    folder: Path = tmp_path_factory.mktemp("samples")
    url = ""
    if request.param == "sqlite":
        config = make_config(folder)
        await make_sqlite(config.database_url)
    else:
        postgres = request.getfixturevalue("postgres_process")
        redis = request.getfixturevalue("redis_process")
        postgres.start()
        redis.start()
        url = await postgres.create_database(migrate)
        config = make_config(folder, url, redis.url)
    backend = Backend(request.param, config)
    # The recorded media are on hosts of others, which no test may call.
    backend.inbox.fetcher.start = lambda _supervisor: None  # type: ignore[method-assign]
    # It would take the ids that a test has put ready for its replies.
    backend.inbox.watch.start = lambda _supervisor: None  # type: ignore[method-assign]
    await backend.add_agent("Root", "administrator", token=TOKEN)
    provider = Provider()
    app = web.Application()
    app.router.add_route("*", "/{name}/{path:.*}", provider.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with backend.live() as live:
            yield Desk(live, Api(live.url, TOKEN, live.http), provider)
    finally:
        await runner.cleanup()
        if url:
            await postgres.drop_database(url)


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _quiet_afterwards(desk: Desk) -> AsyncIterator[None]:
    yield
    await desk.pause()


# ------------------------------------------------------------------------------------------ what samples need


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


# ------------------------------------------------------------------------------------------ the samples


@pytest.mark.parametrize("entry", entries("message"))
async def test_messages(desk: Desk, entry: dict[str, Any]) -> None:
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    channel_id = await desk.channel(kind, **settings_for(kind, body))
    await post_twice(desk, entry, channel_id)
    expected = [each for each in entry["expect"] if each["op"] == "message"]
    dialogs = await desk.dialogs(channel_id)
    assert len(dialogs) == len({each["peer"] for each in expected if "peer" in each} or {1})
    threads = {d["contact"]["address"]: await desk.api.messages(d["id"]) for d in dialogs}
    assert sum(map(len, threads.values())) == len(expected), "each once"
    for wanted in expected:
        thread = threads[wanted["peer"]] if "peer" in wanted else next(iter(threads.values()))
        [message] = (
            [m for m in thread if wanted.get("ext_id") in (None, m["externalId"])]
            if len(thread) > 1
            else thread
        )
        dialog = next(d for d in dialogs if d["id"] == message["dialogId"])
        check_message(message, dialog, wanted)


def check_message(message: dict[str, Any], dialog: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert (message["direction"], message["kind"], message["origin"]) == ("inbound", "message", "contact")
    if "text" in wanted:
        assert message["text"] == wanted["text"]
    if "text_len" in wanted:
        assert len(message["text"]) == wanted["text_len"]
    if "ext_id" in wanted:
        assert message["externalId"] == wanted["ext_id"]
    if "ts_ms" in wanted:
        assert message["at"] == rfc3339(wanted["ts_ms"])
    if wanted.get("name"):
        assert dialog["contact"]["name"] == wanted["name"]
    if "reply_allowed" in wanted:
        assert dialog["replyAllowed"] is wanted["reply_allowed"]
    if wanted.get("standby"):
        assert dialog["replyAllowed"] is False
    if wanted.get("kind", "").startswith("unsupported"):
        assert message["unsupported"].startswith(wanted["kind"])
    if "attachments" in wanted:
        assert len(message["attachments"]) == len(wanted["attachments"])
        for found, given in zip(message["attachments"], wanted["attachments"], strict=True):
            check_attachment(found, given)
    assert "secret-" not in json.dumps([message, dialog])


async def test_parts_are_one_message_in_whatever_order_they_come(desk: Desk) -> None:
    files = [entry.values[0]["file"] for entry in entries("part")]
    channel_id = await desk.channel("gateway")
    for file in (files[0], files[0], files[1], files[0], files[1]):
        assert await desk.post("gateway", channel_id, samples.body(file)) == 200
    _, [message] = await desk.thread(channel_id)
    assert (message["text"], message["externalId"], message["unsupported"]) == (
        "Początek i koniec.",
        "G200",
        None,
    )
    assert message["at"] == rfc3339(1_785_300_000_000)


NAMES = {"type": "kind", "lat": "latitude", "lon": "longitude"}


def check_attachment(found: dict[str, Any], wanted: dict[str, Any]) -> None:
    for name, value in wanted.items():
        if name in ("file_id", "media_id", "sticker_id"):
            assert name not in found, "the provider's handle is ours to keep"
            continue
        shown = found[NAMES.get(name, name)]
        assert shown == (float(value) if isinstance(shown, float) else value), name


@pytest.mark.parametrize("entry", entries("start"))
async def test_starts(desk: Desk, entry: dict[str, Any]) -> None:
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    channel_id = await desk.channel(kind, **settings_for(kind, body))
    await post_twice(desk, entry, channel_id)
    [wanted] = entry["expect"]
    follow_up = seed(kind, channel_id, wanted["peer"], page=page_of(kind, body))
    assert await desk.post(kind, channel_id, follow_up) == 200
    dialog, messages = await desk.thread(channel_id, wanted["peer"])
    assert dialog["source"]["ref"] == wanted["ref"]
    assert [m["text"] for m in messages] == ["pierwsza"]


RANK = {"queued": "sent", "sent": "sent", "delivered": "delivered", "read": "read", "failed": "failed"}
WRITER = {
    "sms": "+48799123456",
    "smsapi": "+48799123456",
    "gateway": "+48799123456",
    "messenger": "1423587017700273",
}


@pytest.mark.parametrize("entry", entries("receipt"))
async def test_receipts(desk: Desk, entry: dict[str, Any]) -> None:
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    channel_id = await desk.channel(kind, **settings_for(kind, body))
    if not entry["expect"][0].get("ext_ids"):
        await watermark(desk, entry, channel_id)
        return
    # One call may hold several reports, and each be about several messages.
    wanted = {external_id: each for each in entry["expect"] for external_id in each["ext_ids"]}
    peer = entry["expect"][0].get("peer") or WRITER.get(kind, PEER)
    page = page_of(kind, body)
    messages = {}
    for external_id in wanted:
        messages[external_id] = await desk.answered(kind, channel_id, external_id, peer, page)
        assert messages[external_id]["externalId"] == external_id
    dialog, _ = await desk.thread(channel_id, peer)
    await post_twice(desk, entry, channel_id)
    for external_id, expected in wanted.items():
        after = await desk.reaches(dialog, messages[external_id]["id"], RANK[expected["status"]])
        if "error" in expected:
            assert expected["error"] in (after["failure"]["providerCode"], after["failure"]["text"])
    assert await desk.post(kind, channel_id, body) == 200
    assert len((await desk.thread(channel_id, peer))[1]) == 1 + len(wanted)


async def watermark(desk: Desk, entry: dict[str, Any], channel_id: int) -> None:
    """Everything up to a moment: a message after it is not meant, one before it is."""
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    [wanted] = entry["expect"]
    event = json.loads(body)["entry"][0]["messaging"][0]
    ids = {event["sender"]["id"], event["recipient"]["id"]}
    peer = wanted.get("peer") or next(iter(ids - {page_of(kind, body)}))
    message = await desk.answered(kind, channel_id, "m_1", peer, page_of(kind, body))
    dialog, _ = await desk.thread(channel_id, peer)
    await post_twice(desk, entry, channel_id)
    assert (await desk.reaches(dialog, message["id"], "sent"))["state"] == "sent"
    later = str(int(datetime.now(UTC).timestamp() * 1000) + 1000).encode()
    moved = body.replace(str(wanted["watermark_ms"]).encode(), later)
    assert moved != body
    assert await desk.post(kind, channel_id, moved) == 200
    await desk.reaches(dialog, message["id"], wanted["status"])


@pytest.mark.parametrize(
    "entry", entries("ignore", "control", "channel_alert", "peer_changed", "template_status")
)
async def test_what_is_nothing_for_agents_is_answered_and_leaves_no_message(
    desk: Desk, entry: dict[str, Any]
) -> None:
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    channel_id = await desk.channel(kind, **settings_for(kind, body))
    await post_twice(desk, entry, channel_id)
    assert await desk.dialogs(channel_id) == []
    if entry["expect"][0]["op"] == "channel_alert":
        async with asyncio.timeout(10):  # health is written a moment later
            while entry["expect"][0]["text_contains"] not in await _last_error(desk, channel_id):  # noqa: ASYNC110 - over HTTP
                await asyncio.sleep(0.05)


async def _last_error(desk: Desk, channel_id: int) -> str:
    channels = (await desk.api.get("/channels"))["items"]
    [channel] = [each for each in channels if each["id"] == str(channel_id)]
    return channel["lastError"] or ""


@pytest.mark.parametrize("entry", entries("reject"))
async def test_what_is_no_payload_at_all_is_refused(desk: Desk, entry: dict[str, Any]) -> None:
    channel_id = await desk.channel(samples.kind_of(entry["file"]))
    await post_twice(desk, entry, channel_id, entry["expect"][0]["http"])
    assert await desk.dialogs(channel_id) == []


@pytest.mark.parametrize("entry", entries("echo"))
async def test_echoes_join_the_dialog_as_ours(desk: Desk, entry: dict[str, Any]) -> None:
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    [wanted] = entry["expect"]
    channel_id = await desk.channel(kind, **settings_for(kind, body))
    assert (
        await desk.post(kind, channel_id, seed(kind, channel_id, wanted["peer"], page=page_of(kind, body)))
        == 200
    )
    await post_twice(desk, entry, channel_id)
    _, messages = await desk.thread(channel_id, wanted["peer"])
    [echo] = [message for message in messages if message["direction"] == "outbound"]
    assert (echo["externalId"], echo["state"], len(messages)) == (wanted["ext_id"], "sent", 2)
    assert echo["text"] == wanted.get("text", echo["text"])
    assert [a["kind"] for a in echo["attachments"]] == [a["type"] for a in wanted.get("attachments", [])]


@pytest.mark.parametrize("entry", entries("edit"))
async def test_edits(desk: Desk, entry: dict[str, Any]) -> None:
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    [wanted] = entry["expect"]
    channel_id = await desk.channel(kind, **settings_for(kind, body))
    payload = json.loads(body)
    target = wanted.get("target") or str(payload["edited_message"]["message_id"])
    peer = wanted.get("peer") or payload["entry"][0]["messaging"][0]["sender"]["id"]
    page = page_of(kind, body)
    assert await desk.post(kind, channel_id, seed(kind, channel_id, peer, target, page)) == 200
    await post_twice(desk, entry, channel_id)
    _, [message] = await desk.thread(channel_id, peer)
    if "text" in wanted:
        assert message["text"] == wanted["text"]
        assert message["editedAt"] is not None


@pytest.mark.parametrize("entry", entries("delete"))
async def test_deletions(desk: Desk, entry: dict[str, Any]) -> None:
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    [wanted] = entry["expect"]
    channel_id = await desk.channel(kind, **settings_for(kind, body))
    first = seed(kind, channel_id, wanted["peer"], wanted["target"], page_of(kind, body))
    assert await desk.post(kind, channel_id, first) == 200
    await post_twice(desk, entry, channel_id)
    _, [message] = await desk.thread(channel_id, wanted["peer"])
    assert message["deletedAt"] is not None


@pytest.mark.parametrize("entry", entries("echo_edit", "echo_delete"))
async def test_a_colleague_elsewhere_changes_what_we_sent(desk: Desk, entry: dict[str, Any]) -> None:
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    [wanted] = entry["expect"]
    channel_id = await desk.channel(kind, **settings_for(kind, body))
    await desk.answered(kind, channel_id, wanted["target"], page=page_of(kind, body))
    await post_twice(desk, entry, channel_id)
    _, messages = await desk.thread(channel_id)
    [message] = [each for each in messages if each["direction"] == "outbound"]
    if wanted["op"] == "echo_delete":
        assert message["deletedAt"] is not None
    else:
        assert (message["text"], message["editedAt"] is not None) == (wanted["text"], True)


@pytest.mark.parametrize("entry", entries("reaction"))
async def test_reactions(desk: Desk, entry: dict[str, Any]) -> None:
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    [wanted] = entry["expect"]
    channel_id = await desk.channel(kind, **settings_for(kind, body))
    peer = wanted.get("peer") or json.loads(body)["entry"][0]["messaging"][0]["sender"]["id"]
    assert (
        await desk.post(kind, channel_id, seed(kind, channel_id, peer, wanted["target"], page_of(kind, body)))
        == 200
    )
    await post_twice(desk, entry, channel_id)
    _, [message] = await desk.thread(channel_id, peer)
    assert message["reaction"] == (wanted["emoji"] if wanted["action"] == "add" else None)


@pytest.mark.parametrize("entry", entries("postback"))
async def test_pressed_buttons_are_messages(desk: Desk, entry: dict[str, Any]) -> None:
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    [wanted] = entry["expect"]
    channel_id = await desk.channel(kind, **settings_for(kind, body))
    await post_twice(desk, entry, channel_id)
    _, [message] = await desk.thread(channel_id, wanted["peer"])
    assert message["direction"] == "inbound"
    assert message["text"] == wanted.get("title", wanted["payload"])


@pytest.mark.parametrize("entry", entries("optin", "optout"))
async def test_consents_are_no_messages(desk: Desk, entry: dict[str, Any]) -> None:
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    channel_id = await desk.channel(kind, **settings_for(kind, body))
    await post_twice(desk, entry, channel_id)
    assert await desk.dialogs(channel_id) == []


async def test_repeated_deliveries_are_one_message(desk: Desk) -> None:
    for files in (
        ("telegram/dup_a.json", "telegram/dup_b.json"),
        ("viber/odd_dup.json", "viber/odd_dup.json"),
    ):
        kind = samples.kind_of(files[0])
        channel_id = await desk.channel(kind)
        for file in files:
            assert await desk.post(kind, channel_id, samples.body(file)) == 200
        assert len((await desk.thread(channel_id))[1]) == 1


async def test_no_sample_is_left_out() -> None:
    tried = {
        *(
            "message",
            "start",
            "receipt",
            "ignore",
            "control",
            "channel_alert",
            "reject",
            "echo",
            "edit",
            "reaction",
        ),
        *("postback", "optin", "optout", "duplicate", "part"),
        *("delete", "echo_edit", "echo_delete", "peer_changed", "template_status"),
    }
    assert {entry["expect"][0]["op"] for entry in samples.inbound()} <= tried
