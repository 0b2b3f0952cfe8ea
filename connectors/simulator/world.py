"""The state of the simulated world: accounts, what the phones show, what the providers accepted."""

import itertools
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

KINDS = ("sms", "messenger", "telegram", "viber", "whatsapp")
"""The channel kinds, in the order in which the page shows their phones."""

_BLOB_BUDGET = 256 * 1024 * 1024


class State(StrEnum):
    """How far a message of the business got on its way to the customer's eyes."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"


class Blob(msgspec.Struct, frozen=True, kw_only=True):
    """A file that the simulator keeps, as a provider's media store does."""

    id: str
    name: str
    mime: str
    data: bytes

    @property
    def path(self) -> str:
        return f"/media/{self.id}"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A spot on the map."""

    latitude: float
    longitude: float
    title: str = ""
    address: str = ""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's contact card."""

    name: str
    phone: str
    """E.164."""
    is_own: bool = False
    """It is the sender's own, and the app says so where it can."""


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """What goes with a message, as the phone shows it; a file without ``blob`` could not be got by the provider."""

    kind: str
    """``image``, ``video``, ``audio``, ``voice``, ``file``, ``sticker``, ``location`` or ``contact``."""
    name: str = ""
    mime: str = ""
    blob: Blob | None = None
    seconds: int = 1
    """How long a sound or a film takes."""
    place: Place | None = None
    card: Card | None = None

    @property
    def size(self) -> int:
        return len(self.blob.data) if self.blob else 0


class Button(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that a message of the business offers, to be pressed instead of written; or an address to be opened."""

    title: str
    payload: str = ""
    """What pressing it sends back, in the provider's own form."""
    url: str = ""
    """It opens this, and sends nothing back."""
    silent: bool = False
    """What pressing it sends is not shown in the customer's own thread (Viber)."""


@dataclass(kw_only=True)
class Entry:
    """One message on a phone."""

    id: str
    """The provider's id of the message."""
    outgoing: bool
    """True: the customer wrote it; False: it came from the business."""
    at_ms: int
    text: str = ""
    attachment: Attachment | None = None
    reply_to: str | None = None
    buttons: tuple[Button, ...] = ()
    state: State = State.SENT
    edits: int = 0
    """How often its author changed it."""
    is_deleted: bool = False
    reaction: str = ""
    """The customer's emoji on it."""
    own_reaction: str = ""
    """The business's emoji on it."""


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the ledger: a send that a provider accepted."""

    provider: str
    """The channel kind."""
    account: str
    peer: str
    id: str
    at_ms: int
    text: str = ""
    attachment: Attachment | None = None
    reply_to: str | None = None
    tracker: str = ""
    """Our own mark: ``metadata`` (Messenger), ``tracking_data`` (Viber), ``biz_opaque_callback_data`` (WhatsApp), the StatusCallback address (SMS)."""


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP exchange in which a provider told the business something."""

    event: str
    """What was told, in the provider's word: ``message``, ``seen``, ``messaging_postbacks`` …"""
    method: str
    path: str
    status: int | None
    """None: no answer."""
    ms: float
    at_ms: int
    attempt: int = 1
    error: str = ""
    body: bytes = b""
    """The first part of the answer."""
    retry_after: float | None = None
    unconnected: bool = False
    """The connection itself could not be made: the request was certainly not seen."""

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class BlobStore:
    """Files by unguessable id.  Bounded: the oldest go when there are too many."""

    def __init__(self, budget: int = _BLOB_BUDGET) -> None:
        self._blobs: OrderedDict[str, Blob] = OrderedDict()
        self._budget = budget
        self._bytes = 0

    def add(self, data: bytes, *, name: str, mime: str) -> Blob:
        blob = Blob(id=secrets.token_urlsafe(18), name=name, mime=mime, data=data)
        self._blobs[blob.id] = blob
        self._bytes += len(data)
        while self._bytes > self._budget and len(self._blobs) > 1:
            _, old = self._blobs.popitem(last=False)
            self._bytes -= len(old.data)
        return blob

    def get(self, blob_id: str) -> Blob | None:
        return self._blobs.get(blob_id)


@dataclass
class World:
    """Everything that the provider fakes share."""

    base_url: str = ""
    """Where the simulator listens; part of the addresses of media."""
    ledger: list[Accepted] = field(default_factory=list)
    exchanges: deque[Exchange] = field(default_factory=lambda: deque(maxlen=20_000))
    blobs: BlobStore = field(default_factory=BlobStore)
    watchers: set[Callable[[str], None]] = field(default_factory=set)
    """Called with a phone's id whenever something on that phone changed."""
    _last_ms: int = 0

    def stamp(self) -> int:
        """The providers' clock in epoch milliseconds; never the same twice, so that a watermark is exact."""
        self._last_ms = max(time.time_ns() // 1_000_000, self._last_ms + 1)
        return self._last_ms

    def counter(self) -> Iterator[int]:
        """Ascending 31-bit ids that a later run of the simulator does not give again."""
        return itertools.count(self.stamp() // 20 % 2_000_000_000)

    def changed(self, phone_id: str) -> None:
        for watcher in tuple(self.watchers):
            watcher(phone_id)
