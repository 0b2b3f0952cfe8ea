"""WhatsApp Cloud API: one business number; all numbers of one Meta app share the app's callback."""

from typing import Annotated, Any, Final
from urllib.parse import quote

import msgspec

from connectors import meta, signatures
from connectors.contract import (
    ADVANCED,
    WEB_ADDRESS,
    Capabilities,
    Checked,
    Condition,
    Connector,
    Media,
    Outbound,
    OutboundAttachment,
    OutboundReaction,
    Pace,
    Polled,
    Profile,
    Rate,
    Received,
    Registration,
    Sent,
    WebhookRequest,
)
from connectors.credentials import Bearer
from connectors.errors import Failure, FetchFailed, NotAccepted, SendError, Uncertain
from connectors.http import HTTPClient, Part
from connectors.offers import FileRule, LinkButtonRule, QuickReplyRule, ReactionRule
from connectors.sending import Piece, content, exchange, plan, send_pieces
from connectors.templates import FilledTemplate, TemplateList
from connectors.whatsapp import templates
from connectors.whatsapp.check import check
from connectors.whatsapp.failures import result_of
from connectors.whatsapp.filled import header_file, template_of
from connectors.whatsapp.inbound import parse_post
from connectors.whatsapp.outbound import frame, interactive, media, message_in, peer_in, reaction_of

_MB: Final = 1024 * 1024
_SOUND: Final = ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4")
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_DOCUMENTS: Final = (
    "application/pdf",
    "text/plain",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    f"{_OFFICE}.wordprocessingml.document",
    f"{_OFFICE}.spreadsheetml.sheet",
    f"{_OFFICE}.presentationml.presentation",
)
_CAPABILITIES: Final = Capabilities(
    delivered_report=True,
    read_report=True,
    phone_numbers=True,
    start_by_template=True,
    reply_window_hours=24,
    text_limit=4096,
    # Documented media types only: Meta refuses the others after the upload.
    files=(
        FileRule(kind="image", bytes=5 * _MB, types=("image/jpeg", "image/png"), caption=1024),
        FileRule(kind="video", bytes=16 * _MB, types=("video/mp4", "video/3gpp"), caption=1024),
        FileRule(kind="audio", bytes=16 * _MB, types=_SOUND),
        FileRule(kind="voice", bytes=16 * _MB, types=("audio/ogg",)),
        FileRule(kind="file", bytes=100 * _MB, types=_DOCUMENTS, caption=1024),
    ),
    reply_to=True,
    quick_replies=QuickReplyRule(count=3, title=20, payload=256, text=1024),
    link_buttons=LinkButtonRule(count=1, title=20, text=1024, with_quick_replies=False),
    reactions=ReactionRule(),
)
# Together with the 8 s after which no part is begun they stay below the host's 25 s.
_UPLOAD_SECONDS: Final = 7.0
_AFTER_UPLOAD_SECONDS: Final = 9.0


_PER_PERSON: Final = Rate(per_second=1 / 6, burst=45)
"""The pair rate: one message in 6 s, and up to 45 borrowed from the time after (Cloud API, Overview, rate limits)."""


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    phone_number_id: Annotated[str, msgspec.Meta(pattern="^[0-9]+$", description="digits only")]
    """Of the business number; not the telephone number itself."""
    waba_id: Annotated[str, msgspec.Meta(pattern="^[0-9]*$", description="digits only")] = ""
    """The WhatsApp Business Account; with it the server subscribes the app to its webhooks and lists the templates."""
    app_secret: Annotated[str, msgspec.Meta(min_length=1)]
    """Signs the callbacks."""
    verify_token: Annotated[str, msgspec.Meta(min_length=1)]
    """A word of our own choice, typed into the App Dashboard too."""
    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    """Of a system user; those of the dashboard's start page expire after a day."""
    api_base: Annotated[str, msgspec.Meta(pattern="^https?://", description=WEB_ADDRESS, extra=ADVANCED)] = (
        "https://graph.facebook.com/v26.0"
    )
    """With the version of the Graph API; v26.0 is of 29 July 2026."""
    media_hosts: Annotated[tuple[str, ...], msgspec.Meta(extra=ADVANCED)] = ("fbsbx.com",)
    """Where received files may be fetched from, with all hosts below; they are shown the access token."""
    messages_per_second: Annotated[float, msgspec.Meta(gt=0, le=1000, extra=ADVANCED)] = 80
    """The number's throughput: 80, 1000 after Meta's upgrade, 20 beside the WhatsApp Business app (Throughput page)."""


