"""Every signature vector is decided right, before anything else of the request is read."""

from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from connectors.contract import Connector, WebhookRequest
from connectors.errors import BadPayload, BadSignature
from connectors.registry import BadSettings
from tests.connectors import samples

_HEADERS = {
    "telegram": "x-telegram-bot-api-secret-token",
    "viber": "x-viber-content-signature",
    "messenger": "x-hub-signature-256",
    "whatsapp": "x-hub-signature-256",
    "twilio": "x-twilio-signature",
}
_SECRET_KEYS = {
    "telegram": "secret_token",
    "viber": "auth_token",
    "messenger": "app_secret",
    "whatsapp": "app_secret",
    "twilio": "auth_token",
}
_SIGNED_ALIKE = {"messenger": ("messenger", "whatsapp")}
"""Meta signs the callbacks of all its products in one way."""
VECTORS = [
    pytest.param({**vector, "channel": channel}, id=f"{channel}-{index}")
    for index, vector in enumerate(samples.load("signatures.json"))
    if vector["valid"] is not None  # one is left open: the two official SDKs disagree
    for channel in _SIGNED_ALIKE.get(vector["channel"], (vector["channel"],))
]


@pytest.mark.parametrize("vector", VECTORS)
def test_a_vector_is_decided_right(vector: dict[str, Any]) -> None:
    legacy = "SHA1" in vector["header"]
    valid = vector["valid"] and not legacy
    assert accepted(_connector(vector), _request(vector, legacy=legacy)) is valid


def _connector(vector: dict[str, Any]) -> Connector:
    kind = "sms" if vector["channel"] == "twilio" else vector["channel"]
    return samples.connector(kind, **{_SECRET_KEYS[vector["channel"]]: vector["secret"]})


def _request(vector: dict[str, Any], *, legacy: bool) -> WebhookRequest:
    headers = {}
    if vector["header_value"] is not None:
        headers["x-hub-signature" if legacy else _HEADERS[vector["channel"]]] = vector["header_value"]
    if "params" in vector:
        data = urlencode(vector["params"], doseq=True).encode()
        headers["content-type"] = "application/x-www-form-urlencoded"
    elif "body_file" in vector:
        data = samples.body(vector["body_file"])
    else:
        data = vector.get("body", "{}").encode()
    return WebhookRequest(method="POST", url=vector.get("url", samples.WEBHOOK), headers=headers, body=data)


def accepted(connector: Connector, request: WebhookRequest) -> bool:
    try:
        connector.receive(request)
    except BadSignature:
        return False
    except BadPayload:
        return True  # read, so the signature was right
    return True


@pytest.mark.parametrize("kind", ["telegram", "viber", "messenger", "whatsapp", "sms", "smsapi", "gateway"])
def test_the_signature_is_checked_before_the_body_is_read(kind: str) -> None:
    connector = samples.connector(kind)
    request = WebhookRequest(method="POST", url=samples.WEBHOOK, body=b"[" * 100_000)
    with pytest.raises(BadSignature):
        connector.receive(request)


@pytest.mark.parametrize(
    "file",
    [
        "telegram/cw_text.json",
        "viber/node_text.json",
        "messenger/text.json",
        "whatsapp/msg_text.json",
        "twilio/stop.form",
    ],
)
def test_one_changed_byte_is_refused(file: str) -> None:
    kind, data = samples.kind_of(file), samples.body(file)
    right = samples.signed(kind, data)
    wrong = dict.fromkeys(right.headers, "ü") if kind == "telegram" else right.headers
    forged = WebhookRequest(method="POST", url=right.url, headers=wrong, body=data + b"&x=1")
    assert accepted(samples.connector(kind), right)
    assert not accepted(samples.connector(kind), forged)


@pytest.mark.parametrize(
    "file", ["telegram/cw_text.json", "viber/node_text.json", "messenger/text.json", "whatsapp/msg_text.json", "twilio/stop.form"]
)  # fmt: skip
def test_a_signature_in_another_form_is_refused(file: str) -> None:
    kind, data = samples.kind_of(file), samples.body(file)
    right = samples.signed(kind, data)
    name = _HEADERS["twilio" if kind == "sms" else kind]
    value = right.headers[name]
    others = {
        value.swapcase(),
        value.upper(),
        value[:-1],
        value + "0",
        f"sha256={value}",
        value.partition("=")[2],
    }
    others |= {
        "",
        " ",
        "0",
        "ż",
        f"{value},{value}",
        f"{value} {value}",
        value.replace("sha256", "sha1"),
        "None",
    }
    for other in others - {value}:
        forged = msgspec.structs.replace(right, headers={**right.headers, name: other})
        assert not accepted(samples.connector(kind), forged), other
    missing = {each: given for each, given in right.headers.items() if each != name}
    assert not accepted(samples.connector(kind), msgspec.structs.replace(right, headers=missing))


def test_twilio_signs_every_parameter_as_it_was_sent() -> None:
    """Blank ones, repeated ones, any language, and names of tomorrow (webhook-request: an evolving set)."""
    connector = samples.connector("sms")
    for data in (
        b"MessageSid=SM1&From=%2B48799123456&Body=&ToState=&Hologram=1",
        b"MessageSid=SM1&From=%2B48799123456&Body=Za%C5%BC%C3%B3%C5%82%C4%87+%F0%9F%98%80%0A%26%3D%25&X=%2B",
        b"X=b&X=a&X=a&MessageSid=SM1&From=%2B48799123456&Body=a",
        b"MessageSid=SM1&From=%2B48799123456&Body=a&Body=b",
    ):
        right = samples.signed("sms", data)
        assert accepted(connector, right)
        for other in (data + b"&Y=", data.replace(b"SM1", b"SM2"), data.replace(b"Body", b"body")):
            assert not accepted(connector, msgspec.structs.replace(right, body=other)), other


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("viber", "auth_token"),
        ("messenger", "app_secret"),
        ("whatsapp", "app_secret"),
        ("sms", "auth_token"),
        ("smsapi", "callback_key"),
        ("gateway", "callback_key"),
    ],
)
def test_an_empty_secret_is_no_setting(kind: str, key: str) -> None:
    with pytest.raises(BadSettings, match=key):
        samples.connector(kind, **{key: ""})


def test_telegram_without_a_secret_refuses_every_call() -> None:
    connector = samples.connector("telegram", secret_token="")
    for headers in ({}, {"x-telegram-bot-api-secret-token": ""}):
        request = WebhookRequest(
            method="POST", url=samples.WEBHOOK, headers=headers, body=samples.body("telegram/cw_text.json")
        )
        with pytest.raises(BadSignature):
            connector.receive(request)


def test_a_json_body_of_twilio_is_bound_to_its_digest() -> None:
    vector = next(entry for entry in samples.load("signatures.json") if "bodySHA256" in entry.get("url", ""))
    changed = {**vector, "body": vector["body"] + " "}
    assert accepted(_connector(vector), _request(vector, legacy=False))
    assert not accepted(_connector(vector), _request(changed, legacy=False))
