"""Every recorded payload through the real webhook, signed as its provider signs, twice; the result read from the API.

What the connectors make of them is proved in tests/connectors; here it is what an agent gets to see.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from tests.blackbox.desk import (
    PEER,
    Desk,
    body_of,
    page_of,
    rfc3339,
    seed,
    settings_for,
)
from tests.connectors import samples

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def _quiet_afterwards(desk: Desk) -> AsyncIterator[None]:
    yield
    await desk.pause()


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
        shown = found.get(NAMES.get(name, name))  # what there is none of is left out
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
    assert (dialog["source"] or {}).get("ref") == wanted["ref"]
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


def event_of(body: bytes) -> dict[str, Any]:
    """The first of Messenger's, in whichever list it came."""
    entry = json.loads(body)["entry"][0]
    found: dict[str, Any] = (entry.get("messaging") or entry["standby"])[0]
    return found


async def watermark(desk: Desk, entry: dict[str, Any], channel_id: int) -> None:
    """Everything up to a moment: a message after it is not meant, one before it is."""
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    [wanted] = entry["expect"]
    event = event_of(body)
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
            said = entry["expect"][0].get("text_contains", "")
            while said not in await _last_error(desk, channel_id):  # noqa: ASYNC110 - over HTTP
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
    peer = wanted.get("peer") or event_of(body)["sender"]["id"]
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
    peer = wanted.get("peer") or event_of(body)["sender"]["id"]
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
