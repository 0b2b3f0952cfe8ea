"""Receipts and echoes: in whatever order they come, the end is the same."""

import itertools
from typing import Any

import pytest

from connectors.contract import Attachment, AttachmentKind, Echo, Outbound, Peer, Receipt, ReceiptState
from connectors.errors import Failure, NotAccepted, Refused, Uncertain
from server.db import schema
from server.delivery.receipts import apply_echoes, apply_receipts
from tests.support.delivery import Desk

PEER = Peer(id="77")
LOST = Failure(code="no_clear_answer", text="No answer.")


def receipt(state: str, *ids: str, **more: Any) -> Receipt:
    return Receipt(key=f"{state}:{ids}", state=ReceiptState(state), external_ids=ids, **more)


def echo(external_id: str = "x1", **more: Any) -> Echo:
    return Echo(key=external_id, external_id=external_id, peer=PEER, **more)


async def report(desk: Desk, *items: Receipt | Echo) -> None:
    def work(tx: Any) -> None:
        apply_echoes(tx, desk.channel_id, [item for item in items if isinstance(item, Echo)])
        apply_receipts(tx, desk.channel_id, [item for item in items if isinstance(item, Receipt)])

    await desk.units.run(work)


async def sending(desk: Desk, text: str = "Już patrzę", peer: str = "77") -> tuple[str, Outbound]:
    message = await desk.write(await desk.dialog(peer), text)
    [claimed] = await desk.claim()
    return message.id, claimed


ORDERS = list(itertools.permutations(["answer", "sent", "delivered", "read"]))


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
async def test_any_order_ends_as_read(desk: Desk, order: tuple[str, ...]) -> None:
    message_id, claimed = await sending(desk)
    for step in order:
        if step == "answer":
            await desk.accept(claimed, "x1")
        else:
            await report(desk, receipt(step, "x1", at_ms=1_700_000_000_000 + len(step)))
    assert await desk.state(message_id) == "read"
    [delivery] = await desk.deliveries()
    assert delivery["delivered_at"] == 1_700_000_000_000 + len("read")
    assert await desk.rows(schema.receipt) == []


async def test_any_order_ends_the_same_with_failures_and_watermarks(desk: Desk) -> None:
    """All orders of an answer, a failure, and a watermark: one dialog for each."""
    ends = set()
    for number, order in enumerate(itertools.permutations(["answer", "failed", "watermark"])):
        peer = f"peer{number}"
        message_id, claimed = await sending(desk, peer=peer)
        for step in order:
            if step == "answer":
                await desk.accept(claimed, f"x{number}")
            elif step == "failed":
                await report(desk, receipt("failed", f"x{number}"))
            else:
                now = desk.backend.clock.now_ms()
                await report(desk, receipt("read", watermark_ms=now, peer=Peer(id=peer)))
        ends.add(await desk.state(message_id))
    assert ends == {"read"}


async def test_any_order_of_echo_lost_answer_and_receipt_ends_the_same(desk: Desk) -> None:
    ends = set()
    for number, order in enumerate(itertools.permutations(["lost", "echo", "delivered"])):
        message_id, claimed = await sending(desk, peer=f"peer{number}")
        for step in order:
            if step == "lost":
                await desk.end(claimed, error=Uncertain(LOST))
            elif step == "echo":
                await report(desk, echo(f"x{number}", metadata=claimed.tracker))
            else:
                await report(desk, receipt("delivered", f"x{number}"))
        await desk.outbox.apply_missed(since_ms=0)
        ends.add(await desk.state(message_id))
    assert ends == {"delivered"}


async def test_a_batch_changes_each_message_once(desk: Desk) -> None:
    message_id, claimed = await sending(desk)
    await desk.accept(claimed, "x1")
    before = len(await desk.events())
    await report(desk, receipt("delivered", "x1"), receipt("read", "x1"), receipt("delivered", "x1"))
    assert await desk.state(message_id) == "read"
    assert len(await desk.events()) == before + 1
    await report(desk, receipt("delivered", "x1"), receipt("sent", "x1"))
    assert len(await desk.events()) == before + 1


async def test_a_watermark_reaches_all_that_was_accepted_before_it(desk: Desk) -> None:
    first, claimed = await sending(desk, "1")
    await desk.accept(claimed, "x1")
    second, claimed = await sending(desk, "2")
    await desk.accept(claimed, "x2")
    watermark = desk.backend.clock.now_ms()
    desk.backend.clock.move(seconds=5)
    third, claimed = await sending(desk, "3")
    await desk.accept(claimed, "x3")
    elsewhere, claimed = await sending(desk, "4", peer="88")
    await desk.accept(claimed, "x4")
    # No provider says so of all that was sent; it would be no reason to show all of it as failed.
    await report(desk, receipt("failed", watermark_ms=watermark, peer=PEER))
    assert await desk.state(first) == "sent"
    await report(desk, receipt("delivered", watermark_ms=watermark, peer=PEER))
    assert [await desk.state(m) for m in (first, second, third, elsewhere)] == [
        "delivered",
        "delivered",
        "sent",
        "sent",
    ]


async def test_a_watermark_never_delivers_what_was_refused(desk: Desk) -> None:
    message_id, claimed = await sending(desk)
    for _ in range(3):
        await desk.end(claimed, error=NotAccepted(LOST))
        desk.backend.clock.move(seconds=100)
        claimed = next(iter(await desk.claim()), claimed)
    assert await desk.state(message_id) == "failed"
    await report(desk, receipt("read", watermark_ms=desk.backend.clock.now_ms(), peer=PEER))
    assert await desk.state(message_id) == "failed"


