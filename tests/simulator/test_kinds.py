"""What customers can do beside writing: sent in the providers' own words, and understood by our connectors."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from connectors.contract import (
    AnyItem,
    Attachment,
    Deletion,
    Edit,
    InboundMessage,
    Outbound,
    OutboundReaction,
    QuickReply,
    Reaction,
    Reacts,
    Receipt,
    ReceiptState,
)
from connectors.emoji import plain
from connectors.errors import Refused
from connectors.simulator import Card, Place, Simulator
from connectors.simulator.abilities import Can, NotPossible
from connectors.simulator.customers import Customer
from connectors.simulator.samples import sample
from tests.connectors import samples
from tests.simulator.conftest import Business, Pair

PLACE = Place(latitude=52.25, longitude=21.5, title="Kawiarnia", address="Nowy Świat 41")
OWN = Card(name="Zofia Żółw", phone="+48601234567", is_own=True)
OTHER = Card(name="Kasia Wójcik", phone="+48601700800")

SENDS: dict[Can, Callable[[Customer], Awaitable[object]]] = {
    Can.PICTURE: lambda phone: phone.send_image(sample("sample.jpg"), "podpis"),
    Can.VOICE: lambda phone: phone.send_file("voice", sample("voice.ogg"), name="voice.ogg", seconds=4),
    Can.VIDEO: lambda phone: phone.send_file("video", sample("clip.mp4"), name="clip.mp4", seconds=3),
    Can.FILE: lambda phone: phone.send_file("file", sample("order.pdf"), name="żółw.pdf"),
    Can.STICKER: lambda phone: phone.send_file("sticker", sample("sticker.webp"), name="sticker.webp"),
    Can.LOCATION: lambda phone: phone.send_location(PLACE),
    Can.OWN_CONTACT: lambda phone: phone.send_contact(OWN),
    Can.CONTACT: lambda phone: phone.send_contact(OTHER),
}
BYTES = {
    Can.PICTURE: "sample.jpg",
    Can.VOICE: "voice.ogg",
    Can.VIDEO: "clip.mp4",
    Can.FILE: "order.pdf",
    Can.STICKER: "sticker.webp",
}
KINDS_OF = {Can.PICTURE: "image", Can.OWN_CONTACT: "contact"}


async def test_everything_that_a_customer_can_send(sim: Simulator, pair: Pair) -> None:
    phone, kind = pair.phone, pair.phone.kind
    for what in (what for what in SENDS if what in phone.can):
        pair.business.hooks.clear()
        await SENDS[what](phone)
        messages = [item for item in pair.received() if isinstance(item, InboundMessage)]
        [attachment] = [each for message in messages for each in message.attachments]
        expected = "audio" if (kind, what) == ("messenger", Can.VOICE) else KINDS_OF.get(what, what)
        assert str(attachment.kind) == expected
        await _check(pair, what, attachment)
        own = what is Can.OWN_CONTACT and kind == "telegram"
        if kind not in {"sms", "whatsapp"}:  # there the address itself is the number
            assert {message.peer.phone for message in messages} == {OWN.phone if own else None}
    for what in set(SENDS) - phone.can:
        with pytest.raises(NotPossible):
            await SENDS[what](phone)


async def _check(pair: Pair, what: Can, attachment: Attachment) -> None:
    if what is Can.LOCATION:
        assert (attachment.latitude, attachment.longitude) == (52.25, 21.5)
        assert attachment.title == ("Kawiarnia" if pair.phone.kind in {"telegram", "whatsapp"} else None)
    elif what in {Can.CONTACT, Can.OWN_CONTACT}:
        card = OWN if what is Can.OWN_CONTACT else OTHER
        shown = card.phone.lstrip("+") if pair.phone.kind == "telegram" else card.phone
        assert (attachment.name, attachment.phone) == (card.name, shown)
    elif (pair.phone.kind, what) == ("viber", Can.STICKER):
        assert attachment.sticker_id == "46105"
    else:
        assert attachment.source is not None
        fetched = await pair.connector.fetch(attachment.source, 1 << 20)
        assert fetched.data == sample(BYTES[what])
        assert attachment.name == "żółw.pdf" or what is not Can.FILE


async def test_quotes_edits_deletions_and_reactions(sim: Simulator, business: Business, pair: Pair) -> None:
    phone = pair.phone
    await pair.connector.register(f"{business.url}/webhooks/{phone.kind}")
    first = await phone.write("pierwsze")
    [answer] = (
        await pair.connector.send(
            Outbound(delivery_id="d1", attempt=1, peer_id=phone.address, text="Dzień dobry")
        )
    ).external_ids
    pair.business.hooks.clear()

    async def told(what: Can, done: Callable[[], Awaitable[object]], wanted: type[AnyItem]) -> Any:
        """The new item of this type; where the app can't do it, nothing is told."""
        before = len(pair.received())
        if what not in phone.can:
            with pytest.raises(NotPossible):
                await done()
            return None
        await done()
        await sim.settled()
        [item] = [item for item in pair.received()[before:] if isinstance(item, wanted)]
        return item

    quote = await told(Can.REPLY, lambda: phone.write("do tego", reply_to=answer), InboundMessage)
    assert quote is None or quote.reply_to == answer
    for text in ("drugie", "trzecie"):
        edit = await told(Can.EDIT, lambda text=text: phone.edit(first.id, text), Edit)
        assert edit is None or (edit.target, edit.text, first.text) == (first.id, text, text)
    for emoji, now in (("👍", True), ("", False)):
        reaction = await told(Can.REACT, lambda emoji=emoji: phone.react(answer, emoji), Reaction)
        assert reaction is None or (reaction.target, reaction.emoji, reaction.added) in [
            (answer, "👍", now),
            (answer, None, False),
        ]
    deletion = await told(Can.DELETE, lambda: phone.delete(first.id), Deletion)
    assert deletion is None or (deletion.target, first.is_deleted) == (first.id, True)
    if Can.EDIT in phone.can:
        with pytest.raises(LookupError):
            await phone.edit(answer, "not theirs")


