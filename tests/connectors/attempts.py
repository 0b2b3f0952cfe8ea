"""Attempts to send that are the same for every connector, and how providers answer them."""

import json
from typing import Any

import pytest

from connectors.errors import SendError
from connectors.http import HTTPClient
from tests.connectors import samples
from tests.connectors.fake import opened, outbound


def sample(file: str) -> bytes:
    return samples.body(file)


KINDS = ("telegram", "viber", "messenger", "whatsapp", "sms", "smsapi", "gateway")
ACCEPTED: dict[str, tuple[Any, str]] = {
    "telegram": (
        {
            "ok": True,
            "result": {"message_id": 77, "date": 1785300000, "chat": {"id": 5123, "type": "private"}},
        },
        "77",
    ),
    "viber": (
        {"status": 0, "status_message": "ok", "message_token": 5741311803571721087},
        "5741311803571721087",
    ),
    "messenger": ({"recipient_id": "5123", "message_id": "m_1"}, "m_1"),
    "whatsapp": (json.loads(sample("whatsapp/api_send_ok.json")), "wamid.HBgLNDg3OTkxMjM0NTYVAgARGBI"),
    "sms": ({"sid": "SM1", "status": "queued", "error_code": None, "error_message": None}, "SM1"),
    "smsapi": (
        {
            "count": 1,
            "list": [
                {"id": "6A1C", "points": 0.1, "number": "48799123456", "status": "QUEUE", "error": None}
            ],
        },
        "6A1C",
    ),
    "gateway": ({"result": "ok", "message": {"id": "G1"}}, "G1"),
}
HTML = b"<html>502 Bad Gateway</html>"


async def failure(kind: str, base: str, http: HTTPClient) -> SendError:
    with pytest.raises(SendError) as caught:
        await opened(kind, base, http).send(outbound(tracker="t1"))
    return caught.value
