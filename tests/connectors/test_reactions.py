"""Reactions of ours on the wire: what each provider is asked for, and what its answers mean."""

import json
from typing import Any

import pytest

from connectors import registry
from connectors.contract import OutboundReaction, Reacts
from connectors.emoji import is_emoji
from connectors.errors import NotAccepted, Refused, SendError, Uncertain
from connectors.http import HTTPClient
from connectors.offers import ReactionRule
from tests.connectors import samples
from tests.connectors.fake import Answer, Call, Provider, opened

REACTS = ("telegram", "whatsapp", "messenger")
TARGETS = {"telegram": "42", "whatsapp": "wamid.QQ==", "messenger": "m_1"}
ACCEPTED: dict[str, Any] = {
    "telegram": {"ok": True, "result": True},
    "whatsapp": {"messages": [{"id": "wamid.RR=="}]},
    "messenger": {"recipient_id": "5123"},
}


def reaction(kind: str, emoji: str | None = "👍", **changes: Any) -> OutboundReaction:
    values = {"id": "7", "attempt": 1, "peer_id": "5123", "target": TARGETS[kind], "tracker": "t:7:1"}
    return OutboundReaction(emoji=emoji, **(values | changes))


async def react(kind: str, provider: Provider, emoji: str | None = "👍", **changes: Any) -> Call:
    async with HTTPClient(timeout=0.5) as http:
        connector = opened(kind, provider.base, http)
        assert isinstance(connector, Reacts)
        await connector.react(reaction(kind, emoji, **changes))
    return provider.calls[-1]


@pytest.mark.parametrize("kind", samples.CHANNELS)
def test_whoever_offers_reactions_can_put_them(kind: str) -> None:
    """Telegram takes a list, Meta any; SMS and Viber have none, and nothing to call for them."""
    connector = registry.open_connector(*samples.channel(kind), samples.SETTINGS[kind], HTTPClient(), "")
    rule = connector.capabilities.reactions
    assert (rule is not None, isinstance(connector, Reacts)) == (kind in REACTS,) * 2
    if rule is not None:
        assert len(rule.emoji) == (73 if kind == "telegram" else 0)
        assert all(is_emoji(each) for each in rule.emoji)


async def test_telegram(provider: Provider) -> None:
    """A standard emoji as the Bot API spells it, whatever the picture on the screen adds to it; none takes it back."""
    provider.answers_json(ACCEPTED["telegram"])
    for emoji, wire in [("👍", "👍"), ("❤️", "❤"), ("❤", "❤"), ("❤️‍🔥", "❤️‍🔥"), (None, None)]:
        call = await react("telegram", provider, emoji)
        assert call.path.endswith("/setMessageReaction")
        wanted = [] if wire is None else [{"type": "emoji", "emoji": wire}]
        sent = call.form | {"reaction": json.loads(call.form["reaction"])}
        assert sent == {"chat_id": "5123", "message_id": "42", "reaction": wanted}


@pytest.mark.parametrize("words", ["REACTION_EMPTY", "MESSAGE_NOT_MODIFIED"])
async def test_telegram_says_that_it_is_so_already(provider: Provider, words: str) -> None:
    """After a lost answer the same is asked for again, and Telegram refuses what would change nothing."""
    refusal = {"ok": False, "error_code": 400, "description": f"Bad Request: {words}"}
    provider.answers_json(refusal, status=400)
    await react("telegram", provider, None)
    assert [call.path.rpartition("/")[2] for call in provider.calls] == ["setMessageReaction"]


@pytest.mark.parametrize(
    ("description", "code"),
    [
        ("message to react not found", "message_gone"),
        ("REACTION_INVALID", "reaction_unsupported"),
        ("chat not found", "no_such_address"),
    ],
)
async def test_telegram_refuses(provider: Provider, description: str, code: str) -> None:
    refusal = {"ok": False, "error_code": 400, "description": f"Bad Request: {description}"}
    provider.answers_json(refusal, status=400)
    with pytest.raises(Refused) as caught:
        await react("telegram", provider)
    assert caught.value.failure.code == code