async def test_an_echo_with_our_mark_settles_what_was_unknown(desk: Desk) -> None:
    message_id, claimed = await sending(desk)
    await desk.end(claimed, error=Uncertain(LOST))
    await report(desk, echo("x1", metadata=claimed.tracker))
    assert await desk.state(message_id) == "sent"
    await report(desk, receipt("read", "x1"))
    assert await desk.state(message_id) == "read"
    assert len(await desk.rows(schema.message)) == 2


async def test_an_echo_counts_even_when_the_process_dies_afterwards(desk: Desk) -> None:
    message_id, claimed = await sending(desk)
    await report(desk, echo("x1", metadata=claimed.tracker))
    assert await desk.state(message_id) == "sending"
    desk.backend.clock.move(seconds=31)
    await desk.outbox.recover()
    assert await desk.state(message_id) == "sent"


async def test_an_echo_of_one_part_says_nothing_about_the_rest(desk: Desk) -> None:
    message_id, claimed = await sending(desk)
    await report(desk, echo("a", metadata=claimed.tracker))
    await desk.end(claimed, error=Uncertain(LOST, accepted=("a",)))
    assert await desk.state(message_id) == "unknown"
    await report(desk, receipt("delivered", "a"))
    assert await desk.state(message_id) == "unknown"


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_part_that_arrived_does_not_make_a_failed_message_arrive(desk: Desk, when: str) -> None:
    message_id, claimed = await sending(desk)
    if when == "before":
        await report(desk, receipt("delivered", "a"))
    await desk.end(claimed, error=Refused(LOST, accepted=("a",)))
    if when == "after":
        await report(desk, receipt("delivered", "a", tracker=claimed.tracker))
    await desk.outbox.apply_missed(since_ms=0)
    assert await desk.state(message_id) == "failed"
    # Sent again it is another delivery, of the rest.
    await desk.replies.retry(desk.access, int((await desk.deliveries())[0]["dialog_id"]), int(message_id))
    [again] = await desk.claim()
    assert again.done == {1}
    await desk.accept(again, "b", "c")
    await report(desk, receipt("delivered", "c"))
    assert await desk.state(message_id) == "sent"
    await report(desk, receipt("read", "b"))
    assert await desk.state(message_id) == "delivered"


async def test_a_receipt_with_our_mark_finds_its_message(desk: Desk) -> None:
    message_id, claimed = await sending(desk)
    await desk.end(claimed, error=Uncertain(LOST))
    await report(desk, receipt("delivered", "x1", tracker=claimed.tracker))
    assert await desk.state(message_id) == "delivered"


async def test_an_echo_from_elsewhere_joins_the_dialog_once(desk: Desk) -> None:
    dialog_id = await desk.dialog()
    await report(desk, echo("other", text="Odpowiadam z telefonu"))
    await report(desk, echo("other", text="Odpowiadam z telefonu"))
    [_, added] = await desk.rows(schema.message)
    assert (added["text"], added["state"], added["direction"]) == (
        "Odpowiadam z telefonu",
        "sent",
        "outbound",
    )
    [dialog] = await desk.rows(schema.dialog)
    assert (dialog["id"], dialog["message_count"], dialog["waiting_since"]) == (dialog_id, 2, None)
    assert dialog["preview_text"] == "Odpowiadam z telefonu"
    assert (await desk.events())[-1].name == "message.added"
    await report(desk, receipt("read", "other"))
    assert await desk.state(added["id"]) == "read"


async def test_a_sticker_sent_elsewhere_is_kept_whatever_its_id(desk: Desk) -> None:
    await desk.dialog()
    sticker = Attachment(kind=AttachmentKind.STICKER, sticker_id="s" * 300, name="n" * 300, phone="1" * 50)
    await report(desk, echo("other", attachments=(sticker,)))
    [kept] = await desk.rows(schema.attachment)
    assert (kept["sticker_id"], kept["state"], kept["kind"]) == ("s" * 64, "none", "sticker")


async def test_a_receipt_of_another_channel_changes_nothing(desk: Desk) -> None:
    message_id, claimed = await sending(desk)
    await desk.accept(claimed, "x1")
    other = await desk.backend.add_channel(name="Other")
    await desk.units.run(lambda tx: apply_receipts(tx, other, [receipt("read", "x1")]))
    await desk.units.run(lambda tx: apply_receipts(tx, other, [receipt("read", tracker=claimed.tracker)]))
    assert await desk.state(message_id) == "sent"


async def test_a_failure_report_carries_its_reason(desk: Desk) -> None:
    message_id, claimed = await sending(desk)
    await desk.accept(claimed, "x1")
    reason = Failure(code="no_such_address", text="The number does not exist.", provider_code="30005")
    await report(desk, receipt("failed", "x1", failure=reason))
    [row] = await desk.rows(schema.message, schema.message.c.id == int(message_id))
    assert row["state"] == "failed"
    assert "The number does not exist." in row["failure"]
    await report(desk, receipt("delivered", "x1"))
    [row] = await desk.rows(schema.message, schema.message.c.id == int(message_id))
    assert (row["state"], row["failure"]) == ("delivered", None)


async def test_what_two_transactions_missed_is_applied_soon(desk: Desk) -> None:
    message_id, claimed = await sending(desk)
    await desk.accept(claimed, "x1")
    now = desk.backend.clock.now_ms()
    row = {
        "channel_id": desk.channel_id,
        "external_id": "x1",
        "state": "delivered",
        "at": now,
        "created_at": now,
    }
    await desk.units.run(
        lambda tx: tx.connection.execute(schema.receipt.insert().values(id=tx.ids.new(), **row)) and None
    )
    await desk.outbox.apply_missed(since_ms=now - 1000)
    assert await desk.state(message_id) == "delivered"
    assert await desk.rows(schema.receipt) == []
