"""Facebook Messenger: one page; all pages of one Meta app share the app's callback."""

import hashlib
import hmac
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec

from connectors import checking, meta, signatures
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
    OutboundReaction,
    Polled,
    Profile,
    Received,
    Registration,
    Sent,
    Trouble,
    WebhookRequest,
)
from connectors.errors import FetchFailed, NotAccepted, SendError, Uncertain
from connectors.http import HTTPClient
from connectors.messenger.failures import result_of
from connectors.messenger.inbound import parse_post
from connectors.messenger.outbound import PAYLOAD, body, file_part, form_fields
from connectors.offers import FileRule, LinkButtonRule, QuickReplyRule, ReactionRule
from connectors.sending import Piece, exchange, plan, send_pieces, unclear

_FIELDS: Final = (
    "messages,messaging_postbacks,messaging_referrals,message_deliveries,message_reads,message_echoes,"
    "message_reactions,message_edits,messaging_optins,messaging_handovers,standby,messaging_policy_enforcement"
)
_MB: Final = 1024 * 1024
CAPABILITIES: Final = Capabilities(
    delivered_report=True,
    read_report=True,
    reply_window_hours=24,
    text_limit=2000,
    files=(
        FileRule(kind="image", bytes=8 * _MB, types=("image/png", "image/jpeg", "image/gif")),
        FileRule(kind="video", bytes=25 * _MB),
        FileRule(kind="audio", bytes=25 * _MB),
        FileRule(kind="file", bytes=25 * _MB),
    ),
    reply_to=True,
    quick_replies=QuickReplyRule(count=13, title=20, payload=PAYLOAD, text=2000),
    # The button template (send-messages/template/button, 22 April 2026), which quick replies may go with.
    link_buttons=LinkButtonRule(count=3, title=20, text=640, with_quick_replies=True),
    reactions=ReactionRule(),
    deep_link=True,
)
_PROFILE: Final = "first_name,last_name,locale,profile_pic"


_WINDOW_MS: Final = 24 * 3_600_000
_HUMAN_AGENT_HOURS: Final = 7 * 24


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    page_id: Annotated[str, msgspec.Meta(pattern="^[0-9]+$", description="digits only")]
    app_secret: Annotated[str, msgspec.Meta(min_length=1)]
    """Signs the callbacks."""
    verify_token: Annotated[str, msgspec.Meta(min_length=1)]
    """A word of our own choice, typed into the App Dashboard too."""
    page_token: Annotated[str, msgspec.Meta(min_length=1)]
    app_id: Annotated[str, msgspec.Meta(pattern="^[0-9]*$", description="digits only", extra=ADVANCED)] = ""
    """Where several applications serve the page: which is ours, so that we know when a thread is given to another."""
    api_base: Annotated[str, msgspec.Meta(pattern="^https?://", description=WEB_ADDRESS, extra=ADVANCED)] = (
        "https://graph.facebook.com/v26.0"
    )
    """With the version of the Graph API; v26.0 is of 29 July 2026."""
    human_agent: Annotated[bool, msgspec.Meta(extra=ADVANCED)] = False
    """Answer for 7 days with the HUMAN_AGENT tag; Meta has to have granted the app's Human Agent permission."""
    media_hosts: Annotated[tuple[str, ...], msgspec.Meta(extra=ADVANCED)] = (
        "fbcdn.net",
        "fbsbx.com",
        "facebook.com",
    )
    """Where received files may be fetched from, with all hosts below."""


