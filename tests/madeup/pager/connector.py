"""Pagers: short texts, a receipt when it beeped, a list of texts in one signed call."""

from typing import Annotated, Final

import msgspec

from connectors import signatures, wire
from connectors.contract import (
    AnyItem,
    Capabilities,
    Connector,
    InboundMessage,
    Media,
    Outbound,
    Peer,
    Polled,
    Profile,
    Receipt,
    ReceiptState,
    Received,
    Registration,
    Sent,
    Unknown,
    WebhookRequest,
)
from connectors.errors import FetchFailed
from connectors.http import HTTPClient
from connectors.sending import Piece, by_status, exchange, plan, send_pieces

CAPABILITIES: Final = Capabilities(delivered_report=True, text_limit=80)


class Settings(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    key: Annotated[str, msgspec.Meta(min_length=1, title="Exchange key")]
    api_base: Annotated[str, msgspec.Meta(pattern="^https?://")] = "https://pagers.example"


class Page(msgspec.Struct, kw_only=True):
    kind: str | None = None
    id: wire.Id = None
    pager: str | None = None
    owner: str | None = None
    text: str | None = None
    at: wire.Number = None


class Call(msgspec.Struct, kw_only=True):
    pages: list[Page] = []


class Accepted(msgspec.Struct, kw_only=True):
    id: wire.Id = None


_CALL: Final = msgspec.json.Decoder(Call)
_ACCEPTED: Final = msgspec.json.Decoder(Accepted)


class PagerConnector:
    """See :class:`connectors.contract.Connector`."""

    account = None
    polls = False

    def __init__(self, settings: Settings, http: HTTPClient, webhook_url: str) -> None:
        self._settings = settings
        self._http = http

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def shares_callback(self, other: Connector) -> bool:
        return False

    def receive(self, request: WebhookRequest) -> Received:
        signatures.check_hmac_sha256(
            self._settings.key, request.body, request.headers.get("x-pager-signature")
        )
        return Received(items=tuple(_item(page) for page in wire.decode(_CALL, request.body).pages))

    async def send(self, message: Outbound) -> Sent:
        return await send_pieces(message, plan(message, CAPABILITIES), self._page)

    async def _page(self, message: Outbound, piece: Piece) -> str:
        url, body = f"{self._settings.api_base}/pages", {"pager": message.peer_id, "text": piece.text}
        headers = {"Authorization": f"Bearer {self._settings.key}"}
        response = await exchange("The exchange", self._http.request("POST", url, json=body, headers=headers))
        accepted = wire.text_id(wire.decode(_ACCEPTED, response.body).id) if response.status == 202 else None
        if accepted is None:
            raise by_status("The exchange", response)
        return accepted

    async def poll(self, cursor: str | None) -> Polled:
        raise NotImplementedError("pagers are not polled")

    async def fetch(self, source: str, limit: int) -> Media:
        raise FetchFailed("pagers send no files", temporary=False)

    async def profile(self, peer_id: str) -> Profile | None:
        return None

    async def register(self, webhook_url: str) -> Registration:
        return Registration()


def _item(page: Page) -> AnyItem:
    id_ = wire.text_id(page.id)
    if page.kind == "text" and id_ and page.pager:
        return InboundMessage(
            key=id_,
            at_ms=wire.as_int(page.at),
            peer=Peer(id=page.pager, name=page.owner),
            external_id=id_,
            text=page.text or "",
        )
    if page.kind == "beeped" and id_:
        return Receipt(key=f"{id_}:beeped", state=ReceiptState.DELIVERED, external_ids=(id_,))
    return Unknown(key=id_ or "", why=f"unknown page: {page.kind}")
