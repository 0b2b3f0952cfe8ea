"""The ports that the server implements for the connectors' host: where items go, and where sends come from."""

from collections.abc import Sequence
from typing import Protocol

from connectors.contract.inbound import AnyItem
from connectors.contract.outbound import Attempt, Outbound, OutboundReaction, ReactionAttempt


class Sink(Protocol):
    """Where what was received goes.  Implemented by the server."""

    async def ingest(
        self, channel_id: str, items: Sequence[AnyItem], *, raw: bytes = b"", cursor: str | None = None
    ) -> None:
        """Returns only after all of it is committed; the same items again change nothing.

        ``raw`` is the body they came in, kept only where an item is :class:`Unknown`.
        ``cursor`` is stored in the same transaction.
        """
        ...


class Outbox(Protocol):
    """Where what must be sent comes from.  Implemented by the server."""

    async def claim(self, channel_id: str, limit: int, resting: Sequence[str] = ()) -> list[Outbound]:
        """Deliveries that this caller, and no other, sends now; each was committed as ``sending``.

        None of them to a person in ``resting`` (:attr:`Peer.id`).
        """
        ...

    async def record(self, channel_id: str, attempts: Sequence[Attempt]) -> None: ...

    async def wait(self, channel_id: str) -> None:
        """Returns when something may be waiting for the channel (it may also return for nothing)."""
        ...


class ReactionBox(Protocol):
    """Where reactions of agents come from.  Implemented by the server."""

    async def claim(self, channel_id: str, limit: int, resting: Sequence[str] = ()) -> list[OutboundReaction]:
        """Those that this caller, and no other, sends now; none to a person in ``resting``."""
        ...

    async def record(self, channel_id: str, attempts: Sequence[ReactionAttempt]) -> None: ...

    async def wait(self, channel_id: str) -> None:
        """Returns when something may be waiting for the channel (it may also return for nothing)."""
        ...
