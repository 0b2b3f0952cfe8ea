"""What a channel is to the inbox: the values that pass between them and the ports between the two.

A connector is *sans I/O* where it reads (bytes in, values out) and asynchronous where it acts.  It never touches
the database: what it learned goes through :class:`Sink`, what it must send comes from :class:`Outbox`.

Times are epoch milliseconds UTC (``*_ms``).  Ids of the outside world are opaque text, never numbers.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

import msgspec

from connectors.errors import Failure
from connectors.offers import FileRule, Misfit, QuickReplyRule, rule_for
from connectors.templates import FilledTemplate, Template

# --------------------------------------------------------------------------------------------- capabilities


class Capabilities(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What one configured channel can do.  The console, sending and analytics read this; nothing is guessed."""

    receive: bool = True
    """Customers can write to us; false for a send-only sender."""
    sender: str | None = None
    """Whom customers see as the sender: our telephone number, or a text where nobody can answer (a sender name, else
    ``SMS``).  None: the account itself, which the channel's name stands for."""
    delivered_report: bool = False
    read_report: bool = False
    start_dialog: bool = False
    """We may write first to an address that never wrote to us."""
    phone_numbers: bool = False
    """Addresses are telephone numbers: what an agent types is read as one."""
    reply_window_hours: int | None = None
    """Hours after the customer's last message in which a reply is allowed; None: no limit."""
    human_reply_hours: int | None = None
    """Hours in which what a person writes still goes out after that, marked as such (:attr:`Outbound.by_person`)."""
    text_limit: int = 4096
    """Longest text of one message at the provider, in characters; a longer one goes out as several."""
    segments: bool = False
    """Text is billed in SMS parts: the composer counts them."""
    files: tuple[FileRule, ...] = ()
    """Attachments that can be sent, one rule a kind."""
    reply_to: bool = False
    """A message can answer one earlier message, which the customer sees quoted."""
    quick_replies: QuickReplyRule | None = None
    """None: the channel has none."""
    templates: bool = False
    """Approved templates can be sent (:class:`Templates`), also when the time for replies is over."""
    deep_link: bool = False

    def rule_for(self, kind: str, mime: str, size: int) -> FileRule | Misfit:
        """As what a file of this kind, media type and size in bytes goes out, or why it cannot."""
        return rule_for(self.files, kind, mime, size)


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """A token bucket: ``burst`` messages at once, and from then on ``per_second``."""

    per_second: float
    burst: int = 1


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How fast the provider lets one account send; None: it documents no limit, and tells when it is too fast."""

    channel: Rate | None = None
    """Over all people together."""
    peer: Rate | None = None
    """To one person."""


# --------------------------------------------------------------------------------------------- inbound values


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """The person outside, as the provider names them."""

    id: str
    """The address that identifies the person on this channel kind: E.164 number, PSID, chat id, Viber id."""
    name: str | None = None
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
    group: str | None = None
    """Messages of one album share it."""
    note: str | None = None
    """Why the content is not fully shown: ``unsupported:dice``, ``url``, ``empty``."""
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
    """A report about deliveries, named by their ids, or all to ``peer`` up to ``watermark_ms``, or both."""

    state: ReceiptState
    external_ids: tuple[str, ...] = ()
    watermark_ms: int | None = None
    peer: Peer | None = None
    failure: Failure | None = None
    tracker: str | None = None


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


class Consent(Item, frozen=True, kw_only=True, tag="consent"):
    """The customer subscribed or unsubscribed, blocked or unblocked us, or wrote an opt-out keyword."""

    peer: Peer
    granted: bool
    source: str
    """What it was: ``keyword:STOP``, ``blocked``, ``subscribed``, ``unsubscribed``, ``form:PURPOSE``."""
    wording: str = ""
    """What they agreed to, as it was shown to them."""


class Control(Item, frozen=True, kw_only=True, tag="control"):
    """Thread ownership at the provider changed."""

    event: str
    peer: Peer | None = None


class ChannelAlert(Item, frozen=True, kw_only=True, tag="channel_alert"):
    level: str
    text: str


class PeerChanged(Item, frozen=True, kw_only=True, tag="peer_changed"):
    old: str
    new: str


class TemplateStatus(Item, frozen=True, kw_only=True, tag="template_status"):
    name: str
    status: str


class Ignored(Item, frozen=True, kw_only=True, tag="ignored"):
    """Understood, and nothing to do with dialogs; kept nowhere, only counted."""

    why: str


class Unknown(Item, frozen=True, kw_only=True, tag="unknown"):
    """Signed but not understood: goes to quarantine with the raw body."""

    why: str


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


# --------------------------------------------------------------------------------------------- webhooks


class WebhookRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's call, as raw as it came."""

    method: str
    url: str
    """The address the provider called: our public URL + the raw path and query, never from the Host header."""
    query: str = ""
    """Raw query string, without the question mark."""
    headers: Mapping[str, str] = {}
    """Names in lower case; the first value of a repeated header."""
    body: bytes = b""


