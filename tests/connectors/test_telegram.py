"""Telegram: what it is sent, polling, files, and the kinds of update that no recorded sample has."""

import json
from typing import Any

import pytest

from connectors.contract import Consent, Edit, Ignored, InboundMessage, Reaction, Start, Unknown
from connectors.errors import BadPayload, FetchFailed, NotAccepted, Refused, SendError
from connectors.http import HTTPClient
from connectors.telegram.inbound import parse_update
from tests.connectors import samples
from tests.connectors.fake import Answer, Provider, opened, outbound, picture

SENT = {"ok": True, "result": {"message_id": 77, "date": 1785300000, "chat": {"id": 5123, "type": "private"}}}
PERSON = {"id": 5123, "is_bot": False, "first_name": "Anna", "language_code": "pl"}
CHAT = {"id": 5123, "type": "private", "first_name": "Anna"}
BOT_PATH = "/bot1:secret-bot-token/"


def update(kind: str, **fields: Any) -> bytes:
    return json.dumps(
        {"update_id": 9, kind: {"chat": CHAT, "from": PERSON, "date": 1785300000, **fields}}
    ).encode()


def message(**fields: Any) -> InboundMessage:
    (item,) = parse_update(update("message", message_id=5, **fields))
    assert isinstance(item, InboundMessage)
    return item


# ------------------------------------------------------------------------------------------ inbound


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("/start", None),
        ("/start@my_bot", None),
        ("/start abc-_1", "abc-_1"),
        ("/start " + "x" * 64, "x" * 64),
    ],
)
def test_start_with_a_legal_payload_is_a_start(text: str, ref: str | None) -> None:
    (item,) = parse_update(update("message", message_id=5, text=text))
    assert isinstance(item, Start)
    assert (item.ref, item.key) == (ref, "5123:5")


@pytest.mark.parametrize("text", ["/start " + "x" * 65, "/start a b", "/start ąę", "/starter", "say /start"])
def test_anything_else_that_looks_like_start_is_text(text: str) -> None:
    assert message(text=text).text == text


def test_the_largest_photo_is_taken_and_an_animation_is_not_doubled() -> None:
    sizes = [{"file_id": "s", "width": 90, "height": 90}, {"file_id": "l", "width": 900, "height": 900}]
    assert [found.source for found in message(photo=sizes).attachments] == ["l"]
    file = {"file_id": "f", "file_name": "a.mp4", "mime_type": "video/mp4", "file_size": "12"}
    (found,) = message(animation=file, document=file).attachments
    assert (found.kind, found.size) == ("video", 12)


def test_a_forwarded_card_is_not_the_senders_number() -> None:
    card = {"phone_number": "48799123456", "first_name": "Jan"}
    assert message(contact={**card, "user_id": 1}).peer.phone is None
    assert message(contact=card).peer.phone is None
    assert message(contact={**card, "user_id": 5123}).peer.phone == "+48799123456"


def test_the_button_of_a_web_app_is_a_message_with_its_data() -> None:
    found = message(web_app_data={"data": "{}", "button_text": "Formularz"})
    assert (found.text, found.payload, found.note) == ("Formularz", "{}", None)


@pytest.mark.parametrize(
    ("status", "granted", "source"), [("kicked", False, "blocked"), ("member", True, "unblocked")]
)
def test_blocking_the_bot_is_a_withdrawal(status: str, granted: bool, source: str) -> None:
    (item,) = parse_update(update("my_chat_member", new_chat_member={"status": status}))
    assert isinstance(item, Consent)
    assert (item.granted, item.source, item.peer.id) == (granted, source, "5123")


def test_a_changed_reaction_is_one_removed_and_one_added() -> None:
    old, new = [{"type": "emoji", "emoji": "👍"}], [{"type": "emoji", "emoji": "❤"}]
    items = parse_update(
        update("message_reaction", message_id=5, user=PERSON, old_reaction=old, new_reaction=new)
    )
    assert [(item.emoji, item.added) for item in items if isinstance(item, Reaction)] == [
        ("👍", False),
        ("❤", True),
    ]
    assert len({item.key for item in items}) == 2


def test_edits_in_the_same_second_differ_and_a_repeated_one_does_not() -> None:
    def edit(update_id: int) -> str:
        data = update("edited_message", message_id=5, edit_date=1785300001, text="x")
        (item,) = parse_update(data.replace(b'"update_id": 9', b'"update_id": %d' % update_id))
        assert isinstance(item, Edit)
        return item.key

    assert edit(1) == edit(1) != edit(2)


@pytest.mark.parametrize("kind", ["business_message", "chat_boost", "poll_answer"])
def test_kinds_that_are_not_ours_are_ignored(kind: str) -> None:
    (item,) = parse_update(update(kind))
    assert isinstance(item, Ignored)


def test_a_kind_newer_than_this_code_is_kept() -> None:
    (item,) = parse_update(update("hologram"))
    assert isinstance(item, Unknown)
    with pytest.raises(BadPayload):
        parse_update(b'{"message": {}}')


# ------------------------------------------------------------------------------------------ outbound


