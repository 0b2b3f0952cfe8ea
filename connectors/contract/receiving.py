"""How what providers tell us gets here: a call of theirs, or an answer to ours."""

from collections.abc import Mapping

import msgspec

from connectors.contract.inbound import AnyItem


class WebhookRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's call, as raw as it came."""

    method: str
    url: str
    """The address the provider called: our public URL + the raw path and query, never from the Host header."""
    query: str = ""
    """Raw query string, without the question mark."""
    headers: Mapping[str, str] = {}
    """Names in lower case; the first value of a repeated header."""
    body: bytes = b""


class WebhookReply(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What a webhook held, and what to answer once the items are committed."""

    items: tuple[AnyItem, ...] = ()
    reply: WebhookReply = WebhookReply()
    raw: bytes | None = None
    """What is kept where an item is :class:`Unknown`; None: the body.  For calls whose fields are in the query."""


class Polled(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[AnyItem, ...]
    cursor: str
    """To be committed in the same transaction as the items."""
    raw: bytes = b""
    """The answer they came in, kept only where an item is :class:`Unknown`."""
