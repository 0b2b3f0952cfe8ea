"""Every error as an RFC 9457 problem document: ``title`` names the kind of problem, ``detail`` this occurrence.

What the caller did wrong says which field and what was expected; what went wrong here says nothing but that it did,
and is logged.
"""

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    InternalServerException,
    LitestarException,
    SerializationException,
    ValidationException,
)
from litestar.types import ExceptionHandlersMap

from server import reasons
from server.db.failures import is_outage
from server.errors import (
    Conflict,
    Forbidden,
    InboxError,
    Invalid,
    Malformed,
    NotFound,
    Throttled,
    Unauthorized,
    Unavailable,
)

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_S = 2
"""When to come again after a 503."""

_STATUS: dict[type[InboxError], int] = {
    NotFound: 404,
    Forbidden: 403,
    Unauthorized: 401,
    Throttled: 429,
    Conflict: 409,
    Malformed: 400,
    Invalid: 422,
    Unavailable: 503,
}
_ODD_INPUT = (RecursionError, UnicodeError, OverflowError, msgspec.MsgspecError, SerializationException)
"""What a library says of input that nobody sends by mistake: too deep, half a surrogate pair, beyond 64 bits."""
_BROKEN_OFF = "client disconnected prematurely"
"""How Litestar says that the connection ended within the body (``litestar/connection/request.py``)."""
_RESERVED = frozenset({"type", "title", "status", "detail"})

log = logging.getLogger(__name__)


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One problem document with the headers that go with it."""

    code: str
    title: str
    status: int
    detail: str
    extra: Mapping[str, Any] = {}
    headers: Mapping[str, str] = {}

    def document(self) -> dict[str, Any]:
        extra = {name: value for name, value in self.extra.items() if name not in _RESERVED}
        return {
            "type": f"urn:centrala:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **extra,
        }

    def body(self) -> bytes:
        return msgspec.json.encode(self.document())


def problem_of(error: Exception) -> Problem:
    """The problem that an error is for the caller.  Never holds the text of an error that was not meant for them."""
    if isinstance(error, InboxError):
        return _of_inbox(error)
    if isinstance(error, ValidationException):
        return _of_validation(error)
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _of_http(error)
    if isinstance(error, InternalServerException) and error.detail == _BROKEN_OFF:
        # Nobody hears it: a page was closed while it sent something.  It is no fault of ours, and none for the log.
        return Problem(
            code=Malformed.code, title=Malformed.title, status=400, detail="The request broke off."
        )
    if isinstance(error, _ODD_INPUT):
        return Problem(code=Malformed.code, title=Malformed.title, status=400, detail=_odd(error))
    if is_outage(error):
        return _of_inbox(Unavailable(reasons.DATABASE_AWAY))
    return Problem(
        code="internal",
        title="Something went wrong on our side",
        status=500,
        detail="The request was not carried out. The server's log says more.",
    )


def _of_inbox(error: InboxError) -> Problem:
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)
    headers: dict[str, str] = {}
    if isinstance(error, Throttled):
        headers["Retry-After"] = str(error.retry_after)
    elif isinstance(error, Unavailable):
        headers["Retry-After"] = str(RETRY_AFTER_S)
    elif isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    extra = {name: value for name, value in error.extra.items() if not (name == "errors" and not value)}
    return Problem(
        code=error.code, title=error.title, status=status, detail=error.detail, extra=extra, headers=headers
    )


def _of_validation(error: ValidationException) -> Problem:
    """Litestar's refusal of a parameter or a body: which field, and what was expected there."""
    found = error.extra if isinstance(error.extra, list) else []
    errors = [
        _field_error(str(each.get("key") or "data"), str(each.get("message") or ""))
        for each in found
        if isinstance(each, dict)
    ]
    detail = "; ".join(f"{each['field']}: {each['message']}" for each in errors) or _clean(error.detail)
    extra = {"errors": errors} if errors else {}
    return Problem(code=Malformed.code, title=Malformed.title, status=400, detail=detail, extra=extra)


_NO_BODY = "'data'"
"""How Litestar says that there was none: the KeyError of its own dictionary."""
_MISSING = re.compile(r"Object missing required field `(.+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.+)`")


def _field_error(field: str, message: str) -> dict[str, str]:
    """One entry of ``errors``, under the name of the very field that is wrong."""
    path = [] if field == "data" else [field]
    if message == _NO_BODY:
        return {"field": "body", "message": "required, and missing"}
    for pattern, said in ((_MISSING, "required, and missing"), (_UNKNOWN, "there is no such field")):
        if (found := pattern.search(message)) is not None:
            return {"field": ".".join([*path, found[1]]), "message": said}
    return {"field": ".".join(path) or "body", "message": _clean(message) or "not acceptable"}


def _of_http(error: HTTPException) -> Problem:
    status = HTTPStatus(error.status_code)
    title = Malformed.title if status == 400 else status.phrase.capitalize()
    code = Malformed.code if status == 400 else status.name.lower()
    detail = _clean(error.detail)
    if detail == status.phrase:
        detail = _DETAILS.get(error.status_code, status.description or status.phrase)
    return Problem(
        code=code, title=title, status=error.status_code, detail=detail, headers=error.headers or {}
    )


_DETAILS = {
    404: "There is nothing at this address.",
    405: "This address doesn't take this method.",
    413: "The request is larger than this server takes.",
}


def _odd(error: Exception) -> str:
    match error:
        case RecursionError():
            return "The request is nested too deeply."
        case UnicodeError():
            return "The request holds text that is not valid Unicode."
        case OverflowError():
            return "The request holds a number that is out of range."
        case SerializationException() | msgspec.MsgspecError():
            return _clean(str(error))
        case _:
            return "The request can't be read."


def _clean(text: str) -> str:
    """One line, no more than a person reads; half surrogates would break the encoding of the answer itself."""
    text = text.encode("utf-8", "replace").decode()
    return " ".join(text.split())[:500]


def handle(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Litestar's exception handler for everything."""
    problem = problem_of(error)
    if problem.status >= 500 and not isinstance(error, InboxError):
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return Response(
        problem.body(), status_code=problem.status, media_type=CONTENT_TYPE, headers=dict(problem.headers)
    )


exception_handlers: ExceptionHandlersMap = {
    HTTPException: handle,
    LitestarException: handle,
    InboxError: handle,
    Exception: handle,
}
"""For ``Litestar(exception_handlers=…)``."""
