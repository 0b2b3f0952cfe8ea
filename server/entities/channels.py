"""A channel: what it takes, and how it is."""

from typing import Literal

from server.entities.base import Entity

HealthState = Literal["connected", "failing", "idle", "paused", "off"]
AlarmKind = Literal["failing", "silent", "quarantine"]


class FileRuleView(Entity, frozen=True, kw_only=True):
    """Files that a channel takes as one kind; ``types`` empty: of any media type."""

    kind: str
    bytes: int
    types: tuple[str, ...]
    caption: int
    """Longest text that goes with the file; 0: the text goes as a message of its own."""


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


class ReactionRuleView(Entity, frozen=True, kw_only=True):
    emoji: tuple[str, ...]
    """The only ones that can be put on a customer's message; empty: any."""


class CapabilitiesView(Entity, frozen=True, kw_only=True):
    receive: bool
    delivered_report: bool
    read_report: bool
    sender: str | None
    start_dialog: bool
    start_by_template: bool
    """What we write first, and until the customer has written, must be an approved template."""
    phone_numbers: bool
    reply_window_hours: int | None
    human_reply_hours: int | None
    text_limit: int
    segments: bool
    text_parts: int
    """How many messages a longer text may become."""
    files: tuple[FileRuleView, ...]
    reply_to: bool
    quick_replies: QuickReplyRuleView | None
    link_buttons: LinkButtonRuleView | None
    reactions: ReactionRuleView | None
    """Emoji that we can put on a customer's message; null: none."""
    templates: bool
    """Approved templates can be sent, also when the time for replies is over."""
    deep_link: bool


class Alarm(Entity, frozen=True, kw_only=True):
    """What administrators should look at: the channel fails, nothing came in for long, or something was not understood."""

    kind: AlarmKind
    since: str
    count: int | None
    """Of a quarantine: how many things are new, at most 100."""
    acknowledged_at: str | None
    """An administrator knows; the alarm goes when its cause does."""


class Channel(Entity, frozen=True, kw_only=True):
    id: str
    seq: str
    kind: str
    provider: str | None
    name: str
    active: bool
    webhook: str
    """Path below the public URL."""
    capabilities: CapabilitiesView
    sms_on: bool | None
    """Of an SMS number: false when SMS is off on it, so that nothing is sent and what comes is set aside; else null."""
    health: HealthState
    last_error: str | None
    last_error_code: str | None
    """The stable code of that sentence, for a translation; null where it has none."""
    last_error_said: str | None
    """What the provider said itself, word for word."""
    last_error_at: str | None
    last_inbound_at: str | None
    last_outbound_at: str | None
    pending: int | None
    """Messages that wait at the provider; null where it does not tell."""
    mended: str | None
    """What was last put right by itself at the provider."""
    mended_said: str | None
    """Whose it was."""
    mended_at: str | None
    silence_hours: int | None
    """After so many hours without a message from a customer there is an alarm; null: never."""
    alarms: tuple[Alarm, ...]
