"""Ports that a connector has as well where its provider offers it; each is looked for with ``isinstance``."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from connectors.contract.answers import Checked, Condition
from connectors.contract.capabilities import Pace
from connectors.contract.connector import Connector
from connectors.contract.outbound import Attempt, Outbound, OutboundReaction, Sent
from connectors.templates import TemplateList


@runtime_checkable
class Checks(Protocol):
    """A connector that can ask its provider whether the settings work.  Optional: without it nothing is asked."""

    async def check(self) -> Checked:
        """Ask, and change nothing.  Opened with an empty webhook address, the channel does not exist yet: only the
        credentials count then, not whether the provider calls us.
        """
        ...


@runtime_checkable
class Paced(Protocol):
    """A connector whose provider documents how fast it may be called.  What has to wait stays queued meanwhile.

    Only the process that has the right to poll the channel sends, so that the pace is that of all processes together.
    """

    @property
    def pace(self) -> Pace: ...


@runtime_checkable
class Conditions(Protocol):
    """A connector whose provider can be asked how a running channel is.  Optional: without it traffic alone tells."""

    async def condition(self) -> Condition:
        """Ask; called every few minutes.  Puts right what the provider undid by itself (a dropped subscription), and
        nothing that a person may have chosen.  Raises SendError when it can't be asked.
        """
        ...


@runtime_checkable
class DeepLinks(Protocol):
    """What a connector has as well where a link can open a chat with us and carry an entry token."""

    async def deep_link(self, token: str) -> str | None:
        """The address that opens the chat; ``token`` ([A-Za-z0-9_-], at most 64) comes back as :class:`Start`'s ``ref``.

        Without a token, the plain chat.  None when the provider does not tell the account's public name.  Raises
        FetchFailed when it can't be asked just now.  What was learnt is kept: only the first call takes time.
        """
        ...


@runtime_checkable
class Templates(Protocol):
    """A connector whose :attr:`Capabilities.templates` is true: it can list what it may send."""

    async def templates(self) -> TemplateList:
        """The account's templates; those without an obstacle :attr:`Outbound.template` may name.  Raises NotAccepted
        (ask again later) or Refused (a person has to mend it).
        """
        ...


@runtime_checkable
class Reacts(Protocol):
    """A connector whose :attr:`Capabilities.reactions` is not None: it can put an emoji on a customer's message."""

    async def react(self, reaction: OutboundReaction) -> None:
        """Let the customer see it.  Returns when the provider accepted, or raises as :meth:`Connector.send` does.

        The same once more changes nothing, so that what ended as Uncertain is done again.
        """
        ...


@runtime_checkable
class NamesByPhone(Protocol):
    """A connector that can write to a telephone number although its :attr:`Peer.id` is another name for the person.

    Without it, where :attr:`Capabilities.phone_numbers`, the number in E.164 is the name.
    """

    def peer_of(self, phone: str) -> str:
        """Under which id somebody with this number (E.164) most likely writes; :attr:`Sent.peer_id` tells it surely."""
        ...


@runtime_checkable
class Exclusive(Protocol):
    """A connector that sends and polls over one connection, which only one process may have (SMPP's bind).

    Sending then needs the right to poll: ``send`` is only called in the process that has it.  :meth:`Connector.poll`
    opens the connection.  What ``poll`` gave was committed when the next call brings its cursor, and not before; called
    with an older cursor, it gives the same again.
    """

    async def release(self) -> None:
        """The right to poll went elsewhere, or the channel stops: end the connection, within two seconds."""
        ...


@runtime_checkable
class SendsTests(Protocol):
    """An :class:`Exclusive` connector that nobody runs and that can send one message all the same."""

    async def send_test(self, message: Outbound, running: Sequence[Connector]) -> Sent:
        """Send it as ``send`` would, and end every connection made for it.

        ``running`` are the connectors of this process's active channels: one of them may have the one connection that
        the provider allows to the account, and then it goes over that.  Raises SendError.
        """
        ...


@runtime_checkable
class AnswersLate(Protocol):
    """A connector whose provider may still answer a message that ``send`` gave up as Uncertain (SMPP)."""

    async def late(self) -> Attempt:
        """Wait for the next such answer: how that attempt ended after all.  Cancelled when the channel stops."""
        ...
