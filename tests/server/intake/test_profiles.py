"""Names and pictures of customers: asked for afterwards, kept as a small copy, shown to those who see the dialog."""

import asyncio
import csv
import io
import json

import pytest
from PIL import Image

from connectors.contract import InboundMessage, Media, Peer, Profile
from connectors.errors import FetchFailed
from server.db import schema
from server.dialogs.export import Exports, Kind
from server.dialogs.model import Selection
from server.dialogs.search_indexer import SearchIndexer
from server.intake.batch import Batch
from server.intake.keys import Entry
from server.intake.profiles import ProfileFetcher
from server.media.api import ROUTES
from server.media.links import MediaLinks
from server.media.local import LocalStore
from server.media.pictures import Thumbnails
from server.media.service import Attachments
from tests.server.intake.reporting import ONLY_POSTGRESQL, another_transaction
from tests.support.backend import Backend
from tests.support.delivery import Desk, api_client

URL = "https://cdn.test/avatar?token=secret"


def jpeg(colour: str) -> Media:
    out = io.BytesIO()
    Image.new("RGB", (600, 600), colour).save(out, "JPEG")
    return Media(data=out.getvalue(), mime="image/jpeg")


class People:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.store = LocalStore(desk.backend.config.data_dir / "media")
        thumbnails = Thumbnails(self.store)
        self.fetcher = ProfileFetcher(desk.units, desk.backend.inbox.bus, desk.channels, thumbnails)
        links = MediaLinks(b"k" * 32, desk.backend.clock, public_url="http://inbox.test", hours=1)
        self.attachments = Attachments(desk.units, self.store, links, thumbnails, max_bytes=1000)

    async def writes(self, name: str | None = None, key: str = "1") -> None:
        item = InboundMessage(key=key, external_id=key, peer=Peer(id="77", name=name), text="Dzień dobry")
        await self.desk.units.run(lambda tx: Batch(tx, 24).write([Entry(self.desk.channel_id, item)]))

    async def identity(self) -> dict:
        [row] = await self.desk.rows(schema.identity, schema.identity.c.address == "77")
        return row

    async def dialog_id(self) -> int:
        found = await self.desk.rows(
            schema.dialog, schema.dialog.c.identity_id == (await self.identity())["id"]
        )
        return int(found[-1]["id"])


@pytest.fixture
async def people(backend: Backend) -> People:
    return People(await Desk.make(backend))


async def test_a_picture_is_fetched_later_copied_shown_and_seldom_looked_at_again(people: People) -> None:
    connector, clock = people.desk.connector, people.desk.backend.clock
    connector.profiles["77"] = Profile(picture=URL)
    connector.media[URL] = jpeg("red")
    await people.writes("Anna")
    assert await people.fetcher.fetch_due() == 0  # who has a name is not asked for in the rush
    clock.move(seconds=61)
    assert await people.fetcher.fetch_due() == 1
    first = (await people.identity())["picture"]
    events = await people.desk.events()
    assert events[-1].name == "dialog.updated"
    assert f'"picture":"{first[:12]}"'.encode() in events[-1].data
    assert all(b"secret" not in event.data for event in events)
    assert URL not in str(await people.identity())
    async with api_client(ROUTES, access=people.desk.access, attachments=people.attachments) as client:
        got = await client.get(f"/api/v1/dialogs/{await people.dialog_id()}/picture")
        assert (got.status_code, got.headers["content-type"]) == (200, "image/webp")
        assert Image.open(io.BytesIO(got.content)).size == (128, 128)
    stranger = people.desk.backend.access(people.desk.access.agent_id, "agent", ())
    async with api_client(ROUTES, access=stranger, attachments=people.attachments) as client:
        assert (await client.get(f"/api/v1/dialogs/{await people.dialog_id()}/picture")).status_code == 404

    clock.move(hours=24 * 29)
    assert await people.fetcher.fetch_due() == 0
    clock.move(hours=25)
    connector.media[URL] = FetchFailed("busy", temporary=True)
    before = len(await people.desk.events())
    assert await people.fetcher.fetch_due() == 1
    assert (await people.identity())["picture"] == first  # not had just now: the old one stays
    assert len(await people.desk.events()) == before
    clock.move(hours=24 * 31)
    connector.media[URL] = jpeg("blue")
    assert await people.fetcher.fetch_due() == 1
    assert (await people.identity())["picture"] != first
    clock.move(hours=24 * 31)
    connector.profiles["77"] = Profile()
    assert await people.fetcher.fetch_due() == 1
    assert (await people.identity())["picture"] is None
    assert b'"picture":null' in (await people.desk.events())[-1].data