@pytest.mark.parametrize("changes", [{"emoji": "😂"}, {"target": "x1"}])
async def test_telegram_is_not_asked_for_what_it_does_not_have(
    provider: Provider, changes: dict[str, Any]
) -> None:
    with pytest.raises(Refused):
        await react("telegram", provider, **changes)
    assert provider.calls == []


async def test_whatsapp(provider: Provider) -> None:
    """A message about a message, with our mark for its status; empty takes it back."""
    provider.answers_json(ACCEPTED["whatsapp"])
    for emoji in ("🫡", None):
        call = await react("whatsapp", provider, emoji)
        assert call.path.endswith("/messages")
        assert call.json == {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "5123",
            "biz_opaque_callback_data": "t:7:1",
            "type": "reaction",
            "reaction": {"message_id": "wamid.QQ==", "emoji": emoji or ""},
        }
    hidden = await react("whatsapp", provider, peer_id="PL.12ab")
    assert (hidden.json["recipient"], "to" in hidden.json) == ("PL.12ab", False)


async def test_messenger(provider: Provider) -> None:
    """A sender action; taking it back names the message alone."""
    provider.answers_json(ACCEPTED["messenger"])
    call = await react("messenger", provider, "❤️")
    assert call.path.endswith("/messages")
    assert call.json == {
        "recipient": {"id": "5123"},
        "sender_action": "react",
        "payload": {"message_id": "m_1", "reaction": "❤️"},
    }
    call = await react("messenger", provider, None)
    assert call.json == {
        "recipient": {"id": "5123"},
        "sender_action": "unreact",
        "payload": {"message_id": "m_1"},
    }


LIMITED = {
    "telegram": {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests",
        "parameters": {"retry_after": 7},
    },
    "whatsapp": {"error": {"code": 130429, "message": "(#130429) Rate limit hit"}},
    "messenger": {
        "error": {"code": 613, "message": "(#613) Calls to this api have exceeded the rate limit."}
    },
}


@pytest.mark.parametrize("kind", REACTS)
async def test_what_an_answer_proves(kind: str, provider: Provider) -> None:
    limited = Answer(status=429, body=json.dumps(LIMITED[kind]).encode(), headers={"Retry-After": "7"})
    for answer, error in [
        (limited, NotAccepted),
        (Answer(drop=True), Uncertain),
        (Answer(hang=True), Uncertain),
        (Answer(status=502, body=b"<html>"), Uncertain),
        (Answer(status=400, body=b"<html>"), Refused),
    ]:
        provider.answers = [answer]
        with pytest.raises(SendError) as caught:
            await react(kind, provider)
        assert type(caught.value) is error
        if isinstance(caught.value, NotAccepted):
            assert caught.value.retry_after == 7


def test_what_one_emoji_is() -> None:
    ones = ["👍", "👍🏽", "❤", "❤️", "🇵🇱", "1️⃣", "👨‍👩‍👧", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🫩", "™️", "❤️‍🔥"]
    assert [each for each in ones if not is_emoji(each)] == []
    none = ["", " ", "a", "1", "ok", "👍👍", "👍 ", "👍a", "🇵", "\u200d", "️", "👍\u200d", "<b>", "👨‍👩‍👧" * 9]
    assert [each for each in none if is_emoji(each)] == []


def test_a_rule_finds_an_emoji_however_it_is_spelled() -> None:
    some, any_ = ReactionRule(emoji=("👍", "❤️")), ReactionRule()
    assert [some.find(each) for each in ("❤", "❤️", "👍", "😂", "x")] == ["❤️", "❤️", "👍", None, None]
    assert [any_.find(each) for each in ("😂", "x")] == ["😂", None]
