"""An operator's own gateway: templates that nothing breaks out of, answers, callbacks, and settings that explain themselves."""

import json
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from xml.etree import ElementTree

import pytest

from connectors import registry
from connectors.contract import AnyItem, Consent, InboundMessage, Part, Receipt, Unknown, WebhookRequest
from connectors.errors import BadPayload, BadSignature, NotAccepted, Refused, Uncertain
from connectors.http import HTTPClient
from connectors.registry import BadSettings
from connectors.sms import gateway_templates
from connectors.sms.gateway import SPEC
from connectors.sms.gateway_callbacks import found_at, moment
from connectors.sms.gateway_check import preview
from tests.connectors import samples
from tests.connectors.fake import Answer, Provider, opened, outbound

KEY = "secret-gateway-callback-key"
FORM = {"content_type": "form", "body": "to={to}&text={text}&from={from}&ref={id}"}
NASTY = (
    '","admin":"1',
    "&to=48600000000",
    "</text><to>48600000000</to><text>",
    "]]><x/>",
    "'\"<>&;%00\\",
    "{to}{secret}{user}",
    "a\r\nX-Header: 1",
    "ąę😀\u2028\u0001\ufffe",
    "#fragment?x=1/../..",
    "-->",
)


def values(text: str) -> dict[str, str]:
    return {"to": "+48799123456", "from": "Sklep", "text": text, "id": "c-1-0", "user": "u", "secret": 's&<"'}


# ------------------------------------------------------------------------------------------ nothing breaks out


@pytest.mark.parametrize("text", NASTY)
def test_a_text_stays_in_its_field_of_json(text: str) -> None:
    made = gateway_templates.body('{"a": [{"to": "{to}", "text": "<{text}>"}], "n": 1}', "json")
    written = json.loads(made(values(text)))
    assert written == {"a": [{"to": "+48799123456", "text": f"<{text}>"}], "n": 1}


@pytest.mark.parametrize("text", NASTY)
def test_a_text_stays_in_its_field_of_a_form_and_of_an_address(text: str) -> None:
    made = gateway_templates.body("to={to}&text={text}&pass={secret}", "form")
    assert dict(parse_qsl(made(values(text)).decode())) == {
        "to": "+48799123456",
        "text": text,
        "pass": 's&<"',
    }
    url = gateway_templates.address("https://sms.example.pl/a?to={to}&text=x{text}")(values(text))
    parts = urlsplit(url)
    assert (parts.netloc, parts.path, parts.fragment) == ("sms.example.pl", "/a", "")
    assert dict(parse_qsl(parts.query)) == {"to": "+48799123456", "text": f"x{text}"}


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("around", ["{text}", "<![CDATA[{text}]]>"])
def test_a_text_stays_in_its_field_of_xml(text: str, around: str) -> None:
    template = f'<s:sms xmlns:s="urn:x" note="{{text}}"><to>{{to}}</to><text>{around}</text></s:sms>'
    root = ElementTree.fromstring(gateway_templates.body(template, "xml")(values(text)))
    assert root.tag == "{urn:x}sms"
    assert [child.tag for child in root] == ["to", "text"]
    # What XML has no letters for is left out, and a reader makes one line end of two letters.
    allowed = text.replace("\u0001", "").replace("\ufffe", "").replace("\r\n", "\n")
    assert (root[1].text or "").replace("\r", "\n").replace("\n\n", "\n") == allowed
    assert root.attrib.keys() == {"note"}


@pytest.mark.parametrize(
    ("template", "content_type"),
    [
        ('{"to": {to}, "text": "{text}"}', "json"),
        ('{"{to}": "{text}"}', "json"),
        ('{"to": "{to}", "text": "{txt}"}', "json"),
        ("not json", "json"),
        ("[" * 100_000, "json"),
        ("<a>{text}", "xml"),
        ("<{to}>{text}</{to}>", "xml"),
        ("<a><!-- {to} -->{text}</a>", "xml"),
        ("<a><?x {to}?>{text}</a>", "xml"),
        ('<!DOCTYPE a [<!ENTITY e "x">]><a>{to}{text}&e;</a>', "xml"),
        ("<a>{to}{txt}</a>", "xml"),
        ("to={to}&text={txt}", "form"),
        ("to={to}\r\ntext={text}", "form"),
    ],
)
def test_a_placeholder_elsewhere_is_refused(template: str, content_type: str) -> None:
    with pytest.raises(gateway_templates.BadTemplate) as caught:
        gateway_templates.body(template, content_type)
    assert str(caught.value)


