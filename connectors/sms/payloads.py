"""The form that Twilio posts, and its signature.

Facts: twilio.com/docs/messaging/guides/webhook-request and /docs/usage/security; twilio-python's and twilio-node's
own test vectors.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

from connectors.contract import WebhookRequest
from connectors.errors import BadSignature
from connectors.sms.callbacks import Parameters, read_form

_FORM: Final = "application/x-www-form-urlencoded"


def verified(auth_token: str, request: WebhookRequest) -> Parameters:
    """The parameters of a request that Twilio signed with ``auth_token``.  Raises BadSignature.

    Signed are the address as it was called, character for character, and every parameter that was posted.  A JSON body
    is covered by its SHA-256 in the query instead, and then there are no parameters.
    """
    if not auth_token:
        raise BadSignature("no secret is configured")
    digest = _body_digest(request)
    if request.method == "GET" or digest is not None:
        posted: Parameters = []
    else:
        posted = read_form(request.body.decode("utf-8", "replace"))
    given = request.headers.get("x-twilio-signature", "").encode("utf-8", "replace")
    matches = [
        hmac.compare_digest(_signature(auth_token, url, posted), given) for url in _spellings(request.url)
    ]
    if not any(matches):
        raise BadSignature("wrong signature")
    if digest is not None and not hmac.compare_digest(
        hashlib.sha256(request.body).hexdigest().encode(), digest.encode("utf-8", "replace")
    ):
        raise BadSignature("the body is not the signed one")
    return read_form(request.query) if request.method == "GET" else posted


def _body_digest(request: WebhookRequest) -> str | None:
    if request.headers.get("content-type", "").startswith(_FORM):
        return None
    values = parse_qs(urlsplit(request.url).query).get("bodySHA256")
    return values[0] if values else None


def _signature(auth_token: str, url: str, parameters: Parameters) -> bytes:
    """HMAC-SHA1 over the address and the sorted names and values; a pair that is there twice counts once."""
    text = url + "".join(name + value for name, value in sorted(set(parameters)))
    digest = hmac.digest(auth_token.encode(), text.encode("utf-8", "replace"), hashlib.sha1)
    return base64.b64encode(digest)


def _spellings(url: str) -> Iterator[str]:
    """``url`` as it is, without and with its port: Twilio signs any of them, as its own SDKs know."""
    yield url
    parts = urlsplit(url)
    userinfo, at, hostport = parts.netloc.rpartition("@")
    host, colon, port = hostport.rpartition(":")
    if not colon or not port.isdecimal():
        host, port = hostport, "443" if parts.scheme == "https" else "80"
    yield _with_netloc(parts, f"{userinfo}{at}{host}")
    yield _with_netloc(parts, f"{userinfo}{at}{host}:{port}")


def _with_netloc(parts: SplitResult, netloc: str) -> str:
    return urlunsplit(parts._replace(netloc=netloc))
