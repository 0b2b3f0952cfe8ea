"""The shapes in which everybody sees the inbox: the HTTP API, the event log, the socket and the console.

Ids and seqs are decimal strings (JavaScript rounds numbers above 2^53), times are RFC 3339 UTC strings with
milliseconds.  Every entity carries ``seq``, the number of the event that last changed it: a client that already
has a newer one skips the older.
"""

from typing import Literal

from server.buttons import LinkButtonRuleView as LinkButtonRuleView
from server.buttons import LinkButtonView as LinkButtonView
from server.buttons import QuickReplyRuleView as QuickReplyRuleView
from server.buttons import QuickReplyView as QuickReplyView
from server.entity import AgentRef as AgentRef
from server.entity import DeliveryState as DeliveryState
from server.entity import Entity as Entity
from server.entity import FailureView as FailureView
from server.entity import OwnReaction as OwnReaction
from server.entity import PartView as PartView
from server.entity import ReactionRuleView as ReactionRuleView

Role = Literal["agent", "supervisor", "administrator"]
DialogStatus = Literal["open", "snoozed", "closed"]
Origin = Literal["contact", "agent", "campaign", "automation", "auto_reply", "survey", "system"]


class ChannelRef(Entity, frozen=True, kw_only=True):
    id: str
    kind: str
    name: str


class ContactRef(Entity, frozen=True, kw_only=True):
    id: str
    number: int
    """The permanent record number, shown as #318."""
    name: str
    """Empty when the channel told no name; then ``address`` is shown."""
    address: str
    """On the dialog's channel: E.164 number, chat id, page-scoped id, Viber id."""
    picture: str | None = None
    """Which picture ``GET /dialogs/{id}/picture`` shows: another word for another picture; None where there is none."""


class Author(Entity, frozen=True, kw_only=True):
    type: Literal["contact", "agent", "system"]
    id: str | None = None
    name: str = ""


class Source(Entity, frozen=True, kw_only=True):
    """Where the customer came from: a visit to the company's website, found by the entry token ``ref``."""

    ref: str = ""
    source: str = ""
    medium: str = ""
    campaign: str = ""
    landing_page: str = ""
    referrer: str = ""


class Preview(Entity, frozen=True, kw_only=True):
    """The last line of a dialog, for lists; ``attachment`` is the kind of the first attachment."""

    direction: Literal["inbound", "outbound"]
    text: str
    attachment: str | None = None


class Dialog(Entity, frozen=True, kw_only=True):
    id: str
    seq: str
    number: int
    status: DialogStatus
    channel: ChannelRef
    contact: ContactRef
    assignee: AgentRef | None
    last_replied_by: Author | None
    created_at: str
    closed_at: str | None
    last_message_at: str | None
    last_inbound_at: str | None
    waiting_since: str | None
    """Time of the first customer message that nobody answered yet; None when we spoke last."""
    inbound_count: int
    """Customer messages so far; an agent's unread count is this less the agent's read marker."""
    message_count: int
    """Messages in and out, without notes."""
    reopen_count: int
    previous_id: str | None
    reply_allowed: bool
    elsewhere: bool
    """Another application at the provider has the thread (as Facebook's own inbox of a page): not allowed until it gives
    it back."""
    reachable: bool
    """False: the contact blocked us or left; sending is refused until they write or come back."""
    opted_out: bool
    """Whether the contact wants no marketing on this channel; answers in a dialog are still welcome."""
    reply_until: str | None
    """End of the channel's reply window; None where there is none."""
    preview: Preview | None
    source: Source | None


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


class Activity(Entity, frozen=True, kw_only=True):
    """What happened to a dialog besides messages; shown between them."""

    id: str
    seq: str
    dialog_id: str
    type: Literal[
        "created",
        "assigned",
        "unassigned",
        "closed",
        "reopened",
        "opted_out",
        "opted_in",
        "blocked",
        "unblocked",
        "moved",
    ]
    actor: Author
    subject: AgentRef | None
    """Who was assigned."""
    previous: AgentRef | None
    """Who had it before."""
    at: str


class Agent(Entity, frozen=True, kw_only=True):
    id: str
    seq: str
    name: str
    email: str
    role: Role
    active: bool
    channel_ids: tuple[str, ...]
    """Channels granted; administrators have all, whatever stands here."""


class FileRuleView(Entity, frozen=True, kw_only=True):
    """Files that a channel takes as one kind; ``types`` empty: of any media type."""

    kind: str
    bytes: int
    types: tuple[str, ...]
    caption: int
    """Longest text that goes with the file; 0: the text goes as a message of its own."""


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

    kind: Literal["failing", "silent", "quarantine"]
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
    health: Literal["connected", "failing", "idle", "paused", "off"]
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
