"""Messenger webhooks as Facebook sends them: whole HTTP requests, signed, written to a file for the load client."""

import hashlib
import hmac
import itertools
import json
import random
import time
from pathlib import Path
from typing import Any

PAGE = "104729001122334"
APP_SECRET = "bench-app-secret"  # noqa: S105 - of the benchmark's own channel
MARKER = "bench-"

_TEXT = (
    "dzień dobry proszę o informację gdzie jest moja paczka zamówienie numer faktura zwrot dostawa jutro dziękuję "
    "bardzo czy mogę zmienić adres rozmiar kolor koszt wysyłki kurier nie przyszedł pieniądze kiedy będzie odbiór"
)
_WORDS = _TEXT.split()


class Webhooks:
    """Writes files of requests; no message is ever sent twice by one instance."""

    def __init__(self, path: str, port: int, *, customers: int = 1000) -> None:
        self._path = path
        self._port = port
        self.customers = customers
        self._numbers = itertools.count()
        self._random = random.Random(7)  # noqa: S311 - the same load every time

    def write(self, file: Path, count: int, *, cover_customers: bool = False) -> list[int]:
        """``count`` requests; the numbers of their messages, in order."""
        numbers = list(itertools.islice(self._numbers, count))
        with file.open("wb") as out:
            for position, number in enumerate(numbers):
                customer = position if cover_customers else self._random.randrange(self.customers)
                request = self._request(number, customer % self.customers)
                out.write(len(request).to_bytes(4, "little") + request)
        return numbers

    def write_batch(self, file: Path, entries: int) -> list[int]:
        """One request that holds so many entries, a message of another customer each; their numbers."""
        numbers = list(itertools.islice(self._numbers, entries))
        found = [self._entry(number, position % self.customers) for position, number in enumerate(numbers)]
        request = self._whole(found)
        file.write_bytes(len(request).to_bytes(4, "little") + request)
        return numbers

    def _request(self, number: int, customer: int) -> bytes:
        return self._whole([self._entry(number, customer)])

    def _entry(self, number: int, customer: int) -> dict[str, Any]:
        now_ms = int(time.time() * 1000)
        text = f"{MARKER}{number:07d} {' '.join(self._random.choices(_WORDS, k=9))}"
        event = {
            "sender": {"id": str(7_000_000_000_000 + customer)},
            "recipient": {"id": PAGE},
            "timestamp": now_ms,
            "message": {"mid": external_id(number), "text": text},
        }
        return {"id": PAGE, "time": now_ms, "messaging": [event]}

    def _whole(self, entries: list[dict[str, Any]]) -> bytes:
        body = json.dumps({"object": "page", "entry": entries}, separators=(",", ":")).encode()
        head = (
            f"POST {self._path} HTTP/1.1\r\n"
            f"Host: 127.0.0.1:{self._port}\r\n"
            "User-Agent: facebookplatform/1.0 (+http://developers.facebook.com)\r\n"
            "Accept: */*\r\n"
            "Accept-Encoding: deflate, gzip\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n"
            f"X-Hub-Signature: sha1={_sign(body, 'sha1')}\r\n"
            f"X-Hub-Signature-256: sha256={_sign(body, 'sha256')}\r\n\r\n"
        )
        return head.encode() + body


def external_id(number: int) -> str:
    """As long as Messenger's own ids are."""
    return f"m_bench{number:08d}" + "A1b2C3d4E5" * 8


def number_of(external: str) -> int:
    return int(external[7:15])


def _sign(body: bytes, algorithm: str) -> str:
    return hmac.new(APP_SECRET.encode(), body, getattr(hashlib, algorithm)).hexdigest()
