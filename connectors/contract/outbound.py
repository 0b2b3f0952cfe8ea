"""What we send, and how an attempt to send it ended."""

import itertools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

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


class LinkButton(msgspec.Struct, frozen=True, kw_only=True):
    """A button under a text that opens a web address."""

    title: str
    url: str


class Progress(Protocol):
    """Told how the parts of one message go out; each call returns when that is committed.  Implemented by the server.

    Parts are numbered from 1, in the order of the connector's plan.  When a call raises, no further part may be begun.
    """

    async def planned(self, kinds: Sequence[str]) -> None:
        """The message is so many parts: of each its kind (``text``, ``image`` …).  Before the first part's call."""
        ...

    async def begins(self, number: int) -> None:
        """The next part's call comes now; not said of the first one of an attempt."""
        ...

    async def arrived(self, number: int, external_id: str) -> None:
        """The provider accepted this part and more follow; what the last one came to is the end of the attempt."""
        ...


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
    link_buttons: tuple[LinkButton, ...] = ()
    template: FilledTemplate | None = None
    """Send this instead; ``text`` is then only what it reads as.  Its one attachment is the file of its header."""
    done: frozenset[int] = frozenset()
    """Numbers of the parts that must not be sent: they were accepted, or may have been."""
    planned: int | None = None
    """How many parts an earlier attempt made of it; None: not known, or only one."""
    progress: Progress | None = None
    """To be told of parts, where there are several (``connectors.sending.send_parts`` does)."""
    tracker: str = ""
    """Our own mark, passed to the provider where it takes one (:func:`connectors.contract.mark_of`, so that each part has
    its own), for an echo or a receipt to name it."""
    by_person: bool = False
    """An agent wrote it; never so for what a campaign, an automation or the server itself sends."""
    since_inbound_ms: int | None = None
    """Milliseconds since the customer's last message, when this was claimed."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """The provider accepted the message."""

    external_ids: tuple[str, ...]
    """One id per part that was sent by this attempt, in their order."""
    peer_id: str | None = None
    """The person as the provider names them, where its answer tells: of use when all we had was a telephone number."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended; ``error`` None means that the provider accepted."""

    delivery_id: str
    attempt: int
    done: frozenset[int] = frozenset()
    """As in the :class:`Outbound`."""
    sent: Sent | None = None
    error: Any = None

    @property
    def accepted(self) -> tuple[str, ...]:
        """Ids of the parts that the provider accepted in this attempt, however it ended."""
        ids: tuple[str, ...] = () if self.error is None else getattr(self.error, "accepted", ())
        return self.sent.external_ids if self.sent is not None else ids

    def parts(self) -> tuple[dict[int, str], int]:
        """Number and id of those parts; and the number of the part at which an attempt that failed stood."""
        left = (number for number in itertools.count(1) if number not in self.done)
        numbered = {next(left): external_id for external_id in self.accepted}
        return numbered, next(left)


class OutboundReaction(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to let a customer see an emoji of ours on a message of theirs, in the place of the one that was there."""

    id: str
    attempt: int
    peer_id: str
    target: str
    """The provider's id of the customer's message."""
    emoji: str | None
    """One of :attr:`Capabilities.reactions`; None: take ours back."""
    tracker: str = ""
    """Our own mark on this attempt, as :attr:`Outbound.tracker` is one on a message."""


class ReactionAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended; ``error`` None means that the provider accepted."""

    of: OutboundReaction
    error: Any = None
