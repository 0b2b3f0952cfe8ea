"""Telegram: one bot, by webhook or by long polling."""

import asyncio
import logging
from functools import partial
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote

import msgspec
from telegram import Bot

from connectors import checking, signatures, wire
from connectors.contract import (
    ADVANCED,
    WEB_ADDRESS,
    Account,
    AnyItem,
    Capabilities,
    Checked,
    Condition,
    Connector,
    Media,
    Outbound,
    OutboundReaction,
    Pace,
    Polled,
    Postback,
    Profile,
    Rate,
    Received,
    Registration,
    Sent,
    WebhookRequest,
)
from connectors.errors import Failure, FetchFailed, NotAccepted, SendError, Uncertain
from connectors.http import HTTPClient
from connectors.offers import FileRule, LinkButtonRule, QuickReplyRule, ReactionRule
from connectors.sending import Part, exchange, plan, send_parts
from connectors.telegram import payloads
from connectors.telegram.attachments import smallest_photo
from connectors.telegram.condition import condition_of, webhook_problems
from connectors.telegram.failures import result_of
from connectors.telegram.inbound import parse_update
from connectors.telegram.outbound import answered, send_piece
from connectors.telegram.polled import items_of, offset_after
from connectors.telegram.reactions import EMOJI, set_reaction
from connectors.telegram.request import ClientRequest

# The library logs answers it cannot read, and httpx, which it imports, logs URLs with the token at INFO.
logging.getLogger("telegram").setLevel(logging.CRITICAL)
logging.getLogger("httpx").setLevel(logging.WARNING)

_ALLOWED_UPDATES: Final = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "message_reaction",
]
_POLL_SECONDS: Final = 25
_POLL_LIMIT: Final = 100
_POLL_GRACE: Final = 10.0
_PRESS_SECONDS: Final = 3.0
_MB: Final = 1024 * 1024
CAPABILITIES: Final = Capabilities(
    text_limit=4096,
    files=(
        FileRule(kind="image", bytes=10 * _MB, types=("image/jpeg", "image/png", "image/webp"), caption=1024),
        FileRule(kind="video", bytes=50 * _MB, types=("video/mp4",), caption=1024),
        FileRule(kind="audio", bytes=50 * _MB, types=("audio/mpeg", "audio/mp4"), caption=1024),
        FileRule(kind="voice", bytes=50 * _MB, types=("audio/ogg",), caption=1024),
        FileRule(kind="file", bytes=50 * _MB, caption=1024),
    ),
    reply_to=True,
    # Telegram documents no limits of its own but the 64 bytes of callback_data; titles are cut on a narrow screen.
    quick_replies=QuickReplyRule(count=10, title=40, payload=64, text=4096),
    link_buttons=LinkButtonRule(count=10, title=40, text=4096, with_quick_replies=True),
    reactions=ReactionRule(emoji=EMOJI),
    deep_link=True,
)


_PER_CHAT: Final = Rate(per_second=1)


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    token: Annotated[str, msgspec.Meta(min_length=1)]
    """From @BotFather."""
    secret_token: Annotated[
        str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{0,256}$", description="up to 256 of A-Z, a-z, 0-9, _ and -")
    ] = ""
    """What Telegram shows us with every webhook call; without it the webhook refuses everything."""
    mode: Literal["webhook", "polling"] = "polling"
    api_base: Annotated[str, msgspec.Meta(pattern="^https?://", description=WEB_ADDRESS, extra=ADVANCED)] = (
        "https://api.telegram.org"
    )
    messages_per_second: Annotated[float, msgspec.Meta(gt=0, le=1000, extra=ADVANCED)] = 30
    """To all chats together: about 30, or up to 1000 with paid broadcasts (core.telegram.org/bots/faq)."""


