"""Every recorded payload through the real webhook, signed as its provider signs, twice; the result read from the API.

What the connectors make of them is proved in tests/connectors; here it is what an agent gets to see.
"""

import json
from typing import Any

import pytest

from tests.blackbox.desk import (
    Desk,
    body_of,
    entries,
    page_of,
    post_twice,
    rfc3339,
    seed,
    settings_for,
)
from tests.connectors import samples
from tests.support.waiting import until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.usefixtures("quiet_afterwards")]


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
    if entry["expect"][0]["op"] == "ignore":
        assert await _is_kept(desk, channel_id)
    if entry["expect"][0]["op"] == "channel_alert":

        async def is_shown() -> bool:
            return entry["expect"][0].get("text_contains", "") in await _last_error(desk, channel_id)

        await until(is_shown)  # health is written a moment later


async def _is_kept(desk: Desk, channel_id: int) -> bool:
    """Raw: with what is ignored if we know its kind, else with what is not understood."""
    lists = [await desk.api.all(f"/quarantine?limit=200&ignored={which}") for which in ("true", "false")]
    return any(each["channel"]["id"] == str(channel_id) and each["body"] for items in lists for each in items)


async def _last_error(desk: Desk, channel_id: int) -> str:
    channels = (await desk.api.get("/channels"))["items"]
    [channel] = [each for each in channels if each["id"] == str(channel_id)]
    return channel["lastError"] or ""


@pytest.mark.parametrize("entry", entries("reject"))
async def test_what_is_no_payload_at_all_is_refused(desk: Desk, entry: dict[str, Any]) -> None:
    channel_id = await desk.channel(samples.kind_of(entry["file"]))
    await post_twice(desk, entry, channel_id, entry["expect"][0]["http"])
    assert await desk.dialogs(channel_id) == []


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
