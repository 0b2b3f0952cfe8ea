"""Telephone numbers as each provider writes them, to one canonical form (E.164 with ``+``).

Provider numbers follow the provider's own rule and are never run through ``phonenumbers``: with region PL it turns the
MSISDN ``380671234567`` into ``+48380671234567``.  It is used only where a region is really meant: what an agent
types, and national numbers of an SMPP account.
"""

import re

import phonenumbers

_CHANNEL_PREFIX = re.compile(r"^[a-z]+:", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s()./-]")
_MSISDN = re.compile(r"\+?\d{7,15}")
SEND_ONLY = "SMS"
"""Stands for a number that can't be answered."""
_SHORT_CODE = re.compile(r"\d{3,6}")


def from_msisdn(raw: str) -> str | None:
    """An international number with ``+``, ``00`` or neither; short codes and alphanumeric senders stay as they are."""
    compact = _SEPARATORS.sub("", raw)
    if _MSISDN.fullmatch(compact):
        return "+" + compact.lstrip("+").removeprefix("00")
    return raw.strip() or None


def from_twilio(raw: str) -> str | None:
    """E.164, a short code or an alphanumeric sender, maybe behind ``whatsapp:``.

    A ``+`` that was sent unescaped in a form arrives as a space.
    """
    address = _CHANNEL_PREFIX.sub("", raw.strip(), count=1)
    if raw.startswith(" ") and address.isdecimal():
        return "+" + address
    return from_msisdn(address)


def from_whatsapp(raw: str) -> str | None:
    """A number without ``+``; None for business-scoped user ids such as ``US.1234``."""
    return "+" + raw.lstrip("+") if _MSISDN.fullmatch(raw) else None


def from_smpp(raw: str, region: str | None = None) -> str | None:
    """``region`` is given for national numbers (TON 2) only."""
    if region is not None and raw.isdecimal():
        return from_agent(raw, region) or raw
    return from_msisdn(raw)


def from_agent(raw: str, region: str | None = None) -> str | None:
    """What a person typed, read in the account's region; None when no telephone can have that number."""
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_telephone(address: str) -> bool:
    """Whether a normalised address is a full telephone number."""
    return address.startswith("+")


def shown_sender(sender: str, *, receive: bool) -> str:
    """What stands for a normalised SMS sender where people read it: no number that looks as if it could be answered."""
    return sender if receive or not sender.removeprefix("+").isdecimal() else SEND_ONLY


def can_be_answered(address: str) -> bool:
    """Whether a sender can be written to: a number or a short code, not a name such as ``InPost``."""
    return is_telephone(address) or _SHORT_CODE.fullmatch(address) is not None
