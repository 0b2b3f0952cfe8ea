"""Messenger and Viber do not say whose button was pressed: our mark travels with it, and what an agent put there stays."""

import json
from typing import Any

import pytest

from connectors import button_marks
from connectors.contract import InboundMessage, QuickReply
from connectors.http import HTTPClient
from connectors.messenger.connector import CAPABILITIES
from tests.connectors import samples
from tests.connectors.attempts import ACCEPTED
from tests.connectors.fake import Provider, opened, outbound

MARK = "centrala:7340129875540992"
_RULE = CAPABILITIES.quick_replies
LONGEST = _RULE.payload if _RULE else 0
ODD = f"answer-to:{MARK}|a|b"


async def offered(kind: str, provider: Provider, mark: str, *replies: QuickReply) -> dict[str, Any]:
    provider.calls.clear()
    provider.answers_json(ACCEPTED[kind][0])
    async with HTTPClient() as http:
        await opened(kind, provider.base, http).send(
            outbound("Czy pasuje?", quick_replies=replies, tracker=mark)
        )
    [call] = provider.calls
    found: dict[str, Any] = call.json
    return found


def received(kind: str, sample: str, **message: Any) -> InboundMessage:
    """What the connector makes of a sample in which the message's content is replaced."""
    body = json.loads(samples.body(f"{kind}/{sample}.json"))
    holder = body["entry"][0]["messaging"][0] if kind == "messenger" else body
    holder["message"] = message
    [item, *_heard] = samples.connector(kind).receive(samples.signed(kind, json.dumps(body).encode())).items
    assert isinstance(item, InboundMessage)
    return item


@pytest.mark.parametrize("payload", ["yes", "x" * LONGEST, "żółć|\n", ODD, None])
async def test_messenger_brings_the_mark_and_the_payload_as_it_was(
    payload: str | None, provider: Provider
) -> None:
    body = await offered("messenger", provider, MARK, QuickReply(title="Tak", payload=payload))
    [reply] = body["message"]["quick_replies"]
    assert len(reply["payload"].encode()) <= 1000
    pressed = {"payload": reply["payload"]}
    item = received("messenger", "quick_reply", mid="m_1", text="Tak", quick_reply=pressed)
    assert (item.answers, item.payload, item.text) == (MARK, payload or "Tak", "Tak")


async def test_a_payload_that_is_not_ours_stays_whole(provider: Provider) -> None:
    for payload in ("RED", "answer-to:", "answer-to:|x", "answer-to:" + "x" * 41 + "|y", f"x{ODD}"):
        item = received("messenger", "quick_reply", mid="m_1", text="Red", quick_reply={"payload": payload})
        assert (item.answers, item.payload) == (None, payload)
    assert received("messenger", "quick_reply", mid="m_1", text="Red").payload is None
    body = await offered("messenger", provider, "", QuickReply(title="Tak", payload="yes"))
    assert body["message"]["quick_replies"][0]["payload"] == "yes"


async def test_viber_brings_the_mark_with_the_next_text(provider: Provider) -> None:
    body = await offered("viber", provider, MARK, QuickReply(title="Tak"))
    item = received("viber", "bt_text", type="text", text="Tak", tracking_data=body["tracking_data"])
    assert (item.answers, item.tracking, item.text) == (MARK, None, "Tak")
    # Without buttons too: whatever the customer writes next tells that this one arrived.
    assert (await offered("viber", provider, MARK))["tracking_data"] == body["tracking_data"]
    assert "tracking_data" not in await offered("viber", provider, "", QuickReply(title="Tak"))
    item = received("viber", "bt_text", type="text", text="Tak", tracking_data="somebody else's")
    assert (item.answers, item.tracking) == (None, "somebody else's")


def test_the_room_kept_for_the_mark_is_enough() -> None:
    """Marks have 40 characters at most (the column of the database)."""
    assert len(button_marks.marked("x" * 40)) <= button_marks.ROOM
    assert button_marks.read(button_marks.marked("x" * 40, "y")) == ("x" * 40, "y")
