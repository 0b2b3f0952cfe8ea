"""Facebook Messenger: one page; all pages of one Meta app share the app's callback."""

import hmac
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import parse_qs, quote

import msgspec

from connectors import signatures
from connectors.contract import (
    Capabilities,
    Connector,
    Media,
    Outbound,
    OutboundAttachment,
    Polled,
    Profile,
    Received,
    Registration,
    Sent,
    WebhookReply,
    WebhookRequest,
)
from connectors.errors import BadSignature, FetchFailed, NotAccepted, SendError, Uncertain
from connectors.http import HTTPClient, Part
from connectors.messenger.failures import result_of
from connectors.messenger.inbound import parse_post
from connectors.sending import content, exchange, plan, send_parts, unclear

_FIELDS: Final = (
    "messages,messaging_postbacks,messaging_referrals,message_deliveries,message_reads,message_echoes,"
    "message_reactions,message_edits,messaging_optins,messaging_handovers,standby,messaging_policy_enforcement"
)
_CAPABILITIES: Final = Capabilities(
    delivered_report=True,
    read_report=True,
    reply_window_hours=24,
    text_limit=2000,
    attachment_kinds=("image",),
    attachment_bytes=8 * 1024 * 1024,  # of an image; other kinds may have 25 MB
    deep_link=True,
)


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    page_id: Annotated[str, msgspec.Meta(pattern="^[0-9]+$")]
    app_secret: Annotated[str, msgspec.Meta(min_length=1)]
    """Signs the callbacks."""
    verify_token: Annotated[str, msgspec.Meta(min_length=1)]
    """A word of our own choice, typed into the App Dashboard too."""
    page_token: Annotated[str, msgspec.Meta(min_length=1)]
    api_base: Annotated[str, msgspec.Meta(pattern="^https?://")] = "https://graph.facebook.com/v26.0"
    """With the version of the Graph API; v26.0 is of 29 July 2026."""
    media_hosts: tuple[str, ...] = ("fbcdn.net", "fbsbx.com", "facebook.com")
    """Where received files may be fetched from, with all hosts below."""


class MessengerConnector:
    """See :class:`connectors.contract.Connector`."""

    polls = False

    def __init__(self, settings: Settings, http: HTTPClient, webhook_url: str) -> None:
        self._settings = settings
        self._http = http
        self._base = settings.api_base.rstrip("/")
        self._headers = {"Authorization": f"Bearer {settings.page_token}"}

    @property
    def capabilities(self) -> Capabilities:
        return _CAPABILITIES

    @property
    def account(self) -> str | None:
        return self._settings.page_id

    def shares_callback(self, other: Connector) -> bool:
        """Pages of one app: their callbacks are signed by the same secret."""
        if not isinstance(other, MessengerConnector):
            return False
        mine, theirs = self._settings.app_secret, other._settings.app_secret
        return hmac.compare_digest(mine.encode(), theirs.encode())

    # -------------------------------------------------------------------------------------- inbound

    def receive(self, request: WebhookRequest) -> Received:
        if request.method == "GET":
            return Received(reply=self._verified(request.query))
        signature = request.headers.get("x-hub-signature-256")  # never the older SHA-1 header
        signatures.check_hmac_sha256(self._settings.app_secret, request.body, signature, prefix="sha256=")
        return Received(items=parse_post(request.body), reply=WebhookReply(body=b"EVENT_RECEIVED"))

    def _verified(self, query: str) -> WebhookReply:
        """Meta's check of the callback; PHP proxies turn the dots of its parameters into underscores."""
        given = {name.replace("hub_", "hub.", 1): values[0] for name, values in parse_qs(query).items()}
        signatures.check_equal(self._settings.verify_token, given.get("hub.verify_token"))
        if given.get("hub.mode") != "subscribe" or "hub.challenge" not in given:
            raise BadSignature("not a verification")
        return WebhookReply(body=given["hub.challenge"].encode("utf-8", "replace"))

    async def poll(self, cursor: str | None) -> Polled:
        raise NotImplementedError("Messenger is not polled")

    async def fetch(self, source: str, limit: int) -> Media:
        response = await self._http.download(
            source, hosts=self._settings.media_hosts, limit=limit, own=self._base
        )
        return Media(data=response.body, mime=response.headers.get("content-type"))

    async def profile(self, peer_id: str) -> Profile | None:
        """The person's name; any part may be missing, and a refusal is normal (no permission, not in the app)."""
        try:
            answer = await self._call("GET", f"{quote(peer_id, safe='')}?fields=first_name,last_name,locale")
        except SendError as error:
            if isinstance(error, NotAccepted | Uncertain):
                raise FetchFailed(error.failure.text, temporary=True) from None
            return None
        names = (answer.get("first_name"), answer.get("last_name"))
        locale = answer.get("locale")
        return Profile(
            name=" ".join(name for name in names if isinstance(name, str) and name) or None,
            language=locale if isinstance(locale, str) else None,
        )

    async def register(self, webhook_url: str) -> Registration:
        """Subscribe the app to the page; the callback address itself is typed into the App Dashboard by hand."""
        path = f"{self._settings.page_id}/subscribed_apps"
        try:
            await self._call("POST", path, form=[("subscribed_fields", _FIELDS)])
            apps = (await self._call("GET", path)).get("data")
        except SendError as error:
            return Registration(error=error.failure.provider_code or error.failure.text)
        return Registration(error=None if apps else "the app is not subscribed to the page")

    async def deep_link(self, token: str) -> str | None:
        link = f"https://m.me/{self._settings.page_id}"
        return f"{link}?ref={quote(token, safe='')}" if token else link

    # -------------------------------------------------------------------------------------- outbound

    async def send(self, message: Outbound) -> Sent:
        parts = [
            partial(self._send_part, message, text, attachment)
            for text, attachment in plan(message, _CAPABILITIES)
        ]
        return await send_parts(parts, message.accepted)

    async def _send_part(self, message: Outbound, text: str, attachment: OutboundAttachment | None) -> str:
        metadata = {"metadata": message.tracker} if message.tracker else {}
        to = {"recipient": {"id": message.peer_id}, "messaging_type": "RESPONSE"}
        if attachment is None:
            options: dict[str, Any] = {"json": {**to, "message": {"text": text, **metadata}}}
        else:
            picture = {"attachment": {"type": "image", "payload": {"is_reusable": False}}, **metadata}
            fields = {**to, "message": picture}
            options = {"multipart": [*_form_fields(fields), await _file(attachment)]}
        answer = await self._call("POST", f"{self._settings.page_id}/messages", **options)
        message_id = answer.get("message_id")
        if not isinstance(message_id, str) or not message_id:
            raise unclear("Messenger", "accepted the message but named no id")
        return message_id

    async def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        url = f"{self._base}/{path}"
        request = self._http.request(method, url, headers=self._headers, **options)
        return result_of(await exchange("Messenger", request))


def _form_fields(fields: dict[str, Any]) -> list[Part]:
    """Objects go as JSON text beside the upload."""
    return [
        Part(name=name, value=value if isinstance(value, str) else msgspec.json.encode(value).decode())
        for name, value in fields.items()
    ]


async def _file(attachment: OutboundAttachment) -> Part:
    data = await content(attachment)
    return Part(name="filedata", value=data, filename=attachment.name, content_type=attachment.mime)