class WhatsAppConnector:
    """See :class:`connectors.contract.Connector`."""

    polls = False

    def __init__(self, settings: Settings, http: HTTPClient, webhook_url: str) -> None:
        self._settings = settings
        self._http = http
        self._webhook_url = webhook_url
        self._base = settings.api_base.rstrip("/")
        self._auth = Bearer(settings.access_token)
        has_templates = bool(settings.waba_id)
        self._capabilities = msgspec.structs.replace(
            _CAPABILITIES, templates=has_templates, start_dialog=has_templates
        )

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @property
    def account(self) -> str | None:
        return self._settings.phone_number_id

    def shares_callback(self, other: Connector) -> bool:
        """Numbers of one app: their callbacks are signed by the same secret."""
        return isinstance(other, WhatsAppConnector) and signatures.is_same(
            other._settings.app_secret, self._settings.app_secret
        )

    # -------------------------------------------------------------------------------------- inbound

    def receive(self, request: WebhookRequest) -> Received:
        settings = self._settings
        return meta.receive(
            request, parse_post, app_secret=settings.app_secret, verify_token=settings.verify_token
        )

    async def poll(self, cursor: str | None) -> Polled:
        raise NotImplementedError("WhatsApp is not polled")

    async def fetch(self, source: str, limit: int) -> Media:
        """Download by media id; the address that it leads to is good for five minutes, so it is asked for each time."""
        number = self._settings.phone_number_id
        try:
            answer = await self._call("GET", f"{quote(source, safe='')}?phone_number_id={number}")
        except SendError as error:
            temporary = isinstance(error, NotAccepted | Uncertain)
            raise FetchFailed(
                error.failure.provider_code or error.failure.text, temporary=temporary
            ) from None
        url = answer.get("url")
        if not isinstance(url, str) or not url:
            raise FetchFailed("WhatsApp gave no address for the file", temporary=False)
        response = await self._http.download(
            url, hosts=self._settings.media_hosts, limit=limit, own=self._base, auth=self._auth
        )
        return Media(data=response.body, mime=response.headers.get("content-type"))

    async def profile(self, peer_id: str) -> Profile | None:
        """Every message brings the name; there is nobody to ask for it."""
        return None

    async def check(self) -> Checked:
        return await check(
            lambda path: self._call("GET", path),
            number_id=self._settings.phone_number_id,
            waba_id=self._settings.waba_id,
            exists=bool(self._webhook_url),
        )

    async def condition(self) -> Condition:
        """Only of the business account, which a channel need not name."""
        if not self._settings.waba_id:
            await self._call("GET", f"{self._settings.phone_number_id}?fields=id")
            return Condition()
        return await meta.condition(self._subscription, "the business account")

    async def _subscription(self, method: str) -> dict[str, Any]:
        return await self._call(method, f"{self._settings.waba_id}/subscribed_apps")

    async def register(self, webhook_url: str) -> Registration:
        """The business account, where that is known; else only whether the token works."""
        if self._settings.waba_id:
            return await meta.register(self._subscription, "the business account")
        try:
            await self._call("GET", f"{self._settings.phone_number_id}?fields=display_phone_number")
        except SendError as error:
            return Registration(error=error.failure.provider_code or error.failure.text)
        return Registration()

    # -------------------------------------------------------------------------------------- outbound

    @property
    def pace(self) -> Pace:
        per_second = self._settings.messages_per_second
        return Pace(channel=Rate(per_second=per_second, burst=max(1, int(per_second / 4))), peer=_PER_PERSON)

    async def send(self, message: Outbound) -> Sent:
        if message.template is not None:
            return await self._send_template(message, message.template)
        return await send_pieces(message, plan(message, _CAPABILITIES), self._send_piece)

    async def react(self, reaction: OutboundReaction) -> None:
        await self._post(reaction_of(reaction))

    async def templates(self) -> TemplateList:
        return await templates.listed(lambda path: self._call("GET", path), self._settings.waba_id)

    def peer_of(self, phone: str) -> str:
        """The WhatsApp id is mostly the number without ``+``; in some countries the answer to a send has another."""
        return phone.lstrip("+")

    async def _send_template(self, message: Outbound, template: FilledTemplate) -> Sent:
        """One message, whatever it holds."""
        if 1 in message.done:
            return Sent(external_ids=())
        file, timeout = None, None
        for attachment in message.attachments[:1]:
            file = header_file(attachment.kind, await self._upload(attachment), attachment.name)
            timeout = _AFTER_UPLOAD_SECONDS
        answer = await self._post(frame(message, Piece()) | template_of(template, file), timeout)
        return Sent(external_ids=(message_in(answer),), peer_id=peer_in(answer))

    async def _send_piece(self, message: Outbound, piece: Piece) -> str:
        body = frame(message, piece)
        if piece.attachment is not None:
            body |= media(piece.attachment, await self._upload(piece.attachment), piece.text)
            return message_in(await self._post(body, _AFTER_UPLOAD_SECONDS))
        if piece.quick_replies or piece.link_buttons:
            body |= interactive(piece)
        else:
            body |= {"type": "text", "text": {"body": piece.text, "preview_url": False}}
        return message_in(await self._post(body))

    async def _post(self, body: dict[str, Any], timeout: float | None = None) -> dict[str, Any]:
        path = f"{self._settings.phone_number_id}/messages"
        return await self._call("POST", path, json=body, timeout=timeout)

    async def _upload(self, attachment: OutboundAttachment) -> str:
        """The id under which the bytes can be sent.  Until then there is no message, so nothing is ever unclear."""
        form = [
            Part(name="messaging_product", value="whatsapp"),
            Part(name="type", value=attachment.mime),
            Part(
                name="file",
                value=await content(attachment),
                filename=attachment.name,
                content_type=attachment.mime,
            ),
        ]
        path = f"{self._settings.phone_number_id}/media"
        try:
            media_id = (await self._call("POST", path, multipart=form, timeout=_UPLOAD_SECONDS)).get("id")
        except Uncertain as error:
            raise _not_uploaded(error.failure.provider_code) from None
        if not isinstance(media_id, str) or not media_id:
            raise _not_uploaded(None)
        return media_id

    async def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        url = f"{self._base}/{path}"
        request = self._http.request(method, url, headers=self._auth.headers(), **options)
        return result_of(await exchange("WhatsApp", request))


def _not_uploaded(provider_code: str | None) -> NotAccepted:
    text = "The attachment could not be uploaded to WhatsApp."
    return NotAccepted(Failure(code="provider_trouble", text=text, provider_code=provider_code))
