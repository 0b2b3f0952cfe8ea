"""The short way and the ordinary way of a webhook decide the same, whatever stands on the wire."""

import asyncio
import contextlib
import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from server.db import schema
from server.intake import transport
from server.intake.store import Work
from tests.support.backend import Backend

SECTIONS = {"server": {"webhook_max_bytes": 30_000}}

_APP = {"app_secret": "app-secret", "verify_token": "verify-me", "page_token": "page-token"}
_LAST = b"GET /webhooks/no HTTP/1.1\r\nHost: inbox.test\r\nConnection: close\r\n\r\n"

Answer = tuple[bytes, frozenset[bytes], bytes]


class Wire:
    """Requests as bytes for one page; each text is stored at most once, so it names the way too."""

    def __init__(self, port: int, channel_id: int, way: str) -> None:
        self.port = port
        self.path = f"/webhooks/{channel_id}"
        self.way = way

    def good(self, text: str, *head: str, secret: str = "app-secret", to: str = "", **how: str) -> bytes:
        body = self.body(text)
        mark = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        lines = [
            f"{how.get('method', 'POST')} {to or self.path} HTTP/{how.get('version', '1.1')}",
            "Host: inbox.test",
            f"X-Hub-Signature-256: sha256={mark}",
            *head,
        ]
        if "chunked" in how:
            lines.append("Transfer-Encoding: chunked")
            middle = len(body) // 2
            body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:middle], body[middle:], b""))
        if "chunked" not in how or "both" in how:
            lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join([*lines, "", ""]).encode() + body

    def bad(self, text: str, *head: str, **how: str) -> bytes:
        return self.good(text, *head, secret="guessed", **how)

    def body(self, text: str) -> bytes:
        event = {
            "sender": {"id": "77"},
            "recipient": {"id": "1"},
            "timestamp": 1_700_000_000_000,
            "message": {"mid": f"{self.way}.{text}", "text": f"{self.way} {text}"},
        }
        return json.dumps({"object": "page", "entry": [{"id": "1", "messaging": [event]}]}).encode()

    async def talk(self, parts: list[bytes], count: int) -> list[Answer]:
        """Every answer, to the end of the connection; what stays open gets one request more, which closes it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        answers: list[Answer] = []
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            async with asyncio.timeout(20):
                for part in parts:
                    writer.write(part)
                    await asyncio.sleep(0.01)  # so that they come as parts; nothing depends on it
                while True:
                    answers.append(await _answer(reader))
                    if len(answers) == count and b"connection: close" not in answers[-1][1]:
                        writer.write(_LAST)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return answers


async def _answer(reader: asyncio.StreamReader) -> Answer:
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[:-2]
    headers = frozenset(line.lower() for line in lines if not line.lower().startswith(b"date:"))
    assert len(headers) >= len(lines) - 1, "no header comes twice"
    length = [int(line.partition(b":")[2]) for line in headers if line.startswith(b"content-length:")]
    return status, headers, await reader.readexactly(length[0] if length else 0)


def scripts(w: Wire) -> dict[str, tuple[list[bytes], int]]:
    """What is sent, in which pieces, and how many answers there are before the connection is closed or left."""
    good, bad = w.good, w.bad
    long = good("long", "X-Pad: " + "x" * 3_000)
    return {
        "two": ([good("1") + good("2")], 2),
        "refused, good, refused, good": ([bad("3") + good("4") + bad("5") + good("6")], 4),
        "good after a close": ([good("7", "Connection: close") + good("8")], 1),
        "good after a refusal that closes": ([bad("9", "Connection: close") + good("10")], 1),
        "refused after a refusal that closes": ([bad("11", "Connection: close") + bad("12")], 1),
        "old": ([good("13", version="1.0") + good("14")], 1),
        "old and refused": ([bad("15", version="1.0") + good("16")], 1),
        "chunked": ([good("17", chunked="") + good("18", chunked="")], 2),
        "chunked in parts": ([(c := good("19", chunked=""))[:-20], c[-20:-3], c[-3:] + bad("20")], 2),
        "in parts": ([long[:9], long[9:2_000], long[2_000:-9], long[-9:]], 1),
        "the next begins in the same part": ([good("21") + (n := good("22"))[:50], n[50:-5], n[-5:]], 2),
        "both lengths": ([good("23", chunked="", both="") + good("24")], 1),
        "too large": ([good("x" * 40_000) + good("25")], 2),
        "too large in parts": ([(t := good("y" * 40_000))[:9_000], t[9_000:]], 1),
        "largest": ([good("z" * 13_000) + good("26")], 2),
        "garbage behind": ([good("27") + b"\x00\x01 nonsense\r\n\r\n"], 1),
        "other methods": ([good("29", method="PUT") + good("30", method="DELETE") + good("31")], 3),
        "asked first": ([good("32", "Expect: 100-continue")], 2),
        "verified in between": ([good("33") + _verify(w) + bad("34") + _verify(w) + good("35")], 5),
        "nothing": ([f"POST {w.path} HTTP/1.1\r\nHost: inbox.test\r\n\r\n".encode() + good("36")], 2),
        "no such channel": ([good("37", to="/webhooks/12345") + good("38", to="/webhooks/") + good("39")], 3),
        "spelt otherwise": ([good("40", to="http://inbox.test" + w.path + "?a=b") + good("41", to=w.path + "?")], 2),
        "per cent": ([good("42", to=w.path.replace("/w", "/%77")) + good("43", to=w.path + "/")], 2),
        "upgrade": ([good("44", "Connection: Upgrade", "Upgrade: h2c")], 1),
        "lower case": ([good("45").replace(b"X-Hub-Signature-256", b"x-hub-signature-256")], 1),
    }  # fmt: skip


def _verify(w: Wire) -> bytes:
    asked = "hub.mode=subscribe&hub.verify_token=verify-me&hub.challenge=4711"
    return f"GET {w.path}?{asked} HTTP/1.1\r\nHost: inbox.test\r\n\r\n".encode()


@pytest.fixture
async def wires(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Wire, Wire]]:
    monkeypatch.setattr("server.channels.opened.GOOD_FOR_S", 3600.0)
    channel_id = await backend.add_channel("messenger", "Page", page_id="1", **_APP)
    async with backend.live() as live:
        await backend.inbox.channels.known(channel_id)
        port = int(live.url.rpartition(":")[2])
        yield Wire(port, channel_id, "short"), Wire(port, channel_id, "usual")


async def test_both_ways_decide_the_same(
    backend: Backend, wires: tuple[Wire, Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for wire in wires:
        if wire.way == "usual":
            monkeypatch.setattr(transport, "_may_be_short", lambda _cycle: False)
        told = {}
        for name, (parts, count) in scripts(wire).items():
            told[name] = await wire.talk(parts, count)
        found.append((told, await _texts(backend, wire.way)))
    (told, texts), (usual, same_texts) = found
    assert {name: of for name, of in told.items() if of != usual[name]} == {}, "the short way"
    assert texts == same_texts
    assert [answer[0].split()[1] for answer in told["refused, good, refused, good"]][:4] == [
        b"403", b"200", b"403", b"200",
    ]  # fmt: skip
    assert told["largest"][0][0] == b"HTTP/1.1 200 OK"
    assert [answer[2] for answer in told["verified in between"]][1] == b"4711"
    assert "10" not in texts, "nothing behind what closes the connection is served"


async def _texts(backend: Backend, way: str) -> list[str]:
    statement = select(schema.message.c.text).order_by(schema.message.c.seq)
    stored = await backend.database.read(lambda c: c.execute(statement).scalars().all())
    return [text.removeprefix(f"{way} ") for text in stored if text.startswith(way)]


async def test_who_waits_behind_a_refusal_is_not_taken_for_idle(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusal is written at once, so the next request of the same packet begins when it seems to be the last."""
    init = transport.WebhookProtocol.__init__

    def impatient(protocol: transport.WebhookProtocol, *given: object, **named: object) -> None:
        init(protocol, *given, **named)
        protocol.timeout_keep_alive = 0

    monkeypatch.setattr(transport.WebhookProtocol, "__init__", impatient)
    channel_id = await backend.add_channel("messenger", "Page", page_id="1", **_APP)
    async with backend.live() as live:
        await backend.inbox.channels.known(channel_id)
        wire = Wire(int(live.url.rpartition(":")[2]), channel_id, "short")
        sink, write = backend.inbox.sink, backend.inbox.sink._store.write

        async def slow(work: Work) -> None:
            await asyncio.sleep(0.05)  # longer than the connection may idle
            await write(work)

        monkeypatch.setattr(sink._store, "write", slow)
        answers = await wire.talk([wire.bad("1") + wire.good("2", "Connection: close")], 2)
        assert [answer[0].split()[1] for answer in answers] == [b"403", b"200"]


async def test_what_goes_wrong_after_the_commit_does_not_leave_the_caller_waiting(
    backend: Backend, wires: tuple[Wire, Wire], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_channel_id: int) -> None:
        raise LookupError("gone wrong")

    monkeypatch.setattr(backend.inbox.webhooks._channels, "note_received", broken)
    answers = await wires[0].talk([wires[0].good("1", "Connection: close")], 1)
    assert [answer[0].split()[1] for answer in answers] == [b"503"]
