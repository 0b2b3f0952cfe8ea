"""The OpenAPI document with the shape of every error answer, declared in one place for all operations.

Litestar declares what handlers return, and for a parameter or a body that is wrong a shape of its own that we never
answer.  What every error really is says ``problems.py``; so the finished document is walked once, when it is first
asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Final

import msgspec
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import OpenAPI
from msgspec import UNSET, UnsetType

from server.entities import AgentRef, Dialog, Message
from server.problems import CONTENT_TYPE

_REF: Final = "#/components/schemas/{name}"
_METHODS: Final = ("get", "put", "post", "patch", "delete")
_NO_PROBLEM: Final = {"/health/ready": ("503",)}
"""Answers beyond 399 that are no problem documents: the same state as with 200."""


class FieldError(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a request that is not acceptable."""

    field: str
    """Where it is in the request, such as ``text``, ``settings.token`` or ``attachmentIds[0]``."""
    message: str
    """What was expected there."""
    reason: str | UnsetType = UNSET
    """The stable code of this sentence (``server/reasons.py``), where it has one."""
    params: dict[str, str | int] | UnsetType = UNSET
    """What stands in its blanks."""


class ProblemDetails(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Every error answer (RFC 9457).  The members after ``detail`` are there where they mean something."""

    type: str
    """``urn:centrala:problem:<code>``; codes are stable, texts are not."""
    title: str
    status: int
    detail: str
    reason: str | UnsetType = UNSET
    """The stable code of the sentence in ``detail``, finer than ``type``, for a translation; where it has one."""
    params: dict[str, str | int] | UnsetType = UNSET
    """What stands in the blanks of that sentence."""
    errors: list[FieldError] | UnsetType = UNSET
    """Which values are wrong (400, 422)."""
    retry_after: int | UnsetType = UNSET
    """Seconds to wait (429)."""
    assignee: AgentRef | UnsetType | None = UNSET
    """Who is responsible now (``already_assigned``)."""
    dialog: Dialog | UnsetType | None = UNSET
    """The dialog as it is now, where the conflict is about its state and the caller sees it."""
    missed: list[Message] | UnsetType = UNSET
    """What came meanwhile (``dialog_moved_on``), oldest first."""
    dialog_id: str | UnsetType | None = UNSET
    """The dialog that is open instead (``newer_dialog_open``); null if the caller does not see it."""
    number: int | UnsetType | None = UNSET
    """Its number."""


@dataclass
class DocumentConfig(OpenAPIConfig):
    """Litestar's configuration, whose document declares our problems."""

    def to_openapi_schema(self) -> OpenAPI:
        made = super().to_openapi_schema()
        return _Document(**{each.name: getattr(made, each.name) for each in fields(made)})


@dataclass
class _Document(OpenAPI):
    def to_schema(self) -> dict[str, Any]:
        document = super().to_schema()
        declare_problems(document)
        return document


def declare_problems(document: dict[str, Any]) -> None:
    """Write the shape of problems into a finished document, and for every operation when they come."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    _, found = msgspec.json.schema_components([ProblemDetails], ref_template=_REF)
    # Other shapes that a problem names are those that Litestar wrote already.
    for name, schema in found.items():
        schemas.setdefault(name, schema)
    for path, operation in _operations(document):
        answers = operation["responses"]
        kept = {status: answers[status] for status in answers if status < "400"}
        operation["responses"] = kept | _problems(path, operation)


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield path, item[method]


def _problems(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    """What can be told of an operation by its form; ``default`` is all the rest."""
    parameters = operation.get("parameters", ())
    has_body = "requestBody" in operation
    found: dict[str, Any] = {}
    if parameters or has_body:
        found["400"] = _answer("A parameter or the body can't be meant.")
    if path.startswith("/api/v1/") and not path.startswith("/api/v1/widget/"):
        found["401"] = _answer("Not signed in.")
        found["403"] = _answer("Not allowed to this agent, or sent by another site.")
    if any(each["in"] == "path" for each in parameters):
        found["404"] = _answer("There is no such thing, or the caller may not know of it.")
    if has_body:
        found["422"] = _answer("Understood and not acceptable; `errors` names the fields.")
    for status in _NO_PROBLEM.get(path, ()):
        found[status] = {**operation["responses"]["200"], "description": "Not so just now."}
    return found | {"default": _answer("Any other error.")}


def _answer(description: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(name=ProblemDetails.__name__)}
    return {"description": description, "content": {CONTENT_TYPE: {"schema": schema}}}