async def test_a_customer_replaces_a_file_and_moves_on(sim: Simulator, pair: Pair) -> None:
    phone = pair.phone
    if Can.REPLACE not in phone.can:
        entry = await phone.write("pierwsze")
        with pytest.raises(NotPossible):
            await phone.replace_file(entry.id, "image", sample("sample.jpg"), name="a.jpg")
        with pytest.raises(NotPossible):
            await phone.move(entry.id, PLACE)
        return
    entry = await phone.send_file("file", sample("order.pdf"), name="a.pdf")
    sent = await phone.send_location(PLACE)
    await phone.replace_file(entry.id, "file", sample("voice.ogg"), name="b.pdf")
    await phone.edit(entry.id, "podpis")
    await phone.move(sent.id, msgspec.structs.replace(PLACE, latitude=52.26))
    await sim.settled()
    items = [item for item in pair.received() if isinstance(item, InboundMessage | Edit)]
    first, _, second, edited, moved = [each for item in items for each in item.attachments or ()]
    assert (first.name, second.name, moved.latitude) == ("a.pdf", "b.pdf", 52.26)
    assert first.unique_id != second.unique_id == edited.unique_id
    assert second.source is not None
    assert (await pair.connector.fetch(second.source, 10**6)).data == sample("voice.ogg")


async def test_the_business_reacts_where_it_can(sim: Simulator, pair: Pair) -> None:
    """The same twice changes nothing; what is not there any more is refused, on WhatsApp by a status."""
    phone, connector = pair.phone, pair.connector
    if not isinstance(connector, Reacts):
        assert connector.capabilities.reactions is None
        return
    entry = await phone.write("pierwsze")

    async def put(emoji: str | None, target: str = entry.id) -> None:
        wanted = OutboundReaction(
            id="1", attempt=1, peer_id=phone.address, target=target, emoji=emoji, tracker="mark"
        )
        await connector.react(wanted)

    for emoji in ("👍", "👍", "❤️", None, None):
        await put(emoji)
        assert plain(entry.own_reaction) == plain(emoji or "")
    assert phone.received == []
    if phone.kind == "whatsapp":
        await put("👍", "wamid.gone")
        await sim.settled()
        told = [item for item in pair.received() if isinstance(item, Receipt)]
        assert [each.state for each in told] == [ReceiptState.SENT] * 5 + [ReceiptState.FAILED]
        assert {each.tracker for each in told} == {"mark"}
    else:
        with pytest.raises(Refused):
            await put("👍", "999999")
    phone.last_wrote_ms -= 25 * 3_600_000
    if connector.capabilities.reply_window_hours is not None:
        with pytest.raises(Refused) as late:
            await put("👍")
        assert late.value.failure.code == "window_closed"


