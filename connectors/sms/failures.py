"""What Twilio's error codes mean (twilio.com/docs/api/errors)."""

from typing import Any, Final

from connectors import wire
from connectors.errors import Failure, NotAccepted, Refused, SendError
from connectors.http import Response
from connectors.sending import by_status, unclear

_CUSTOMER: Final = {
    21211: ("no_such_address", "That is not a valid telephone number."),
    21217: ("no_such_address", "That is not a valid telephone number."),
    21408: ("country_blocked", "The Twilio account may not send to that country."),
    21610: ("opted_out", "The customer has opted out of messages from this number."),
    21612: ("no_route", "Twilio has no route from our number to that number."),
    21614: ("no_such_address", "That number cannot receive SMS."),
}
_CHANNEL: Final = {
    20003: ("not_authorised", "Twilio does not accept the account's credentials."),
    20404: ("not_authorised", "Twilio knows no such account."),
    21606: ("bad_sender", "The sending number is not a number of this Twilio account that can send SMS."),
    21603: ("bad_sender", "Twilio needs a sending number."),
    21659: ("bad_sender", "The sending number is not a number of this Twilio account."),
    30002: ("account_suspended", "The Twilio account is suspended."),
}
_REPORTED: Final = {
    "21610": ("opted_out", "The customer has opted out of messages from this number."),
    "30001": ("rate_limited", "Too many messages were waiting at Twilio."),
    "30002": ("account_suspended", "The Twilio account is suspended."),
    "30003": ("unreachable_device", "The telephone is switched off or out of reach."),
    "30004": ("blocked", "The number blocks our messages."),
    "30005": ("no_such_address", "The number does not exist (any more)."),
    "30006": ("no_such_address", "The number is a landline or its operator cannot be reached."),
    "30007": ("filtered", "The operator filtered the message out as unwanted."),
    "30008": ("undelivered", "The operator gave no reason."),
}


def result_of(response: Response) -> dict[str, Any]:
    """The message that Twilio made; a body that is an error counts as one under any HTTP status."""
    answer = response.json()
    if not isinstance(answer, dict):
        raise (
            by_status("Twilio", response)
            if response.status >= 300
            else unclear("Twilio", "gave a strange answer")
        )
    code = answer.get("code") or answer.get("error_code")
    if code is None and response.status < 300:
        return answer
    message = str(answer.get("message") or answer.get("error_message") or "")[:300]
    raise _error(response, wire.as_int(code), message)


def _error(response: Response, code: int | None, message: str) -> SendError:
    provider_code = f"{code} {message}".strip()[:200]
    if code == 20429 or response.status == 429:
        failure = Failure(
            code="rate_limited", text="Twilio asks to send more slowly.", provider_code=provider_code
        )
        return NotAccepted(failure, retry_after=response.retry_after, peer_only=False)
    if code in _CHANNEL:
        reason, text = _CHANNEL[code]
        return Refused(Failure(code=reason, text=text, provider_code=provider_code), channel=True)
    if code in _CUSTOMER:
        reason, text = _CUSTOMER[code]
        return Refused(Failure(code=reason, text=text, provider_code=provider_code))
    if code is None or response.status >= 500:
        return by_status("Twilio", response)
    text = f"Twilio rejected the message: {message or code}"
    return Refused(Failure(code="rejected", text=text, provider_code=provider_code))


def undelivered(status: str, code: str, message: str) -> Failure:
    """The failure of a status report."""
    if status == "canceled":
        return Failure(
            code="canceled", text="The message was cancelled at Twilio.", provider_code=code or None
        )
    reason, text = _REPORTED.get(code, ("undelivered", ""))
    sentence = text or f"The message was not delivered: {(message or code or 'no reason given')[:300]}."
    return Failure(code=reason, text=sentence, provider_code=code or None)
