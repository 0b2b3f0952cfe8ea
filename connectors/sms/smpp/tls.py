"""TLS to an SMSC: whose certificates are trusted, and what a failed handshake means to an operator."""

import ssl
from typing import Final

from connectors import certificates
from connectors.errors import NotAccepted
from connectors.sms.smpp import failures

KEYS: Final = {
    certificates.UNTRUSTED: "ca",
    certificates.WRONG_NAME: "api_base",
    certificates.EXPIRED: None,
    certificates.NO_TLS: "api_base",
}
"""Codes of these failures, and the setting to look at."""


def context(ca: str) -> ssl.SSLContext:
    """Trusts the authorities in ``ca`` (PEM) and no others; without any, those of the machine.

    Raises ValueError where ``ca`` holds no certificate.
    """
    try:
        return ssl.create_default_context(cadata=ca or None)
    except (ssl.SSLError, TypeError):
        raise ValueError("no certificate in PEM") from None


def refusal(error: ssl.SSLError | ConnectionResetError, host: str) -> NotAccepted:
    """Why there is no connection.  It is tried again: the operator may mend it without us."""
    code, text = certificates.refusal(error, failures.NAME, host)
    if code == certificates.UNTRUSTED:
        text += " Ask the operator for the authority's certificate and set it as “ca”."
    return failures.unreachable(text, code=code)
