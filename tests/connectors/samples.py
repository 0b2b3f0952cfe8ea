"""The recorded payloads and what each must become, in the words of ``payloads/manifest.json``."""

import hashlib
import hmac
import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from connectors import registry
from connectors.contract import (
    AnyItem,
    Attachment,
    ChannelAlert,
    Connector,
    Consent,
    Control,
    Deletion,
    Echo,
    Edit,
    Ignored,
    InboundMessage,
    Part,
    PeerChanged,
    Postback,
    Reaction,
    Receipt,
    Start,
    TemplateStatus,
    Unknown,
    WebhookRequest,
)
from connectors.http import HTTPClient
from connectors.sms.callbacks import read_form
from connectors.sms.payloads import _signature as twilio_signature

PAYLOADS = Path(__file__).parent / "payloads"
WEBHOOK = "https://inbox.example.pl/webhooks/c1"
CHANNELS = {
    "sms": ("sms", "twilio"),
    "smsapi": ("sms", "smsapi"),
    "gateway": ("sms", "http"),
    "smpp": ("sms", "smpp"),
}
"""What we call kind and provider where a kind has several; "sms" alone is Twilio here."""
SETTINGS: dict[str, dict[str, Any]] = {
    "telegram": {"token": "1:secret-bot-token", "secret_token": "hook-secret", "mode": "webhook"},
    "viber": {"auth_token": "secret-viber-token", "name": "Sklep"},
    "messenger": {
        "page_id": "404217156637689",
        "app_secret": "secret-app-secret",
        "verify_token": "secret-verify",
        "page_token": "secret-page-token",
    },
    "whatsapp": {
        "phone_number_id": "1122334455667",
        "app_secret": "secret-whatsapp-app",
        "verify_token": "secret-verify",
        "access_token": "secret-access-token",
    },
    "sms": {"account_sid": "AC1", "auth_token": "secret-twilio-token", "number": "+48732001002"},
    "smsapi": {
        "token": "secret-smsapi-token",
        "callback_key": "secret-smsapi-callback-key",
        "sender": "Sklep",
        "number": "+48732001002",
    },
    "gateway": {
        "send_url": "https://sms.example.pl/send",
        "content_type": "json",
        "headers": "Authorization: Bearer {secret}",
        "body": '{"to": "{to}", "from": "{from}", "text": "{text}", "reference": "{id}"}',
        "secret": "secret-gateway-token",
        "id_pointer": "/message/id",
        "sender": "Sklep",
        "number": "+48732001002",
        "callback_key": "secret-gateway-callback-key",
        "in_to": "to",
        "in_time": "time",
        "report_reason": "reason",
        "in_reference": "ref",
        "in_part": "part",
        "in_parts": "parts",
    },
    "smpp": {
        "api_base": "smpp://127.0.0.1:2775",
        "system_id": "centrala",
        "password": "secret-smpp-password",
        "sender": "+48732001002",
    },
}
SECRETS = (
    "secret-bot-token",
    "secret-viber-token",
    "secret-app-secret",
    "secret-page-token",
    "secret-whatsapp-app",
    "secret-access-token",
    "secret-twilio-token",
    "secret-smsapi-token",
    "secret-smsapi-callback-key",
    "secret-gateway-token",
    "secret-gateway-callback-key",
    "secret-smpp-password",
)


