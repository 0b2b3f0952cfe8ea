"""An operator's own gateway: templates that no text breaks out of, and settings that explain themselves."""

import json
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree

import pytest

from connectors import registry
from connectors.contract import WEB_ADDRESS
from connectors.registry import BadSettings
from connectors.sms import gateway_templates
from connectors.sms.gateway import SPEC
from connectors.sms.gateway_check import preview
from tests.connectors import samples

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
        ({"send_url": "ftp://x"}, f"send_url: expected {WEB_ADDRESS}"),
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
    said_by_its_type = "`" in words or WEB_ADDRESS in words
    assert said_by_its_type or words.partition(": ")[0] in caught.value.codes, (
        "a person's language needs a code"
    )
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
