"""Viber: one bot account, by webhook."""

import logging
from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec
from viberbot.api.messages import TextMessage

from connectors import checking, signatures, wire
from connectors.contract import (
    ADVANCED,
    WEB_ADDRESS,
    Account,
    Capabilities,
    Checked,
    Condition,
    Connector,
    Media,
    Outbound,
    Polled,
    Profile,
    Received,
    Registration,
    Sent,
    Start,
    Trouble,
    WebhookReply,
    WebhookRequest,
)
from connectors.errors import FetchFailed, NotAccepted, SendError, Uncertain
from connectors.http import HTTPClient
from connectors.offers import FileRule, LinkButtonRule, QuickReplyRule
from connectors.sending import Piece, exchange, plan, send_pieces, unclear
from connectors.viber.failures import result_of
from connectors.viber.inbound import parse_callback
from connectors.viber.outbound import message_of

# viberbot logs the token and the message text at ERROR; only its message classes are used, this is the second lock.
logging.getLogger("viber").setLevel(logging.CRITICAL)
logging.getLogger("viber.bot.api").setLevel(logging.CRITICAL)

_EVENTS: Final = ["delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started"]
_MB: Final = 1024 * 1024
CAPABILITIES: Final = Capabilities(
    delivered_report=True,
    read_report=True,
    text_limit=7000,
    files=(
        # On iOS; Android takes more.
        FileRule(kind="image", bytes=_MB, types=("image/jpeg", "image/png", "image/gif"), caption=512),
        FileRule(kind="video", bytes=26 * _MB, types=("video/mp4",)),
        FileRule(kind="file", bytes=50 * _MB),
    ),
    # A keyboard has at most 24 rows of buttons; more than ten answers nobody reads.
    quick_replies=QuickReplyRule(count=10, title=40, payload=256, text=7000),
    # In the same keyboard; six of the longest leave room for the text in the 30 kB that a request may have.
    link_buttons=LinkButtonRule(
        count=6, title=40, text=7000, with_quick_replies=True, fleeting=True, sends_address=True
    ),
    deep_link=True,
)


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    auth_token: Annotated[str, msgspec.Meta(min_length=1)]
    """From the Viber Admin Panel; it also signs the callbacks."""
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=28)] = "Support"
    """The sender's name that the customer sees."""
    avatar: str = ""
    """Address of the sender's picture, at most 100 kB."""
    welcome: Annotated[str, msgspec.Meta(max_length=7000)] = ""
    """Shown to a customer who opens the chat; empty: nothing."""
    api_base: Annotated[str, msgspec.Meta(pattern="^https?://", description=WEB_ADDRESS, extra=ADVANCED)] = (
        "https://chatapi.viber.com/pa"
    )
    media_hosts: Annotated[tuple[str, ...], msgspec.Meta(extra=ADVANCED)] = ("viber.com",)
    """Where received files may be fetched from, with all hosts below."""


