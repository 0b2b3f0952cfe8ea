"""What can go wrong in the inbox, in the words of the inbox.  No HTTP here; ``problems.py`` maps it."""

from typing import Any

from server.reasons import Reason


class InboxError(Exception):
    """Base of all errors that are meant for the caller.

    ``code`` is stable and becomes ``urn:centrala:problem:<code>``; ``title`` is the summary of the kind of
    problem; the message says what happened this time, mostly as a :class:`Reason` with a stable code of its own.
    ``extra`` are further members of the problem document.
    """

    code = "error"
    title = "The request could not be carried out"

    def __init__(self, detail: str | Reason, **extra: Any) -> None:
        super().__init__(str(detail))
        self.detail = str(detail)
        self.extra = {**members_of(detail), **extra}


def members_of(detail: str | Reason) -> dict[str, Any]:
    """What a problem document tells a program about a sentence."""
    if isinstance(detail, str):
        return {}
    return {"reason": detail.code, **({"params": dict(detail.params)} if detail.params else {})}


def field_error(field: str, detail: str | Reason) -> dict[str, Any]:
    """One entry of the ``errors`` of a problem document."""
    return {"field": field, "message": str(detail), **members_of(detail)}


class NotFound(InboxError):
    """There is no such thing, or the caller may not know of it: both look the same."""

    code = "not_found"
    title = "Not found"


class Forbidden(InboxError):
    code = "forbidden"
    title = "Not allowed"


class Unauthorized(InboxError):
    code = "unauthorized"
    title = "Sign in first"


class Throttled(InboxError):
    """Too many tries; ``retry_after`` is in seconds."""

    code = "throttled"
    title = "Too many attempts"

    def __init__(self, detail: str | Reason, *, retry_after: int) -> None:
        super().__init__(detail, retryAfter=retry_after)
        self.retry_after = retry_after


class Conflict(InboxError):
    """The state of things does not allow it now; ``code`` tells which conflict."""

    title = "Conflict with the present state"

    def __init__(self, code: str, detail: str | Reason, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.code = code


class Invalid(InboxError):
    """Understood but unacceptable; ``errors`` is a list of ``{"field", "message"}``."""

    code = "invalid"
    title = "Some values are not acceptable"

    def __init__(self, detail: str | Reason, *, field: str | None = None, **extra: Any) -> None:
        errors = extra.pop("errors", None) or ([field_error(field, detail)] if field else [])
        super().__init__(detail, errors=errors, **extra)


class Malformed(Invalid):
    """Not what the interface takes at all (400)."""

    code = "malformed"
    title = "The request is not well formed"


class Unavailable(InboxError):
    """The database can't be reached or an outcome is uncertain: the caller should try again (503)."""

    code = "unavailable"
    title = "Temporarily unavailable"


class ConfigError(Exception):
    """A wrong key or value in the configuration; the message names the path and what was expected."""
