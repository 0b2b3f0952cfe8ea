"""SMS by SMSAPI (smsapi.pl, smsapi.com and their sisters): a sender name, with or without a number to be written to.

Facts: docs.smsapi.com ("Single SMS": sms.do and its parameters; "Authentication": bearer token); smsapi-go
(``/callbacks``).  SMSAPI signs nothing: a secret in our own address is what proves its calls.
"""

from functools import partial
from typing import Annotated, Final

import msgspec

from connectors import checking
from connectors.contract import (
    WEB_ADDRESS,
    Capabilities,
    Checked,
    Connector,
    ConnectorSpec,
    Outbound,
    Polled,
    Received,
    Registration,
    Sent,
    Trouble,
    WebhookReply,
    WebhookRequest,
)
from connectors.errors import SendError
from connectors.http import HTTPClient, Response
from connectors.sending import Part, exchange, plan, send_parts
from connectors.signatures import check_equal, is_same
from connectors.sms import callbacks, keywords, smsapi_callbacks, text_only
from connectors.sms.marks import idx_of
from connectors.sms.smsapi_failures import answer_of, message_id

_LIMIT: Final = 670
"""Ten parts of 67 characters, which SMSAPI takes in any alphabet."""
_OK: Final = WebhookReply(body=b"OK")
"""Any other body makes SMSAPI call again."""


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    token: Annotated[str, msgspec.Meta(min_length=1)]
    """OAuth token with the right to send SMS."""
    callback_key: Annotated[str, msgspec.Meta(pattern=callbacks.KEY_PATTERN)]
    """Proves SMSAPI's calls; it stands in the address that they go to."""
    sender: Annotated[str, msgspec.Meta(min_length=1, max_length=16)]
    """A registered sender name (up to 11 characters) or a number."""
    number: str = ""
    """The number at which customers write to us; without one the channel only sends."""
    send_only: bool = False
    """Customers can't answer this number: agents are told before they write."""
    username: str = ""
    """The account's name, which every callback must then carry too."""
    stop_words: tuple[str, ...] = keywords.STOP_WORDS
    """Messages that consist of one of these withdraw consent."""
    api_base: Annotated[str, msgspec.Meta(pattern="^https?://", description=WEB_ADDRESS)] = (
        "https://api.smsapi.pl"
    )


class SmsapiConnector(text_only.TextOnly):
    """See :class:`connectors.contract.Connector`."""

    polls = False

    def __init__(self, settings: Settings, http: HTTPClient, webhook_url: str) -> None:
        self._settings = settings
        self._http = http
        self._webhook_url = webhook_url
        self._base = settings.api_base.rstrip("/")
        self._stop_words = frozenset(word.upper() for word in settings.stop_words)
        self._number = text_only.telephone(settings.number or settings.sender)
        self._capabilities = text_only.capabilities(
            settings.sender,
            receive=self._number is not None and not settings.send_only,
            text_limit=_LIMIT,
        )

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @property
    def account(self) -> str | None:
        """Our number: an account may have several, all told to one address."""
        return self._number

    def shares_callback(self, other: Connector) -> bool:
        return isinstance(other, SmsapiConnector) and is_same(
            other._settings.callback_key, self._settings.callback_key
        )

    # -------------------------------------------------------------------------------------- inbound

    def receive(self, request: WebhookRequest) -> Received:
        """Messages and reports, both by GET or by POST."""
        query = callbacks.read_form(request.query)
        callbacks.check_key(self._settings.callback_key, query)
        parameters = callbacks.fields_of(request, query)
        if self._settings.username and parameters:
            check_equal(self._settings.username, dict(parameters).get("username"))
        items = smsapi_callbacks.parse(parameters, self._stop_words)
        raw = None if request.method == "POST" else callbacks.written(parameters)
        return Received(items=items, reply=_OK, raw=raw)

    async def poll(self, cursor: str | None) -> Polled:
        raise NotImplementedError("SMSAPI is not polled")

    async def register(self, webhook_url: str) -> Registration:
        """Only report whether the account tells us what customers write; reports need no setting."""
        if self._number is None:
            return Registration(url=webhook_url)
        try:
            response = await self._call("GET", "callbacks")
        except SendError as error:
            return Registration(error=error.failure.text, code=error.failure.code)
        answer = response.json()
        found = answer.get("collection") if isinstance(answer, dict) else None
        if response.status >= 300 or not isinstance(found, list):
            text = f"SMSAPI does not tell its callbacks (http {response.status})"
            return Registration(error=text, code="callbacks_untold")
        ours = callbacks.with_key(webhook_url, self._settings.callback_key)
        known = any(
            isinstance(each, dict)
            and (each.get("type"), each.get("url")) == ("sms_mo", ours)
            and each.get("active") is not False
            for each in found
        )
        # The address itself is not repeated: it holds the key.
        if known:
            return Registration(url=webhook_url)
        text = "SMSAPI has no active sms_mo callback to our address with the key"
        return Registration(error=text, code="callback_missing")

    async def check(self) -> Checked:
        """Whether the token is taken, points are left and, once the channel exists, what customers write comes here.

        ``user.do?credits=1`` is what SMSAPI's own clients ask for the balance with.
        """
        try:
            answer = answer_of(await self._call("GET", "user.do?credits=1&format=json"))
        except SendError as error:
            text = (
                "SMSAPI does not accept this token from this server. Copy it once more; see that it is active, may "
                "read the balance, and is not limited to other IP addresses."
            )
            return Checked(problems=(checking.trouble("SMSAPI", error, "token", text),))
        points = answer.get("points")
        if not isinstance(points, int | float):
            return Checked(problems=(checking.not_understood("SMSAPI"),))
        if points <= 0:
            text = "There are no points left in the SMSAPI account: nothing is sent until it is topped up."
            return Checked(problems=(Trouble(code="no_credit", text=text),))
        problem = (await self.register(self._webhook_url)).error if self._webhook_url else None
        return Checked(problems=() if problem is None else (Trouble(code="webhook_missing", text=problem),))

    # -------------------------------------------------------------------------------------- outbound

    async def send(self, message: Outbound) -> Sent:
        parts = [
            Part(piece.kind, partial(self._send_part, message, piece.text, part))
            for part, piece in enumerate(plan(message, self._capabilities))
        ]
        return await send_parts(message, parts)

    async def _send_part(self, message: Outbound, text: str, part: int) -> str:
        form = [
            ("to", message.peer_id.lstrip("+")),
            ("from", self._settings.sender.lstrip("+")),
            ("message", text),
            ("format", "json"),
            ("encoding", "utf-8"),
        ]
        if message.tracker:
            # The only provider that refuses what it was given before; the reports bring the mark back.
            form += [("idx", idx_of(message.tracker, part)), ("check_idx", "1")]
        if self._webhook_url:
            form.append(("notify_url", callbacks.with_key(self._webhook_url, self._settings.callback_key)))
        return message_id(await self._call("POST", "sms.do", form))

    async def _call(self, method: str, path: str, form: list[tuple[str, str]] | None = None) -> Response:
        headers = {"Authorization": f"Bearer {self._settings.token}"}
        call = self._http.request(method, f"{self._base}/{path}", form=form, headers=headers)
        return await exchange("SMSAPI", call)


SPEC = ConnectorSpec(
    kind="sms",
    provider="smsapi",
    label="SMS (SMSAPI)",
    switched_numbers=True,
    settings=Settings,
    secrets=("token", "callback_key"),
    open=SmsapiConnector,
)
