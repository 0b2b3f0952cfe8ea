"""Plain HTTP for the webhooks' door: headers, a body that may not be too long, a whole reply."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.contract import WebhookReply

METHODS = ("GET", "HEAD", "POST")


class TooLarge(Exception):
    pass


class Gone(Exception):
    """The caller hung up."""


class Headers(Mapping[str, str]):
    """A request's headers by lower-case name, the first of each; read when asked for, as connectors need one or two."""

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self._raw = raw

    def __getitem__(self, name: str) -> str:
        wanted = name.encode("latin-1", "replace")
        for raw_name, value in self._raw:
            if raw_name == wanted or raw_name.lower() == wanted:
                return value.decode("latin-1")
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.decode("latin-1").lower() for name, _ in self._raw))

    def __len__(self) -> int:
        return len({name.lower() for name, _ in self._raw})


def announced(raw: Sequence[tuple[bytes, bytes]]) -> int:
    """How long the body says that it is; 0 where it does not."""
    length = next((value for name, value in raw if name == b"content-length"), b"")
    return int(length[:20]) if length.isdigit() else 0


async def read_body(receive: Any, limit: int) -> bytes:
    """The whole body, refused as soon as it is too long."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise Gone
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(body) > limit:
            raise TooLarge
        return body
    parts = [body]
    size = len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise TooLarge
    return b"".join(parts)


def plain(status: int, text: str) -> WebhookReply:
    return WebhookReply(status=status, body=text.encode())


AWAY = plain(503, "temporarily unavailable")


def headers_of(reply: WebhookReply) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"content-type", reply.content_type.encode()),
        (b"content-length", str(len(reply.body)).encode()),
    ]
    if reply.status == 503:
        headers.append((b"retry-after", b"5"))
    if reply.status == 405:
        headers.append((b"allow", ", ".join(METHODS).encode()))
    return headers


async def send_reply(send: Any, reply: WebhookReply) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": headers_of(reply)})
    await send({"type": "http.response.body", "body": reply.body})
