"""What providers tell us: people, and the things that happened, as values."""

from enum import StrEnum

import msgspec

from connectors.errors import Failure


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """The person outside, as the provider names them."""

    id: str
    """The address that identifies the person on this channel kind: E.164 number, PSID, chat id, Viber id."""
    name: str | None = None
    said_name: str | None = None
    """What somebody calls themselves where nothing proves it, as in a form: for a contact who has no name yet."""
    language: str | None = None
    phone: str | None = None
    """A telephone number that is certainly the person's own (E.164), never one from a forwarded card."""


class AttachmentKind(StrEnum):
    IMAGE = "image"
    VIDEO = "video"
    VIDEO_NOTE = "video_note"
    AUDIO = "audio"
    VOICE = "voice"
    FILE = "file"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACT = "contact"
    LINK = "link"
    TEMPLATE = "template"


class Attachment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that came with a message.  ``source`` is only for the same connector's :meth:`Connector.fetch`."""

    kind: AttachmentKind
    source: str | None = None
    """Where the bytes can be had (URL or file id); None when there are no bytes (location, contact card)."""
    name: str | None = None
    mime: str | None = None
    size: int | None = None
    """Bytes, as the provider claims."""
    title: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    phone: str | None = None
    url: str | None = None
    """A link the customer sent, shown as text; never fetched by us."""
    sticker_id: str | None = None
    unique_id: str | None = None
    """The provider's id of these bytes, the same however often they are sent; None where it gives none.  By it an edit is
    known to leave the file as it is."""


class Item(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One thing that a provider told us.

    ``key`` identifies it for ever within (channel, kind of item): the same key again changes nothing.
    ``accounts`` are the provider's ids of the account it belongs to, where one callback serves several;
    empty means the channel whose webhook was called.
    """

    key: str
    at_ms: int | None = None
    """The provider's own time, when it gave one."""
    accounts: tuple[str, ...] = ()


class InboundMessage(Item, frozen=True, kw_only=True, tag="message"):
    peer: Peer
    external_id: str
    """The provider's id of the message, as receipts, replies and edits will name it."""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    payload: str | None = None
    """What a quick reply or a button carried."""
    reply_to: str | None = None
    answers: str | None = None
    """Our own mark (:attr:`Outbound.tracker`) of a message of quick replies that this may answer, where the provider
    names none.  It does if that message went to the same person and, without ``payload``, offers this very text,
    whose payload is taken then."""
    group: str | None = None
    """Messages of one album share it."""
    note: str | None = None
    """Why the content is not fully shown: ``unsupported:dice``, ``url``, ``empty``; or ``repeated``: it may
    be an earlier message that the provider gave a second time."""
    standby: bool = False
    """Another application owns the thread at the provider: shown, but not answerable now."""
    reply_allowed: bool = True
    tracking: str | None = None


class Part(Item, frozen=True, kw_only=True, tag="part"):
    """One part of a long SMS whose provider passes parts on as they come; the server makes one message of them.

    Parts of the same sender with the same ``reference`` and ``count`` belong together, within an hour.
    """

    peer: Peer
    external_id: str
    reference: str
    """What the sender's telephone gave all parts of one message: a small number, used again sooner or later."""
    number: int
    """From 1."""
    count: int
    """How many there are; at least 2, at most 255."""
    text: str = ""
    reply_allowed: bool = True


class Echo(Item, frozen=True, kw_only=True, tag="echo"):
    """Sent by our own account: by us (then ``metadata`` or the id tells which), or by a colleague elsewhere."""

    peer: Peer
    external_id: str
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    app_id: str | None = None
    metadata: str | None = None
    standby: bool = False


class Edit(Item, frozen=True, kw_only=True, tag="edit"):
    """The customer changed a message; a field that is None did not change."""

    target: str
    peer: Peer | None = None
    text: str | None = None
    attachments: tuple[Attachment, ...] | None = None
    revision: int | None = None


class Deletion(Item, frozen=True, kw_only=True, tag="delete"):
    target: str
    peer: Peer | None = None


class ReceiptState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


class Receipt(Item, frozen=True, kw_only=True, tag="receipt"):
    """A report about deliveries, named by their ids, or all to ``peer`` up to ``watermark_ms``, or both.

    Without a watermark ``peer`` is who got the one that ``tracker`` names: see :attr:`Sent.peer_id`.
    """

    state: ReceiptState
    external_ids: tuple[str, ...] = ()
    watermark_ms: int | None = None
    peer: Peer | None = None
    failure: Failure | None = None
    tracker: str | None = None
    reference: str | None = None
    """:func:`connectors.contract.reference_of` our mark, of a provider that brings no more back: it is about what was
    sent to ``peer`` with it lately and never answered."""


class Reaction(Item, frozen=True, kw_only=True, tag="reaction"):
    target: str
    added: bool
    peer: Peer | None = None
    emoji: str | None = None


class Start(Item, frozen=True, kw_only=True, tag="start"):
    """The customer came by a deep link (or pressed Start); ``ref`` is the entry token it carried."""

    peer: Peer
    ref: str | None = None
    source: str | None = None
    payload: str | None = None
    title: str | None = None
    subscribed: bool | None = None


class Postback(Item, frozen=True, kw_only=True, tag="postback"):
    peer: Peer
    payload: str
    title: str | None = None
    on_message: str | None = None
    standby: bool = False
    """As of a message."""


class Consent(Item, frozen=True, kw_only=True, tag="consent"):
    """The customer subscribed or unsubscribed, blocked or unblocked us, or wrote an opt-out keyword."""

    peer: Peer
    granted: bool
    source: str
    """What it was: ``keyword:STOP``, ``blocked``, ``subscribed``, ``unsubscribed``, ``form:PURPOSE``."""
    wording: str = ""
    """What they agreed to, as it was shown to them."""


class Control(Item, frozen=True, kw_only=True, tag="control"):
    """Another application of the account took the thread with ``peer``, gave it back, or asks for it."""

    event: str
    peer: Peer | None = None
    ours: bool | None = None
    """Whether we have the thread from now on; None: nothing changed about that."""


class ChannelAlert(Item, frozen=True, kw_only=True, tag="channel_alert"):
    level: str
    text: str


class PeerChanged(Item, frozen=True, kw_only=True, tag="peer_changed"):
    old: str
    new: str


class TemplateStatus(Item, frozen=True, kw_only=True, tag="template_status"):
    """Something about one of the account's templates changed at the provider: the list has to be asked for anew."""

    name: str
    status: str
    language: str = ""
    reason: str = ""


class Ignored(Item, frozen=True, kw_only=True, tag="ignored"):
    """Understood, and nothing to do with dialogs: of the raw body the newest are kept, and nobody is told."""

    why: str


class Unknown(Item, frozen=True, kw_only=True, tag="unknown"):
    """Signed but not understood: goes to quarantine with the raw body."""

    why: str
    """A word of ``QUARANTINED`` in server/reasons.py, and after a colon what exactly: ``unknown_kind: of_tomorrow``."""


AnyItem = (
    InboundMessage
    | Part
    | Echo
    | Edit
    | Deletion
    | Receipt
    | Reaction
    | Start
    | Postback
    | Consent
    | Control
    | ChannelAlert
    | PeerChanged
    | TemplateStatus
    | Ignored
    | Unknown
)
