"""The port to one configured account of one channel kind: what every connector has."""

from typing import Protocol

from connectors.contract.answers import Media, Profile, Registration
from connectors.contract.capabilities import Capabilities
from connectors.contract.outbound import Outbound, Sent
from connectors.contract.receiving import Polled, Received, WebhookRequest


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
