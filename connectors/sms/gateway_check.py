"""What can be known of an HTTP gateway's settings without sending an SMS, and what cannot.

The gateway is asked for a status where the operator has an address for that (a balance, say); else only a connection is
made, and nothing is said over it.
"""

from typing import Final

from connectors import numbers
from connectors.contract import Checked, Trouble
from connectors.errors import SendError
from connectors.http import HTTPClient
from connectors.reaching import reach
from connectors.sending import exchange
from connectors.sms import gateway_settings
from connectors.sms.gateway_settings import Settings
from connectors.sms.gateway_templates import CONTENT_TYPES

NAME: Final = "The gateway"
_ANSWER: Final = 4096
_HIDDEN: Final = "xxxxxxxx"
_SAMPLE: Final = {"to": "+48600100200", "text": "Test: Centrala", "id": "1"}

NOT_ASKED: Final = Trouble(
    code="gateway_not_asked",
    text="Whether the login and the password are right: the gateway has no “status_url” to be asked at.",
)
NOT_SENT: Final = Trouble(
    code="gateway_not_sent",
    text="Whether it takes a message and how it answers: only an SMS shows that. Send a test SMS.",
)
NOT_CALLED: Final = Trouble(
    code="gateway_not_called",
    text="Whether the operator calls the webhook's address: only a message from a telephone shows that.",
)


async def check(settings: Settings, http: HTTPClient) -> Checked:
    unchecked = [NOT_SENT, NOT_CALLED]
    if settings.status_url:
        problem = await _ask(settings, http)
    else:
        problem = await reach(settings.send_url, NAME, "send_url")
        unchecked.insert(0, NOT_ASKED)
    return Checked(
        problems=() if problem is None else (problem,), preview=preview(settings), unchecked=tuple(unchecked)
    )


async def _ask(settings: Settings, http: HTTPClient) -> Trouble | None:
    """GET the status with the credentials of the settings; what is wrong with it."""
    if (problem := await reach(settings.status_url, NAME, "status_url")) is not None:
        return problem
    url = gateway_settings.status_address(settings)({"user": settings.user, "secret": settings.secret})
    try:
        answer = await exchange(NAME, http.request("GET", url, headers=gateway_settings.headers(settings)))
    except SendError as error:
        return Trouble(code=error.failure.code, text=error.failure.text, key="status_url")
    if answer.status in (401, 403):
        text = "The gateway does not accept the login and the password."
        return Trouble(code="not_authorised", text=text, key="secret")
    if not any(answer.status in each for each in gateway_settings.statuses(settings)):
        said = f"http {answer.status}"
        text = f"The gateway answered {said} when asked for its status."
        return Trouble(code="gateway_status", text=text, key="status_url", said=said)
    read = answer.body[: 4 * _ANSWER].decode("utf-8", "replace")[:_ANSWER]
    if gateway_settings.status_pattern(settings).search(read) is None:
        text = "What a good status looks like (“status_match”) is not found in the gateway's answer."
        return Trouble(code="gateway_status_unlike", text=text, key="status_match")
    return None


def preview(settings: Settings) -> str:
    """The request that a message becomes, with what is secret hidden."""
    own = numbers.from_msisdn(settings.sender) or settings.sender
    values = {**_SAMPLE, "from": own, "user": settings.user, "secret": _HIDDEN}
    if not settings.plus:
        values |= {name: values[name].lstrip("+") for name in ("to", "from")}
    body = gateway_settings.body(settings)
    lines = [f"{settings.method} {gateway_settings.address(settings)(values)}"]
    if body is not None:
        lines.append(f"Content-Type: {CONTENT_TYPES[settings.content_type]}")
    lines += [f"{name}: {value}" for name, value in gateway_settings.headers(settings, _HIDDEN).items()]
    if body is not None:
        lines += ["", body(values).decode("utf-8", "replace")]
    return "\n".join(lines)