@cache
def load(name: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads((PAYLOADS / name).read_text())
    return entries


@cache
def body(file: str) -> bytes:
    return (PAYLOADS / file).read_bytes()


def inbound() -> list[dict[str, Any]]:
    """Everything that providers send to a webhook; answers of their APIs are for the sending tests."""
    apart = ("api", "api_response")
    return [
        entry
        for entry in load("manifest.json")
        # SMPP has no webhook: see test_smpp_pdus.py.
        if entry["expect"][0]["op"] not in apart and kind_of(entry["file"]) != "smpp"
    ]


def kind_of(file: str) -> str:
    channel = file.partition("/")[0]
    return "sms" if channel == "twilio" else channel


def connector(kind: str, **settings: Any) -> Connector:
    """A connector that never sends anything."""
    return registry.open_connector(*channel(kind), {**SETTINGS[kind], **settings}, HTTPClient(), WEBHOOK)


def at(kind: str, base: str) -> dict[str, str]:
    """The setting that says where the provider's API is."""
    return {"send_url": f"{base}/send"} if kind == "gateway" else {"api_base": base}


def channel(kind: str) -> tuple[str, str | None]:
    return CHANNELS.get(kind, (kind, None))


def signed(kind: str, data: bytes, url: str = WEBHOOK) -> WebhookRequest:
    """``data`` as the provider would send it to a channel with ``SETTINGS``."""
    match kind:
        case "smsapi":
            return _keyed("secret-smsapi-callback-key", data, url)
        case "gateway":
            return _keyed("secret-gateway-callback-key", data, url)
        case "telegram":
            headers = {"x-telegram-bot-api-secret-token": "hook-secret"}
        case "viber":
            headers = {"x-viber-content-signature": _sha256("secret-viber-token", data)}
        case "messenger" | "whatsapp":
            headers = {"x-hub-signature-256": "sha256=" + _sha256(SETTINGS[kind]["app_secret"], data)}
        case _:
            pairs = read_form(data.decode("utf-8", "replace"))
            headers = {
                "content-type": "application/x-www-form-urlencoded",
                "x-twilio-signature": twilio_signature("secret-twilio-token", url, pairs).decode(),
            }
    return WebhookRequest(method="POST", url=url, headers=headers, body=data)


def _keyed(key: str, data: bytes, url: str) -> WebhookRequest:
    """A secret in the address; messages are posted (as a form or as JSON), reports come in the query."""
    kind = "json" if data.startswith((b"{", b"[")) else "x-www-form-urlencoded"
    headers = {"content-type": f"application/{kind}"}
    if not data.startswith((b"MsgId=", b"id=")):
        query = f"key={key}"
        return WebhookRequest(method="POST", url=f"{url}?{query}", query=query, headers=headers, body=data)
    # As it is on the wire: what is not ASCII is escaped.
    query = f"key={key}&{quote(data, safe='=&,%+')}"
    return WebhookRequest(method="GET", url=f"{url}?{query}", query=query)


def _sha256(secret: str, data: bytes) -> str:
    return hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()


def parse(kind: str, data: bytes) -> tuple[AnyItem, ...]:
    return connector_of(kind).receive(signed(kind, data)).items


@cache
def connector_of(kind: str) -> Connector:
    return connector(kind)


# ------------------------------------------------------------------------------------------ manifest's vocabulary

_OPS: dict[type[Any], str] = {
    InboundMessage: "message",
    Part: "part",
    Echo: "echo",
    Edit: "edit",
    Deletion: "delete",
    Receipt: "receipt",
    Reaction: "reaction",
    Start: "start",
    Postback: "postback",
    Control: "control",
    ChannelAlert: "channel_alert",
    PeerChanged: "peer_changed",
    TemplateStatus: "template_status",
    Ignored: "ignore",
    Unknown: "ignore",
}


_PLAIN = """target payload title ref source subscribed reply_to reply_allowed group standby metadata app_id
    watermark_ms emoji revision on_message event ours level old new tracker"""
"""What has the same name in the manifest and in our items."""


def op(item: AnyItem) -> str:
    if isinstance(item, Consent):
        return "optin" if item.granted else "optout"
    return _OPS[type(item)]


def attachment_facts(given: Attachment) -> dict[str, Any]:
    return {
        "type": given.kind,
        "file_id": given.source,
        "media_id": given.source,
        "name": given.name,
        "mime": given.mime,
        "size": given.size,
        "title": given.title,
        "lat": given.latitude,
        "lon": given.longitude,
        "phone": given.phone,
        "sticker_id": given.sticker_id,
        "url": given.url,
    }


def facts(item: Any) -> dict[str, Any]:
    """All that the manifest can ask of an item, under the manifest's names."""
    peer, failure = getattr(item, "peer", None), getattr(item, "failure", None)
    attachments = getattr(item, "attachments", None)
    return {
        "op": op(item),
        "peer": peer and peer.id,
        "name": peer and peer.name,
        "sets_peer_phone": (peer and peer.phone) or False,
        "text": getattr(item, "text", None),
        "text_len": len(getattr(item, "text", "") or ""),
        "ext_id": getattr(item, "external_id", item.key),
        "ext_ids": list(getattr(item, "external_ids", ())),
        "ts_ms": item.at_ms,
        "account": item.accounts[0] if item.accounts else None,
        "status": getattr(item, "state", None) or getattr(item, "status", None),
        "error": failure and failure.provider_code,
        "kind": getattr(item, "note", None),
        "template": getattr(item, "name", None),
        "action": "add" if getattr(item, "added", False) else "remove",
        "tracking_data": getattr(item, "tracking", None),
        "attachments": attachments and [attachment_facts(attachment) for attachment in attachments],
        # Said in the manifest about echoes; here the type itself says it.
        "new_inbound": isinstance(item, InboundMessage),
        "opens_window": isinstance(item, InboundMessage),
        "part": getattr(item, "number", None),
        "total": getattr(item, "count", None),
        **{name: getattr(item, name, None) for name in _PLAIN.split()},
        **({"ref": item.reference} if isinstance(item, Part) else {}),
    }


def assert_matches(item: Any, expected: dict[str, Any]) -> None:
    found = facts(item)
    for name, value in expected.items():
        if name in ("why", "chat", "note", "bsuid", "forwarded", "recipient_type"):
            continue  # for people
        if name == "op":
            assert found["op"] == value.removeprefix("echo_")  # a colleague's edit is an edit like any other
        elif name == "text_contains":
            assert value in found["text"]
        elif name == "kind":
            assert found["kind"].startswith(value)
        elif name == "attachments":
            assert len(found["attachments"]) == len(value)
            for given, wanted in zip(found["attachments"], value, strict=True):
                for key, inner in wanted.items():
                    assert _same(given[key], inner), (key, given[key], inner)
        else:
            assert _same(found[name], value), (name, found[name], value)


def _same(found: Any, wanted: Any) -> bool:
    return found == wanted or str(found) == str(wanted)
