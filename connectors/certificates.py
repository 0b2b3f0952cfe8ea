"""What a failed TLS handshake means to an operator: our own code of it, and words."""

import ssl
from typing import Final

_NAMES: Final = (62, 64)
_EXPIRED: Final = 10
_NOT_YET: Final = 9
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and _IP_ADDRESS_MISMATCH, _CERT_HAS_EXPIRED, _CERT_NOT_YET_VALID."""

UNTRUSTED: Final = "certificate_untrusted"
WRONG_NAME: Final = "certificate_wrong_name"
EXPIRED: Final = "certificate_expired"
NO_TLS: Final = "no_tls"


def refusal(error: OSError, whose: str, host: str) -> tuple[str, str]:
    """A code and a sentence.  ``whose`` begins it: “The SMSC”, “The gateway”."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return NO_TLS, f"{whose} made no TLS connection. Is this its port for TLS?"
    if error.verify_code in _NAMES:
        text = (
            f"{whose}'s certificate is for another name than {host}. Check the address, or ask the operator."
        )
        return WRONG_NAME, text
    if error.verify_code == _EXPIRED:
        return EXPIRED, f"{whose}'s certificate has expired. Tell the operator."
    if error.verify_code == _NOT_YET:
        text = f"{whose}'s certificate is not valid yet. Check this server's clock, or tell the operator."
        return EXPIRED, text
    return UNTRUSTED, f"{whose}'s certificate is not signed by an authority that this server trusts."
