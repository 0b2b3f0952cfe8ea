"""Providers that tell whole seconds: a thread still reads in the order in which it was written."""

from itertools import permutations

from connectors.contract import InboundMessage, Peer
from server.db import schema
from server.dialogs.queries import message_rows
from server.intake.batch import Batch
from server.intake.keys import Entry
from tests.support.backend import Backend
from tests.support.delivery import Desk


async def said(desk: Desk, at_ms: int, *texts: str, peer: str = "77") -> None:
    """One batch."""
    entries = [
        Entry(desk.channel_id, InboundMessage(key=k, external_id=k, text=t, peer=Peer(id=peer), at_ms=at_ms))
        for k, t in ((f"{peer}:{t}", t) for t in texts)
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


async def test_in_whatever_order_they_come_each_stays_in_its_second(backend: Backend) -> None:
    """Two in the second of our question, one of the second before and one of the second after."""
    desk = await Desk.make(backend)
    for number, order in enumerate(
        permutations((("same", 0), ("also", 0), ("before", -1000), ("after", 1000)))
    ):
        peer = f"p{number}"
        dialog = await desk.dialog(peer)
        backend.clock.move(seconds=(5500 - backend.clock.now_ms() % 1000) / 1000)
        ours = await desk.write(dialog, "ours")
        [row] = await desk.rows(schema.message, schema.message.c.id == int(ours.id))
        second = row["at"] // 1000 * 1000
        backend.clock.move(seconds=3)
        for text, offset in order:
            await said(desk, second + offset, text, peer=peer)
        rows = await backend.database.read(lambda c, of=dialog: message_rows(c, of, None, 5))
        shown = [each["text"] for each in reversed(rows)]
        came = [text for text, _ in order]
        seconds = {each["text"]: (each["at"] - second) // 1000 for each in rows}
        assert seconds == {"before": -1, "ours": 0, "same": 0, "also": 0, "after": 1}, came
        assert (shown[0], shown[-1]) == ("before", "after"), came
        if came[0] in ("same", "also"):
            assert shown.index(came[0]) > shown.index("ours"), "it answers, as far as anybody can tell"
        pair = sorted(("same", "also"), key=came.index)
        if (
            "after" not in came[came.index(pair[0]) : came.index(pair[1])]
        ):  # the second is not known to be late
            assert sorted(pair, key=shown.index) == pair, came
