"""The settings of an operator's own HTTP gateway, and every sentence that says what is wrong with them."""

import ipaddress
import re
from collections.abc import Callable
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from connectors.contract import ADVANCED, LINES, WEB_ADDRESS, ReceiptState
from connectors.registry import BadSettings
from connectors.sms import gateway_templates as templates
from connectors.sms import keywords
from connectors.sms.gateway_templates import BadTemplate

STATES: Final = (
    # The words of SMPP 3.4, which many gateways pass on, and those that others write out.
    "ENROUTE=sent, ACCEPTD=sent, SENT=sent, DELIVRD=delivered, DELIVERED=delivered, EXPIRED=failed, DELETED=failed, "
    "UNDELIV=failed, UNDELIVERED=failed, REJECTD=failed, REJECTED=failed, FAILED=failed"
)
_PATTERN_LENGTH: Final = 200
_ADVANCED: Final = msgspec.Meta(extra=ADVANCED)
_LINES: Final = msgspec.Meta(extra=LINES)


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    send_url: Annotated[str, msgspec.Meta(pattern="^https?://", description=WEB_ADDRESS)]
    """Where messages are sent to; placeholders behind the question mark."""
    sender: Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
    """What the customer sees: a name of up to 11 characters, or a number."""
    callback_key: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{16,}$")]
    """Proves the operator's calls."""
    send_only: bool = False
    """Customers can't answer this number: agents are told before they write."""
    number: str = ""
    """The number at which customers write to us; without one the channel only sends."""
    allow_http: Annotated[bool, _ADVANCED] = False
    """The way to the gateway is safe without TLS (a tunnel, a network of its own)."""
    method: Literal["POST", "PUT", "GET"] = "POST"
    content_type: Literal["form", "json", "xml"] = "form"
    headers: Annotated[str, _LINES] = ""
    body: Annotated[str, _LINES] = ""
    user: str = ""
    secret: str = ""
    plus: Annotated[bool, _ADVANCED] = True
    """Whether numbers are written with a ``+``."""
    text_limit: Annotated[int, msgspec.Meta(ge=70, le=2000, extra=ADVANCED)] = 670

    success_status: Annotated[str, _ADVANCED] = "200-299"
    failure_match: Annotated[str, _ADVANCED] = ""
    """An answer in which this is found says that the message was certainly not accepted."""
    id_pointer: str = ""
    id_match: str = ""

    status_url: Annotated[str, msgspec.Meta(pattern="^(https?://|$)", extra=ADVANCED)] = ""
    """Asked by GET, with the same headers, to check the credentials; it must send nothing and cost nothing."""
    status_match: Annotated[str, _ADVANCED] = ""
    """Found in the answer when all is well."""

    callback_auth: Annotated[Literal["query", "header", "basic"], _ADVANCED] = "query"
    callback_header: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9-]+$", extra=ADVANCED)] = "Authorization"
    callback_user: Annotated[str, _ADVANCED] = ""
    reply: Annotated[str, _ADVANCED] = "OK"
    in_from: str = "from"
    in_to: Annotated[str, _ADVANCED] = ""
    in_text: str = "text"
    in_id: str = "id"
    in_time: Annotated[str, _ADVANCED] = ""
    in_reference: Annotated[str, _ADVANCED] = ""
    in_part: Annotated[str, _ADVANCED] = ""
    in_parts: Annotated[str, _ADVANCED] = ""
    report_id: str = "id"
    report_state: str = "status"
    report_mark: Annotated[str, _ADVANCED] = ""
    report_reason: Annotated[str, _ADVANCED] = ""
    report_states: Annotated[str, _ADVANCED] = STATES
    stop_words: Annotated[tuple[str, ...], _ADVANCED] = keywords.STOP_WORDS
    """Messages that consist of one of these withdraw consent."""

    def __post_init__(self) -> None:
        found = {key: wrong for key, check in _CHECKS.items() if (wrong := _problem(check, self))}
        if found:
            raise BadSettings(
                [f"{key}: {wrong}" for key, wrong in found.items()],
                codes={key: (wrong.code, wrong.params) for key, wrong in found.items()},
            )


def _problem(check: Callable[[Settings], Any], settings: Settings) -> BadTemplate | None:
    try:
        check(settings)
    except BadTemplate as error:
        return error
    return None


# ------------------------------------------------------------------------------------------ what is made of them


def address(settings: Settings) -> Callable[[templates.Values], str]:
    return _address(settings, settings.send_url, (*templates.MESSAGE, *templates.ACCOUNT))


def status_address(settings: Settings) -> Callable[[templates.Values], str]:
    if not settings.status_url:
        return lambda values: ""
    return _address(settings, settings.status_url, templates.ACCOUNT)


def status_pattern(settings: Settings) -> re.Pattern[str]:
    if settings.status_match and not settings.status_url:
        raise BadTemplate("gateway_no_status_url", "status_url says where that is found")
    return pattern(settings.status_match)


