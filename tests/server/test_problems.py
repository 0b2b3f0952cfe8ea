"""Errors as problem documents: the right status, the very field, and nothing of our own insides."""

from typing import Any

import msgspec
import pytest
from litestar import Litestar, get, post
from litestar.params import FromPath, JSONBody
from litestar.testing import create_test_client
from sqlalchemy.exc import OperationalError

from server import errors, reasons
from server.problems import CONTENT_TYPE, exception_handlers, problem_of


class Body(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    some_text: str
    some_number: int = 0


@post("/body")
async def take(data: JSONBody[Body]) -> dict[str, Any]:
    return {"text": data.some_text}


@get("/raise/{name:str}")
async def fail(name: FromPath[str]) -> None:
    raise RAISED[name]


RAISED: dict[str, Exception] = {
    "not_found": errors.NotFound("There is no such dialog."),
    "forbidden": errors.Forbidden("Not yours."),
    "unauthorized": errors.Unauthorized("Sign in."),
    "throttled": errors.Throttled("Slowly.", retry_after=7),
    "conflict": errors.Conflict("already_assigned", "Ola was faster.", assignee={"id": "1", "name": "Ola"}),
    "invalid": errors.Invalid("Too long.", field="text"),
    "reasoned": errors.Invalid(reasons.TEXT_TOO_LONG.of(length=9, limit=5), field="text"),
    "malformed": errors.Malformed("No cursor.", field="cursor"),
    "unavailable": errors.Unavailable("Come again."),
    "outage": OperationalError("SELECT secret", {}, Exception("password=canary")),
    "recursion": RecursionError("canary"),
    "unicode": UnicodeEncodeError("utf-8", "\ud800canary", 0, 1, "canary"),
    "overflow": OverflowError("canary"),
    "bug": KeyError("canary"),
}


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("not_found", 404, "not_found"),
        ("forbidden", 403, "forbidden"),
        ("unauthorized", 401, "unauthorized"),
        ("throttled", 429, "throttled"),
        ("conflict", 409, "already_assigned"),
        ("invalid", 422, "invalid"),
        ("malformed", 400, "malformed"),
        ("unavailable", 503, "unavailable"),
        ("outage", 503, "unavailable"),
        ("recursion", 400, "malformed"),
        ("unicode", 400, "malformed"),
        ("overflow", 400, "malformed"),
        ("bug", 500, "internal"),
    ],
)
def test_each_error_has_its_status(name: str, status: int, code: str) -> None:
    with create_test_client([fail], exception_handlers=exception_handlers, logging_config=None) as client:
        answer = client.get(f"/raise/{name}")
    problem = answer.json()
    assert answer.headers["content-type"] == CONTENT_TYPE
    assert (answer.status_code, problem["status"], problem["type"]) == (
        status,
        status,
        f"urn:centrala:problem:{code}",
    )
    assert "canary" not in answer.text
    assert "SELECT" not in answer.text
    assert ("retry-after" in answer.headers) is (status in (429, 503))


def test_title_is_the_kind_and_detail_this_occurrence_and_extras_are_members() -> None:
    problem = problem_of(RAISED["conflict"]).document()
    assert problem == {
        "type": "urn:centrala:problem:already_assigned",
        "title": "Conflict with the present state",
        "status": 409,
        "detail": "Ola was faster.",
        "assignee": {"id": "1", "name": "Ola"},
    }
    problem = problem_of(RAISED["invalid"]).document()
    assert problem["errors"] == [{"field": "text", "message": "Too long."}]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"{", None),
        (b"", None),
        (b"[" * 100_000, None),
        (b'{"someText": "' + b"\xff" + b'"}', None),
        (b'{"someText": "\\ud800"}', None),
        (b"[]", ["body"]),
        (b"{}", ["someText"]),
        (b'{"someText": 1}', ["someText"]),
        (b'{"someText": "x", "other": 1}', ["other"]),
        (b'{"someText": "x", "someNumber": 1.5}', ["someNumber"]),
    ],
)
def test_a_body_that_is_not_right_says_where(body: bytes, fields: list[str] | None) -> None:
    with create_test_client([take], exception_handlers=exception_handlers, logging_config=None) as client:
        answer = client.post("/body", content=body, headers={"content-type": "application/json"})
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (400, "urn:centrala:problem:malformed")
    assert problem["detail"]
    if fields is not None:
        assert [each["field"] for each in problem["errors"]] == fields


def test_what_is_not_there_and_wrong_methods() -> None:
    with create_test_client([take], exception_handlers=exception_handlers, logging_config=None) as client:
        answers = [client.get("/nothing"), client.get("/body"), client.get("/%ff%00")]
    assert [answer.status_code for answer in answers] == [404, 405, 404]
    assert all(answer.headers["content-type"] == CONTENT_TYPE for answer in answers)


async def test_who_goes_away_while_sending_is_no_fault_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    app = Litestar([take], exception_handlers=exception_handlers, logging_config=None)
    coming: list[Any] = [
        {"type": "http.request", "body": b'{"someText"', "more_body": True},
        {"type": "http.disconnect"},
    ]
    told: list[Any] = []

    async def receive() -> Any:
        return coming.pop(0)

    async def send(message: Any) -> None:
        told.append(message)

    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/body",
        "raw_path": b"/body",
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"host", b"testserver"),
            (b"content-type", b"application/json"),
            (b"content-length", b"99"),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    await app(scope, receive, send)
    assert told[0]["status"] == 400
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_reason_tells_its_code_and_what_stands_in_its_blanks() -> None:
    """Also of the field; a sentence may hold braces itself, which are nobody's blanks."""
    document = problem_of(RAISED["reasoned"]).document()
    said = {"reason": "text_too_long", "params": {"length": 9, "limit": 5}}
    sentence = "The message is too long: 9 of at most 5 characters (an emoji counts as two)."
    assert {name: document[name] for name in said} == said
    assert (document["detail"], document["errors"]) == (
        sentence,
        [{"field": "text", "message": sentence, **said}],
    )
    assert "params" not in problem_of(errors.NotFound(reasons.NO_SUCH_DIALOG)).document()
    assert (
        str(reasons.TEMPLATE_UNKNOWN.of(name="{x}")) == "There is no approved template “{x}” on this channel."
    )
