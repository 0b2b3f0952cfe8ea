"""The base of all entities (:mod:`server.entities`), and how far what we send got."""

from typing import Literal

import msgspec

DeliveryState = Literal["queued", "sending", "unknown", "sent", "failed", "delivered", "read"]


class Entity(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of everything that goes over the wire: camelCase names, immutable."""


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


class AgentRef(Entity, frozen=True, kw_only=True):
    id: str
    name: str


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


class ReactionRuleView(Entity, frozen=True, kw_only=True):
    emoji: tuple[str, ...]
    """The only ones that can be put on a customer's message; empty: any."""
