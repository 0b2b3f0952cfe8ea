"""SMS by the HTTP gateway of any operator: what is sent, how its answer is read and what it calls us with are settings."""

from base64 import b64encode
from functools import partial
from typing import Final

from connectors import numbers, wire
from connectors.contract import (
    Capabilities,
    Checked,
    Connector,
    ConnectorSpec,
    Outbound,
    Polled,
    Received,
    Registration,
    Sent,
    WebhookReply,
    WebhookRequest,
)
from connectors.errors import Failure, Refused
from connectors.http import HTTPClient, Response
from connectors.sending import Part, by_status, exchange, plan, send_parts, unclear
from connectors.signatures import check_equal, is_same
from connectors.sms import callbacks, gateway_callbacks, gateway_check, gateway_settings, text_only
from connectors.sms.gateway_settings import Settings
from connectors.sms.gateway_templates import CONTENT_TYPES
from connectors.sms.marks import idx_of

_NAME: Final = gateway_check.NAME
_ANSWER: Final = 4096
"""Characters of an answer in which the regular expressions of the settings look."""


class GatewayConnector(text_only.TextOnly):
    """See :class:`connectors.contract.Connector`."""

    polls = False

    def __init__(self, settings: Settings, http: HTTPClient, webhook_url: str) -> None:
        self._settings = settings
        self._http = http
        self._address = gateway_settings.address(settings)
        self._body = gateway_settings.body(settings)
        self._headers = gateway_settings.headers(settings)
        if self._body is not None:
            self._headers = {"Content-Type": CONTENT_TYPES[settings.content_type], **self._headers}
        self._statuses = gateway_settings.statuses(settings)
        self._failure = gateway_settings.failure_pattern(settings)
        self._id = gateway_settings.id_pattern(settings)
        self._reader = gateway_callbacks.Reader(settings)
        self._number = text_only.telephone(settings.number or settings.sender)
        self._capabilities = text_only.capabilities(
            settings.sender,
            receive=self._number is not None and not settings.send_only,
            text_limit=settings.text_limit,
            delivered_report=bool(settings.report_state),
        )

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    @property
    def account(self) -> str | None:
        """Our number, where the gateway names it: one address may serve several."""
        return self._number if self._settings.in_to else None

    def shares_callback(self, other: Connector) -> bool:
        return isinstance(other, GatewayConnector) and is_same(
            other._settings.callback_key, self._settings.callback_key
        )

    # -------------------------------------------------------------------------------------- inbound

    def receive(self, request: WebhookRequest) -> Received:
        query = callbacks.read_form(request.query)
        self._check(request, query)
        found = gateway_callbacks.payloads(request, query)
        items = tuple(item for payload in found for item in self._reader.read(payload))
        raw = None if request.method == "POST" else callbacks.written(callbacks.fields_of(request, query))
        return Received(items=items, reply=WebhookReply(body=self._settings.reply.encode()), raw=raw)

    def _check(self, request: WebhookRequest, query: callbacks.Parameters) -> None:
        settings = self._settings
        match settings.callback_auth:
            case "query":
                callbacks.check_key(settings.callback_key, query)
            case "header":
                check_equal(settings.callback_key, request.headers.get(settings.callback_header.lower()))
            case "basic":
                pair = f"{settings.callback_user}:{settings.callback_key}"
                expected = f"Basic {b64encode(pair.encode()).decode()}"
                check_equal(expected, request.headers.get("authorization"))

    async def poll(self, cursor: str | None) -> Polled:
        raise NotImplementedError("a gateway is not polled")

    async def register(self, webhook_url: str) -> Registration:
        """Nothing can be asked: the address is set by hand at the operator."""
        return Registration(url=webhook_url)

    async def check(self) -> Checked:
        return await gateway_check.check(self._settings, self._http)

    # -------------------------------------------------------------------------------------- outbound

    async def send(self, message: Outbound) -> Sent:
        parts = [
            Part(piece.kind, partial(self._send_part, message, piece.text, part))
            for part, piece in enumerate(plan(message, self._capabilities))
        ]
        return await send_parts(message, parts)

    async def _send_part(self, message: Outbound, text: str, part: int) -> str:
        settings = self._settings
        to, sender = message.peer_id, numbers.from_msisdn(settings.sender) or settings.sender
        values = {
            "to": to if settings.plus else to.lstrip("+"),
            "from": sender if settings.plus else sender.lstrip("+"),
            "text": text,
            "id": idx_of(message.tracker, part),
            "user": settings.user,
            "secret": settings.secret,
        }
        call = self._http.request(
            settings.method,
            self._address(values),
            data=self._body(values) if self._body is not None else None,
            headers=self._headers,
        )
        return self._message_id(await exchange(_NAME, call))

    def _message_id(self, response: Response) -> str:
        if response.status == 429:
            raise by_status(_NAME, response)
        text = response.body[: 4 * _ANSWER].decode("utf-8", "replace")[:_ANSWER]
        if self._settings.failure_match and (found := self._failure.search(text)) is not None:
            said = wire.clean_text(found[0])[:200]
            raise Refused(
                Failure(code="rejected", text=f"{_NAME} rejected the message.", provider_code=said or None)
            )
        if not any(response.status in each for each in self._statuses):
            if response.status < 300:
                raise unclear(_NAME, "gave a strange answer", f"http {response.status}")
            raise by_status(_NAME, response)
        message_id = self._found_id(response, text)
        if not message_id:
            raise unclear(_NAME, "named no id of the message")
        return message_id[:255]

    def _found_id(self, response: Response, text: str) -> str:
        if self._settings.id_pointer:
            return gateway_callbacks.text_at(response.json(), self._settings.id_pointer)
        found = self._id.search(text)
        return wire.clean_text(found[1] or "") if found is not None else ""


SPEC = ConnectorSpec(
    kind="sms",
    provider="http",
    label="SMS (HTTP gateway)",
    switched_numbers=True,
    settings=Settings,
    secrets=("secret", "callback_key"),
    open=GatewayConnector,
)
