"""What an SMSC's answers and reports mean (SMPP 3.4 §5.1.3, §5.2.28 and appendix B)."""

from typing import Final

from connectors.contract import ReceiptState
from connectors.errors import Failure, NotAccepted, Refused, SendError

NAME: Final = "The SMSC"

_LATER: Final = {
    0x04: ("not_connected", "The SMSC says that we are not connected.", None),
    0x08: ("provider_trouble", "The SMSC has trouble of its own.", 5.0),
    0x14: ("rate_limited", "Too many messages are waiting at the SMSC.", 5.0),
    0x58: ("rate_limited", "The SMSC asks to send more slowly.", 1.0),
    0x64: ("provider_trouble", "The SMSC has trouble of its own.", 5.0),
}
"""Why, in words, and for how many seconds the channel holds back."""
_CHANNEL: Final = {
    0x0A: ("bad_sender", "The SMSC does not allow the sender of this channel."),
    0x0D: ("not_authorised", "The SMSC refused the connection."),
    0x0E: ("not_authorised", "The SMSC does not accept the password."),
    0x0F: ("not_authorised", "The SMSC does not know the system ID."),
    0x15: ("bad_service", "The SMSC does not know the service type of this channel."),
    0x48: ("bad_sender", "The SMSC does not take a sender of this kind (source_ton)."),
    0x49: ("bad_sender", "The SMSC does not take a sender of this kind (source_npi)."),
    0x53: ("bad_service", "The SMSC does not know the system type of this channel."),
    0xC0: (
        "bad_parameter",
        "The SMSC does not take optional parameters: switch the setting “reference” off.",
    ),
    0xC1: (
        "bad_parameter",
        "The SMSC does not take optional parameters: switch the setting “reference” off.",
    ),
}
_CUSTOMER: Final = {
    0x01: ("rejected", "The SMSC says that the message is too long."),
    0x0B: ("no_such_address", "That is not a number that the SMSC can send to."),
    0x50: ("no_such_address", "That is not a number that the SMSC can send to."),
    0x51: ("no_such_address", "That is not a number that the SMSC can send to."),
}
_REPORTED: Final = {
    "EXPIRED": ("expired", "The telephone could not be reached in time."),
    "DELETED": ("canceled", "The message was deleted at the operator."),
    "UNDELIV": ("undelivered", "The operator could not deliver the message."),
    "REJECTD": ("rejected", "The operator rejected the message."),
}

STATES: Final = {
    "ENROUTE": ReceiptState.SENT,
    "ACCEPTD": ReceiptState.SENT,
    "DELIVRD": ReceiptState.DELIVERED,
    "EXPIRED": ReceiptState.FAILED,
    "DELETED": ReceiptState.FAILED,
    "UNDELIV": ReceiptState.FAILED,
    "REJECTD": ReceiptState.FAILED,
    "UNKNOWN": None,
}
"""The words of a receipt's ``stat``; None tells nothing."""
SPELLINGS: Final = {
    "DELIVER": "DELIVRD",
    "ACCEPTE": "ACCEPTD",
    "REJECTE": "REJECTD",
    "FAILED": "UNDELIV",
    "BUFFERE": "ENROUTE",
    "BUFFRED": "ENROUTE",
    "SCHEDUL": "ENROUTE",
}
"""Words that SMSCs use beside those of appendix B, cut to seven letters."""
WORDS: Final = {
    0: "ENROUTE",  # SCHEDULED, and 9 SKIPPED: of version 5.0, §4.7.15
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
    9: "REJECTD",
}
"""The same as numbers, in message_state."""


def refusal(status: int) -> SendError:
    """What an answer with this command_status proves: the request was certainly not accepted."""
    code = f"0x{status:08X}"
    if status in _LATER:
        reason, text, pause = _LATER[status]
        failure = Failure(code=reason, text=text, provider_code=code)
        return NotAccepted(failure, retry_after=pause, peer_only=False)
    if status in _CHANNEL:
        reason, text = _CHANNEL[status]
        return Refused(Failure(code=reason, text=text, provider_code=code), channel=True)
    reason, text = _CUSTOMER.get(status, ("rejected", f"The SMSC rejected the message (error {code})."))
    return Refused(Failure(code=reason, text=text, provider_code=code))


def bind_refusal(status: int) -> SendError:
    """The same for a bind."""
    if status == 0x05:
        text = "The SMSC says that this account is connected already."
        return NotAccepted(Failure(code="already_connected", text=text, provider_code=f"0x{status:08X}"))
    if isinstance(found := refusal(status), NotAccepted) or found.failure.code != "rejected":
        return found
    text = f"The SMSC refused the connection (error 0x{status:08X})."
    failure = Failure(code="not_authorised", text=text, provider_code=f"0x{status:08X}")
    return Refused(failure, channel=True)


def unreachable(text: str = "The SMSC could not be reached.", code: str = "unreachable") -> NotAccepted:
    return NotAccepted(Failure(code=code, text=text))


def connected_elsewhere() -> NotAccepted:
    text = "Another process of this server has the channel's connection: write a new message on the channel."
    return NotAccepted(Failure(code="connected_elsewhere", text=text))


def connected_otherwise() -> NotAccepted:
    text = "A running channel has this account's connection, made with other settings: save them there, or pause it."
    return NotAccepted(Failure(code="connected_otherwise", text=text))


def undelivered(word: str, error: str) -> Failure:
    """The failure of a receipt; ``error`` is the network's own code."""
    code, text = _REPORTED[word]
    said = f"{word} {error}".strip()
    return Failure(code=code, text=text, provider_code=said)