def test_headers_take_nothing_but_what_the_account_has() -> None:
    made = gateway_templates.headers(
        "X-Key: {secret}\n\nAuthorization: Basic {basic}", values("x") | {"secret": "s"}
    )
    assert made == {"X-Key": "s", "Authorization": "Basic " + b64encode(b"u:s").decode()}
    for template in ("X-Text: {text}", "no colon", "X Y: 1", "X: {secret}"):
        with pytest.raises(gateway_templates.BadTemplate):
            gateway_templates.headers(template, {"user": "u", "secret": "a\r\nX-Evil: 1"})


# ------------------------------------------------------------------------------------------ settings


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"send_url": "http://sms.example.pl/send"}, "send_url: expected https://"),
        ({"send_url": "https://{to}.example.pl/send"}, "send_url: "),
        (
            {"send_url": "https://sms.example.pl/{text}"},
            "send_url: placeholders can stand behind the question",
        ),
        ({"send_url": "https://sms.example.pl/a?x={pass}"}, "send_url: unknown placeholder {pass}"),
        ({"send_url": "https:///x"}, "send_url: expected an address"),
        ({"send_url": "ftp://x"}, "send_url: expected `str` matching regex"),
        ({"body": '{"text": "{text}"}'}, "body: the gateway is not told {to}"),
        ({"body": ""}, "body: the gateway is not told {text}"),
        ({"body": "[" * 500 + '"{to}{text}"' + "]" * 500}, "body: expected a body that is not nested"),
        (
            {"content_type": "xml", "body": "<a>" * 5000 + "{to}{text}" + "</a>" * 5000},
            "body: expected a body that is not nested",
        ),
        ({"method": "GET"}, "body: a GET has no body"),
        ({"headers": "X: {text}"}, "headers: unknown placeholder {text}"),
        ({"id_pointer": ""}, "id_pointer: expected either this or id_match"),
        ({"id_match": "id=(.+)"}, "id_pointer: expected either this or id_match"),
        ({"id_pointer": "id"}, "id_pointer: expected a JSON pointer"),
        ({"id_pointer": "", "id_match": "id=.+"}, "id_match: expected a regular expression with one group"),
        ({"failure_match": "("}, "failure_match: expected a regular expression"),
        (
            {"failure_match": "x*"},
            "failure_match: expected a regular expression that is not found in everything",
        ),
        ({"failure_match": "x" * 300}, "failure_match: expected a regular expression of at most 200"),
        ({"success_status": "2xx"}, "success_status: expected HTTP statuses"),
        ({"report_states": "DELIVRD=arrived"}, "report_states: expected pairs"),
        ({"callback_auth": "basic"}, "callback_user: required where callback_auth is basic"),
        ({"in_part": ""}, "in_part: in_reference, in_part and in_parts are set together"),
        ({"callback_key": "short"}, "callback_key: expected `str` matching regex"),
    ],
)
def test_a_wrong_setting_is_named_with_what_was_expected(changes: dict[str, Any], words: str) -> None:
    settings = {**samples.SETTINGS["gateway"], **changes}
    with pytest.raises(BadSettings) as caught:
        registry.read_settings(SPEC, settings)
    assert any(problem.startswith(words) for problem in caught.value.problems), caught.value.problems
    assert "`" in words or words.partition(": ")[0] in caught.value.codes, "a person's language needs a code"
    assert "secret-gateway" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"send_url": "http://127.0.0.1:8000/send"}, "POST http://127.0.0.1:8000/send"),
        ({"send_url": "http://localhost/send"}, "POST http://localhost/send"),
        (
            {"send_url": "http://sms.example.pl/send", "allow_http": True},
            "POST http://sms.example.pl/send",
        ),
        (
            {"send_url": "https://sms.example.pl/send?to={to}&text={text}", "body": "", "method": "GET"},
            "GET https://sms.example.pl/send?to=%2B48600100200&text=Test%3A%20Centrala",
        ),
    ],
)
def test_what_is_safe_is_taken(changes: dict[str, Any], asked: str) -> None:
    settings = registry.read_settings(SPEC, {**samples.SETTINGS["gateway"], **changes})
    assert preview(settings).splitlines()[0] == asked


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
