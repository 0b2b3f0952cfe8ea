"""What else of the same kinds providers send: other fields, other forms, several kinds in one body.

Written after the documents named in each table; people, numbers and ids are invented.  Expectations are in the words of
``payloads/manifest.json``, and stricter: a message without ``attachments`` has none, one without ``kind`` is shown in
full; ``ignore`` is understood and for nobody, ``quarantine`` is kept.  Every one has a person and an id of its own, so
that a whole table can go to one channel.
"""

import json
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.connectors.variations import messenger, sms, telegram, viber, whatsapp

TABLES = {
    "messenger": messenger.TABLE,
    "telegram": telegram.TABLE,
    "viber": viber.TABLE,
    "whatsapp": whatsapp.TABLE,
    "sms": sms.TWILIO,
    "smsapi": sms.SMSAPI,
    "gateway": sms.GATEWAY,
}
PEERS = {
    "messenger": "70000000000{:05}",
    "telegram": "7{:05}",
    "viber": "v+/{:05}==",
    "whatsapp": "48600{:06}",
}
IDS = {"telegram": "{}", "viber": "49126618466552{:05}", "sms": "SM{:05}", "whatsapp": "wamid.{:05}"}


class Variation(NamedTuple):
    kind: str
    what: str
    peer: str
    body: bytes
    expect: list[dict[str, Any]]


@cache
def of(kind: str) -> list[Variation]:
    return [_made(kind, number, *row) for number, row in enumerate(TABLES[kind], 1)]


def everything() -> list[Variation]:
    return [each for kind in TABLES for each in of(kind)]


def _made(kind: str, number: int, what: str, payload: Any, *expect: dict[str, Any]) -> Variation:
    """``@peer`` and ``@id`` are this variation's own; with a ``#`` they are numbers, not text."""
    peer = PEERS.get(kind, "+48600{:06}").format(number)
    names = {"peer": peer, "id": IDS.get(kind, "m_{:05}").format(number), "digits": peer.lstrip("+")}

    def filled(text: str) -> str:
        for name, value in names.items():
            text = text.replace(f'"#{name}"', value).replace(f"@{name}", value)
        return text

    if isinstance(payload, str):
        body = filled(payload)
    elif kind in ("sms", "smsapi"):
        body = urlencode({name: filled(value) for name, value in payload.items()})
    else:
        body = filled(json.dumps(payload, ensure_ascii=False))
    return Variation(kind, what, peer, body.encode(), json.loads(filled(json.dumps(expect))))
