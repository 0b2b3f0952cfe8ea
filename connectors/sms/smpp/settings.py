"""The settings of an SMPP account."""

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from connectors.contract import ADVANCED, LINES
from connectors.registry import BadSettings
from connectors.sms import keywords
from connectors.sms.smpp import tls

_PORTS: Final = {"smpp": 2775, "smpps": 3550}


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    api_base: Annotated[str, Meta(pattern="^smpps?://[^/?#@]+/?$")]
    """``smpp://host:port``, or ``smpps://`` for TLS."""
    system_id: Annotated[str, Meta(min_length=1, max_length=15, pattern="^[!-~]+$")]
    password: Annotated[str, Meta(min_length=1, max_length=63, pattern="^[ -~]+$")]
    sender: Annotated[str, Meta(min_length=1, max_length=16)]
    """What the customer sees: a number, or a name of up to 11 characters."""
    number: str = ""
    """The number at which customers write to us, when ``sender`` is a name that they can't."""
    send_only: bool = False
    """Customers can't answer this number: agents are told before they write."""
    ca: Annotated[str, Meta(max_length=65_536, extra=ADVANCED | LINES)] = ""
    """Certificates (PEM) of the authorities that may have signed the SMSC's; empty: those that the machine trusts."""
    system_type: Annotated[str, Meta(max_length=12, pattern="^[ -~]*$", extra=ADVANCED)] = ""
    service_type: Annotated[str, Meta(max_length=5, pattern="^[ -~]*$", extra=ADVANCED)] = ""
    region: Annotated[str, Meta(pattern="^([A-Z]{2})?$", extra=ADVANCED)] = ""
    """Country whose national numbers the SMSC passes on (TON 2)."""
    alphabet: Annotated[Literal["gsm7", "latin1"], Meta(extra=ADVANCED)] = "gsm7"
    """What the SMSC takes data_coding 0 for."""
    long_messages: Annotated[Literal["udh8", "udh16", "sar", "payload"], Meta(extra=ADVANCED)] = "udh8"
    """How the parts of a long message are marked; ``payload``: the SMSC itself makes the parts."""
    receipt_ids: Annotated[Literal["same", "hex", "decimal"], Meta(extra=ADVANCED)] = "same"
    """``hex``: ids are hexadecimal in answers and decimal in receipts; ``decimal``: the other way round."""
    reference: Annotated[bool, Meta(extra=ADVANCED)] = True
    """Send a user_message_reference, which some SMSCs bring back in reports: so an unanswered message is settled."""
    message_id_tlv: Annotated[str, Meta(pattern="^(0x[0-9A-Fa-f]{4})?$", extra=ADVANCED)] = ""
    """The optional parameter in which the SMSC names each message to us by an id of its own, where it has one."""
    source_ton: Annotated[int, Meta(ge=-1, le=6, extra=ADVANCED)] = -1
    """Kind of the sender's number; -1: by its look."""
    source_npi: Annotated[int, Meta(ge=-1, le=18, extra=ADVANCED)] = -1
    window: Annotated[int, Meta(ge=1, le=100, extra=ADVANCED)] = 10
    """Messages sent and not yet answered by the SMSC."""
    per_second: Annotated[int, Meta(ge=0, le=1000, extra=ADVANCED)] = 0
    """Messages a second that the account may send; 0: the SMSC says when it is too fast."""
    enquire_seconds: Annotated[int, Meta(ge=5, le=300, extra=ADVANCED)] = 30
    stop_words: Annotated[tuple[str, ...], Meta(extra=ADVANCED)] = keywords.STOP_WORDS

    def __post_init__(self) -> None:
        try:
            where_of(self)
        except ValueError:
            raise BadSettings(
                ["api_base: expected smpp://host:port or smpps://host:port"],
                codes={"api_base": ("smpp_address", {})},
            ) from None
        try:
            tls.context(self.ca)
        except ValueError:
            raise BadSettings(
                ["ca: expected certificates in PEM, -----BEGIN CERTIFICATE----- …"],
                codes={"ca": ("smpp_certificates", {})},
            ) from None


class Where(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    port: int
    tls: bool


def where_of(settings: Settings) -> Where:
    """Raises ValueError for a port that is none."""
    parts = urlsplit(settings.api_base)
    if not parts.hostname or parts.port == 0:
        raise ValueError(parts.port)
    return Where(host=parts.hostname, port=parts.port or _PORTS[parts.scheme], tls=parts.scheme == "smpps")


def same_account(one: Settings, other: Settings) -> bool:
    """Whether an SMSC may take both for the same, of which it allows one connection."""
    return (where_of(one), one.system_id) == (where_of(other), other.system_id)


def same_bind(one: Settings, other: Settings) -> bool:
    """Whether a connection made with the one shows that one can be made with the other."""

    def of(settings: Settings) -> tuple[str, ...]:
        return settings.password, settings.system_type, settings.ca

    return same_account(one, other) and of(one) == of(other)
