"""What we send, and how an attempt to send it ended."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from connectors.contract.inbound import AttachmentKind
from connectors.templates import FilledTemplate


class OutboundAttachment(msgspec.Struct, frozen=True, kw_only=True):
    kind: AttachmentKind
    name: str
    mime: str
    size: int
    read: Callable[[], Awaitable[bytes]]
    link: str
    """A short-lived address under our public URL from which the provider itself can fetch the bytes."""


class QuickReply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that the customer chooses by pressing it."""

    title: str
    payload: str | None = None
    """What comes back as ``payload`` of the customer's message; None: whatever the connector finds fit."""


class Outbound(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to send one message to one identity."""

    delivery_id: str
    attempt: int
    peer_id: str
    text: str = ""
    attachments: tuple[OutboundAttachment, ...] = ()
    reply_to: str | None = None
    """The provider's id of the message that this one answers."""
    quick_replies: tuple[QuickReply, ...] = ()
    template: FilledTemplate | None = None
    """Send this instead; ``text`` is then only what it reads as.  Its one attachment is the file of its header."""
    accepted: tuple[str, ...] = ()
    """Ids of the leading parts that an earlier attempt had accepted: those parts are not sent again."""
    tracker: str = ""
    """Our own mark, passed to the provider where it takes one, so that an echo or a receipt names it."""
    by_person: bool = False
    """An agent wrote it; never so for what a campaign, an automation or the server itself sends."""
    since_inbound_ms: int | None = None
    """Milliseconds since the customer's last message, when this was claimed."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """The provider accepted the message."""

    external_ids: tuple[str, ...]
    """One id per provider message it became; at least one."""
    peer_id: str | None = None
    """The person as the provider names them, where its answer tells: of use when all we had was a telephone number."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended; ``error`` None means that the provider accepted."""

    delivery_id: str
    attempt: int
    sent: Sent | None = None
    error: Any = None