class WebhookReply(msgspec.Struct, frozen=True, kw_only=True):
    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What a webhook held, and what to answer once the items are committed."""

    items: tuple[AnyItem, ...] = ()
    reply: WebhookReply = WebhookReply()
    raw: bytes | None = None
    """What is kept where an item is :class:`Unknown`; None: the body.  For calls whose fields are in the query."""


class Polled(msgspec.Struct, frozen=True, kw_only=True):
    items: tuple[AnyItem, ...]
    cursor: str
    """To be committed in the same transaction as the items."""
    raw: bytes = b""
    """The answer they came in, kept only where an item is :class:`Unknown`."""


# --------------------------------------------------------------------------------------------- outbound values


class OutboundAttachment(msgspec.Struct, frozen=True, kw_only=True):
    kind: AttachmentKind
    name: str
    mime: str
    size: int
    read: Callable[[], Awaitable[bytes]]
    link: str
    """A short-lived address under our public URL from which the provider itself can fetch the bytes."""


class QuickReply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An answer that the customer chooses by pressing it."""

    title: str
    payload: str | None = None
    """What comes back as ``payload`` of the customer's message; None: whatever the connector finds fit."""


class Outbound(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt to send one message to one identity."""

    delivery_id: str
    attempt: int
    peer_id: str
    text: str = ""
    attachments: tuple[OutboundAttachment, ...] = ()
    reply_to: str | None = None
    """The provider's id of the message that this one answers."""
    quick_replies: tuple[QuickReply, ...] = ()
    template: FilledTemplate | None = None
    """Send this instead; ``text`` is then only what it reads as.  Never with attachments or quick replies."""
    accepted: tuple[str, ...] = ()
    """Ids of the leading parts that an earlier attempt had accepted: those parts are not sent again."""
    tracker: str = ""
    """Our own mark, passed to the provider where it takes one, so that an echo or a receipt names it."""
    by_person: bool = False
    """An agent wrote it; never so for what a campaign, an automation or the server itself sends."""
    since_inbound_ms: int | None = None
    """Milliseconds since the customer's last message, when this was claimed."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """The provider accepted the message."""

    external_ids: tuple[str, ...]
    """One id per provider message it became; at least one."""


class Media(msgspec.Struct, frozen=True, kw_only=True):
    data: bytes
    name: str | None = None
    mime: str | None = None


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    name: str | None = None
    language: str | None = None
    picture: str | None = None
    """Their picture, for the same connector's :meth:`Connector.fetch`, now; never stored."""


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's view of our webhook."""

    url: str | None = None
    pending: int | None = None
    error: str | None = None


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says of a channel that runs; all None: it is well."""

    pending: int | None = None
    """Messages that wait at the provider, where it tells."""
    error: str | None = None
    """Why nothing comes in, for a person.  Never holds a value of a secret."""
    error_at_ms: int | None = None
    """When the provider last met the error; None: it holds now."""
    mended: str | None = None
    """What was wrong and was put right just now."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Whose credentials they are, as the provider names it."""

    id: str
    name: str


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Why the settings will not work, and what a person can do about it.  Never holds a value of a secret."""

    text: str
    code: str = "rejected"
    """Our own stable word, mostly that of a :class:`~connectors.errors.Failure`."""
    key: str | None = None
    """The setting to look at; None when it is none of them."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says of the settings; no problems: they work."""

    account: Account | None = None
    problems: tuple[Trouble, ...] = ()


# --------------------------------------------------------------------------------------------- ports


class Connector(Protocol):
    """One configured account of one channel kind.

    ``receive`` is pure and never does I/O.  It raises ``BadSignature`` (nothing else of the request is read before
    the signature was checked over the raw bytes, in constant time; no secret configured means refused) or
    ``BadPayload`` (not the provider's format at all).  A signed item it does not know becomes :class:`Unknown`.

    ``send`` returns when the provider accepted, or raises one of ``NotAccepted`` (certainly not accepted: may be
    repeated), ``Refused`` (certainly not accepted: final) or ``Uncertain`` (it may have been accepted).
    """

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def account(self) -> str | None:
        """The provider's own id of this account, where one callback serves several; else None."""
        ...

    @property
    def polls(self) -> bool:
        """Whether updates are fetched by :meth:`poll` instead of arriving at a webhook."""
        ...

    def shares_callback(self, other: "Connector") -> bool:
        """Whether ``other`` is verified by the same secret, so that its items may arrive at our webhook."""
        ...

    def receive(self, request: WebhookRequest) -> Received: ...

    async def send(self, message: Outbound) -> Sent: ...

    async def poll(self, cursor: str | None) -> Polled:
        """Wait for what came after ``cursor``.  Raises NotAccepted (try again) or Refused (a person has to mend it)."""
        ...

    async def fetch(self, source: str, limit: int) -> Media:
        """The bytes of an attachment, at most ``limit`` of them.  Raises FetchFailed."""
        ...

    async def profile(self, peer_id: str) -> Profile | None:
        """What the provider tells about a person; None when it tells nothing.  Raises FetchFailed."""
        ...

    async def register(self, webhook_url: str) -> Registration:
        """Tell the provider where to call us; where that is done by hand, only report what it knows."""
        ...


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
    """A connector whose provider documents how fast it may be called.  What has to wait stays queued meanwhile."""

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

    async def templates(self) -> tuple[Template, ...]:
        """The approved templates that :attr:`Outbound.template` may name.  Raises NotAccepted (ask again later) or
        Refused (a person has to mend it).
        """
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


class Sink(Protocol):
    """Where what was received goes.  Implemented by the server."""

    async def ingest(
        self, channel_id: str, items: Sequence[AnyItem], *, raw: bytes = b"", cursor: str | None = None
    ) -> None:
        """Returns only after all of it is committed; the same items again change nothing.

        ``raw`` is the body they came in, kept only where an item is :class:`Unknown`.
        ``cursor`` is stored in the same transaction.
        """
        ...


class Outbox(Protocol):
    """Where what must be sent comes from.  Implemented by the server."""

    async def claim(self, channel_id: str, limit: int, resting: Sequence[str] = ()) -> list[Outbound]:
        """Deliveries that this caller, and no other, sends now; each was committed as ``sending``.

        None of them to a person in ``resting`` (:attr:`Peer.id`).
        """
        ...

    async def record(self, channel_id: str, attempts: Sequence["Attempt"]) -> None: ...

    async def wait(self, channel_id: str) -> None:
        """Returns when something may be waiting for the channel (it may also return for nothing)."""
        ...


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """How one attempt ended; ``error`` None means that the provider accepted."""

    delivery_id: str
    attempt: int
    sent: Sent | None = None
    error: Any = None


ADVANCED: dict[str, bool] = {"advanced": True}
"""``Annotated[str, msgspec.Meta(extra=ADVANCED)]``: a setting that hardly anybody needs."""


class ConnectorSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the registry: how to build the connector of a channel kind (and provider)."""

    kind: str
    provider: str | None = None
    label: str
    settings: type[msgspec.Struct]
    """Typed settings; unknown keys are refused.  Fields in ``secrets`` are write-only outside.

    ``msgspec.Meta(title=…)`` is a field's name in forms, and :data:`ADVANCED` takes it out of a beginner's sight.
    """
    secrets: tuple[str, ...]
    open: Callable[[Any, Any, str], Connector]
    """``open(settings, http, webhook_url)`` with an instance of ``settings``, a ``connectors.http.HTTPClient`` and
    our public address for this channel, which some providers want named in every send (Twilio's StatusCallback)."""
    capabilities: Capabilities | None = None
    """What a channel with ordinary settings can do; an open connector says it for its own."""
    registers: bool = False
    """Whether :meth:`Connector.register` sets something at the provider, and does not only report."""
    webhook_by_hand: bool = True
    """Whether a person enters the webhook's address at the provider."""