async def test_who_has_no_name_is_asked_for_at_once_and_what_is_no_picture_is_none(people: People) -> None:
    people.desk.connector.profiles["77"] = Profile(name="Anna Nowak", picture=URL)
    people.desk.connector.media[URL] = Media(data=b"<svg onload='alert(1)'/>", mime="image/png")
    await people.writes()
    assert await people.fetcher.fetch_due() == 1
    row = await people.identity()
    assert (row["name"], row["picture"]) == ("Anna Nowak", None)
    assert b'"name":"Anna Nowak"' in (await people.desk.events())[-1].data


async def test_what_was_written_before_the_name_was_told_bears_it_in_the_files(people: People) -> None:
    """And stays as it was told in the messages themselves: nothing is done for each message of a person's history."""
    desk, search = people.desk, SearchIndexer(people.desk.backend.database, people.desk.backend.inbox.bus)
    access = desk.backend.access(desk.access.agent_id, "administrator", ())

    async def column(kind: Kind, name: str) -> list[str]:
        pieces = await Exports(desk.units, search).start(access, kind, Selection(), "data")
        content = b"".join([piece async for piece in pieces]).decode()
        return [row[name] for row in csv.DictReader(io.StringIO(content, newline=""))]

    desk.connector.profiles["77"] = Profile(name="Anna Nowak")
    await people.writes()
    assert await column("messages", "author") == ["77"]
    assert await column("dialogs", "last_replied_by") == [""]
    assert await people.fetcher.fetch_due() == 1
    assert await column("messages", "author") == ["Anna Nowak"]
    assert await column("dialogs", "last_replied_by") == ["Anna Nowak"]
    told = json.loads((await desk.events())[-1].data)
    assert told["dialog"]["lastRepliedBy"] == {"type": "contact", "id": None, "name": "Anna Nowak"}
    for key, name in (
        ("2", "Anna Kowalska"),
        ("3", "Anna Lis"),
    ):  # a name that was known stays with its messages
        await people.writes(name, key=key)
    assert await column("messages", "author") == ["Anna Lis", "Anna Kowalska", "Anna Lis"]


async def test_who_is_told_nothing_of_is_not_asked_about_again(people: People) -> None:
    await people.writes()
    assert await people.fetcher.fetch_due() == 1
    people.desk.backend.clock.move(hours=24 * 365)
    assert await people.fetcher.fetch_due() == 0


@ONLY_POSTGRESQL
async def test_a_person_is_locked_before_the_dialogs_as_by_intake_and_named_as_the_contact_they_are_now(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Intake holds the person and then takes the dialogs: whoever comes the other way ends in a deadlock."""
    asked, answered = asyncio.Event(), asyncio.Event()

    async def profile(_peer_id: str) -> Profile:
        asked.set()
        await answered.wait()
        return Profile(name="Anna Nowak")

    monkeypatch.setattr(people.desk.connector, "profile", profile)
    await people.writes()
    await people.desk.dialog("88")
    [other] = await people.desk.rows(schema.identity, schema.identity.c.address == "88")
    person = (await people.identity())["id"]
    fetching = asyncio.create_task(people.fetcher.fetch_due())
    await asked.wait()
    async with another_transaction(people.desk.backend) as hand:
        await hand.run(f"SELECT 1 FROM identity WHERE id = {person} FOR NO KEY UPDATE")
        answered.set()
        await hand.somebody_waits()
        await hand.run(f"SELECT 1 FROM dialog WHERE identity_id = {person} FOR NO KEY UPDATE NOWAIT")
        await hand.run(f"UPDATE identity SET contact_id = {other['contact_id']} WHERE id = {person}")
    assert await fetching == 1
    assert (await people.identity())["name"] == "Anna Nowak"
    # The contact they are now has a name; the one they were is nobody's.
    assert sorted(row["name"] for row in await people.desk.rows(schema.contact)) == ["", "Zofia"]