class ViberConnector:
    """See :class:`connectors.contract.Connector`."""

    account = None
    polls = False

    def __init__(self, settings: Settings, http: HTTPClient, webhook_url: str) -> None:
        self._settings = settings
        self._http = http
        self._webhook_url = webhook_url
        self._base = settings.api_base.rstrip("/")
        self._uri: str | None = None

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def shares_callback(self, other: Connector) -> bool:
        return False

    # -------------------------------------------------------------------------------------- inbound

    def receive(self, request: WebhookRequest) -> Received:
        signature = request.headers.get("x-viber-content-signature")
        signatures.check_hmac_sha256(self._settings.auth_token, request.body, signature)
        items = parse_callback(request.body)
        if isinstance(items[0], Start) and self._settings.welcome:
            return Received(items=items, reply=self._welcome())
        return Received(items=items)

    def _welcome(self) -> WebhookReply:
        """The one message allowed before a subscription: the answer to conversation_started, without a receiver."""
        message = {"sender": self._sender(), **TextMessage(text=self._settings.welcome).to_dict()}
        return WebhookReply(body=msgspec.json.encode(message), content_type="application/json")

    async def poll(self, cursor: str | None) -> Polled:
        raise NotImplementedError("Viber is not polled")

    async def fetch(self, source: str, limit: int) -> Media:
        """Viber's links live for an hour."""
        response = await self._http.download(
            source, hosts=self._settings.media_hosts, limit=limit, own=self._base
        )
        return Media(data=response.body, mime=response.headers.get("content-type"))

    async def profile(self, peer_id: str) -> Profile | None:
        """The picture, by get_user_details, which Viber allows twice in 12 hours for one person; a refusal is normal."""
        try:
            user = (await self._call("get_user_details", {"id": peer_id})).get("user")
        except SendError as error:
            if isinstance(error, NotAccepted | Uncertain):
                raise FetchFailed(error.failure.text, temporary=True) from None
            return None
        if not isinstance(user, dict):
            return None
        name, avatar = user.get("name"), user.get("avatar")
        return Profile(
            name=name if isinstance(name, str) and name else None,
            picture=avatar if isinstance(avatar, str) and avatar else None,
        )

    async def register(self, webhook_url: str) -> Registration:
        """Set the webhook.  Viber calls it *during* this request and needs 200: it must be served meanwhile."""
        payload = {"url": webhook_url, "event_types": _EVENTS, "send_name": True, "send_photo": False}
        try:
            await self._call("set_webhook", payload)
            account = await self._call("get_account_info", {})
        except SendError as error:
            return Registration(error=error.failure.provider_code or error.failure.text)
        url = account.get("webhook")
        return Registration(url=url if isinstance(url, str) else webhook_url)

    async def condition(self) -> Condition:
        url = (await self._call("get_account_info", {})).get("webhook")
        if not url:
            return Condition(error="Viber has no webhook for this bot. Register it.", code="webhook_missing")
        if url == self._webhook_url:
            return Condition()
        where = checking.host(str(url))
        text = f"The bot's messages go to {where}. Register the webhook to bring them here."
        return Condition(error=text, code="webhook_elsewhere", said=where)

    async def check(self) -> Checked:
        """Whose account the token opens, and which address Viber calls."""
        try:
            info = await self._call("get_account_info", {})
        except SendError as error:
            text = "Viber knows no bot with this token. Copy it once more from Edit info in the Admin Panel."
            return Checked(problems=(checking.trouble("Viber", error, "auth_token", text),))
        account = Account(id=str(info.get("id", "")), name=str(info.get("name") or info.get("uri") or ""))
        url = info.get("webhook")
        if url and url != self._webhook_url:
            where = checking.host(str(url))
            text = f"This bot's messages go to {where} now. Registering the webhook ends that, and brings them here."
            problem = Trouble(code="webhook_elsewhere", text=text, said=where)
            return Checked(account=account, problems=(problem,))
        if self._webhook_url and not url:
            text = "Viber has no webhook for this bot. Register it, or no message comes in or goes out."
            return Checked(account=account, problems=(Trouble(code="webhook_missing", text=text),))
        return Checked(account=account)

    async def deep_link(self, token: str) -> str | None:
        """Opens the app; the account's URI is only known to Viber."""
        if self._uri is None:
            try:
                uri = (await self._call("get_account_info", {})).get("uri")
            except SendError as error:
                text = f"get_account_info: {error.failure.provider_code or error.failure.text}"
                raise FetchFailed(text, temporary=isinstance(error, NotAccepted | Uncertain)) from None
            if not isinstance(uri, str) or not uri:
                return None
            self._uri = quote(uri, safe="")
        link = f"viber://pa?chatURI={self._uri}"
        return f"{link}&context={quote(token, safe='')}" if token else link

    # -------------------------------------------------------------------------------------- outbound

    async def send(self, message: Outbound) -> Sent:
        return await send_pieces(message, plan(message, CAPABILITIES), self._send_piece)

    async def _send_piece(self, message: Outbound, piece: Piece) -> str:
        frame = {"receiver": message.peer_id, "min_api_version": 1, "sender": self._sender()}
        content = await message_of(piece, message.tracker)
        answer = await self._call("send_message", {**frame, **content})
        token = wire.text_id(answer.get("message_token"))
        if token is None:
            raise unclear("Viber", "accepted the message but named no id")
        return token

    def _sender(self) -> dict[str, str]:
        sender = {"name": self._settings.name}
        return {**sender, "avatar": self._settings.avatar} if self._settings.avatar else sender

    async def _call(self, method: str, payload: dict[str, Any]) -> dict[str, Any]:
        headers = {"X-Viber-Auth-Token": self._settings.auth_token}
        url = f"{self._base}/{method}"
        return result_of(
            await exchange("Viber", self._http.request("POST", url, json=payload, headers=headers))
        )
