"""Buttons under a message of ours, and what a channel takes of them, as everybody sees them (:mod:`server.entities`)."""

from server.entity import Entity


class QuickReplyView(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that the customer chooses by pressing it."""

    title: str
    payload: str | None = None


class LinkButtonView(Entity, frozen=True, kw_only=True):
    """A button that opens a web address, which is always https."""

    title: str
    url: str


class QuickReplyRuleView(Entity, frozen=True, kw_only=True):
    count: int
    title: int
    """Characters."""
    payload: int
    """Bytes of UTF-8; 0: the channel brings back the title only."""
    text: int
    """Longest text of one message with quick replies, in characters."""


class LinkButtonRuleView(Entity, frozen=True, kw_only=True):
    count: int
    title: int
    """Characters."""
    text: int
    """Longest text of one message with link buttons, in characters."""
    with_quick_replies: bool
    """Whether a message may have both."""
    fleeting: bool
    """The customer sees them only until we write again."""
    sends_address: bool
    """Who presses one also sends us its address, as a text of theirs."""
