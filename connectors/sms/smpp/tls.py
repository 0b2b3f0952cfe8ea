"""TLS to an SMSC: whose certificates are trusted, and what a failed handshake means to an operator."""

import ssl
from typing import Final

from connectors.errors import NotAccepted
from connectors.sms.smpp import failures

_NAMES: Final = (62, 64)
_EXPIRED: Final = 10
_NOT_YET: Final = 9
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH, _CERT_HAS_EXPIRED, _CERT_NOT_YET_VALID."""

UNTRUSTED: Final = "certificate_untrusted"
WRONG_NAME: Final = "certificate_wrong_name"
EXPIRED: Final = "certificate_expired"
NO_TLS: Final = "no_tls"
KEYS: Final = {UNTRUSTED: "ca", WRONG_NAME: "api_base", EXPIRED: None, NO_TLS: "api_base"}
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
    if not isinstance(error, ssl.SSLCertVerificationError):
        return failures.unreachable(
            "No TLS connection could be made to the SMSC. Is this its port for TLS?", code=NO_TLS
        )
    if error.verify_code in _NAMES:
        text = (
            f"The SMSC's certificate is for another name than {host}. Check the address, or ask the operator."
        )
        return failures.unreachable(text, code=WRONG_NAME)
    if error.verify_code == _EXPIRED:
        return failures.unreachable("The SMSC's certificate has expired. Tell the operator.", code=EXPIRED)
    if error.verify_code == _NOT_YET:
        text = "The SMSC's certificate is not valid yet. Check this server's clock, or tell the operator."
        return failures.unreachable(text, code=EXPIRED)
    text = (
        "The SMSC's certificate is not signed by an authority that this server trusts. Ask the operator for the "
        "authority's certificate and set it as “ca”."
    )
    return failures.unreachable(text, code=UNTRUSTED)
