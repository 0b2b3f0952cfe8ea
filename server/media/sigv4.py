"""Amazon's signature, version 4, of a request to S3 without a query.

As in https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html; the tests have that page's example.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Final
from urllib.parse import quote

import msgspec

EMPTY: Final = sha256(b"").hexdigest()
_ALGORITHM: Final = "AWS4-HMAC-SHA256"


class Credentials(msgspec.Struct, frozen=True):
    access_key: str
    secret_key: str

    def __repr__(self) -> str:
        return f"Credentials({self.access_key!r}, …)"


def canonical_path(path: str) -> str:
    """A path as it is signed and must be sent: all but unreserved characters and the slash are escaped."""
    return quote(path, safe="/~")


def signed(
    credentials: Credentials,
    method: str,
    host: str,
    path: str,
    *,
    region: str,
    at: datetime,
    payload_sha256: str = EMPTY,
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Headers to send: ``headers`` (lower case) and those that prove who we are.  ``at`` is now, in UTC."""
    stamp, day = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
    sent = {**(headers or {}), "host": host, "x-amz-content-sha256": payload_sha256, "x-amz-date": stamp}
    names = sorted(sent)
    lines = "".join(f"{name}:{sent[name].strip()}\n" for name in names)
    request = "\n".join((method, canonical_path(path), "", lines, ";".join(names), payload_sha256))
    scope = f"{day}/{region}/s3/aws4_request"
    text = "\n".join((_ALGORITHM, stamp, scope, sha256(request.encode()).hexdigest()))
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = _hmac(key, part)
    sent["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.access_key}/{scope},"
        f"SignedHeaders={';'.join(names)},Signature={_hmac(key, text).hex()}"
    )
    return sent


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), sha256).digest()
