"""Constant-time checks over raw bytes.  Each raises BadSignature; an empty secret is never a match."""

import hashlib
import hmac

from connectors.errors import BadSignature


def check_equal(secret: str, given: str | None) -> None:
    """A shared secret sent as it is (Telegram's secret_token, Meta's verify_token)."""
    if not secret:
        raise BadSignature("no secret is configured")
    if given is None or not hmac.compare_digest(secret.encode(), given.encode("utf-8", "replace")):
        raise BadSignature("wrong secret")


def check_hmac_sha256(secret: str, body: bytes, given: str | None, *, prefix: str = "") -> None:
    """``given`` must be ``prefix`` + lower-case hex HMAC-SHA256 of the body exactly as it arrived."""
    if not secret:
        raise BadSignature("no secret is configured")
    expected = prefix + hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    if given is None or not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        raise BadSignature("wrong signature")


def is_same(one: str, other: str) -> bool:
    """Whether two secrets of ours are the same, as of two accounts that share a callback; tells nothing by its time."""
    return hmac.compare_digest(one.encode(), other.encode())
