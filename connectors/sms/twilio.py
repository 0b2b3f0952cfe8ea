"""SMS by Twilio: one number, or a sender name that cannot be answered."""

from typing import Annotated, Any, Final

import msgspec

from connectors import checking, numbers
from connectors.contract import (
    ADVANCED,
    WEB_ADDRESS,
    Account,
    Capabilities,
    Checked,
    Connector,
    ConnectorSpec,
    Media,
    Outbound,
    Polled,
    Profile,
    Received,
    Registration,
    Sent,
    Trouble,
    WebhookReply,
    WebhookRequest,
)
from connectors.credentials import Auth
from connectors.errors import SendError
from connectors.http import HTTPClient
from connectors.offers import FileRule
from connectors.sending import Piece, exchange, plan, send_pieces, unclear
from connectors.sms import callbacks, keywords
from connectors.sms.failures import result_of
from connectors.sms.inbound import parse_parameters
from connectors.sms.payloads import verified

_LIMIT: Final = 1600
_MMS_BYTES: Final = 5 * 1024 * 1024
# What Twilio makes fit for each network; other types are accepted too, but delivered as they are or not at all.
# twilio.com/docs/messaging/guides/accepted-mime-types
_MMS: Final = (
    FileRule(kind="image", bytes=_MMS_BYTES, types=("image/jpeg", "image/png", "image/gif"), caption=_LIMIT),
    FileRule(
        kind="video", bytes=_MMS_BYTES, types=("video/mp4", "video/3gpp", "video/quicktime"), caption=_LIMIT
    ),
    FileRule(
        kind="audio",
        bytes=_MMS_BYTES,
        types=("audio/mpeg", "audio/mp4", "audio/amr", "audio/ogg"),
        caption=_LIMIT,
    ),
    FileRule(
        kind="file", bytes=_MMS_BYTES, types=("application/pdf", "text/plain", "text/csv"), caption=_LIMIT
    ),
)
# Any other text would be sent to the customer as an SMS.
_NO_ANSWER: Final = WebhookReply(body=b"<Response/>", content_type="text/xml; charset=utf-8")


# As from_twilio() reads numbers; a sender name has a letter, and at most 11 characters (twilio.com/docs/glossary,
# "What is an Alphanumeric Sender ID").
_NUMBER: Final = r"^(\+?[0-9][0-9 ()./-]{2,24}|(?=.*[A-Za-z])[A-Za-z0-9 +&_-]{1,11})$"
_NUMBER_WORDS: Final = "a number such as +48500100200, a short code, or a sender name of up to 11 characters"


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    account_sid: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9]+$", description="letters and digits only")]
    auth_token: Annotated[str, msgspec.Meta(min_length=1)]
    """Signs the callbacks too."""
    number: Annotated[str, msgspec.Meta(pattern=_NUMBER, description=_NUMBER_WORDS)]
    """E.164, a short code, or up to 11 letters: then nobody can answer."""
    messaging_service_sid: Annotated[str, msgspec.Meta(extra=ADVANCED)] = ""
    """Send by a Messaging Service, which chooses among its numbers."""
    send_only: bool = False
    """Customers can't answer this number (48799 and its like): agents are told before they write."""
    mms: bool = False
    """Whether the number can send pictures (in the United States and Canada)."""
    stop_words: Annotated[tuple[str, ...], msgspec.Meta(extra=ADVANCED)] = keywords.STOP_WORDS
    """Messages that consist of one of these withdraw consent."""
    api_base: Annotated[str, msgspec.Meta(pattern="^https?://", description=WEB_ADDRESS, extra=ADVANCED)] = (
        "https://api.twilio.com"
    )
    media_hosts: Annotated[tuple[str, ...], msgspec.Meta(extra=ADVANCED)] = (
        "twilio.com",
        "twiliocdn.com",
        "s3-external-1.amazonaws.com",
    )
    """Where received files may be fetched from, with all hosts below."""


def _capabilities(*, number: str | None, answerable: bool, mms: bool) -> Capabilities:
    return Capabilities(
        receive=answerable,
        sender=None if number is None else numbers.shown_sender(number, receive=answerable),
        delivered_report=True,
        start_dialog=True,
        text_limit=_LIMIT,
        segments=True,
        phone_numbers=True,
        files=_MMS if mms else (),
    )


