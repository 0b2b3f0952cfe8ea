"""What SMSAPI's answers and reports mean.

Facts: docs.smsapi.com, "Error codes" and "Delivery statuses"; smsapi-python-client's fixtures, where an error comes with
HTTP 200 or 201, and ``ERROR:105`` as plain text where the request did not get as far as ``format=json``.
"""

import re
from typing import Any, Final

from connectors import wire
from connectors.errors import Failure, NotAccepted, Refused, SendError
from connectors.http import Response
from connectors.sending import by_status, unclear

_CUSTOMER: Final = {
    11: ("rejected", "SMSAPI says that the text is empty or too long."),
    12: ("rejected", "SMSAPI says that the text is too long."),
    13: (
        "no_such_address",
        "That is not a number that SMSAPI can send to (or it is on the account's blacklist).",
    ),
    33: ("no_such_address", "That is not a number that SMSAPI can send to."),
    94: ("filtered", "The SMSAPI account may not send messages with links."),
}
_CHANNEL: Final = {
    14: ("bad_sender", "The sender name is not registered (and active) in the SMSAPI account."),
    98: ("account_suspended", "The SMSAPI account is restricted."),
    101: ("not_authorised", "SMSAPI does not accept the token."),
    102: ("not_authorised", "SMSAPI does not accept the token."),
    103: ("no_credit", "There are not enough points left in the SMSAPI account."),
    105: ("not_authorised", "The SMSAPI account does not accept calls from this server's IP address."),
    110: ("not_authorised", "The SMSAPI account (or its token) may not send messages."),
}
_LATER: Final = {
    52: ("rate_limited", "SMSAPI takes ten messages a minute to one number."),
    202: ("rate_limited", "SMSAPI asks to send more slowly."),
    203: ("rate_limited", "SMSAPI asks to send more slowly."),
}
_SENT_BEFORE: Final = 53
"""``check_idx``: a message with this ``idx`` was accepted within the last day."""
_PLAIN: Final = re.compile(rb"ERROR:(\d{1,6})")

_REPORTED: Final = {
    "402": ("expired", "The telephone could not be reached in time."),
    "405": ("undelivered", "The operator could not deliver the message."),
    "406": ("undelivered", "The message failed on its way to the operator."),
    "407": ("rejected", "The operator rejected the message."),
    "412": ("stopped", "The message was stopped at SMSAPI."),
}


def answer_of(response: Response) -> dict[str, Any]:
    """The object that an accepted call is answered with; all else is raised as what it proves."""
    if (plain := _PLAIN.match(response.body)) is not None:
        raise _error(response, int(plain[1]), "")
    answer = response.json()
    if not isinstance(answer, dict) or (response.status >= 300 and "error" not in answer):
        raise by_status("SMSAPI", response) if response.status >= 300 else _strange()
    if answer.get("error") is not None:
        raise _error(response, _code(answer), str(answer.get("message") or "")[:300])
    return answer


def message_id(response: Response) -> str:
    """The id of the message that SMSAPI made."""
    listed = answer_of(response).get("list")
    sent = listed[0] if isinstance(listed, list) and listed else None
    if not isinstance(sent, dict):
        raise _strange()
    if sent.get("error"):
        raise _error(response, _code(sent), str(sent["error"])[:300])
    if (found := wire.text_id(sent.get("id"))) is None:
        raise unclear("SMSAPI", "accepted the message but named no id")
    return found


def _strange() -> SendError:
    return unclear("SMSAPI", "gave a strange answer")


def _code(answer: dict[str, Any]) -> int | None:
    """``error`` is a number in sms.do's answers; those of the newer REST calls have a word there and a ``code``."""
    given = (answer.get("error"), answer.get("code"))
    return next((code for each in given if (code := wire.as_int(each)) is not None), None)


def _error(response: Response, code: int | None, message: str) -> SendError:
    said = f"{'' if code is None else code} {message}".strip()[:200]
    if response.status == 429:
        return by_status("SMSAPI", response)
    if code in _LATER:
        reason, text = _LATER[code]
        failure = Failure(code=reason, text=text, provider_code=said)
        return NotAccepted(failure, retry_after=response.retry_after, peer_only=False)
    if code in _CHANNEL:
        reason, text = _CHANNEL[code]
        return Refused(Failure(code=reason, text=text, provider_code=said), channel=True)
    if code in _CUSTOMER:
        reason, text = _CUSTOMER[code]
        return Refused(Failure(code=reason, text=text, provider_code=said))
    if code == _SENT_BEFORE:
        return unclear("SMSAPI", "says that it has this very message already", said)
    if response.status in (401, 403):
        return by_status("SMSAPI", response)
    if code is None or code in (200, 201, 999) or response.status >= 500:
        return unclear("SMSAPI", "had trouble of its own", said)
    text = f"SMSAPI rejected the message: {(message or str(code)).rstrip('.')}."
    return Refused(Failure(code="rejected", text=text, provider_code=said))


def undelivered(status: str) -> Failure:
    """The failure of a report."""
    code, text = _REPORTED[status]
    return Failure(code=code, text=text, provider_code=status)