def _address(settings: Settings, template: str, names: tuple[str, ...]) -> Callable[[templates.Values], str]:
    made = templates.address(template, names)
    parts = urlsplit(template.partition("?")[0])
    if parts.scheme != "https" and not settings.allow_http and not _is_loopback(parts.hostname or ""):
        raise BadTemplate(
            "gateway_plain_http", "expected https://, unless allow_http says that the way there is safe"
        )
    return made


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def body(settings: Settings) -> templates.Body | None:
    if settings.method == "GET":
        if settings.body:
            raise BadTemplate("gateway_get_body", "a GET has no body; placeholders go into send_url")
    elif settings.body:
        made = templates.body(settings.body, settings.content_type)
        _check_told(settings)
        return made
    _check_told(settings)
    return None


def _check_told(settings: Settings) -> None:
    told = templates.placeholders(settings.send_url) | templates.placeholders(settings.body)
    if missing := {"to", "text"} - told:
        what = "{" + min(missing) + "}"
        raise BadTemplate(
            "gateway_not_told", f"the gateway is not told {what}, neither here nor in send_url", what=what
        )


def headers(settings: Settings, shown_secret: str | None = None) -> dict[str, str]:
    """As they are sent, or with another word instead of the secret."""
    secret = settings.secret if shown_secret is None else shown_secret
    return templates.headers(settings.headers, {"user": settings.user, "secret": secret})


def pattern(text: str) -> re.Pattern[str]:
    if len(text) > _PATTERN_LENGTH:
        raise BadTemplate(
            "gateway_pattern_long",
            f"expected a regular expression of at most {_PATTERN_LENGTH} characters",
            limit=_PATTERN_LENGTH,
        )
    try:
        return re.compile(text)
    except (re.error, RecursionError, OverflowError):
        raise BadTemplate("gateway_pattern", "expected a regular expression") from None


def failure_pattern(settings: Settings) -> re.Pattern[str]:
    found = pattern(settings.failure_match)
    if settings.failure_match and found.search("") is not None:
        raise BadTemplate(
            "gateway_pattern_everything", "expected a regular expression that is not found in everything"
        )
    return found


def id_pattern(settings: Settings) -> re.Pattern[str]:
    found = pattern(settings.id_match)
    if settings.id_match and found.groups != 1:
        raise BadTemplate("gateway_pattern_group", "expected a regular expression with one group: the id")
    return found


def check_id(settings: Settings) -> None:
    if bool(settings.id_pointer) is bool(settings.id_match):
        raise BadTemplate(
            "gateway_id_either", "expected either this or id_match, to find the message's id in the answer"
        )
    if settings.id_pointer and not settings.id_pointer.startswith("/"):
        raise BadTemplate("gateway_pointer", "expected a JSON pointer such as /message/id")


def statuses(settings: Settings) -> list[range]:
    """Ranges of HTTP statuses: ``200-299`` or ``200, 202``."""
    found = []
    for word in settings.success_status.split(","):
        first, _, last = word.strip().partition("-")
        if not re.fullmatch("[2-5][0-9][0-9]", first) or not re.fullmatch("([2-5][0-9][0-9])?", last):
            raise BadTemplate("gateway_statuses", "expected HTTP statuses such as 200-299 or 200, 202")
        found.append(range(int(first), int(last or first) + 1))
    return found


def states(settings: Settings) -> dict[str, ReceiptState | None]:
    """The operator's words in capitals, and what each means; None: that the call is a message."""
    allowed = ("queued", "sent", "delivered", "failed", "message")
    found: dict[str, ReceiptState | None] = {}
    for pair in filter(None, map(str.strip, re.split("[,\n]", settings.report_states))):
        word, _, state = (each.strip() for each in pair.rpartition("="))
        if not word or state not in allowed:
            words = ", ".join(allowed)
            raise BadTemplate(
                "gateway_states", f"expected pairs such as DELIVRD=delivered, of {words}", words=words
            )
        found[word.upper()] = None if state == "message" else ReceiptState(state)
    return found


def check_parts(settings: Settings) -> None:
    given = [bool(each) for each in (settings.in_reference, settings.in_part, settings.in_parts)]
    if any(given) and not all(given):
        raise BadTemplate(
            "gateway_parts_together", "in_reference, in_part and in_parts are set together or not at all"
        )


def check_user(settings: Settings) -> None:
    if settings.callback_auth == "basic" and not settings.callback_user:
        raise BadTemplate("setting_required", "required where callback_auth is basic")


_CHECKS: Final[dict[str, Callable[[Settings], Any]]] = {
    "send_url": address,
    "body": body,
    "headers": headers,
    "success_status": statuses,
    "status_url": status_address,
    "status_match": status_pattern,
    "failure_match": failure_pattern,
    "id_pointer": check_id,
    "id_match": id_pattern,
    "callback_user": check_user,
    "in_part": check_parts,
    "report_states": states,
}
