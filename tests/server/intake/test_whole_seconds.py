"""Providers that tell whole seconds: a thread still reads in the order in which it was written."""

from connectors.contract import InboundMessage, Peer
from server.db import schema
from server.dialogs.queries import message_rows
from server.intake.batch import Batch
from server.intake.keys import Entry
from tests.support.backend import Backend
from tests.support.delivery import Desk


async def said(desk: Desk, at_ms: int, *texts: str) -> None:
    """One batch."""
    entries = [
        Entry(desk.channel_id, InboundMessage(key=t, external_id=t, text=t, peer=Peer(id="77"), at_ms=at_ms))
        for t in texts
    ]
    await desk.units.run(lambda tx: Batch(tx, 24).write(entries))


async def test_what_has_just_come_is_not_sorted_before_what_it_answers(backend: Backend) -> None:
    desk = await Desk.make(backend)
    dialog = await desk.dialog("77")
    # Far from either end of a second, and from what made the dialog.
    backend.clock.move(seconds=(5500 - backend.clock.now_ms() % 1000) / 1000)
    ours = await desk.write(dialog, "Pasuje?")
    [row] = await desk.rows(schema.message, schema.message.c.id == int(ours.id))
    second = row["at"] // 1000 * 1000
    assert row["at"] > second + 1
    await said(desk, second, "Tak", "bardzo")
    await said(desk, second, "dziękuję")
    await said(desk, second + 1, "dokładnie wcześniej")
    await said(desk, second - 1000, "sekundę wcześniej")
    backend.clock.move(seconds=11)
    await said(desk, second, "spóźnione")
    rows = await backend.database.read(lambda c: message_rows(c, dialog, None, 7))
    assert [(each["text"], each["at"] - second) for each in reversed(rows)] == [
        ("sekundę wcześniej", -1000),
        ("spóźnione", 0),
        ("dokładnie wcześniej", 1),
        ("Pasuje?", row["at"] - second),
        ("Tak", row["at"] - second),
        ("bardzo", row["at"] - second),
        ("dziękuję", row["at"] - second),
    ]
