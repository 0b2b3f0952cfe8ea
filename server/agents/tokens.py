"""Secrets that prove who asks: made here, shown once, and kept only as hashes."""

import hashlib
import secrets
from typing import Final

BEARER_PREFIX: Final = "ct_"
"""What a bearer token begins with, so that scanners for leaked secrets (and our logs) know one."""


def new_secret() -> str:
    """256 random bits as text for a header or a cookie."""
    return secrets.token_urlsafe(32)


def new_bearer_token() -> str:
    return BEARER_PREFIX + new_secret()


def hash_of(token: str) -> str:
    """What is stored.  A plain SHA-256 is enough for 256 random bits: there is nothing to guess."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