async def test_a_reply_names_the_message_it_answers(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json(SENT)
    sent = await opened("telegram", provider.base, http).send(outbound("Tak", reply_to="42"))
    (call,) = provider.calls
    assert sent.external_ids == ("77",)
    assert (call.method, call.path.replace("%3A", ":")) == ("POST", BOT_PATH + "sendMessage")
    assert (call.form["chat_id"], call.form["text"]) == ("5123", "Tak")
    assert json.loads(call.form["reply_parameters"]) == {
        "message_id": 42,
        "allow_sending_without_reply": True,
    }


async def test_a_picture_carries_a_text_that_fits(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json(SENT)
    connector = opened("telegram", provider.base, http)
    await connector.send(outbound("podpis", attachments=(picture(b"one"), picture(b"two"))))
    await connector.send(outbound("x" * 1025, attachments=(picture(),)))
    methods = [call.path.rpartition("/")[2] for call in provider.calls]
    assert methods == ["sendPhoto", "sendPhoto", "sendMessage", "sendPhoto"]
    assert provider.calls[0].form["caption"] == "podpis"
    assert "caption" not in provider.calls[1].form
    uploads = [value for call in provider.calls for value in call.form.values() if isinstance(value, tuple)]
    assert [(name, data) for name, _, data in uploads[:2]] == [("kot.png", b"one"), ("kot.png", b"two")]


# ------------------------------------------------------------------------------------------ polling and set-up


async def test_polling_confirms_what_it_got_and_keeps_what_it_cannot_read(
    provider: Provider, http: HTTPClient
) -> None:
    connector = opened("telegram", provider.base, http, mode="polling")
    good = json.loads(update("message", message_id=5, text="raz"))
    provider.answers_json({"ok": True, "result": [{**good, "update_id": 41}, 7, {**good, "update_id": 42}]})
    polled = await connector.poll(None)
    assert [type(item) for item in polled.items] == [InboundMessage, Unknown, InboundMessage]
    assert polled.cursor == "43"
    provider.answers_json({"ok": True, "result": []})
    assert (await connector.poll("43")).cursor == "43"
    asked = [(call.json["offset"], call.json["limit"]) for call in provider.calls]
    assert asked == [(0, 100), (43, 100)]
    assert "message_reaction" in provider.calls[0].json["allowed_updates"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(status=502, body=b"<html>"), NotAccepted),
        (Answer(drop=True), NotAccepted),
        (Answer(body=b"{}"), NotAccepted),
        (
            Answer(status=429, body=b'{"ok":false,"error_code":429,"parameters":{"retry_after":7}}'),
            NotAccepted,
        ),
        (Answer(status=409, body=samples.body("telegram/api_409_poll.json")), Refused),
        (Answer(status=401, body=b'{"ok":false,"error_code":401,"description":"Unauthorized"}'), Refused),
    ],
)
async def test_a_failed_poll_says_whether_to_go_on(
    answer: Answer, error: type[SendError], provider: Provider, http: HTTPClient
) -> None:
    provider.answers = [answer]
    with pytest.raises(error) as caught:
        await opened("telegram", provider.base, http, mode="polling").poll("7")
    assert "sent" not in caught.value.failure.text


async def test_a_file_is_asked_for_and_downloaded(provider: Provider, http: HTTPClient) -> None:
    path = {"ok": True, "result": {"file_id": "f", "file_path": "photos/kot 1.jpg"}}
    provider.answers = [Answer(body=json.dumps(path).encode()), Answer(body=b"bytes")]
    media = await opened("telegram", provider.base, http).fetch("f", 100)
    assert (media.data, media.name) == (b"bytes", "kot 1.jpg")
    assert provider.calls[1].path == "/file" + BOT_PATH + "photos/kot%201.jpg"


async def test_a_file_larger_than_the_limit_is_not_read(provider: Provider, http: HTTPClient) -> None:
    path = {"ok": True, "result": {"file_path": "a"}}
    provider.answers = [Answer(body=json.dumps(path).encode()), Answer(body=b"x" * 101)]
    with pytest.raises(FetchFailed) as caught:
        await opened("telegram", provider.base, http).fetch("f", 100)
    assert not caught.value.temporary


async def test_the_webhook_is_set_with_its_secret_and_removed_for_polling(
    provider: Provider, http: HTTPClient
) -> None:
    info = {
        "ok": True,
        "result": {"url": "https://x/", "pending_update_count": 3, "last_error_message": "bad"},
    }
    provider.answers_json({"ok": True, "result": True}, info)
    found = await opened("telegram", provider.base, http).register("https://x/")
    assert (found.url, found.pending, found.error) == ("https://x/", 3, "bad")
    assert provider.calls[0].json["secret_token"] == "hook-secret"
    provider.answers_json({"ok": True, "result": True}, info)
    await opened("telegram", provider.base, http, mode="polling").register("https://x/")
    assert provider.calls[2].path.endswith("/deleteWebhook")
    refused = await opened("telegram", provider.base, http, secret_token="").register("https://x/")
    assert "secret_token" in (refused.error or "")


async def test_a_profile_is_the_smallest_picture_that_is_not_tiny(
    provider: Provider, http: HTTPClient
) -> None:
    connector = opened("telegram", provider.base, http)
    sizes = [{"file_id": f"f{width}", "width": width, "height": width} for width in (640, 160, 90, 320)]
    provider.answers_json({"ok": True, "result": {"total_count": 1, "photos": [sizes]}})
    found = await connector.profile("77")
    assert found is not None
    assert found.picture == "f160"
    assert provider.calls[0].json == {"user_id": 77, "limit": 1}
    for photos in ([], [[]], [[{"width": 1}]], None, "x"):
        provider.answers_json({"ok": True, "result": {"total_count": 0, "photos": photos}})
        found = await connector.profile("77")
        assert found is not None
        assert found.picture is None
    assert await connector.profile("-100123") is None
