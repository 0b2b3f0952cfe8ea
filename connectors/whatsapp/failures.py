"""What an error of the Cloud API means, in an answer and in a status webhook.

Codes: developers.facebook.com, business-messaging/whatsapp/support/error-codes (15 May 2026).
"""

from typing import Any, Final

from connectors import wire
from connectors.errors import Failure, NotAccepted, Refused, SendError
from connectors.http import Response
from connectors.meta import BAD_TOKEN
from connectors.sending import by_status, unclear

_PROVIDER: Final = "WhatsApp"
_RATE: Final = frozenset({4, 80007, 130429, 131056})
"""Of the application, of the business account, of the number, and between the number and one person."""
_PAIR: Final = 131056
_TEMPORARY: Final = frozenset({2, 131016, 131057, 133004, *_RATE})
_MAYBE_SENT: Final = frozenset({1, 131000})
"""Unknown errors: nothing says whether the message went out."""
_ABOUT_MESSAGE: Final = {
    130472: (
        "rejected",
        "WhatsApp did not deliver the message: the number is part of an experiment of Meta's.",
    ),
    131008: ("rejected", "Something that the template needs was not filled in."),
    132000: ("rejected", "The template takes another number of variables."),
    132001: ("rejected", "WhatsApp has no such template in this language, or it was not approved."),
    132005: ("rejected", "The filled template is too long."),
    132007: ("rejected", "The template, or what was filled in, breaks WhatsApp's rules."),
    132012: ("rejected", "The template's variables are not of the kind that it takes."),
    132015: ("rejected", "WhatsApp paused the template because customers disliked it."),
    132018: (
        "rejected",
        "What was filled in is not what the template takes: one line each, no tabs, no five spaces in a row.",
    ),
    132016: ("rejected", "WhatsApp disabled the template for good because customers disliked it."),
    131026: (
        "no_such_address",
        "WhatsApp cannot deliver to this number: it has no WhatsApp, blocked us, or has not agreed to new terms.",
    ),
    131030: ("no_such_address", "The number is not on the list of allowed test recipients."),
    131047: ("window_closed", "More than 24 hours have passed since the customer's last message."),
    131049: ("rejected", "WhatsApp held the message back so that the customer does not get too many."),
    131050: ("opted_out", "The customer stopped marketing messages of this business."),
    131051: ("rejected", "WhatsApp does not support this type of message."),
    131053: ("rejected", "WhatsApp could not take the attachment."),
}
_ABOUT_CHANNEL: Final = {
    0: ("not_authorised", "Meta does not accept the access token."),
    3: ("not_authorised", "The access token lacks a permission."),
    10: ("not_authorised", "The access token lacks a permission."),
    33: ("bad_sender", "The business number was deleted."),
    BAD_TOKEN: ("not_authorised", "Meta does not accept the access token."),
    368: ("account_blocked", "Meta blocked the business account for breaking its policies."),
    131005: ("not_authorised", "The access token lacks a permission."),
    131031: ("account_blocked", "Meta has locked the business account."),
    131042: ("account_blocked", "Meta wants the payment of the business account settled."),
    131045: ("bad_sender", "The business number is not registered."),
    131048: ("account_blocked", "Meta limits the number: too many customers blocked it or called it spam."),
    133010: ("bad_sender", "The business number is not registered."),
}


def result_of(response: Response) -> dict[str, Any]:
    """The answer of an accepted call; an error object counts as an error under HTTP 200 too."""
    answer = response.json()
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        raise _error(response, answer["error"])
    if response.status >= 300:
        raise by_status(_PROVIDER, response)
    if not isinstance(answer, dict):
        raise unclear(_PROVIDER, "gave an answer that cannot be understood")
    return answer


def reported(code: str | None, title: str | None, details: str | None) -> Failure:
    """Why a message that was accepted was not delivered after all."""
    known = _meaning(code)
    if known is not None:
        return Failure(code=known[0], text=known[1], provider_code=code)
    text = f"WhatsApp did not deliver the message: {(details or title or code or 'no reason given')[:300]}"
    return Failure(code="not_delivered", text=text, provider_code=code)


def _meaning(code: str | None) -> tuple[str, str] | None:
    number = int(code) if code and code.isdecimal() and len(code) < 10 else -1
    return _ABOUT_MESSAGE.get(number) or _ABOUT_CHANNEL.get(number)


def _error(response: Response, error: dict[str, Any]) -> SendError:
    number = wire.as_int(error.get("code"))
    code = -1 if number is None else number
    message = "" if code == BAD_TOKEN else str(error.get("message", ""))[:300]  # that one may quote the token
    provider_code = f"{number} {message}".strip()[:200]
    if wire.as_int(error.get("error_subcode")) == 33:  # so is a deleted number told in answers: 100/33
        code = 33
    if code in _ABOUT_MESSAGE:
        reason, text = _ABOUT_MESSAGE[code]
        return Refused(Failure(code=reason, text=text, provider_code=provider_code))
    if code in _ABOUT_CHANNEL or 200 <= code <= 299:
        reason, text = _ABOUT_CHANNEL.get(code, _ABOUT_CHANNEL[10])
        return Refused(Failure(code=reason, text=text, provider_code=provider_code), channel=True)
    if code in _TEMPORARY or error.get("is_transient") is True or response.status == 429:
        return _temporary(response, code, provider_code)
    if response.status >= 500 or code in _MAYBE_SENT:
        return unclear(_PROVIDER, "reported an error of its own", provider_code)
    text = f"WhatsApp rejected the message: {message or code}"
    return Refused(Failure(code="rejected", text=text, provider_code=provider_code))


def _temporary(response: Response, code: int, provider_code: str) -> NotAccepted:
    if code in _RATE or response.status == 429:
        text, reason = "WhatsApp asks to send more slowly.", "rate_limited"
    else:
        text, reason = "WhatsApp has trouble of its own.", "provider_trouble"
    failure = Failure(code=reason, text=text, provider_code=provider_code)
    return NotAccepted(failure, retry_after=response.retry_after, peer_only=code == _PAIR)
