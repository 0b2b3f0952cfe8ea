"""Every recorded payload about a message that is there: receipts, echoes, edits, deletions, reactions; through the real webhook, twice."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.blackbox.desk import (
    PEER,
    Desk,
    body_of,
    entries,
    page_of,
    post_twice,
    seed,
    settings_for,
)
from tests.blackbox.test_samples import check_attachment
from tests.connectors import samples

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("quiet_afterwards")]

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


@pytest.mark.parametrize("entry", entries("echo"))
async def test_echoes_begin_a_dialog_as_ours(desk: Desk, entry: dict[str, Any]) -> None:
    kind, body = samples.kind_of(entry["file"]), body_of(entry["file"])
    [wanted] = entry["expect"]
    channel_id = await desk.channel(kind, **settings_for(kind, body))
    await post_twice(desk, entry, channel_id)
    dialog, [echo] = await desk.thread(channel_id)
    assert (dialog["contact"]["address"], dialog["status"]) == (wanted["peer"], "open")
    assert (dialog["assignee"], dialog["waitingSince"]) == (None, None)
    assert (echo["direction"], echo["externalId"], echo["state"]) == ("outbound", wanted["ext_id"], "sent")
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
    for found, given in zip(message["attachments"], wanted.get("attachments", ()), strict=True):
        check_attachment(found, given)


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
