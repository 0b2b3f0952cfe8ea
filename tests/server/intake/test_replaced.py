"""Files and places that an edit replaces: the new ones are the message's, the old ones stay with what it said before."""

import itertools
import json
from typing import Any

import pytest

from connectors.contract import Attachment, AttachmentKind, Deletion, Edit, InboundMessage, Media
from server.db import schema
from server.entities import MessageVersion
from server.intake.batch import Batch
from server.intake.keys import Entry
from tests.server.intake.reporting import ELEVEN, PEER, TEN, TWELVE, first, report
from tests.server.media.files import PNG, Files
from tests.server.media.test_pictures import picture
from tests.support.backend import Backend
from tests.support.delivery import Desk


@pytest.fixture
async def files(backend: Backend) -> Files:
    return Files(await Desk.make(backend))


def photo(source: str, unique_id: str | None = None, **more: Any) -> Attachment:
    return Attachment(kind=AttachmentKind.IMAGE, source=source, unique_id=unique_id, **more)


def place(latitude: float) -> Attachment:
    return Attachment(kind=AttachmentKind.LOCATION, latitude=latitude, longitude=19.9)


async def receive(files: Files, *attachments: Attachment, text: str = "") -> int:
    item = InboundMessage(key="m1", external_id="m1", text=text, peer=PEER, attachments=attachments)
    await files.desk.units.run(lambda tx: Batch(tx, 24).write([Entry(files.desk.channel_id, item)]))
    return int((await first(files.desk))["id"])


def edit(*attachments: Attachment, text: str | None = None, at_ms: int = TWELVE, key: str = "") -> Edit:
    key = key or f"{at_ms}"
    return Edit(key=key, target="m1", peer=PEER, text=text, attachments=attachments, at_ms=at_ms)


async def versions(files: Files) -> list[MessageVersion]:
    row = await first(files.desk)
    root = files.desk.backend.access(1, "administrator")
    return list(await files.desk.backend.inbox.dialogs.versions(root, row["dialog_id"], row["id"]))


async def shown(files: Files) -> dict[str, Any]:
    """The message as whoever watches was told of it last."""
    told = [event for event in await files.desk.events() if event.name.startswith("message.")]
    found: dict[str, Any] = json.loads(told[-1].data)["message"]
    return found


async def test_a_replaced_photo_is_fetched_and_the_old_one_can_still_be_seen(files: Files) -> None:
    media = files.desk.connector.media
    media["old"], media["new"] = Media(data=picture((300, 200))), Media(data=picture((80, 60)))
    await receive(files, photo("old"), text="kot")
    await files.fetcher.fetch_due()
    before = len(await files.desk.events())
    await report(files.desk, edit(photo("new"), text="pies"), edit(photo("new"), text="pies"))
    names = [event.name for event in (await files.desk.events())[before:]]
    assert names == ["message.updated", "dialog.updated"]
    [pending] = (await shown(files))["attachments"]
    assert pending["state"] == "pending"
    await files.fetcher.fetch_due()
    [now] = (await shown(files))["attachments"]
    assert (now["id"], now["state"], now["width"]) == (pending["id"], "stored", 80)
    [was] = await versions(files)
    [old] = was.attachments
    assert (was.text, old.state, old.width) == ("kot", "stored", 300)
    paths = [f"/api/v1/attachments/{each}" for each in (now["id"], old.id)]
    async with files.client() as client:
        assert [(await client.get(path)).status_code for path in paths] == [200, 200]
        assert (await client.get(f"{paths[1]}/thumbnail")).status_code == 200
        await report(files.desk, Deletion(key="d", target="m1", peer=PEER))
        assert [(await client.get(path)).status_code for path in paths] == [404, 404]
    assert await versions(files) == []


async def test_a_photo_replaced_before_it_was_fetched_is_fetched_all_the_same(files: Files) -> None:
    files.desk.connector.media |= {"old": Media(data=PNG), "new": Media(data=PNG)}
    await receive(files, photo("old"))
    await report(files.desk, edit(photo("new")))
    await files.fetcher.fetch_due()
    assert sorted(files.desk.connector.fetched) == ["new", "old"]
    assert len((await shown(files))["attachments"]) == 1
    [was] = await versions(files)
    assert [each.state for each in was.attachments] == ["stored"]


async def test_a_file_that_stays_is_left_alone(files: Files) -> None:
    """Telegram sends the photo again when only its caption was edited, under another id to fetch it by."""
    files.desk.connector.media["a"] = Media(data=PNG)
    await receive(files, photo("a", "unique"), text="przed")
    await files.fetcher.fetch_due()
    [before] = (await shown(files))["attachments"]
    await report(files.desk, edit(photo("b", "unique", size=7), text="po"))
    now = await shown(files)
    assert (now["text"], now["attachments"]) == ("po", [before])
    [was] = await versions(files)
    assert (was.text, was.attachments) == ("przed", ())
    await files.fetcher.fetch_due()
    assert files.desk.connector.fetched == ["a"]


async def test_another_kind_of_file_shows_in_the_lists(files: Files) -> None:
    await receive(files, photo("a"), text="opis")
    film = Attachment(kind=AttachmentKind.VIDEO, source="b")
    await report(files.desk, edit(film))
    [dialog] = await files.desk.rows(schema.dialog)
    assert (dialog["preview_text"], dialog["preview_attachment"]) == ("opis", "video")
    assert (await files.desk.events())[-1].seq == dialog["seq"]
    await report(files.desk, edit(at_ms=TWELVE + 1))
    [dialog] = await files.desk.rows(schema.dialog)
    assert dialog["preview_attachment"] is None
    assert (await shown(files))["attachments"] == []
    assert [[a.kind for a in each.attachments] for each in await versions(files)] == [["video"], ["image"]]


async def test_of_a_live_location_the_first_and_the_present_place_are_kept(files: Files) -> None:
    await receive(files, place(50.0))
    for step in range(1, 6):
        await report(files.desk, edit(place(50.0 + step), at_ms=TEN + step))
    [now] = (await shown(files))["attachments"]
    assert now["latitude"] == 55.0
    [was] = await versions(files)
    assert [each.latitude for each in was.attachments] == [50.0]
    assert len(await files.desk.rows(schema.attachment)) == 2
    before = len(await files.desk.events())
    await report(files.desk, edit(place(1.0), at_ms=TEN))  # it was overtaken
    assert len(await files.desk.events()) == before


@pytest.mark.parametrize("order", list(itertools.permutations([TEN, ELEVEN, TWELVE])), ids=str)
async def test_whatever_overtakes_the_message_the_latest_files_stay(
    files: Files, order: tuple[int, ...]
) -> None:
    await report(files.desk, edit(photo(f"p{order[0]}", f"u{order[0]}"), at_ms=order[0]))
    await report(files.desk, edit(photo(f"p{order[1]}", f"u{order[1]}"), at_ms=order[1]))
    message_id = await receive(files, photo("first", "u"))
    assert await files.desk.rows(schema.alteration) == []
    await report(files.desk, edit(photo(f"p{order[2]}", f"u{order[2]}"), at_ms=order[2]))
    c = schema.attachment.c
    [now] = await files.desk.rows(schema.attachment, c.message_id == message_id, c.version_id.is_(None))
    assert (now["source"], now["state"]) == (f"p{TWELVE}", "pending")
    assert [each["id"] for each in (await shown(files))["attachments"]] == [str(now["id"])]
