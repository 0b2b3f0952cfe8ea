"""What a channel is to the inbox: the values that pass between them and the ports between the two.

A connector is *sans I/O* where it reads (bytes in, values out) and asynchronous where it acts.  It never touches
the database: what it learned goes through :class:`Sink`, what it must send comes from :class:`Outbox`.

Times are epoch milliseconds UTC (``*_ms``).  Ids of the outside world are opaque text, never numbers.
"""

from connectors.contract.answers import Account, Checked, Condition, Media, Profile, Registration, Trouble
from connectors.contract.capabilities import Capabilities, Pace, Rate
from connectors.contract.connector import Connector
from connectors.contract.inbound import (
    AnyItem,
    Attachment,
    AttachmentKind,
    ChannelAlert,
    Consent,
    Control,
    Deletion,
    Echo,
    Edit,
    Ignored,
    InboundMessage,
    Item,
    Part,
    Peer,
    PeerChanged,
    Postback,
    Reaction,
    Receipt,
    ReceiptState,
    Start,
    TemplateStatus,
    Unknown,
)
from connectors.contract.marks import mark_of, reference_of, split_mark
from connectors.contract.optional import (
    AnswersLate,
    Checks,
    Conditions,
    DeepLinks,
    Exclusive,
    NamesByPhone,
    Paced,
    Templates,
)
from connectors.contract.outbound import (
    Attempt,
    LinkButton,
    Outbound,
    OutboundAttachment,
    Progress,
    QuickReply,
    Sent,
)
from connectors.contract.receiving import Polled, Received, WebhookReply, WebhookRequest
from connectors.contract.server import Outbox, Sink
from connectors.contract.spec import ADVANCED, LINES, ConnectorSpec

__all__ = [
    "ADVANCED",
    "LINES",
    "Account",
    "AnswersLate",
    "AnyItem",
    "Attachment",
    "AttachmentKind",
    "Attempt",
    "Capabilities",
    "ChannelAlert",
    "Checked",
    "Checks",
    "Condition",
    "Conditions",
    "Connector",
    "ConnectorSpec",
    "Consent",
    "Control",
    "DeepLinks",
    "Deletion",
    "Echo",
    "Edit",
    "Exclusive",
    "Ignored",
    "InboundMessage",
    "Item",
    "LinkButton",
    "Media",
    "NamesByPhone",
    "Outbound",
    "OutboundAttachment",
    "Outbox",
    "Pace",
    "Paced",
    "Part",
    "Peer",
    "PeerChanged",
    "Polled",
    "Postback",
    "Profile",
    "Progress",
    "QuickReply",
    "Rate",
    "Reaction",
    "Receipt",
    "ReceiptState",
    "Received",
    "Registration",
    "Sent",
    "Sink",
    "Start",
    "TemplateStatus",
    "Templates",
    "Trouble",
    "Unknown",
    "WebhookReply",
    "WebhookRequest",
    "mark_of",
    "reference_of",
    "split_mark",
]
