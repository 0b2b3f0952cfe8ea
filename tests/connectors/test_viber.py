"""Viber: what it is sent, the welcome message, and set-up."""

import json
from typing import Any

import pytest
from viberbot.api.viber_requests import create_request

from connectors.contract import InboundMessage, Unknown
from connectors.errors import FetchFailed
from connectors.http import HTTPClient
from connectors.viber.inbound import parse_callback
from tests.connectors import samples
from tests.connectors.fake import Provider, opened, outbound, picture

OK = {"status": 0, "status_message": "ok", "message_token": 5741311803571721087}


def message(**fields: Any) -> InboundMessage:
    callback = {
        "event": "message",
        "timestamp": 1785300000001,
        "message_token": 1,
        "sender": {"id": "a+b/c=="},
    }
    [item, *_] = parse_callback(json.dumps({**callback, "message": fields}).encode())
    assert isinstance(item, InboundMessage)
    return item


def test_the_size_of_a_file_is_read_from_either_field() -> None:
    for name in ("size", "file_size"):
        (found,) = message(type="file", media="https://x/a", file_name="a.pdf", **{name: "0"}).attachments
        assert found.size == 0


def test_a_location_off_the_map_keeps_the_message_without_coordinates() -> None:
    (right,) = message(type="location", location={"lat": 0, "lon": "0"}).attachments
    assert (right.latitude, right.longitude) == (0, 0)
    (wrong,) = message(type="location", location={"lat": 91, "lon": 0}).attachments
    assert (wrong.latitude, wrong.longitude) == (None, None)


def test_a_type_newer_than_this_code_is_shown_as_such() -> None:
    assert message(type="hologram", text="x").note == "unsupported:hologram"
    assert message(type="text").note == "empty"


def test_an_event_without_its_person_is_kept() -> None:
    assert isinstance(parse_callback(b'{"event":"subscribed"}')[0], Unknown)
    assert isinstance(
        parse_callback(b'{"event":"message","message_token":1,"message":{"type":"text"}}')[0], Unknown
    )


def test_opening_the_chat_is_answered_with_the_welcome_message() -> None:
    data = samples.body("viber/bt_conversation_started.json")
    plain = samples.connector("viber").receive(samples.signed("viber", data))
    assert plain.reply.body == b""
    greeting = samples.connector("viber", welcome="Witamy!", avatar="https://example.com/a.png")
    reply = greeting.receive(samples.signed("viber", data)).reply
    assert reply.content_type == "application/json"
    assert json.loads(reply.body) == {
        "sender": {"name": "Sklep", "avatar": "https://example.com/a.png"},
        "type": "text",
        "text": "Witamy!",
    }
    other = greeting.receive(samples.signed("viber", samples.body("viber/bt_text.json")))
    assert other.reply.body == b""


def test_viberbot_reads_the_same_message() -> None:
    """The official library as a second opinion."""
    data = samples.body("viber/bt_text.json")
    theirs, ours = create_request(json.loads(data)), samples.parse("viber", data)[0]
    assert isinstance(ours, InboundMessage)
    assert (theirs.message.text, theirs.sender.id) == (ours.text, ours.peer.id)
    assert str(theirs.message_token) == ours.external_id


async def test_a_text_names_the_sender_and_the_token_stays_exact(
    provider: Provider, http: HTTPClient
) -> None:
    provider.answers_json(OK)
    sent = await opened("viber", provider.base, http).send(outbound("Cześć", peer_id="a+b/c=="))
    (call,) = provider.calls
    assert sent.external_ids == ("5741311803571721087",)
    assert call.path == "/send_message"
    assert call.headers["x-viber-auth-token"] == "secret-viber-token"
    assert call.json == {
        "receiver": "a+b/c==",
        "min_api_version": 1,
        "sender": {"name": "Sklep"},
        "type": "text",
        "text": "Cześć",
    }


async def test_a_picture_is_fetched_by_viber_from_our_link(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json(OK)
    await opened("viber", provider.base, http).send(outbound("podpis", attachments=(picture(),)))
    (call,) = provider.calls
    assert call.json["type"] == "picture"
    assert (call.json["text"], call.json["media"]) == ("podpis", "https://inbox.example.pl/media/abc/kot.png")
    assert "thumbnail" not in call.json


async def test_the_webhook_is_set_for_all_events(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json(OK, {**OK, "webhook": "https://x/"})
    found = await opened("viber", provider.base, http).register("https://x/")
    assert (found.url, found.error) == ("https://x/", None)
    assert {"delivered", "seen", "failed", "conversation_started"} <= set(
        provider.calls[0].json["event_types"]
    )
    provider.answers_json({"status": 1, "status_message": "invalidUrl"})
    assert (await opened("viber", provider.base, http).register("https://x/")).error == "1 invalidUrl"


async def test_media_comes_from_viber_or_the_operators_own_address_only(
    provider: Provider, http: HTTPClient
) -> None:
    connector = opened("viber", provider.base, http)
    assert (await connector.fetch(provider.base + "/media/1", 100)).data == b"{}"
    for url in (
        "http://127.0.0.1:1/media",
        "https://example.com/a",
        "file:///etc/passwd",
        "My Documents/foo.doc",
    ):
        with pytest.raises(FetchFailed) as caught:
            await connector.fetch(url, 100)
        assert not caught.value.temporary


async def test_a_profile_brings_the_picture_or_is_refused(provider: Provider, http: HTTPClient) -> None:
    connector = opened("viber", provider.base, http)
    user = {"id": "v1", "name": "Anna", "avatar": "https://media-direct.cdn.viber.com/pg?x=1"}
    provider.answers_json({"status": 0, "status_message": "ok", "user": user})
    found = await connector.profile("v1")
    assert found is not None
    assert (found.name, found.picture) == ("Anna", user["avatar"])
    assert provider.calls[0].json == {"id": "v1"}
    provider.answers_json({"status": 0, "status_message": "ok", "user": {"id": "v1", "avatar": ""}})
    found = await connector.profile("v1")
    assert found is not None
    assert (found.name, found.picture) == (None, None)
    provider.answers_json({"status": 6, "status_message": "notSubscribed"})
    assert await connector.profile("v1") is None
