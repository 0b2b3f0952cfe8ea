"""The catalogue of events: every kind of committed change, with the data that clients get.

Names are ``noun.past_tense``.  Data carries resulting values, never deltas.  An entity inside an event has the
event's own ``seq``.  ``docs/realtime.md`` lists this catalogue for readers.
"""

from typing import ClassVar

import msgspec

from server.entities import Activity, Agent, Channel, Dialog, Entity, Message


class EventData(Entity, frozen=True, kw_only=True):
    """Base of all event data; ``name`` is the event's name on the wire."""

    name: ClassVar[str]


class DialogCreated(EventData, frozen=True, kw_only=True):
    name: ClassVar[str] = "dialog.created"
    dialog: Dialog
    activity: Activity


class DialogAssigned(EventData, frozen=True, kw_only=True):
    """The responsible agent changed: taken, handed over, or given back to nobody."""

    name: ClassVar[str] = "dialog.assigned"
    dialog: Dialog
    activity: Activity


class DialogClosed(EventData, frozen=True, kw_only=True):
    name: ClassVar[str] = "dialog.closed"
    dialog: Dialog
    activity: Activity


class DialogReopened(EventData, frozen=True, kw_only=True):
    name: ClassVar[str] = "dialog.reopened"
    dialog: Dialog
    activity: Activity


class DialogUpdated(EventData, frozen=True, kw_only=True):
    """Anything else about a dialog changed (its contact's name, its source, whether it can be answered)."""

    name: ClassVar[str] = "dialog.updated"
    dialog: Dialog


class ContactChanged(EventData, frozen=True, kw_only=True):
    """The contact opted out or in, blocked us or came back, or has another address."""

    name: ClassVar[str] = "contact.changed"
    dialog: Dialog
    activity: Activity


class DialogRead(EventData, frozen=True, kw_only=True):
    """Private to one agent: the read marker moved (in another tab, say)."""

    name: ClassVar[str] = "dialog.read"
    dialog_id: str
    inbound_count: int


class MessageReceived(EventData, frozen=True, kw_only=True):
    name: ClassVar[str] = "message.received"
    dialog: Dialog
    message: Message


class MessageAdded(EventData, frozen=True, kw_only=True):
    """Our side wrote: a reply was queued, a note was added, or an echo showed that it was sent elsewhere."""

    name: ClassVar[str] = "message.added"
    dialog: Dialog
    message: Message


class MessageUpdated(EventData, frozen=True, kw_only=True):
    """Edited, deleted or reacted to by the customer; an attachment was stored; a delivery moved on."""

    name: ClassVar[str] = "message.updated"
    message: Message


class ChannelUpdated(EventData, frozen=True, kw_only=True):
    """A channel was added, changed, paused, or its health changed."""

    name: ClassVar[str] = "channel.updated"
    channel: Channel


class AgentUpdated(EventData, frozen=True, kw_only=True):
    """An agent was added, renamed or deactivated.  A change of role or grants also resets that agent's sockets."""

    name: ClassVar[str] = "agent.updated"
    agent: Agent


class AgentAccessChanged(EventData, frozen=True, kw_only=True):
    """Never sent to clients: at this position that agent's sockets get ``reset``, live and on resume."""

    name: ClassVar[str] = "agent.access_changed"
    agent_id: str


class QuarantineAdded(EventData, frozen=True, kw_only=True):
    """For administrators: something signed was not understood."""

    name: ClassVar[str] = "quarantine.added"
    id: str
    channel_id: str
    why: str


EVENTS: tuple[type[EventData], ...] = (
    DialogCreated,
    DialogAssigned,
    DialogClosed,
    DialogReopened,
    DialogUpdated,
    ContactChanged,
    DialogRead,
    MessageReceived,
    MessageAdded,
    MessageUpdated,
    ChannelUpdated,
    AgentUpdated,
    AgentAccessChanged,
    QuarantineAdded,
)
"""Every event there is."""


class DialogScope(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Seen by whoever sees the dialog; who loses sight of it by this event gets ``dialog.hidden`` instead."""

    dialog_id: int
    channel_id: int
    assignee_before: int | None
    assignee_after: int | None
    is_new: bool = False
    """The dialog did not exist before: nobody saw it."""


class AgentScope(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Seen by one agent only."""

    agent_id: int


class ChannelScope(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Seen by those to whom the channel is granted."""

    channel_id: int


class StaffScope(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Seen by everybody who signs in."""


class AdministratorScope(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Seen by administrators."""


Scope = DialogScope | AgentScope | ChannelScope | StaffScope | AdministratorScope


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A committed event as it is read back: ``data`` is already encoded JSON."""

    seq: int
    at_ms: int
    name: str
    scope: Scope
    data: bytes