class TelegramConnector:
    """See :class:`connectors.contract.Connector`."""

    account = None

    def __init__(self, settings: Settings, http: HTTPClient, webhook_url: str) -> None:
        self._settings = settings
        self._http = http
        self._webhook_url = webhook_url
        self._base = settings.api_base.rstrip("/")
        self._username: str | None = None
        request = ClientRequest(http)
        self._bot = Bot(
            settings.token,
            base_url=f"{self._base}/bot",
            base_file_url=f"{self._base}/file/bot",
            request=request,
            get_updates_request=request,
        )

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    @property
    def polls(self) -> bool:
        return self._settings.mode == "polling"

    def shares_callback(self, other: Connector) -> bool:
        return False

    # -------------------------------------------------------------------------------------- inbound

    def receive(self, request: WebhookRequest) -> Received:
        signatures.check_equal(
            self._settings.secret_token, request.headers.get("x-telegram-bot-api-secret-token")
        )
        items = parse_update(request.body)
        return Received(items=items, reply=answered(items))

    async def poll(self, cursor: str | None) -> Polled:
        """Wait for updates after ``cursor``, which is the offset that confirms all before it."""
        parameters = {
            "offset": int(cursor or 0),
            "timeout": _POLL_SECONDS,
            "limit": _POLL_LIMIT,
            "allowed_updates": _ALLOWED_UPDATES,
        }
        try:
            body = await self._ask("getUpdates", parameters, timeout=_POLL_SECONDS + _POLL_GRACE)
        except Uncertain as error:
            # Asking twice for the same updates changes nothing.
            failure = Failure(
                code="provider_trouble",
                text="Telegram does not answer properly when asked for messages.",
                provider_code=error.failure.provider_code,
            )
            raise NotAccepted(failure) from None
        updates = wire.decode(payloads.UPDATES, body).result or []
        following = cursor or "0"
        items: list[AnyItem] = []
        for raw in updates:
            items.extend(items_of(raw))
            following = offset_after(raw) or following
        await self._answer_presses(items)
        return Polled(items=tuple(items), cursor=following, raw=body)

    async def _answer_presses(self, items: list[AnyItem]) -> None:
        """The phones wait for it; nothing depends on it, so failures are left alone."""
        pressed = [item.key for item in items if isinstance(item, Postback)]
        answers = (
            self._ask("answerCallbackQuery", {"callback_query_id": key}, timeout=_PRESS_SECONDS)
            for key in pressed
        )
        await asyncio.gather(*answers, return_exceptions=True)

    async def fetch(self, source: str, limit: int) -> Media:
        """Download by file id; the link to it is valid for an hour at least, so it is asked for each time."""
        result = wire.tree(await self._call("getFile", {"file_id": source})).get("result")
        path = result.get("file_path") if isinstance(result, dict) else None
        if not isinstance(path, str):
            raise FetchFailed("Telegram gave no path for the file", temporary=False)
        url = f"{self._base}/file/bot{self._settings.token}/{quote(path)}"
        response = await self._http.download(url, hosts=(), limit=limit, own=self._base)
        return Media(
            data=response.body, name=path.rpartition("/")[2], mime=response.headers.get("content-type")
        )

    async def profile(self, peer_id: str) -> Profile | None:
        """The newest picture that the person shows to bots; the name comes with every message."""
        if not peer_id.isascii() or not peer_id.isdecimal():  # a group has no profile
            return None
        answer = wire.tree(await self._call("getUserProfilePhotos", {"user_id": int(peer_id), "limit": 1}))
        return Profile(picture=smallest_photo(answer.get("result")))

    async def register(self, webhook_url: str) -> Registration:
        """Set the webhook, or remove it where we poll (Telegram allows only one of the two); then report."""
        if self.polls:
            call: tuple[str, dict[str, Any]] = ("deleteWebhook", {})
        elif not self._settings.secret_token:
            text = "secret_token is empty: the webhook would refuse every call"
            return Registration(error=text, code="secret_missing")
        else:
            parameters = {"url": webhook_url, "secret_token": self._settings.secret_token}
            call = ("setWebhook", {**parameters, "allowed_updates": _ALLOWED_UPDATES})
        try:
            await self._call(*call)
            info = wire.decode(payloads.WEBHOOK_INFO, await self._call("getWebhookInfo", {})).result
        except FetchFailed as error:
            return Registration(error=str(error))
        if info is None:
            text = "Telegram gave an answer that cannot be understood"
            return Registration(error=text, code="no_clear_answer")
        return Registration(
            url=info.url or None, pending=info.pending_update_count, error=info.last_error_message
        )

    async def condition(self) -> Condition:
        return condition_of(await self._webhook_info(), polls=self.polls, webhook_url=self._webhook_url)

    async def _webhook_info(self) -> payloads.WebhookInfo:
        answer = wire.decode(payloads.WEBHOOK_INFO, await self._ask("getWebhookInfo", {}))
        return answer.result or payloads.WebhookInfo()

    async def check(self) -> Checked:
        """Who the token belongs to, and where Telegram brings its messages."""
        try:
            me = wire.tree(await self._ask("getMe", {})).get("result")
            if not isinstance(me, dict):
                return Checked(problems=(checking.not_understood("Telegram"),))
            account = Account(id=str(me.get("id", "")), name=_bot_name(me))
            info = await self._webhook_info()
        except SendError as error:
            text = "Telegram knows no bot with this token. Copy it once more from @BotFather."
            return Checked(problems=(checking.trouble("Telegram", error, "token", text),))
        problems = webhook_problems(
            info,
            polls=self.polls,
            has_secret=bool(self._settings.secret_token),
            webhook_url=self._webhook_url,
        )
        return Checked(account=account, problems=problems)

    async def deep_link(self, token: str) -> str | None:
        """Only the bot itself knows its public name; @BotFather changes it never or seldom."""
        if self._username is None:
            me = wire.tree(await self._call("getMe", {})).get("result")
            name = me.get("username") if isinstance(me, dict) else None
            if not isinstance(name, str) or not name:
                return None
            self._username = quote(name, safe="")
        link = f"https://t.me/{self._username}"
        return f"{link}?start={quote(token, safe='')}" if token else link

    async def _call(self, method: str, parameters: dict[str, Any]) -> bytes:
        """The body of a successful call that is not about a message.  Raises FetchFailed."""
        try:
            return await self._ask(method, parameters)
        except SendError as error:
            temporary = isinstance(error, NotAccepted | Uncertain)
            text = f"{method}: {error.failure.provider_code or error.failure.text}"
            raise FetchFailed(text, temporary=temporary) from None

    async def _ask(self, method: str, parameters: dict[str, Any], timeout: float | None = None) -> bytes:
        url = f"{self._base}/bot{self._settings.token}/{method}"
        response = await exchange(
            "Telegram", self._http.request("POST", url, json=parameters, timeout=timeout)
        )
        result_of(response)
        return response.body

    # -------------------------------------------------------------------------------------- outbound

    @property
    def pace(self) -> Pace:
        per_second = self._settings.messages_per_second
        return Pace(channel=Rate(per_second=per_second, burst=max(1, int(per_second / 4))), peer=_PER_CHAT)

    async def send(self, message: Outbound) -> Sent:
        parts = [
            Part(piece.kind, partial(send_piece, self._bot, message.peer_id, piece))
            for piece in plan(message, CAPABILITIES)
        ]
        return await send_parts(message, parts)

    async def react(self, reaction: OutboundReaction) -> None:
        await set_reaction(self._bot, reaction)


def _bot_name(me: dict[str, Any]) -> str:
    name, username = str(me.get("first_name") or ""), str(me.get("username") or "")
    return f"{name} (@{username})" if username else name
