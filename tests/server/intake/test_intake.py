"""What providers told us, committed: once, in order, in one open dialog per identity."""

import asyncio

import pytest

from connectors.contract import (
    Attachment,
    AttachmentKind,
    Edit,
    Peer,
    Start,
)
from server.db import schema
from server.errors import Unavailable
from server.events import store
from server.intake.keys import Entry
from server.intake.sink import IntakeSink
from server.intake.store import UnitStore
from server.supervisor import Supervisor
from tests.server.intake.receiving import message, rows
from tests.support.backend import Backend


async def test_a_first_message_makes_contact_dialog_and_events(backend: Backend, sink: IntakeSink) -> None:
    channel_id = await backend.add_channel()
    await sink.ingest(str(channel_id), [message("1")])
    [dialog] = await rows(backend, schema.dialog)
    [stored] = await rows(backend, schema.message)
    [contact] = await rows(backend, schema.contact)
    assert (dialog["number"], dialog["status"], dialog["inbound_count"]) == (1, "open", 1)
    assert (stored["text"], stored["author_name"], stored["seq"]) == ("Dzień dobry", "Zofia Żółw", 2)
    assert (contact["number"], contact["name"]) == (1, "Zofia Żółw")
    events = await backend.database.read(lambda c: store.read_after(c, 0, 10))
    assert [(e.seq, e.name) for e in events] == [(1, "dialog.created"), (2, "message.received")]


@pytest.mark.parametrize("times", [1, 2, 20])
async def test_the_same_message_at_once_is_stored_once(
    backend: Backend, sink: IntakeSink, times: int
) -> None:
    channel_id = await backend.add_channel()
    await asyncio.gather(*(sink.ingest(str(channel_id), [message("1")]) for _ in range(times)))
    assert len(await rows(backend, schema.message)) == 1
    assert len(await rows(backend, schema.dialog)) == 1
    assert len(await rows(backend, schema.contact)) == 1


async def test_many_at_once_keep_their_order_and_share_one_dialog(backend: Backend, sink: IntakeSink) -> None:
    channel_id = await backend.add_channel()
    await asyncio.gather(*(sink.ingest(str(channel_id), [message(str(i), f"nr {i}")]) for i in range(300)))
    stored = await rows(backend, schema.message)
    assert [m["text"] for m in stored] == [f"nr {i}" for i in range(300)]
    [dialog] = await rows(backend, schema.dialog)
    assert dialog["inbound_count"] == dialog["message_count"] == 300
    seqs = [e["seq"] for e in await rows(backend, schema.event, schema.event.c.seq)]
    assert seqs == list(range(1, len(seqs) + 1))


async def test_two_processes_at_once_make_one_dialog(backend: Backend, sink: IntakeSink) -> None:
    """Two sinks on one database, as two server processes are: 40 first messages of 20 people, two from each."""
    channel_id = await backend.add_channel()
    other = IntakeSink(UnitStore(backend.units, 24), batch_items=4, queue_bytes=10**6)
    supervisor = Supervisor()
    other.start(supervisor)
    await asyncio.gather(
        *(
            (sink if n % 2 else other).ingest(str(channel_id), [message(f"{n}", peer=f"p{n // 2}")])
            for n in range(40)
        )
    )
    await supervisor.stop()
    assert len(await rows(backend, schema.message)) == 40
    assert len(await rows(backend, schema.dialog)) == 20
    assert len(await rows(backend, schema.contact)) == 20


@pytest.mark.parametrize(("hours", "dialogs"), [(1, 1), (23, 1), (25, 2)])
async def test_a_message_after_closing_reopens_or_begins_anew(
    backend: Backend, sink: IntakeSink, hours: int, dialogs: int
) -> None:
    channel_id = await backend.add_channel()
    await sink.ingest(str(channel_id), [message("1")])
    await backend.database.write(
        lambda c: c.execute(schema.dialog.update().values(status="closed", closed_at=backend.clock.now_ms()))
    )
    backend.clock.move(hours=hours)
    await sink.ingest(str(channel_id), [message("2")])
    found = await rows(backend, schema.dialog)
    assert len(found) == dialogs
    assert found[-1]["status"] == "open"
    assert found[-1]["previous_id"] == (found[0]["id"] if dialogs == 2 else None)
    assert found[0]["reopen_count"] == (1 if dialogs == 1 else 0)


async def test_a_deep_link_is_remembered_with_its_dialog(backend: Backend, sink: IntakeSink) -> None:
    channel_id = await backend.add_channel()
    await sink.ingest(str(channel_id), [Start(key="s", peer=Peer(id="77"), ref="cb_9f2c1e"), message("1")])
    [dialog] = await rows(backend, schema.dialog)
    assert dialog["entry_ref"] == "cb_9f2c1e"


async def test_attachments_wait_to_be_fetched(backend: Backend, sink: IntakeSink) -> None:
    channel_id = await backend.add_channel()
    item = message(
        "1",
        "",
        attachments=(
            Attachment(kind=AttachmentKind.IMAGE, source="file-id", size=7),
            Attachment(kind=AttachmentKind.LOCATION, latitude=0.0, longitude=0.0),
        ),
    )
    await sink.ingest(str(channel_id), [item])
    image, place = await rows(backend, schema.attachment)
    assert (image["state"], image["source"]) == ("pending", "file-id")
    assert (place["state"], place["latitude"]) == ("none", 0.0)


async def test_the_providers_time_is_never_in_the_future(backend: Backend, sink: IntakeSink) -> None:
    channel_id = await backend.add_channel()
    now = backend.clock.now_ms()
    await sink.ingest(
        str(channel_id),
        [message("1", at_ms=now + 10**9), message("2", at_ms=1_491_796_363_181), message("3", at_ms=-5)],
    )
    future, past, negative = await rows(backend, schema.message)
    assert future["at"] == future["received_at"]
    assert past["at"] == 1_491_796_363_181
    assert negative["at"] == negative["received_at"]


async def test_an_edit_that_comes_with_its_message_is_applied(backend: Backend, sink: IntakeSink) -> None:
    channel_id = await backend.add_channel()
    edit = Edit(key="e", target="1", peer=Peer(id="77"), text="poprawione")
    await sink.ingest(str(channel_id), [edit, message("1", "pomylone")])
    [stored] = await rows(backend, schema.message)
    assert (stored["text"], stored["edited_at"] is not None) == ("poprawione", True)


async def test_the_same_message_again_later_changes_nothing(backend: Backend, sink: IntakeSink) -> None:
    """In a batch of its own, so that only the stored key can tell."""
    channel_id = await backend.add_channel()
    for _ in range(3):
        await sink.ingest(str(channel_id), [message("1")])
    assert len(await rows(backend, schema.message)) == 1
    [dialog] = await rows(backend, schema.dialog)
    assert (dialog["inbound_count"], dialog["message_count"]) == (1, 1)


async def test_what_still_waits_at_a_stop_is_told_so(backend: Backend) -> None:
    """A webhook on the short way has no task that a stop would cancel."""
    channel_id = await backend.add_channel()
    sink, told = backend.inbox.sink, []
    for key in ("1", "2"):
        sink.add(channel_id, [Entry(channel_id, message(key))], raw=b"{}", done=told.append)
    assert (sink.depth, told) == (2, [])
    await backend.inbox.stop()
    backend.started = True  # and stopped
    assert [type(each) for each in told] == [Unavailable, Unavailable]
    with pytest.raises(Unavailable):
        await sink.put(channel_id, [Entry(channel_id, message("3"))], raw=b"{}")
