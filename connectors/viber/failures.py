"""What a status of the Viber API means (codes: Viber REST documentation and nyaruka/courier's table)."""

from typing import Any, Final

from connectors.errors import Failure, NotAccepted, Refused, SendError
from connectors.http import Response
from connectors.sending import by_status, unclear

_CUSTOMER: Final = {
    5: ("no_such_address", "Viber knows no such user."),
    6: ("blocked", "The customer is not subscribed to this account (any more)."),
    11: ("unreachable_device", "The customer's device cannot receive such messages."),
    16: ("rejected", "Viber does not allow a reply here."),
    21: ("country_blocked", "Viber does not deliver to the customer's country."),
}
_CHANNEL: Final = {
    2: ("not_authorised", "Viber does not accept the account's token."),
    7: ("account_blocked", "The Viber account is blocked."),
    8: ("account_missing", "Viber knows no such account."),
    9: ("account_suspended", "The Viber account is suspended."),
    10: ("webhook_missing", "The Viber account has no webhook set."),
    15: ("not_authorised", "The Viber account may not do this."),
    23: ("no_credit", "The free messages of the Viber account are used up."),
    24: ("no_credit", "The Viber account has no credit."),
}
_MESSAGE: Final = {
    1: ("bad_url", "Viber could not use the address of the picture."),
    3: ("rejected", "Viber says that the message is malformed."),
    4: ("rejected", "Viber says that the message lacks something."),
    13: ("rejected", "Viber does not support this kind of message."),
    14: ("rejected", "The customer's Viber version does not support this kind of message."),
    17: ("rejected", "The Viber account is not set up for this kind of message."),
    18: ("rejected", "The Viber account has no public chat."),
    19: ("rejected", "The Viber account cannot broadcast."),
    20: ("rejected", "Viber does not allow this broadcast."),
    22: ("rejected", "Viber does not support payments here."),
}


def result_of(response: Response) -> dict[str, Any]:
    """The answer of an accepted call.  Viber always says HTTP 200; what happened is in ``status``."""
    answer = response.json()
    status = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(answer, dict) or not isinstance(status, int):
        raise (
            by_status("Viber", response)
            if response.status >= 300
            else unclear("Viber", "gave a strange answer")
        )
    if status != 0:
        raise _error(status, str(answer.get("status_message", "")))
    return answer


def _error(status: int, message: str) -> SendError:
    provider_code = f"{status} {message}".strip()[:200]
    if status in _CHANNEL:
        code, text = _CHANNEL[status]
        return Refused(Failure(code=code, text=text, provider_code=provider_code), channel=True)
    if (known := _CUSTOMER.get(status) or _MESSAGE.get(status)) is not None:
        code, text = known
        return Refused(Failure(code=code, text=text, provider_code=provider_code))
    if status == 12:
        text = "Viber allows no more messages to this customer for now, until they reply."
        failure = Failure(code="rate_limited", text=text, provider_code=provider_code)
        return NotAccepted(failure, peer_only=True)
    text = "Viber has trouble of its own."  # "general error" is every code outside the table
    return NotAccepted(Failure(code="provider_trouble", text=text, provider_code=provider_code))
