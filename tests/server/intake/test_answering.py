"""An answer that brings our mark quotes the message it was pressed on, if that went to the same person."""

from typing import Any

from connectors.contract import InboundMessage, Peer
from server.db import schema
from server.entities import LinkButtonView, QuickReplyView
from server.intake.batch import Batch
from server.intake.keys import Entry
from tests.support.delivery import Desk

REPLIES = (QuickReplyView(title="Tak", payload="yes"), QuickReplyView(title="Nie", payload=None))


async def said(desk: Desk, peer: str, text: str, **more: Any) -> dict[str, Any]:
    """The row of what this person said, in one batch with what another one said."""
    key = f"said{desk.units.ids.new()}"
    item = InboundMessage(key=key, external_id=key, text=text, peer=Peer(id=peer), **more)
    besides = InboundMessage(key=f"{key}+", external_id=f"{key}+", text="Tak", peer=Peer(id="78"))
    entries = [Entry(desk.channel_id, each) for each in (item, besides)]
    await desk.units.run(lambda tx: Batch(tx, 24).write(entries))
    [row] = await desk.rows(schema.message, schema.message.c.external_id == key)
    return row


async def test_what_was_pressed_quotes_the_question_of_the_same_person_only(desk: Desk) -> None:
    mine, theirs = await desk.dialog("77"), await desk.dialog("78")
    question = await desk.write(mine, "Pasuje?", quick_replies=REPLIES)
    plain = await desk.write(mine, "Czekam")
    await desk.write(theirs, "Pasuje?", quick_replies=REPLIES)
    marks: dict[str, str] = {}
    while claimed := await desk.claim():  # the messages of a dialog go one after the other
        for each in claimed:
            marks[each.text + each.peer_id] = each.tracker
            await desk.accept(each)
    mark, other = marks["Pasuje?77"], marks["Pasuje?78"]

    async def quoted(text: str, **more: Any) -> int | None:
        found: int | None = (await said(desk, "77", text, **more))["reply_to"]
        return found

    assert await quoted("Tak", answers=mark) == int(question.id)
    assert await quoted("tak jest", answers=mark, payload="yes") == int(question.id)
    # Viber's mark comes back with whatever is written next: only a title is an answer.
    assert await quoted("Ile to kosztuje?", answers=mark) is None
    # A mark proves nothing: it may be another person's, made up, or of a message that asked nothing.
    assert await quoted("Tak", answers=other, payload="yes") is None
    assert await quoted("Tak", answers="centrala:1", payload="yes") is None
    assert await quoted("Czekam", answers=marks["Czekam77"], payload="yes") is None
    # A quote that the person chose themselves counts more.
    [row] = await desk.rows(schema.message, schema.message.c.id == int(plain.id))
    assert row["quick_replies"] is None
    first = await said(desk, "77", "pierwsze")
    assert await quoted("Tak", answers=mark, reply_to=first["external_id"]) == first["id"]


async def test_a_title_that_comes_back_alone_has_the_payload_it_was_offered_with(desk: Desk) -> None:
    dialog = await desk.dialog("77")
    await desk.write(dialog, "Pasuje?", quick_replies=REPLIES)
    [claimed] = await desk.claim()
    await desk.accept(claimed)
    for text, more, payload in (
        ("Tak", {}, "yes"),
        ("Nie", {}, "Nie"),
        ("Nie wiem", {}, None),
        ("Tak", {"payload": "own"}, "own"),
        ("Tak", {"answers": None}, None),
    ):
        row = await said(desk, "77", text, **{"answers": claimed.tracker, **more})
        assert row["payload"] == payload, (text, more)


async def test_a_link_whose_address_comes_back_quotes_the_message_that_had_it(desk: Desk) -> None:
    """Viber sends the address of a pressed link as the customer's text."""
    cart = LinkButtonView(title="Koszyk", url="https://sklep.example.pl/koszyk?id=1")
    dialog = await desk.dialog("77")
    for replies in ((), REPLIES):
        message = await desk.write(dialog, "Proszę", link_buttons=(cart,), quick_replies=replies)
        [claimed] = await desk.claim()
        await desk.accept(claimed)
        row = await said(desk, "77", cart.url, answers=claimed.tracker)
        assert (row["reply_to"], row["payload"], row["text"]) == (int(message.id), cart.url, cart.url)
        row = await said(desk, "77", "https://sklep.example.pl/inny", answers=claimed.tracker)
        assert (row["reply_to"], row["payload"]) == (None, None)
        row = await said(desk, "77", "Tak", answers=claimed.tracker)
        assert row["payload"] == ("yes" if replies else None)
