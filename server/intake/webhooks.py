"""``/webhooks/{channel}``: the providers' door, a plain ASGI application ahead of Litestar's router.

It brings its own limits (size, read deadline).  A signed request is answered 2xx only after its items are committed;
a bad signature is 403, a body that is not the provider's format 400, and trouble of our own 503, never another 4xx.

A paused channel is still understood: its callback may serve other channels, and what customers write to it is kept.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, Protocol

from connectors.contract import (
    AnyItem,
    ChannelAlert,
    Connector,
    Received,
    TemplateStatus,
    Unknown,
    WebhookReply,
    WebhookRequest,
)
from connectors.errors import BadPayload, BadSignature, Failure
from server.bus.base import Bus, Topic
from server.errors import Unavailable
from server.failpoints import failpoint
from server.ids import parse_id
from server.intake.http import AWAY, METHODS, Gone, Headers, TooLarge, announced, plain, read_body, send_reply
from server.intake.keys import Entry
from server.intake.sink import IntakeSink

Scope = dict[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]

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

    def known_now(self, channel_id: int) -> KnownChannel | None:
        """The same without waiting; None when it has to be read first, or when there is none."""
        ...

    async def of_account(self, kind: str, account: str) -> Iterable[KnownChannel]:
        """The channels of a kind for one account at the provider, active ones first."""
        ...

    def note_received(self, channel_id: int) -> None:
        """Something true came from the provider just now."""
        ...

    def note_error(self, channel_id: int, failure: Failure) -> None:
        """The provider says that the channel as a whole is in trouble."""
        ...


class WebhookDoor:
    def __init__(
        self,
        channels: KnownChannels,
        sink: IntakeSink,
        bus: Bus,
        *,
        public_url: str,
        max_bytes: int,
        read_seconds: float,
    ) -> None:
        self._channels = channels
        self._sink = sink
        self._bus = bus
        self._public_url = public_url
        self._max_bytes = max_bytes
        self._read_seconds = read_seconds

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        await self._reply(send, self._answer(scope, receive))

    def take(self, scope: Scope, body: bytes, answer: Callable[[WebhookReply], None]) -> Application | None:
        """A POST that came whole: ``answer`` is called once, as soon as it is refused or stored.

        Where something has to be waited for before it can be stored, what is returned is to be run instead.
        """
        channel_id = parse_id(scope["path"].removeprefix(PREFIX))
        channel = None if channel_id is None else self._channels.known_now(channel_id)
        if channel is None or len(body) > self._max_bytes:
            return self
        failpoint("webhook.read")
        try:
            received = self._understand(channel, self._request(scope, body))
            if isinstance(received, WebhookReply) or not received.items:
                answer(received if isinstance(received, WebhookReply) else received.reply)
                return None
            if not all(_is_own(channel, item) for item in received.items):
                return partial(self._store_elsewhere, channel, received, body)
            self._store(channel, received, body, answer)
        except Exception:
            log.exception("a webhook failed")
            answer(AWAY)
        return None

    def _store(
        self, channel: KnownChannel, received: Received, body: bytes, answer: Callable[[WebhookReply], None]
    ) -> None:
        """Store items that all are the channel's own."""
        entries = [Entry(channel.id, item) for item in received.items]

        def done(error: Exception | None) -> None:
            try:
                if error is None:
                    self._stored(channel, entries)
            except Exception as failed:  # noqa: BLE001 - whoever calls is answered whatever happens
                error = failed
            if error is not None and not isinstance(error, Unavailable):
                log.error("a webhook failed", exc_info=error)
            answer(received.reply if error is None else AWAY)

        try:
            self._sink.add(channel.id, entries, raw=_raw(received, body), done=done)
        except Unavailable:
            answer(AWAY)

    async def _store_elsewhere(
        self, channel: KnownChannel, received: Received, body: bytes, _scope: Scope, _receive: Any, send: Any
    ) -> None:
        await self._reply(send, self._store_routed(channel, received, body))

    async def _reply(self, send: Any, answer: Awaitable[WebhookReply]) -> None:
        try:
            reply = await answer
        except Gone:
            return
        except Exception:
            log.exception("a webhook failed")
            reply = AWAY
        await send_reply(send, reply)

    async def _answer(self, scope: Scope, receive: Any) -> WebhookReply:
        if scope["method"] not in METHODS:
            return plain(405, "method not allowed")
        channel_id = parse_id(scope["path"].removeprefix(PREFIX))
        try:
            channel = None if channel_id is None else await self._channels.known(channel_id)
        except Unavailable:
            return AWAY
        if channel is None:
            return plain(404, "no such channel")
        if announced(scope["headers"]) > self._max_bytes:
            return plain(413, "too large")
        try:
            async with asyncio.timeout(self._read_seconds):
                body = await read_body(receive, self._max_bytes)
        except TooLarge:
            return plain(413, "too large")
        except TimeoutError:
            return plain(408, "the body came too slowly")
        failpoint("webhook.read")
        received = self._understand(channel, self._request(scope, body))
        if isinstance(received, WebhookReply):
            return received
        return await self._store_routed(channel, received, body)

    def _understand(self, channel: KnownChannel, request: WebhookRequest) -> Received | WebhookReply:
        """What a call holds, or its refusal."""
        try:
            received = channel.connector.receive(request)
        except BadSignature:
            return plain(403, "bad signature")
        except (BadPayload, RecursionError):
            return plain(400, "not understood")
        failpoint("webhook.parsed")
        return received

    async def _store_routed(self, channel: KnownChannel, received: Received, body: bytes) -> WebhookReply:
        """Store what may be other channels' too; the reply after the commit."""
        if received.items:
            try:
                entries = await self._route(channel, received.items)
                await self._sink.put(channel.id, entries, raw=_raw(received, body))
            except Unavailable:
                return AWAY
            self._stored(channel, entries)
        return received.reply

    def _stored(self, channel: KnownChannel, entries: list[Entry]) -> None:
        failpoint("webhook.stored")
        self._note(channel, entries)

    def _note(self, channel: KnownChannel, entries: list[Entry]) -> None:
        """What was stored says how channels are: an alert is trouble, all else (also its end) a sign of life."""
        alerts = [(of, i) for of, i in entries if type(i) is ChannelAlert and i.level != "info"]
        if len(alerts) < len(entries):
            self._channels.note_received(channel.id)
        changed = [(of, i) for of, i in entries if type(i) is TemplateStatus]
        if changed:
            self._bus.publish(Topic.TEMPLATES, "")
        for channel_id, item in changed:
            if item.status in _WITHDRAWN:
                log.warning(
                    "channel %d: the template %s is now %s %s",
                    channel_id,
                    item.name,
                    item.status,
                    item.reason,
                )
        for channel_id, alert in alerts:
            self._channels.note_error(
                channel_id, Failure(code="alert", text=alert.text, provider_code=alert.text)
            )

    async def _route(self, channel: KnownChannel, items: Iterable[AnyItem]) -> list[Entry]:
        """One callback may serve several channels: each item goes to the channel that owns its account."""
        return [
            Entry(channel.id, item) if _is_own(channel, item) else await self._route_elsewhere(channel, item)
            for item in items
        ]

    async def _route_elsewhere(self, channel: KnownChannel, item: AnyItem) -> Entry:
        for account in item.accounts:
            for other in await self._channels.of_account(channel.kind, account):
                if channel.connector.shares_callback(other.connector):
                    return Entry(other.id, item)
        why = f"other_account: {', '.join(item.accounts)}"
        return Entry(channel.id, Unknown(key=item.key, why=why))

    def _request(self, scope: Scope, body: bytes) -> WebhookRequest:
        query = scope["query_string"].decode("latin-1")
        raw_path = scope.get("raw_path") or scope["path"].encode()
        path = raw_path.decode("latin-1").partition("?")[0]
        return WebhookRequest(
            method=scope["method"],
            url=self._public_url + path + (f"?{query}" if query else ""),
            query=query,
            headers=Headers(scope["headers"]),
            body=body,
        )


def _is_own(channel: KnownChannel, item: AnyItem) -> bool:
    account = channel.connector.account
    return not item.accounts or account is None or account in item.accounts


def _raw(received: Received, body: bytes) -> bytes:
    """What is kept where an item is not understood."""
    return body if received.raw is None else received.raw
