"""What Meta's products share: how callbacks are verified and signed, and how our app is subscribed to them."""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qs

from connectors import signatures
from connectors.contract import AnyItem, Condition, Received, Registration, WebhookReply, WebhookRequest
from connectors.errors import BadSignature, SendError

RECEIVED: Final = WebhookReply(body=b"EVENT_RECEIVED")
BAD_TOKEN: Final = 190
"""Code of the Graph API's error about an access token."""


def verification(query: str, verify_token: str) -> WebhookReply:
    """Meta's check of the callback; PHP proxies turn the dots of its parameters into underscores."""
    given = {name.replace("hub_", "hub.", 1): values[0] for name, values in parse_qs(query).items()}
    signatures.check_equal(verify_token, given.get("hub.verify_token"))
    if given.get("hub.mode") != "subscribe" or "hub.challenge" not in given:
        raise BadSignature("not a verification")
    return WebhookReply(body=given["hub.challenge"].encode("utf-8", "replace"))


def receive(
    request: WebhookRequest,
    parse: Callable[[bytes], tuple[AnyItem, ...]],
    *,
    app_secret: str,
    verify_token: str,
) -> Received:
    """A callback of any product: the verification by GET, what happened by POST."""
    if request.method == "GET":
        return Received(reply=verification(request.query, verify_token))
    signature = request.headers.get("x-hub-signature-256")  # never the older SHA-1 header
    signatures.check_hmac_sha256(app_secret, request.body, signature, prefix="sha256=")
    return Received(items=parse(request.body), reply=RECEIVED)


Subscription = Callable[[str], Awaitable[dict[str, Any]]]
"""Calls ``subscribed_apps`` with a method."""


async def register(subscription: Subscription, whose: str) -> Registration:
    """Subscribe our app to ``whose``; the address of its callback is typed into the App Dashboard by hand."""
    try:
        await subscription("POST")
        apps = (await subscription("GET")).get("data")
    except SendError as error:
        return Registration(error=error.failure.provider_code or error.failure.text)
    if apps:
        return Registration()
    return Registration(error=f"the app is not subscribed to {whose}", code="not_subscribed")


async def condition(subscription: Subscription, whose: str) -> Condition:
    """Whether our app still gets what is written to ``whose``; subscribed again when Meta has dropped it.

    Meta unsubscribes an app whose webhook failed for an hour, and never subscribes it again by itself.
    """
    if (await subscription("GET")).get("data"):
        return Condition()
    await subscription("POST")
    if (await subscription("GET")).get("data"):
        mended = f"Meta had unsubscribed the app from {whose}; it was subscribed again."
        return Condition(mended=mended, said=whose)
    error = f"Meta does not bring the messages of {whose}: the app can't be subscribed to it."
    return Condition(error=error, code="not_subscribed", said=whose)
