"""One channel's reactions: what agents put on customers' messages goes out beside the messages, in no order with them.

What is claimed when the channel stops is not recorded: it is done again, which changes nothing for the customer.
"""

import asyncio
import logging
from typing import Final, Protocol

from connectors.contract import Connector, OutboundReaction, ReactionAttempt, ReactionBox, Reacts
from connectors.errors import Failure, NotAccepted, Refused, SendError, Uncertain
from connectors.pacing import Pacer

_AT_ONCE: Final = 4
_UNCLEAR: Final = Failure(
    code="no_clear_answer",
    text="The provider gave no clear answer; the customer may or may not see the reaction.",
)
_UNSUPPORTED: Final = Failure(code="reactions_unsupported", text="This channel takes no reactions any more.")
_SELDOM: Final = 60.0
"""Seconds between two looks for what nobody can have asked for since the connector was opened."""

log = logging.getLogger(__name__)


class Right(Protocol):
    """Whether this process is the one that sends on the channel."""

    @property
    def has_right(self) -> bool: ...

    async def right(self) -> None:
        """Wait until it is."""
        ...


class Reactor:
    """Sends for one connector.  A reaction counts as a message for the pace, but waits for no other message."""

    def __init__(
        self,
        channel_id: str,
        connector: Connector,
        box: ReactionBox,
        pacer: Pacer,
        right: Right | None,
        call_seconds: float,
    ) -> None:
        """``right`` None: every process may send.  A connector that can't react: what still waits from a time when the
        channel could is refused.
        """
        self._id = channel_id
        self._connector = connector if isinstance(connector, Reacts) else None
        self._box = box
        self._pacer = pacer
        self._right = right
        self._call_seconds = call_seconds

    async def run(self) -> None:
        """For ever."""
        while True:
            if self._right is not None:
                await self._right.right()
            room = self._pacer.room(_AT_ONCE)
            if room == 0:
                await asyncio.sleep(self._pacer.pause() or 0.0)
            elif claimed := await self._box.claim(self._id, room, self._pacer.resting()):
                attempts = await asyncio.gather(*(self._call(reaction) for reaction in claimed))
                await self._box.record(self._id, attempts)
            elif self._connector is None:
                await asyncio.sleep(_SELDOM)
            else:
                await self._box.wait(self._id)

    async def _call(self, reaction: OutboundReaction) -> ReactionAttempt:
        """Every way in which it can end becomes an attempt's end."""
        if self._connector is None:
            return ReactionAttempt(of=reaction, error=Refused(_UNSUPPORTED))
        self._pacer.begun(reaction.peer_id)
        try:
            async with asyncio.timeout(self._call_seconds):
                await self._connector.react(reaction)
        except SendError as error:
            if isinstance(error, NotAccepted):
                self._pacer.refused(reaction.peer_id, error)
            return ReactionAttempt(of=reaction, error=error)
        except TimeoutError:
            return ReactionAttempt(of=reaction, error=Uncertain(_UNCLEAR))
        except Exception:
            log.exception("channel %s: the connector failed in an unexpected way", self._id)
            return ReactionAttempt(of=reaction, error=Uncertain(_UNCLEAR))
        return ReactionAttempt(of=reaction)
