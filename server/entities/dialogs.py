"""A dialog, and what happened to it besides messages."""

from typing import Literal

from server.entities.base import AgentRef, Author, ChannelRef, Entity

DialogStatus = Literal["open", "snoozed", "closed"]


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
