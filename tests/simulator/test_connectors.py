"""Our connectors and the simulator, written independently of each other, understand each other."""

from connectors.contract import (
    AttachmentKind,
    Echo,
    InboundMessage,
    Outbound,
    OutboundAttachment,
    QuickReply,
    Receipt,
    ReceiptState,
    Start,
)
from connectors.simulator import Simulator, sample_picture
from tests.simulator.conftest import Business, Pair


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
