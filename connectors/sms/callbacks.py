"""What the providers' callbacks have in common: forms, the people in them, and a secret in the address.

SMS providers other than Twilio sign nothing.  What proves a call then is a secret in the query of the address that we
gave them; the fields themselves come in the query (GET) or in a form (POST).
"""

from collections.abc import Collection
from typing import Final
from urllib.parse import parse_qsl, urlencode

from connectors import numbers, wire
from connectors.contract import Consent, InboundMessage, Peer, WebhookRequest
from connectors.errors import BadPayload
from connectors.signatures import check_equal
from connectors.sms.keywords import consent

Parameters = list[tuple[str, str]]

KEY: Final = "key"
"""The query parameter that carries the secret."""
MARK: Final = "mark"
"""The query parameter that carries our mark on a part."""
KEY_PATTERN: Final = "^[A-Za-z0-9_-]{16,}$"
"""What may be such a secret: it stands in an address as it is."""

_MOST_PARAMETERS: Final = 1000


def read_form(encoded: str) -> Parameters:
    """All pairs, blank ones too: they are part of what Twilio signs."""
    try:
        return parse_qsl(encoded, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        raise BadPayload("too many form fields") from None


def check_key(secret: str, query: Parameters) -> None:
    """Raises BadSignature unless the query carries the secret; given several times, the first one counts."""
    check_equal(secret, next((value for name, value in query if name == KEY), None))


def with_key(webhook_url: str, secret: str) -> str:
    """Our address as the provider has to call it."""
    return f"{webhook_url}?{urlencode({KEY: secret})}"


def with_mark(webhook_url: str, mark: str) -> str:
    """The address for reports about one part, with our mark; a provider that signs the address it calls signs that too."""
    return f"{webhook_url}?{urlencode({MARK: mark})}" if mark else webhook_url


def mark_in(query: str) -> str | None:
    """The mark with which we were called."""
    return next((value for name, value in read_form(query) if name == MARK and 0 < len(value) <= 60), None)


def fields_of(request: WebhookRequest, query: Parameters) -> Parameters:
    """The callback's own fields, without the secret: of the form that was posted, else of the query."""
    if request.method == "POST":
        return read_form(request.body.decode("utf-8", "replace"))
    return [(name, value) for name, value in query if name != KEY]


def written(parameters: Parameters) -> bytes:
    """The fields as they can be kept: without the secret, whichever way they came."""
    return urlencode(parameters).encode()


def clean(parameters: Parameters) -> dict[str, str]:
    """By name, as every database takes it; a NUL is padding here (chatwoot #7901) and dropped without a trace."""
    return {name: wire.clean_text(value.replace("\0", "")) for name, value in parameters}


def person(address: str | None) -> Peer | None:
    """Whom a normalised address names."""
    if address is None:
        return None
    return Peer(id=address, phone=address if numbers.is_telephone(address) else None)


def decision(message: InboundMessage, stop: Collection[str]) -> Consent | None:
    """The consent that a message gives or takes, when it is nothing but a keyword."""
    if (found := consent(message.text, stop)) is None:
        return None
    granted, word = found
    return Consent(key=message.key, peer=message.peer, granted=granted, source=f"keyword:{word}")
