"""The base of all entities (:mod:`server.entities`), and how far a message of ours got."""

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
