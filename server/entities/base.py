"""The base of all entities, and who is meant where one names a person or a channel."""

from typing import Literal

import msgspec

Role = Literal["agent", "supervisor", "administrator"]


class Entity(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of everything that goes over the wire: camelCase names, immutable."""


class AgentRef(Entity, frozen=True, kw_only=True):
    id: str
    name: str


class ChannelRef(Entity, frozen=True, kw_only=True):
    id: str
    kind: str
    name: str


class Author(Entity, frozen=True, kw_only=True):
    type: Literal["contact", "agent", "system"]
    id: str | None = None
    name: str = ""


class Agent(Entity, frozen=True, kw_only=True):
    id: str
    seq: str
    name: str
    email: str
    role: Role
    active: bool
    channel_ids: tuple[str, ...]
    """Channels granted; administrators have all, whatever stands here."""
