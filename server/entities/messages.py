"""A message, what is in it, and how far it got."""

from typing import Literal

from server.entities.base import AgentRef, Author, Entity

Origin = Literal["contact", "agent", "campaign", "automation", "auto_reply", "survey", "system"]
DeliveryState = Literal["queued", "sending", "unknown", "sent", "failed", "delivered", "read"]


class AttachmentView(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """``state``: ``pending`` until its bytes are stored here, then ``stored`` (or ``failed``, or ``none``: no bytes)."""

    id: str
    kind: str
    state: Literal["pending", "stored", "failed", "none"] = "none"
    name: str | None = None
    mime: str | None = None
    size: int | None = None
    width: int | None = None
    """Of a picture as it is shown, in pixels; with them there is a thumbnail."""
    height: int | None = None
    failure: str | None = None
    """Why the last attempt to fetch it failed: too_large, refused, gone, denied, unreachable, slow, provider."""
    retryable: bool = False
    """Whether it makes sense to ask for it again now."""
    title: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    phone: str | None = None
    url: str | None = None


class QuickReplyView(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that the customer chooses by pressing it."""

    title: str
    payload: str | None = None


class LinkButtonView(Entity, frozen=True, kw_only=True):
    """A button that opens a web address, which is always https."""

    title: str
    url: str


class FailureView(Entity, frozen=True, kw_only=True, omit_defaults=True):
    code: str
    text: str
    provider_code: str | None
    part: int | None = None
    """The number of the part, where the message goes out as several."""


class PartView(Entity, frozen=True, kw_only=True):
    """One of the provider's messages that a message of ours goes out as; ``kind``: text, template or its file's."""

    number: int
    kind: str | None
    state: DeliveryState
    failure: FailureView | None


class OwnReaction(Entity, frozen=True, kw_only=True):
    """What we put on a customer's message, or want to."""

    emoji: str | None
    """What the customer is to see; null: nothing of ours any more."""
    seen: str | None
    """What they see as far as the provider told: it differs from ``emoji`` until that is sent, or when it can't be."""
    state: Literal["queued", "sent", "failed", "unknown"]
    failure: FailureView | None
    """Why not; of ``queued``, why not yet."""
    agent: AgentRef
    at: str


class Message(Entity, frozen=True, kw_only=True):
    id: str
    seq: str
    dialog_id: str
    direction: Literal["inbound", "outbound"]
    kind: Literal["message", "note"]
    origin: Origin
    purpose: Literal["service", "marketing"]
    author: Author
    text: str
    attachments: tuple[AttachmentView, ...]
    external_id: str | None
    state: DeliveryState | None
    """Of an outbound message: what all of its parts have reached; None for inbound messages and notes."""
    failure: FailureView | None
    parts: tuple[PartView, ...]
    """Empty where it is one, or nobody knows yet."""
    at: str
    """The provider's time (never in the future), by which messages are shown in order."""
    reply_to: str | None
    """Id of the message in this dialog that this one answers."""
    quick_replies: tuple[QuickReplyView, ...]
    """Of an outbound message: what the customer was offered to press."""
    link_buttons: tuple[LinkButtonView, ...]
    """Of an outbound message: the addresses that the customer can open from below its text."""
    payload: str | None
    """Of an inbound message: what the button carried that the customer pressed instead of writing."""
    unsupported: str | None
    """Why not all of it can be shown, e.g. ``unsupported:dice``; ``repeated``: it may be an earlier one once more."""
    edited_at: str | None
    deleted_at: str | None
    reaction: str | None
    """The customer's."""
    own_reaction: OwnReaction | None
    """Ours on an inbound message; null: there is none, and none is on its way."""


class MessageVersion(Entity, frozen=True, kw_only=True):
    """What a message said before it was changed."""

    id: str
    text: str
    written_at: str
    attachments: tuple[AttachmentView, ...]
    """Those that the change replaced; the others are still the message's."""
