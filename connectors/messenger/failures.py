"""What an error of the Graph API means (developers.facebook.com, messenger-platform/error-codes, 18 March 2026)."""

from typing import Any, Final

from connectors import wire
from connectors.errors import Failure, NotAccepted, Refused, SendError
from connectors.http import Response
from connectors.meta import BAD_TOKEN
from connectors.sending import by_status, unclear

_RATE: Final = (4, 17, 613, 1200)
_TEMPORARY: Final = (1, 2, *_RATE)
_BY_SUBCODE: Final = {
    2018278: ("window_closed", "More than 24 hours have passed since the customer's last message."),
    2534022: ("window_closed", "More than 24 hours have passed since the customer's last message."),
    2018001: ("no_such_address", "Messenger knows no such person."),
    1545041: ("blocked", "The customer cannot be reached: they blocked the page or left Messenger."),
}
_CHANNEL: Final = {
    BAD_TOKEN: ("not_authorised", "Facebook does not accept the page's token."),
    200: ("not_authorised", "The page's token lacks a permission."),
    368: ("account_blocked", "Facebook blocked the page for breaking its policies."),
}
_RESTRICTED: Final = 1893063
_MAYBE_SENT: Final = 1357046
"""Documented as: the message may have been sent although this error is returned."""


def result_of(response: Response) -> dict[str, Any]:
    """The answer of an accepted call; an error object counts as an error under HTTP 200 too."""
    answer = response.json()
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        raise _error(response, answer["error"])
    if response.status >= 300:
        raise by_status("Messenger", response)
    if not isinstance(answer, dict):
        raise unclear("Messenger", "gave an answer that cannot be understood")
    return answer


def _error(response: Response, error: dict[str, Any]) -> SendError:
    code, subcode = wire.as_int(error.get("code")), wire.as_int(error.get("error_subcode"))
    message = str(error.get("message", ""))[:300]
    numbers = f"{code}/{subcode}" if subcode else f"{code}"
    if code == BAD_TOKEN:
        message = ""  # it may quote the token: "Malformed access token EAA…"
    provider_code = f"{numbers} {message}".strip()[:200]
    if subcode == _MAYBE_SENT:
        return unclear("Messenger", "reported an unknown error", provider_code)
    if subcode in _BY_SUBCODE or code == 551:
        reason, text = _BY_SUBCODE[subcode if subcode in _BY_SUBCODE else 1545041]
        return Refused(Failure(code=reason, text=text, provider_code=provider_code))
    if subcode == _RESTRICTED:
        text = "Facebook has restricted the page: it may not send."
        return Refused(Failure(code="account_blocked", text=text, provider_code=provider_code), channel=True)
    if code in _CHANNEL:
        reason, text = _CHANNEL[code]
        return Refused(Failure(code=reason, text=text, provider_code=provider_code), channel=True)
    if code in _TEMPORARY or error.get("is_transient") is True or response.status == 429:
        return _temporary(response, code, provider_code)
    if response.status >= 500:
        return unclear("Messenger", "reported an error of its own", provider_code)
    text = f"Messenger rejected the message: {message or numbers}"
    return Refused(Failure(code="rejected", text=text, provider_code=provider_code))


def _temporary(response: Response, code: int | None, provider_code: str) -> NotAccepted:
    if code in _RATE or response.status == 429:
        failure = Failure(
            code="rate_limited", text="Messenger asks to send more slowly.", provider_code=provider_code
        )
    else:
        text = "Messenger has trouble of its own."
        failure = Failure(code="provider_trouble", text=text, provider_code=provider_code)
    return NotAccepted(failure, retry_after=response.retry_after, peer_only=False)