async def test_messenger_lets_a_message_be_changed_five_times(sim: Simulator, business: Business) -> None:
    sim.add_account("messenger", page_id="1", app_secret="s", page_token="p", webhook_url=business.url)
    phone = sim.customer("messenger", name="Zofia Żółw")
    entry = await phone.write("0")
    for number in range(1, 6):
        await phone.edit(entry.id, str(number))
    with pytest.raises(NotPossible):
        await phone.edit(entry.id, "6")
    assert entry.text == "5"


async def test_a_pressed_answer_brings_our_mark(sim: Simulator, pair: Pair) -> None:
    if not pair.connector.capabilities.quick_replies:
        return
    phone = pair.phone
    await phone.write("pierwsze")
    sent = await pair.connector.send(
        Outbound(
            delivery_id="d1",
            attempt=1,
            peer_id=phone.address,
            text="Pasuje?",
            tracker="centrala:1",
            quick_replies=(QuickReply(title="Tak"), QuickReply(title="Nie")),
        )
    )
    await sim.settled()
    pair.business.hooks.clear()
    await phone.press(sent.external_ids[0], "Tak")
    # Viber's also tells that what was answered had arrived.
    [pressed] = [item for item in pair.received() if not isinstance(item, Reaction | Receipt)]
    marked = phone.kind in {"messenger", "viber"}
    assert getattr(pressed, "answers", None) == ("centrala:1" if marked else None)


SHAPES = {
    ("telegram", Can.VOICE): ("cw_voice", "username", ""),
    ("telegram", Can.VIDEO): ("cw_video", "username thumb", ""),
    ("telegram", Can.OWN_CONTACT): ("contact_self", "username", "last_name"),
    ("viber", Can.LOCATION): ("bt_location", "avatar tracking_data", "chat_hostname silent"),
    ("viber", Can.CONTACT): ("bt_contact", "avatar tracking_data", "chat_hostname silent"),
    ("viber", Can.STICKER): ("bt_sticker", "avatar tracking_data", "chat_hostname silent"),
    ("viber", Can.FILE): (
        "node_file",
        "avatar tracking_data",
        "country language api_version chat_hostname silent",
    ),
    ("viber", Can.VIDEO): (
        "bt_video",
        "avatar tracking_data",
        "chat_hostname silent thumbnail file_name size text",
    ),
    ("messenger", Can.FILE): ("file", "seq", ""),
    ("messenger", Can.VIDEO): ("video", "seq", ""),
    ("messenger", Can.VOICE): ("audio", "seq", ""),
    ("whatsapp", Can.VOICE): ("msg_voice", "user_id parent_user_id", ""),
    ("whatsapp", Can.VIDEO): ("msg_video", "user_id parent_user_id context caption", ""),
    ("whatsapp", Can.FILE): ("msg_document", "user_id parent_user_id context caption", ""),
    ("whatsapp", Can.STICKER): ("msg_animated_sticker", "user_id parent_user_id", ""),
    ("whatsapp", Can.LOCATION): ("msg_chosen_location", "user_id parent_user_id context url", ""),
    ("whatsapp", Can.OWN_CONTACT): ("msg_contacts", "user_id parent_user_id", ""),
}


async def test_they_are_worded_as_recorded(pair: Pair, assert_shaped: Callable[..., None]) -> None:
    kind = pair.phone.kind
    for what, (name, lacks, extra) in ((each[1], SHAPES[each]) for each in SHAPES if each[0] == kind):
        pair.business.hooks.clear()
        await SENDS[what](pair.phone)
        recorded = msgspec.json.decode(samples.body(f"{kind}/{name}.json"))
        assert_shaped(pair.business.hooks[0].json, recorded, lacks=lacks, extra=extra)