class MessengerConnector:
    """See :class:`connectors.contract.Connector`."""

    polls = False

    def __init__(self, settings: Settings, http: HTTPClient, webhook_url: str) -> None:
        self._settings = settings
        self._http = http
        self._webhook_url = webhook_url
        self._base = settings.api_base.rstrip("/")
        self._headers = {"Authorization": f"Bearer {settings.page_token}"}

    @property
    def capabilities(self) -> Capabilities:
        if not self._settings.human_agent:
            return CAPABILITIES
        return msgspec.structs.replace(CAPABILITIES, human_reply_hours=_HUMAN_AGENT_HOURS)

    @property
    def account(self) -> str | None:
        return self._settings.page_id

    def shares_callback(self, other: Connector) -> bool:
        """Pages of one app: their callbacks are signed by the same secret."""
        return isinstance(other, MessengerConnector) and signatures.is_same(
            other._settings.app_secret, self._settings.app_secret
        )

    # -------------------------------------------------------------------------------------- inbound

    def receive(self, request: WebhookRequest) -> Received:
        settings = self._settings
        return meta.receive(
            request,
            partial(parse_post, own_app=settings.app_id or None),
            app_secret=settings.app_secret,
            verify_token=settings.verify_token,
        )

    async def poll(self, cursor: str | None) -> Polled:
        raise NotImplementedError("Messenger is not polled")

    async def fetch(self, source: str, limit: int) -> Media:
        response = await self._http.download(
            source, hosts=self._settings.media_hosts, limit=limit, own=self._base
        )
        return Media(data=response.body, mime=response.headers.get("content-type"))

    async def profile(self, peer_id: str) -> Profile | None:
        """The person's name and picture; any part may be missing, and a refusal is normal (no permission, not in the app)."""
        try:
            answer = await self._call("GET", f"{quote(peer_id, safe='')}?fields={_PROFILE}")
        except SendError as error:
            if isinstance(error, NotAccepted | Uncertain):
                raise FetchFailed(error.failure.text, temporary=True) from None
            return None
        names = (answer.get("first_name"), answer.get("last_name"))
        locale, picture = answer.get("locale"), answer.get("profile_pic")
        return Profile(
            name=" ".join(name for name in names if isinstance(name, str) and name) or None,
            language=locale if isinstance(locale, str) else None,
            picture=picture if isinstance(picture, str) and picture else None,
        )

    async def register(self, webhook_url: str) -> Registration:
        return await meta.register(self._subscription, "the page")

    async def condition(self) -> Condition:
        return await meta.condition(self._subscription, "the page")

    async def _subscription(self, method: str) -> dict[str, Any]:
        fields = [("subscribed_fields", _FIELDS)] if method == "POST" else None
        return await self._call(method, f"{self._settings.page_id}/subscribed_apps", form=fields)

    async def check(self) -> Checked:
        """Whose token it is, whether the app's secret belongs to it, and whether the app gets the page's messages."""
        try:
            me = await self._call("GET", "me?fields=id,name")
        except SendError as error:
            text = "Facebook does not accept the page access token. Generate a new one in the app's settings."
            return Checked(problems=(checking.trouble("Facebook", error, "page_token", text),))
        account = Account(id=str(me.get("id", "")), name=str(me.get("name") or ""))
        if account.id != self._settings.page_id:
            text = f"The token is that of {account.name}, whose number is {account.id}. Enter that number."
            return Checked(
                account=account,
                problems=(
                    Trouble(key="page_id", code="other_page", text=text, said=f"{account.name} {account.id}"),
                ),
            )
        problems = [await self._secret_problem(), await self._subscription_problem()]
        return Checked(account=account, problems=tuple(each for each in problems if each is not None))

    async def _secret_problem(self) -> Trouble | None:
        """A call with a proof made of the app's secret is refused when the secret is another app's."""
        secret, token = self._settings.app_secret.encode(), self._settings.page_token.encode()
        proof = hmac.new(secret, token, hashlib.sha256).hexdigest()
        try:
            await self._call("GET", f"me?fields=id&appsecret_proof={proof}")
        except SendError as error:
            text = "The app secret is not that of the app which made the token. Copy it from App settings, Basic."
            return checking.trouble(
                "Facebook", error, "app_secret", text, codes=("not_authorised", "rejected")
            )
        return None

    async def _subscription_problem(self) -> Trouble | None:
        try:
            apps = (await self._call("GET", f"{self._settings.page_id}/subscribed_apps")).get("data")
        except SendError as error:
            text = "The token may not read the page's subscriptions: it lacks pages_manage_metadata."
            return checking.trouble("Facebook", error, "page_token", text)
        if self._webhook_url and not apps:
            text = "The app does not get this page's messages. Register the webhook to subscribe it."
            return Trouble(code="webhook_missing", text=text)
        return self._application_problem(apps)

    def _application_problem(self, apps: Any) -> Trouble | None:
        """An ``app_id`` that is none of the page's applications would lock every dialog that is passed to us."""
        ids = [str(app.get("id")) for app in apps or () if isinstance(app, dict)]
        if not self._settings.app_id or not ids or self._settings.app_id in ids:
            return None
        said = ", ".join(ids)
        text = f"The application is not subscribed to the page; those that are: {said}. Enter the number of yours."
        return Trouble(key="app_id", code="other_app", text=text, said=said)

    async def deep_link(self, token: str) -> str | None:
        link = f"https://m.me/{self._settings.page_id}"
        return f"{link}?ref={quote(token, safe='')}" if token else link

    # -------------------------------------------------------------------------------------- outbound

    async def send(self, message: Outbound) -> Sent:
        return await send_pieces(message, plan(message, CAPABILITIES), self._send_piece)

    async def _send_piece(self, message: Outbound, piece: Piece) -> str:
        """``reply_to`` stands beside the message, not in it."""
        fields: dict[str, Any] = {"recipient": {"id": message.peer_id}, **self._type_of(message)}
        if piece.reply_to:
            fields["reply_to"] = {"mid": piece.reply_to}
        fields["message"] = body(piece, message.tracker) | (
            {"metadata": message.tracker} if message.tracker else {}
        )
        options: dict[str, Any] = {"json": fields}
        if piece.attachment is not None:
            options = {"multipart": [*form_fields(fields), await file_part(piece.attachment)]}
        answer = await self._call("POST", f"{self._settings.page_id}/messages", **options)
        message_id = answer.get("message_id")
        if not isinstance(message_id, str) or not message_id:
            raise unclear("Messenger", "accepted the message but named no id")
        return message_id

    async def react(self, reaction: OutboundReaction) -> None:
        """A sender action (send-messages/sender-actions, 21 January 2026); another emoji replaces the one before."""
        payload = {"message_id": reaction.target}
        if reaction.emoji is not None:
            payload["reaction"] = reaction.emoji
        action = "unreact" if reaction.emoji is None else "react"
        fields = {"recipient": {"id": reaction.peer_id}, "sender_action": action, "payload": payload}
        await self._call("POST", f"{self._settings.page_id}/messages", json=fields)

    def _type_of(self, message: Outbound) -> dict[str, str]:
        """After 24 h only what a person wrote, and only where it was enabled (Send API, message tags: HUMAN_AGENT)."""
        late = message.since_inbound_ms is not None and message.since_inbound_ms >= _WINDOW_MS
        if self._settings.human_agent and message.by_person and late:
            return {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        return {"messaging_type": "RESPONSE"}

    async def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        url = f"{self._base}/{path}"
        request = self._http.request(method, url, headers=self._headers, **options)
        return result_of(await exchange("Messenger", request))
