"""Whatever a provider answers, only typed errors come of it: a defect there would look like one of ours."""

import asyncio
import json
from collections.abc import Awaitable, Iterator
from typing import Any

import msgspec
import pytest

from connectors.contract import Checks, Conditions, Connector, DeepLinks, Outbound, Sent, Templates
from connectors.errors import FetchFailed, SendError
from connectors.http import HTTPClient
from tests.connectors import samples
from tests.connectors.fake import Answer, Provider, opened, outbound

ODD = (None, [], {}, "x" * 5000, -1, 1e300, [[]], [{}], "\0\ud800")
FIELDS = [
    "result",
    "data",
    "error",
    "code",
    "error_code",
    "error_subcode",
    "message",
    "description",
    "parameters",
    "status",
    "status_message",
    "list",
    "sid",
    "url",
    "messages",
    "contacts",
    "message_id",
    "message_token",
    "incoming_phone_numbers",
    "sms_url",
    "user",
    "points",
    "id",
]


def answers() -> Iterator[Any]:
    """Answers that say yes or no, with one field of another type than expected."""
    yield from ODD
    for name in FIELDS:
        for odd in ODD:
            yield {"ok": True, "status": 0, name: odd}
            yield {"ok": False, name: odd}
            yield {"ok": False, "status": 3, "error_code": 400, name: odd}
            yield {"error": {name: odd}, "list": [{name: odd}]}
            yield {"ok": True, "result": {name: odd}, "data": [{name: odd}], "messages": [{name: odd}]}


@pytest.mark.parametrize("kind", ["telegram", "viber", "messenger", "whatsapp", "sms", "smsapi", "gateway"])
async def test_an_answer_of_any_shape_is_an_outcome(kind: str, provider: Provider, http: HTTPClient) -> None:
    settings = {"waba_id": "42"} if kind == "whatsapp" else {}
    connector = opened(kind, provider.base, http, **settings)
    to = "+48600100200" if kind in ("sms", "smsapi", "gateway") else "5123"
    for answer in answers():
        provider.answers = [Answer(body=json.dumps(answer).encode())]
        provider.calls.clear()
        outcomes = [is_outcome(call) for call in calls(connector, outbound(peer_id=to))]
        assert all(await asyncio.gather(*outcomes)), answer


def calls(connector: Connector, message: Outbound) -> Iterator[Awaitable[Any]]:
    yield connector.send(message)
    yield connector.register(samples.WEBHOOK)
    yield connector.profile("77")
    yield connector.fetch("77", 100)
    if isinstance(connector, Conditions):
        yield connector.condition()
    if isinstance(connector, Checks):
        yield connector.check()
    if isinstance(connector, Templates):
        yield connector.templates()
    if isinstance(connector, DeepLinks):
        yield connector.deep_link("t")


async def is_outcome(call: Awaitable[Any]) -> bool:
    """A whole value, or an error that says why in text that a database takes and a person can read."""
    try:
        found = await call
    except SendError as error:
        said = error.failure.text + (error.failure.provider_code or "")
    except FetchFailed as error:
        said = str(error)
    else:
        if isinstance(found, Sent) and not all(found.external_ids):
            return False
        plain = not isinstance(found, msgspec.Struct)
        return plain or "\\u0000" not in json.dumps(msgspec.to_builtins(found, enc_hook=str))
    return "\0" not in said and len(said.encode()) < 1000
