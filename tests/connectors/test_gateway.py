"""An operator's own gateway: what it is sent, how its answers are read, and what it calls us with."""

import json
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.contract import AnyItem, Consent, InboundMessage, Part, Receipt, Unknown, WebhookRequest
from connectors.errors import BadPayload, BadSignature, NotAccepted, Refused, Uncertain
from connectors.http import HTTPClient
from connectors.sms.gateway_callbacks import found_at, moment
from tests.connectors import samples
from tests.connectors.fake import Answer, Provider, opened, outbound

FORM = {"content_type": "form", "body": "to={to}&text={text}&from={from}&ref={id}"}
KEY = "secret-gateway-callback-key"


# ------------------------------------------------------------------------------------------ outbound


async def test_a_message_is_what_the_template_says(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json({"message": {"id": 7}})
    sent = await opened("gateway", provider.base, http).send(
        outbound('Cześć "x" 😀', peer_id="+48799123456", tracker="centrala:12")
    )
    assert sent.external_ids == ("7",)
    (call,) = provider.calls
    assert (call.method, call.path) == ("POST", "/send")
    assert call.headers["authorization"] == "Bearer secret-gateway-token"
    assert call.json == {
        "to": "+48799123456",
        "from": "Sklep",
        "text": 'Cześć "x" 😀',
        "reference": "centrala-12-0",
    }


async def test_a_form_and_a_get(provider: Provider, http: HTTPClient) -> None:
    provider.answers = [Answer(body=b"OK: 1;ID:A-9")]
    found = {"id_pointer": "", "id_match": r"ID:([\w-]+)", "plus": False}
    form = opened("gateway", provider.base, http, **FORM, **found)
    assert (await form.send(outbound("a&b", peer_id="+48799123456"))).external_ids == ("A-9",)
    assert provider.calls[0].form["to"] == "48799123456"
    assert provider.calls[0].form["text"] == "a&b"
    url = f"{provider.base}/x?user={{user}}&pass={{secret}}&to={{to}}&text={{text}}"
    get = opened("gateway", "", http, **found, send_url=url, method="GET", body="", user="u")
    await get.send(outbound("a&b=ż", peer_id="+48799123456"))
    call = provider.calls[1]
    assert (call.method, call.query) == (
        "GET",
        {"user": "u", "pass": "secret-gateway-token", "to": "48799123456", "text": "a&b=ż"},
    )


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"ERROR 103 no credit", Refused),
        (500, b"ERROR 103 no credit", Refused),
        (200, b"all is well", Uncertain),
        (204, b"ID:1", Uncertain),
        (429, b"ERROR 7 slow down", NotAccepted),
        (404, b"", Refused),
        (503, b"", Uncertain),
    ],
)
async def test_an_answer_is_read_as_the_settings_say(
    status: int, body: bytes, error: type[Exception], provider: Provider, http: HTTPClient
) -> None:
    provider.answers = [Answer(status=status, body=body)]
    settings = {
        "failure_match": r"ERROR \d+",
        "success_status": "200, 202",
        "id_pointer": "",
        "id_match": r"ID:(\d+)",
    }
    with pytest.raises(error) as caught:
        await opened("gateway", provider.base, http, **settings).send(outbound())
    if isinstance(caught.value, Refused) and body:
        assert caught.value.failure.provider_code == "ERROR 103"


async def test_only_the_beginning_of_an_answer_is_searched(provider: Provider, http: HTTPClient) -> None:
    provider.answers = [Answer(body=b" " * 5000 + b"ID:1")]
    with pytest.raises(Uncertain):
        await opened("gateway", provider.base, http, id_pointer="", id_match=r"ID:(\d+)").send(outbound())


# ------------------------------------------------------------------------------------------ inbound


def posted(payload: Any, **settings: Any) -> tuple[AnyItem, ...]:
    request = WebhookRequest(
        method="POST",
        url=samples.WEBHOOK,
        query=f"key={KEY}",
        headers={"content-type": "application/json; charset=utf-8"},
        body=json.dumps(payload).encode(),
    )
    return samples.connector("gateway", **settings).receive(request).items


