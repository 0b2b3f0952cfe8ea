"""Our connectors and the simulator, written independently of each other, understand each other."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from connectors.contract import (
    AnyItem,
    AttachmentKind,
    Connector,
    Echo,
    InboundMessage,
    Outbound,
    OutboundAttachment,
    QuickReply,
    Receipt,
    ReceiptState,
    Start,
    WebhookRequest,
)
from connectors.http import HTTPClient
from connectors.registry import open_connector
from connectors.simulator import KINDS, Customer, Simulator, sample_picture
from tests.simulator.conftest import Business

CREDENTIALS = {
    "sms": {"account_sid": "AC0001", "auth_token": "t", "number": "+48732001002"},
    "messenger": {"page_id": "1029384756", "app_secret": "s", "page_token": "p", "verify_token": "v"},
    "telegram": {"token": "123456:ABC", "secret_token": "secret_1"},
    "viber": {"auth_token": "t"},
    "whatsapp": {
        "phone_number_id": "106540352242922",
        "waba_id": "102290129340398",
        "app_secret": "s",
        "access_token": "a",
        "verify_token": "v",
    },
}
SPECIAL: dict[str, dict[str, object]] = {
    "sms": {"mms": True},
    "telegram": {"mode": "webhook"},
    "viber": {"name": "Sklep"},
}


class Pair:
    """A connector and a customer's phone at its provider."""

    def __init__(self, kind: str, sim: Simulator, business: Business, http: HTTPClient) -> None:
        self.business = business
        url = f"{business.url}/webhooks/{kind}"
        sim.add_account(kind, webhook_url=url, **CREDENTIALS[kind])
        self.phone: Customer = sim.customer(kind, name="Zofia Żółw")
        settings = {**CREDENTIALS[kind], "api_base": sim.api_base(kind), **SPECIAL.get(kind, {})}
        provider = "twilio" if kind == "sms" else None
        self.connector: Connector = open_connector(kind, provider, settings, http, url)

    def received(self) -> list[AnyItem]:
        """What the connector makes of every webhook so far."""
        items: list[AnyItem] = []
        for hook in self.business.hooks:
            url = self.business.url + hook.target
            headers = {name.lower(): value for name, value in hook.headers.items()}
            request = WebhookRequest(
                method=hook.method, url=url, query=urlsplit(url).query, headers=headers, body=hook.body
            )
            items += self.connector.receive(request).items
        return items


@pytest.fixture(params=KINDS)
async def pair(request: pytest.FixtureRequest, sim: Simulator, business: Business) -> AsyncIterator[Pair]:
    async with HTTPClient() as http:
        yield Pair(request.param, sim, business, http)


async def test_a_conversation(sim: Simulator, pair: Pair) -> None:
    phone, kind = pair.phone, pair.phone.kind
    if kind != "sms":
        await phone.start("ref_1")
    await phone.write("Zażółć gęślą 🐢")
    await phone.send_image(sample_picture())
    starts = [item for item in pair.received() if isinstance(item, Start)]
    assert [item.ref for item in starts] == ([] if kind == "sms" else ["ref_1"])
    text, picture = [item for item in pair.received() if isinstance(item, InboundMessage)]
    assert (text.text, text.peer.id, text.external_id) == (
        "Zażółć gęślą 🐢",
        phone.address,
        phone.thread[-2].id,
    )
    assert [attachment.kind for attachment in picture.attachments] == [AttachmentKind.IMAGE]
    source = picture.attachments[0].source
    assert source is not None
    assert (await pair.connector.fetch(source, 1 << 20)).data == sample_picture()

    outbound = Outbound(
        delivery_id="d1", attempt=1, peer_id=phone.address, text="Dzień dobry", tracker="d1.1"
    )
    sent = await pair.connector.send(outbound)
    await sim.settled()
    await phone.mark_read()
    await sim.settled()
    assert sent.external_ids == tuple(line.id for line in sim.ledger)
    assert [entry.text for entry in phone.received] == ["Dzień dobry"]
    receipts = [item for item in pair.received() if isinstance(item, Receipt)]
    echoes = [item for item in pair.received() if isinstance(item, Echo)]
    assert {item.state for item in receipts} == {
        "sms": {ReceiptState.QUEUED, ReceiptState.SENT, ReceiptState.DELIVERED},
        "messenger": {ReceiptState.DELIVERED, ReceiptState.READ},
        "telegram": set(),
        "viber": {ReceiptState.DELIVERED, ReceiptState.READ},
        "whatsapp": {ReceiptState.SENT, ReceiptState.DELIVERED, ReceiptState.READ},
    }[kind]
    if kind == "whatsapp":
        assert {(item.external_ids, item.tracker) for item in receipts} == {(sent.external_ids, "d1.1")}
    assert [(echo.external_id, echo.metadata) for echo in echoes] == (
        [(sent.external_ids[0], "d1.1")] if kind == "messenger" else []
    )


async def test_a_picture_of_the_agent(sim: Simulator, business: Business, pair: Pair) -> None:
    async def read() -> bytes:
        return sample_picture()

    business.picture = sample_picture()
    await pair.phone.write("hello")
    attachment = OutboundAttachment(
        kind=AttachmentKind.IMAGE,
        name="kot.jpg",
        mime="image/jpeg",
        size=len(sample_picture()),
        read=read,
        link=business.url + "/link/picture.png",
    )
    message = Outbound(delivery_id="d1", attempt=1, peer_id=pair.phone.address, attachments=(attachment,))
    await pair.connector.send(message)
    (shown,) = pair.phone.received
    assert shown.attachment is not None
    assert shown.attachment.blob is not None
    assert shown.attachment.blob.data == sample_picture()


async def test_a_document_and_a_question_with_quick_replies(business: Business, pair: Pair) -> None:
    async def read() -> bytes:
        return b"%PDF-1.7 umowa"

    await pair.phone.write("hello")
    document = OutboundAttachment(
        kind=AttachmentKind.FILE,
        name="umowa żółta.pdf",
        mime="application/pdf",
        size=14,
        read=read,
        link=business.url + "/link/picture.png",
    )
    replies = (
        (QuickReply(title="Tak"), QuickReply(title="Nie"))
        if pair.connector.capabilities.quick_replies
        else ()
    )
    message = Outbound(
        delivery_id="d1",
        attempt=1,
        peer_id=pair.phone.address,
        text="Pasuje?",
        attachments=(document,),
        quick_replies=replies,
    )
    sent = await pair.connector.send(message)
    shown = pair.phone.received
    assert [entry.id for entry in shown] == list(sent.external_ids)
    assert [entry.text for entry in shown if entry.text] == ["Pasuje?"]
    (file,) = [entry.attachment for entry in shown if entry.attachment is not None]
    assert file.kind == "file" or pair.phone.kind == "sms"
    assert file.name == "umowa żółta.pdf" or pair.phone.kind == "sms"


async def test_registering_and_asking_for_the_name(business: Business, pair: Pair) -> None:
    registration = await pair.connector.register(business.url + "/webhooks/" + pair.phone.kind)
    assert registration.error is None
    profile = await pair.connector.profile(pair.phone.address)
    told_with_messages = {"sms", "telegram", "whatsapp"}
    assert (profile.name if profile else None) == (
        None if pair.phone.kind in told_with_messages else "Zofia Żółw"
    )
