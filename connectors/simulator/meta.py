r"""What Meta's products have in common: how a webhook is escaped, signed, repeated, and its address verified.

Facts: developers.facebook.com/docs/graph-api/webhooks.  The body is escaped before it is signed: non-ASCII as
lowercase \uXXXX, and ``/ < > % @`` as well; the signature is over those bytes.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from connectors.simulator.provider import Account
from connectors.simulator.webhooks import Call, Courier
from connectors.simulator.world import Exchange

Json = dict[str, Any]

_RETRIES = (0.0, 15.0, 60.0, 300.0, 900.0, 3600.0)


@dataclass(kw_only=True)
class MetaAccount(Account):
    """What one account shares with all others of its app."""

    app_secret: str
    verify_token: str = ""


def retry(last: Exchange) -> float | None:
    """At once, then less and less often (for 36 hours in reality; a few times here)."""
    return _RETRIES[last.attempt - 1] if last.attempt <= len(_RETRIES) else None


def encode(value: Any) -> bytes:
    """JSON with everything escaped that Meta escapes before signing."""
    text = json.dumps(value, separators=(",", ":"))
    for plain, escaped in (
        ("/", "\\/"),
        ("<", "\\u003C"),
        (">", "\\u003E"),
        ("%", "\\u0025"),
        ("@", "\\u0040"),
    ):
        text = text.replace(plain, escaped)
    return text.encode("ascii")


def signed_call(account: MetaAccount, event: str, payload: Json) -> Call:
    body = encode(payload)
    key = account.app_secret.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "X-Hub-Signature": "sha1=" + hmac.new(key, body, hashlib.sha1).hexdigest(),
        "X-Hub-Signature-256": "sha256=" + hmac.new(key, body, hashlib.sha256).hexdigest(),
    }
    return Call(event=event, url=account.webhook_url, body=body, headers=headers, timeout=5.0)


async def verify(courier: Courier, account: MetaAccount) -> bool:
    """What the app dashboard does when the callback address is entered."""
    challenge = str(secrets.randbelow(2**31))
    query = urlencode(
        {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": account.verify_token}
    )
    joint = "&" if "?" in account.webhook_url else "?"
    url = f"{account.webhook_url}{joint}{query}"
    call = Call(event="verify", method="GET", url=url, body=b"", headers={"Accept": "*/*"})
    exchange = await courier.attempt(call)
    return exchange.status == 200 and exchange.body == challenge.encode()