@pytest.mark.parametrize(
    ("settings", "headers"),
    [
        ({"callback_auth": "header"}, {"authorization": KEY}),
        ({"callback_auth": "header", "callback_header": "X-Key"}, {"x-key": KEY}),
        (
            {"callback_auth": "basic", "callback_user": "op"},
            {"authorization": "Basic " + b64encode(f"op:{KEY}".encode()).decode()},
        ),
    ],
)
def test_the_secret_comes_where_the_settings_say(settings: dict[str, str], headers: dict[str, str]) -> None:
    connector = samples.connector("gateway", **settings)
    query = urlencode({"from": "48799123456", "text": "a"})
    request = WebhookRequest(method="GET", url=samples.WEBHOOK, query=query, headers=headers)
    assert len(connector.receive(request).items) == 1
    wrong = {name: value + "x" for name, value in headers.items()}
    for others in ({}, wrong):
        with pytest.raises(BadSignature):
            connector.receive(
                WebhookRequest(method="GET", url=samples.WEBHOOK, query=f"key={KEY}&{query}", headers=others)
            )


def test_fields_deep_inside_json_are_found_by_pointers() -> None:
    names = {
        "in_from": "/sms/source/number",
        "in_text": "/sms/body",
        "in_id": "/sms/ids/0",
        "in_to": "/sms/to",
    }
    sms = {"source": {"number": 48799123456}, "body": "STOP", "ids": ["M1"], "to": "48732001002"}
    message, consent = posted({"sms": sms}, **names)
    assert isinstance(message, InboundMessage)
    assert (message.peer.id, message.text, message.key) == ("+48799123456", "STOP", "M1")
    assert isinstance(consent, Consent)
    assert not consent.granted


def test_pointers_never_fail() -> None:
    tree = {"a": [{"b/c": 1, "~": 2}], "": 3}
    assert [found_at(tree, name) for name in ("/a/0/b~1c", "/a/0/~0", "/", "/a/9", "/a/x", "/a/0/b/c", "a")] == [
        1, 2, 3, None, None, None, tree["a"],
    ]  # fmt: skip


def test_a_word_can_say_that_the_call_is_a_message() -> None:
    payload = {"status": "received", "from": "48799123456", "text": "a", "id": "1"}
    assert isinstance(posted(payload)[0], Unknown)
    assert isinstance(posted(payload, report_states="RECEIVED=message, OK=delivered")[0], InboundMessage)


def test_parts_are_told_apart_from_whole_messages() -> None:
    fields = {"from": "48799123456", "to": "48732001002", "text": "a", "id": "7", "ref": 42, "parts": "2"}
    parts = [posted({**fields, "part": number})[0] for number in (1, 2)]
    assert all(isinstance(part, Part) for part in parts)
    assert [(part.key, part.external_id) for part in parts if isinstance(part, Part)] == [
        ("7:1", "7"),
        ("7:2", "7"),
    ]
    for odd in (
        {"part": 3},
        {"part": 0},
        {"part": "x"},
        {},
        {"part": 1, "parts": 1},
        {"part": 1, "parts": 999},
    ):
        assert isinstance(posted({**fields, **odd})[0], InboundMessage)
    assert isinstance(posted({**fields, "part": 1, "ref": ""})[0], InboundMessage)


def test_a_report_may_name_our_mark_instead_of_the_id() -> None:
    (report,) = posted({"ref": "centrala-12-0", "status": "Delivered"}, report_mark="ref")
    assert isinstance(report, Receipt)
    assert (report.external_ids, report.tracker) == ((), "centrala:12")


def test_one_broken_item_of_a_list_costs_only_itself() -> None:
    items = posted([7, {"id": "1", "status": "SENT"}, None, "x", {"id": []}, {}])
    assert [type(item).__name__ for item in items] == ["Unknown", "Receipt", "Unknown", "Unknown"]
    with pytest.raises(BadPayload):
        posted([{}] * 1001)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1785300000", 1785300000000),
        ("1785300000123", 1785300000123),
        ("2026-07-29T04:40:00Z", 1785300000000),
        ("2026-07-29 06:40:00+02:00", 1785300000000),
        ("2026-07-29 06:40:00", None),
        ("yesterday", None),
        ("-5", None),
        ("9" * 30, None),
        ("", None),
    ],
)
def test_times(text: str, at: int | None) -> None:
    assert moment(text) == at


def test_it_answers_what_the_operator_wants_and_keeps_no_key() -> None:
    query = f"key={KEY}&a=1"
    request = WebhookRequest(method="GET", url=samples.WEBHOOK, query=query)
    received = samples.connector("gateway", reply="ACK").receive(request)
    assert (received.reply.body, received.raw) == (b"ACK", b"a=1")


def test_a_name_or_a_short_number_only_sends() -> None:
    assert not samples.connector("gateway", number="").capabilities.receive
    assert not samples.connector("gateway", number="", sender="7174").capabilities.receive
    assert samples.connector("gateway", number="", sender="48732001002").capabilities.receive