class TwilioConnector:
    """See :class:`connectors.contract.Connector`."""

    account = None
    polls = False

    def __init__(self, settings: Settings, http: HTTPClient, webhook_url: str) -> None:
        self._settings = settings
        self._http = http
        self._webhook_url = webhook_url
        self._base = settings.api_base.rstrip("/")
        self._auth = Auth(settings.account_sid, settings.auth_token)
        self._number = numbers.from_twilio(settings.number) or settings.number
        self._stop_words = frozenset(word.upper() for word in settings.stop_words)
        self._capabilities = _capabilities(
            number=self._number,
            answerable=numbers.can_be_answered(self._number) and not settings.send_only,
            mms=settings.mms,
        )

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def shares_callback(self, other: Connector) -> bool:
        return False

    # -------------------------------------------------------------------------------------- inbound

    def receive(self, request: WebhookRequest) -> Received:
        """Messages and status reports come to the same address."""
        parameters = verified(self._settings.auth_token, request)
        items = parse_parameters(parameters, self._stop_words, callbacks.mark_in(request.query))
        return Received(items=items, reply=_NO_ANSWER)

    async def poll(self, cursor: str | None) -> Polled:
        raise NotImplementedError("Twilio is not polled")

    async def fetch(self, source: str, limit: int) -> Media:
        """Media needs our credentials at the API's own address, which redirects to a store that must not get them."""
        response = await self._http.download(
            source, hosts=self._settings.media_hosts, limit=limit, own=self._base, auth=self._auth
        )
        return Media(data=response.body, mime=response.headers.get("content-type"))

    async def profile(self, peer_id: str) -> Profile | None:
        return None

    async def register(self, webhook_url: str) -> Registration:
        """Only report: the address is set by hand at the number, which other software may use too."""
        try:
            number = await self._own_number()
        except SendError as error:
            return Registration(error=error.failure.provider_code or error.failure.text)
        if number is None:
            text = f"the account has no number {self._number}"
            return Registration(error=text, code="unknown_number")
        url = number.get("sms_url") or None
        if url == webhook_url:
            return Registration(url=url)
        return Registration(url=url, error="the number calls another address", code="number_calls_elsewhere")

    async def check(self) -> Checked:
        """The account by its credentials, then the number."""
        try:
            found = await self._call("GET", "")
            account = Account(
                id=self._settings.account_sid,
                name=str(found.get("friendly_name") or self._settings.account_sid),
            )
            if (status := found.get("status")) in ("suspended", "closed"):
                text = f"The Twilio account is {status}. The Twilio console says why."
                return Checked(account=account, problems=(Trouble(code="account_suspended", text=text),))
            return Checked(account=account, problems=await self._number_problems())
        except SendError as error:
            text = (
                "Twilio does not accept the Account SID together with this Auth Token. Copy both once more."
            )
            return Checked(problems=(checking.trouble("Twilio", error, "auth_token", text),))

    async def _number_problems(self) -> tuple[Trouble, ...]:
        if not self._number.startswith("+"):
            return ()  # short codes and sender names are not in the list of numbers
        number = await self._own_number()
        if number is None:
            text = (
                f"This Twilio account has no number {self._number}. Copy it from Phone Numbers, with its +."
            )
            return (Trouble(key="number", code="unknown_number", text=text, said=self._number),)
        can = number.get("capabilities")
        if isinstance(can, dict) and can.get("sms") is False:
            text = f"The number {self._number} cannot send SMS. Buy one that can, in Poland a mobile number."
            return (Trouble(key="number", code="number_without_sms", text=text, said=self._number),)
        if self._webhook_url and number.get("sms_url") != self._webhook_url:
            text = f"The number does not call this channel yet. Enter {self._webhook_url} at the number."
            return (Trouble(code="number_calls_elsewhere", text=text, said=self._webhook_url),)
        return ()

    async def _own_number(self) -> dict[str, Any] | None:
        """Our number as the account has it; None when it is not the account's."""
        path = f"/IncomingPhoneNumbers.json?PhoneNumber=%2B{self._number.lstrip('+')}"
        found = (await self._call("GET", path)).get("incoming_phone_numbers")
        first = found[0] if isinstance(found, list) and found else None
        return first if isinstance(first, dict) else None

    # -------------------------------------------------------------------------------------- outbound

    async def send(self, message: Outbound) -> Sent:
        return await send_pieces(message, plan(message, self._capabilities), self._send_piece)

    async def _send_piece(self, message: Outbound, piece: Piece) -> str:
        service = self._settings.messaging_service_sid
        sender = ("MessagingServiceSid", service) if service else ("From", self._number)
        form = [("To", message.peer_id), sender]
        if piece.text:
            form.append(("Body", piece.text))
        if piece.attachment is not None:
            form.append(("MediaUrl", piece.attachment.link))
        if self._webhook_url:
            form.append(("StatusCallback", callbacks.with_mark(self._webhook_url, message.tracker)))
        answer = await self._call("POST", "/Messages.json", form=form)
        sid = answer.get("sid")
        if not isinstance(sid, str) or not sid:
            raise unclear("Twilio", "accepted the message but named no id")
        return sid

    async def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        url = f"{self._base}/2010-04-01/Accounts/{self._settings.account_sid}{path or '.json'}"
        return result_of(
            await exchange("Twilio", self._http.request(method, url, auth=self._auth, **options))
        )


SPEC = ConnectorSpec(
    kind="sms",
    provider="twilio",
    label="SMS (Twilio)",
    switched_numbers=True,
    settings=Settings,
    secrets=("auth_token",),
    open=TwilioConnector,
    capabilities=_capabilities(number=None, answerable=True, mms=False),
)
