"""Typed errors of the connectors: each one says what may safely be done next."""

import msgspec


class Failure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why something was not delivered, for a person and for the records."""

    code: str
    """Our own stable word: ``blocked``, ``window_closed``, ``no_such_address``, ``rate_limited`` …"""
    text: str
    """One plain sentence for the agent."""
    provider_code: str | None = None
    """The provider's own code, kept for support."""


STOPPED = "stopped"
"""Code of a failure that is nobody's: the process stopped before the call was begun."""


class ConnectorError(Exception):
    """Base of all errors below."""


class BadSignature(ConnectorError):
    """The request is not proven to come from the provider (answered 403)."""


class BadPayload(ConnectorError):
    """The body is not the provider's format at all (answered 400)."""


class SendError(ConnectorError):
    """An attempt did not end in acceptance.

    ``accepted`` holds the ids of those parts that the provider had accepted in this attempt before the error.
    """

    def __init__(self, failure: Failure, *, accepted: tuple[str, ...] = ()) -> None:
        super().__init__(failure.text)
        self.failure = failure
        self.accepted = accepted


class NotAccepted(SendError):
    """Certainly not accepted, and worth repeating: refused connection, 429, documented temporary errors.

    ``retry_after`` are seconds.  ``peer_only`` tells whether they are meant for this one person (True) or for the whole
    channel (False); None when the provider does not say: then one person waits, and all do when a second one is told so.
    """

    def __init__(
        self,
        failure: Failure,
        *,
        retry_after: float | None = None,
        peer_only: bool | None = None,
        accepted: tuple[str, ...] = (),
    ) -> None:
        super().__init__(failure, accepted=accepted)
        self.retry_after = retry_after
        self.peer_only = peer_only


class Refused(SendError):
    """Certainly not accepted, and final for this message.

    ``channel`` tells that the whole channel can't send (revoked token, blocked account).
    """

    def __init__(self, failure: Failure, *, channel: bool = False, accepted: tuple[str, ...] = ()) -> None:
        super().__init__(failure, accepted=accepted)
        self.channel = channel


class Uncertain(SendError):
    """The request was written and no clear answer came: it may have been accepted.  Never repeated by itself."""


FETCH_CODES = ("too_large", "refused", "gone", "denied", "unreachable", "slow", "provider")
"""Why a file could not be had: larger than allowed, leads where we do not go, not there any more, our credentials are not
accepted, no answer, not in time, any other trouble at the provider."""


class FetchFailed(ConnectorError):
    """An attachment or profile could not be had; ``temporary`` tells whether trying again makes sense.

    ``code`` is one of FETCH_CODES.
    """

    def __init__(self, text: str, *, temporary: bool, code: str = "provider") -> None:
        super().__init__(text)
        self.temporary = temporary
        self.code = code
