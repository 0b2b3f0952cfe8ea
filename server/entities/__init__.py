"""The shapes in which everybody sees the inbox: the HTTP API, the event log, the socket and the console.

Ids and seqs are decimal strings (JavaScript rounds numbers above 2^53), times are RFC 3339 UTC strings with
milliseconds.  Every entity carries ``seq``, the number of the event that last changed it: a client that already
has a newer one skips the older.
"""

from server.entities.base import (
    Agent,
    AgentRef,
    Author,
    ChannelRef,
    Entity,
    Role,
)
from server.entities.channels import (
    Alarm,
    AlarmKind,
    CapabilitiesView,
    Channel,
    FileRuleView,
    HealthState,
    LinkButtonRuleView,
    QuickReplyRuleView,
    ReactionRuleView,
)
from server.entities.dialogs import (
    Activity,
    ContactRef,
    Dialog,
    DialogStatus,
    Preview,
    Source,
)
from server.entities.messages import (
    AttachmentView,
    DeliveryState,
    FailureView,
    LinkButtonView,
    Message,
    MessageVersion,
    Origin,
    OwnReaction,
    PartView,
    QuickReplyView,
)

__all__ = [
    "Activity",
    "Agent",
    "AgentRef",
    "Alarm",
    "AlarmKind",
    "AttachmentView",
    "Author",
    "CapabilitiesView",
    "Channel",
    "ChannelRef",
    "ContactRef",
    "DeliveryState",
    "Dialog",
    "DialogStatus",
    "Entity",
    "FailureView",
    "FileRuleView",
    "HealthState",
    "LinkButtonRuleView",
    "LinkButtonView",
    "Message",
    "MessageVersion",
    "Origin",
    "OwnReaction",
    "PartView",
    "Preview",
    "QuickReplyRuleView",
    "QuickReplyView",
    "ReactionRuleView",
    "Role",
    "Source",
]
