"""What a channel takes beside plain text: files with their limits, quick replies, link buttons, and reactions.

Part of :class:`connectors.contract.Capabilities`.  The console's composer, the server before it queues a message, and
the connector before it sends all ask here, so that none of them guesses.
"""

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from connectors.emoji import is_emoji as is_emoji
from connectors.emoji import plain


class FileRule(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Files that a channel takes as one kind."""

    kind: str
    """An :class:`~connectors.contract.AttachmentKind`."""
    bytes: int
    """The largest file."""
    types: tuple[str, ...] = ()
    """Media types that the provider documents; empty: any."""
    caption: int = 0
    """Longest text that goes with the file, in characters; 0: the text goes as a message of its own."""


class QuickReplyRule(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Answers that the customer chooses from by pressing one."""

    count: int
    """How many of them a message may have."""
    title: int
    """Longest title, in characters."""
    payload: int = 0
    """Longest payload, in bytes of UTF-8; 0: pressing one sends back its title and nothing else.

    It need not travel: where the customer's title comes back with our mark, the server knows the payload."""
    text: int
    """Longest text, in characters, of the provider's message that carries them."""


class LinkButtonRule(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Buttons that open a web address."""

    count: int
    """How many of them a message may have."""
    title: int
    """Longest title, in characters."""
    text: int
    """Longest text, in characters, of the provider's message that carries them."""
    with_quick_replies: bool
    """Whether a message may have both."""
    fleeting: bool = False
    """The customer sees them only until we write again."""
    sends_address: bool = False
    """Who presses one also sends us its address, as a text of theirs."""


ADDRESS_LONGEST: Final = 2000
"""Of a link button, in characters.  Ours: none is documented for buttons; it is what Viber (from memory) takes as a message."""
_ADDRESS: Final = re.compile(
    r"https://(?:[a-z0-9_-]{1,63}\.)+[a-z][a-z0-9-]{0,61}[a-z0-9](?::[0-9]{1,5})?(?:[/?#][!#-;=?-~]*)?",
    re.IGNORECASE,
)


def is_address(text: str) -> bool:
    """Whether a link button may open this: https, a host with a domain, no password, printable ASCII, not too long.

    Telegram refuses hosts without a domain, and what stands before an ``@`` only serves to deceive.
    """
    return len(text) <= ADDRESS_LONGEST and _ADDRESS.fullmatch(text) is not None


class ReactionRule(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Emoji that we can put on a customer's message; a message has one of ours at a time."""

    emoji: tuple[str, ...] = ()
    """The only ones that the provider takes; empty: any."""

    def find(self, emoji: str) -> str | None:
        """The emoji as the channel has it, however it is spelled; None: it has none such, or this is no emoji."""
        if not self.emoji:
            return emoji if is_emoji(emoji) else None
        return next((each for each in self.emoji if plain(each) == plain(emoji)), None)


class Misfit(msgspec.Struct, frozen=True, kw_only=True):
    """Why a file can't be sent."""

    bytes: int | None = None
    """The most that the channel takes of such a file; None: it takes no such file at all."""


_INSTEAD: Final = {"voice": ("audio", "file")}
"""What else a kind goes as where the channel does not have it, best first; every other kind goes as a file."""


def rule_for(rules: Sequence[FileRule], kind: str, mime: str, size: int) -> FileRule | Misfit:
    """As what a file goes out: as its own kind, else, where the channel has files, as a file."""
    kinds = (kind, *_INSTEAD.get(kind, ("file",)))
    fitting = [
        rule
        for name in kinds
        for rule in rules
        if rule.kind == name and (not rule.types or mime in rule.types)
    ]
    large_enough = [rule for rule in fitting if size <= rule.bytes]
    if large_enough:
        return large_enough[0]
    return Misfit(bytes=max((rule.bytes for rule in fitting), default=None))
