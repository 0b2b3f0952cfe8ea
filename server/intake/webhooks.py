"""``/webhooks/{channel}``: the providers' door, a plain ASGI application ahead of Litestar's router.

It brings its own limits (size, read deadline).  A signed request is answered 2xx only after its items are committed;
a bad signature is 403, a body that is not the provider's format 400, and trouble of our own 503, never another 4xx.

A paused channel is still understood: its callback may serve other channels, and what customers write to it is kept.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from connectors.contract import (
    AnyItem,
    ChannelAlert,
    Connector,
    TemplateStatus,
    Unknown,
    WebhookReply,
    WebhookRequest,
)
from connectors.errors import BadPayload, BadSignature
from server.errors import Unavailable
from server.failpoints import failpoint
from server.ids import parse_id
from server.intake.keys import Entry
from server.intake.sink import IntakeSink

Scope = dict[str, Any]

PREFIX = "/webhooks/"

_WITHDRAWN = frozenset({"REJECTED", "PAUSED", "DISABLED"})
"""Statuses of a template that people meant to use and cannot."""

log = logging.getLogger(__name__)


class KnownChannel(Protocol):
    """What the door needs to know of a channel."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def connector(self) -> Connector: ...


class KnownChannels(Protocol):
    async def known(self, channel_id: int) -> KnownChannel | None:
        """The channel, paused or not; None when there is none.  Raises Unavailable."""
        ...

    async def of_account(self, kind: str, account: str) -> Iterable[KnownChannel]:
        """The channels of a kind for one account at the provider, active ones first."""
        ...

    def note_received(self, channel_id: int) -> None:
        """Something true came from the provider just now."""
        ...

    def note_error(self, channel_id: int, text: str) -> None:
        """The provider says that the channel as a whole is in trouble."""
        ...


class _TooLarge(Exception):
    pass


class _Gone(Exception):
    """The caller hung up."""


class _Headers(Mapping[str, str]):
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


class WebhookDoor:
    def __init__(
        self,
        channels: KnownChannels,
        sink: IntakeSink,
        *,
        public_url: str,
        max_bytes: int,
        read_seconds: float,
    ) -> None:
        self._channels = channels
        self._sink = sink
        self._public_url = public_url
        self._max_bytes = max_bytes
        self._read_seconds = read_seconds

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        try:
            reply = await self._answer(scope, receive)
        except _Gone:
            return
        except Exception:
            log.exception("a webhook failed")
            reply = _text(503, "temporarily unavailable")
        await _send(send, reply)

    async def _answer(self, scope: Scope, receive: Any) -> WebhookReply:
        if scope["method"] not in ("GET", "POST", "HEAD"):
            return _text(405, "method not allowed")
        channel_id = parse_id(scope["path"].removeprefix(PREFIX))
        try:
            channel = None if channel_id is None else await self._channels.known(channel_id)
        except Unavailable:
            return _text(503, "temporarily unavailable")
        if channel is None:
            return _text(404, "no such channel")
        try:
            async with asyncio.timeout(self._read_seconds):
                body = await _read(receive, self._max_bytes)
        except _TooLarge:
            return _text(413, "too large")
        except TimeoutError:
            return _text(408, "the body came too slowly")
        failpoint("webhook.read")
        return await self._receive(channel, self._request(scope, body))

    async def _receive(self, channel: KnownChannel, request: WebhookRequest) -> WebhookReply:
        try:
            received = channel.connector.receive(request)
        except BadSignature:
            return _text(403, "bad signature")
        except (BadPayload, RecursionError):
            return _text(400, "not understood")
        failpoint("webhook.parsed")
        if received.items:
            try:
                entries = await self._route(channel, received.items)
                raw = request.body if received.raw is None else received.raw
                await self._sink.put(channel.id, entries, raw=raw)
            except Unavailable:
                return _text(503, "temporarily unavailable")
            failpoint("webhook.stored")
            self._note(channel, entries)
        return received.reply

    def _note(self, channel: KnownChannel, entries: list[Entry]) -> None:
        """What was stored says how channels are: an alert is trouble, all else (also its end) a sign of life."""
        alerts = [(of, i) for of, i in entries if type(i) is ChannelAlert and i.level != "info"]
        if len(alerts) < len(entries):
            self._channels.note_received(channel.id)
        for channel_id, item in entries:
            if type(item) is TemplateStatus and item.status in _WITHDRAWN:
                log.warning("channel %d: the template %s is now %s", channel_id, item.name, item.status)
        for channel_id, alert in alerts:
            self._channels.note_error(channel_id, alert.text)

    async def _route(self, channel: KnownChannel, items: Iterable[AnyItem]) -> list[Entry]:
        """One callback may serve several channels: each item goes to the channel that owns its account."""
        return [
            Entry(channel.id, item)
            if not item.accounts
            or channel.connector.account is None
            or channel.connector.account in item.accounts
            else await self._route_elsewhere(channel, item)
            for item in items
        ]

    async def _route_elsewhere(self, channel: KnownChannel, item: AnyItem) -> Entry:
        for account in item.accounts:
            for other in await self._channels.of_account(channel.kind, account):
                if channel.connector.shares_callback(other.connector):
                    return Entry(other.id, item)
        why = f"for an account that is not connected: {', '.join(item.accounts)}"
        return Entry(channel.id, Unknown(key=item.key, why=why))

    def _request(self, scope: Scope, body: bytes) -> WebhookRequest:
        query = scope["query_string"].decode("latin-1")
        raw_path = scope.get("raw_path") or scope["path"].encode()
        path = raw_path.decode("latin-1").partition("?")[0]
        return WebhookRequest(
            method=scope["method"],
            url=self._public_url + path + (f"?{query}" if query else ""),
            query=query,
            headers=_Headers(scope["headers"]),
            body=body,
        )


async def _read(receive: Any, limit: int) -> bytes:
    """The whole body, refused as soon as it is too long."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise _Gone
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(body) > limit:
            raise _TooLarge
        return body
    parts = [body]
    size = len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise _TooLarge
    return b"".join(parts)


def _text(status: int, text: str) -> WebhookReply:
    return WebhookReply(status=status, body=text.encode())


async def _send(send: Any, reply: WebhookReply) -> None:
    headers = [
        (b"content-type", reply.content_type.encode()),
        (b"content-length", str(len(reply.body)).encode()),
    ]
    if reply.status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
