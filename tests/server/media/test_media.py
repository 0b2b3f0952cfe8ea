"""Files in and out: what is stored, who may have it, and that nothing of it can run in our origin."""

import asyncio
import hashlib
from contextlib import AbstractAsyncContextManager

import httpx
import pytest

from connectors.contract import Attachment, AttachmentKind, InboundMessage, Media, Peer
from connectors.errors import FetchFailed
from server.agents.access import Access
from server.db import schema
from server.intake.batch import Batch
from server.intake.keys import Entry
from server.media.api import ROUTES
from server.media.fetch import MediaFetcher
from server.media.links import MediaLinks, load_key
from server.media.local import LocalStore
from server.media.pictures import Thumbnails
from server.media.service import Attachments
from server.media.sniff import clean_name, type_of
from tests.support.backend import Backend
from tests.support.delivery import Desk, api_client

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
LIMIT = 50_000


class Files:
    """A desk with the parts that keep files."""

    def __init__(self, desk: Desk) -> None:
        folder = desk.backend.config.data_dir
        self.desk = desk
        self.store = LocalStore(folder / "media")
        self.thumbnails = Thumbnails(self.store)
        self.links = MediaLinks(
            load_key(folder), desk.backend.clock, public_url="http://inbox.test", hours=24
        )
        self.attachments = Attachments(desk.units, self.store, self.links, self.thumbnails, max_bytes=LIMIT)
        self.fetcher = MediaFetcher(
            desk.units,
            desk.backend.inbox.bus,
            desk.channels,
            self.store,
            self.thumbnails,
            max_bytes=LIMIT,
            fetch_seconds=5,
        )

    def client(self, access: Access | None = None) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        return api_client(ROUTES, access=access or self.desk.access, attachments=self.attachments)

    async def receive(self, source: str = "file-1", kind: AttachmentKind = AttachmentKind.IMAGE) -> int:
        """A customer's message with an attachment still to be fetched; returns the attachment's id."""
        attachment = Attachment(kind=kind, source=source, name="zdjęcie.png", mime="image/png")
        item = InboundMessage(key=source, external_id=source, peer=Peer(id="77"), attachments=(attachment,))
        await self.desk.units.run(lambda tx: Batch(tx, 24).write([Entry(self.desk.channel_id, item)]))
        rows = await self.desk.rows(schema.attachment)
        return int(rows[-1]["id"])

    async def row(self, attachment_id: int) -> dict:
        [row] = await self.desk.rows(schema.attachment, schema.attachment.c.id == attachment_id)
        return row


@pytest.fixture
async def files(backend: Backend) -> Files:
    return Files(await Desk.make(backend))


async def test_an_upload_is_kept_by_its_content_and_shown_to_its_owner_only(files: Files) -> None:
    async with files.client() as client:
        answer = await client.post("/api/v1/attachments", files={"file": ("kot.png", PNG, "text/html")})
        assert answer.status_code == 201
        made = answer.json()
        assert (made["kind"], made["mime"], made["name"], made["size"]) == (
            "image",
            "image/png",
            "kot.png",
            len(PNG),
        )
        got = await client.get(f"/api/v1/attachments/{made['id']}")
    assert got.content == PNG
    assert files.store.path(hashlib.sha256(PNG).hexdigest()).read_bytes() == PNG
    stranger = files.desk.backend.access(12345, "supervisor", (files.desk.channel_id,))
    async with files.client(stranger) as client:
        assert (await client.get(f"/api/v1/attachments/{made['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "claimed", "shown"),
    [
        ("a.png", PNG, "image/png", "inline"),
        ("a.svg", SVG, "image/svg+xml", "attachment"),
        ("a.html", HTML, "text/html", "attachment"),
        ("a.png", HTML, "image/png", "attachment"),
        ("a.pdf", b"%PDF-1.7 ...", "application/pdf", "attachment"),
    ],
)
async def test_only_plain_pictures_are_shown_in_place(
    files: Files, name: str, content: bytes, claimed: str, shown: str
) -> None:
    async with files.client() as client:
        made = (await client.post("/api/v1/attachments", files={"file": (name, content, claimed)})).json()
        link = files.attachments.link(int(made["id"])).removeprefix("http://inbox.test")
        for path in (f"/api/v1/attachments/{made['id']}", link):
            got = await client.get(path)
            assert got.status_code == 200
            assert got.headers.get_list("content-disposition")[0].startswith(f"{shown}; filename=")
            assert len(got.headers.get_list("content-disposition")) == 1
            assert got.headers["x-content-type-options"] == "nosniff"
            assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert got.headers["cache-control"].startswith("private")
            assert not got.headers["content-type"].startswith(("text/html", "image/svg"))
        forced = await client.get(f"/api/v1/attachments/{made['id']}?download=1")
        assert forced.headers["content-disposition"].startswith("attachment")


async def test_a_name_is_kept_in_any_script_and_can_lead_nowhere(files: Files) -> None:
    async with files.client() as client:
        made = await client.post(
            "/api/v1/attachments", files={"file": ("../../etc/żółw 🐢.txt", b"hi", "text/plain")}
        )
        assert made.json()["name"] == "żółw 🐢.txt"
        got = await client.get(f"/api/v1/attachments/{made.json()['id']}")
    assert (
        got.headers["content-disposition"]
        == "attachment; filename=\"___w _.txt\"; filename*=UTF-8''%C5%BC%C3%B3%C5%82w%20%F0%9F%90%A2.txt"
    )


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("..", "file"),
        ("", "file"),
        (None, "file"),
        ("a/../../b", "b"),
        ("C:\\x\\y.exe", "y.exe"),
        ("a\r\nSet-Cookie: x", "aSet-Cookie_ x"),
        ('a"b', "a_b"),
        ("gpj.\u202eexe", "gpj.exe"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_names_are_cleaned(raw: str | None, clean: str) -> None:
    assert clean_name(raw) == clean


@pytest.mark.parametrize("sha", ["../../etc/passwd", "", "A" * 64, "g" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_a_hash_is_a_path(tmp_path, sha: str) -> None:
    with pytest.raises(ValueError):
        LocalStore(tmp_path).path(sha)


def test_types_come_from_the_content() -> None:
    assert type_of(b"RIFF\0\0\0\0WEBPVP8 ") == "image/webp"
    assert type_of(b"RIFF\0\0\0\0WAVEfmt ", "image/webp") == "audio/wav"
    assert type_of(SVG, "image/svg+xml") == "application/octet-stream"
    assert type_of(HTML, "text/html") == "application/octet-stream"
    assert type_of(b"hello", "text/plain; charset=utf-8") == "text/plain"
    office = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    assert type_of(b"PK\x03\x04", office) == office


async def test_too_much_is_refused_while_reading(files: Files) -> None:
    async with files.client() as client:
        answer = await client.post("/api/v1/attachments", files={"file": ("a.bin", b"x" * (LIMIT + 1))})
        assert answer.status_code == 413
        assert (await client.post("/api/v1/attachments", content=b"x")).status_code == 415
        assert (await client.post("/api/v1/attachments", files={"other": ("a", b"x")})).status_code == 400
        assert (await client.post("/api/v1/attachments", files={"file": ("a", b"")})).status_code == 422
    assert list((files.store._folder / "tmp").iterdir()) == []
    assert await files.desk.rows(schema.attachment) == []


async def test_links_expire_and_cannot_be_made_up(files: Files) -> None:
    async with files.client() as client:
        made = (await client.post("/api/v1/attachments", files={"file": ("a.png", PNG)})).json()
        link = files.attachments.link(int(made["id"])).removeprefix("http://inbox.test")
        assert (await client.get(link)).content == PNG
        for wrong in (
            link[:-2],
            link + "A",
            "/media/" + "A" * 64,
            "/media/ą",
            link.replace("/media/", "/media/A"),
        ):
            assert (await client.get(wrong)).status_code == 404, wrong
        files.desk.backend.clock.move(hours=25)
        assert (await client.get(link)).status_code == 404


def test_the_key_is_ours_alone_and_stays_the_same(tmp_path) -> None:
    key = load_key(tmp_path / "data")
    assert (tmp_path / "data" / "media.key").stat().st_mode & 0o777 == 0o600
    assert load_key(tmp_path / "data") == key


async def test_a_customers_file_is_fetched_stored_and_told(files: Files) -> None:
    attachment_id = await files.receive()
    files.desk.connector.media["file-1"] = Media(data=PNG, mime="image/png")
    assert await files.fetcher.fetch_due() == 1
    row = await files.row(attachment_id)
    assert (row["state"], row["mime"], row["size"], row["source"]) == ("stored", "image/png", len(PNG), None)
    [*_, last] = await files.desk.events()
    assert last.name == "message.updated"
    assert b'"state":"stored"' in last.data
    async with files.client() as client:
        assert (await client.get(f"/api/v1/attachments/{attachment_id}")).content == PNG
    other = files.desk.backend.access(files.desk.access.agent_id, "agent", ())
    async with files.client(other) as client:
        assert (await client.get(f"/api/v1/attachments/{attachment_id}")).status_code == 404


async def test_processes_that_look_at_once_fetch_each_file_once(files: Files) -> None:
    sources = [f"file-{number}" for number in range(4)]
    for source in sources:
        await files.receive(source)
        files.desk.connector.media[source] = Media(data=PNG)
    fetchers = [Files(files.desk).fetcher for _ in range(4)]
    for _ in range(3):
        await asyncio.gather(*(fetcher.fetch_due() for fetcher in fetchers))
    assert sorted(files.desk.connector.fetched) == sources


async def test_a_colleagues_dialog_hides_its_files(files: Files) -> None:
    attachment_id = await files.receive()
    files.desk.connector.media["file-1"] = Media(data=PNG)
    await files.fetcher.fetch_due()
    row = await files.row(attachment_id)
    other = await files.desk.backend.add_agent("Bolek")
    await files.desk.set(schema.dialog, row["dialog_id"], assignee_id=other)
    async with files.client() as client:
        assert (await client.get(f"/api/v1/attachments/{attachment_id}")).status_code == 404


async def test_temporary_trouble_is_tried_again_and_final_trouble_is_shown(files: Files) -> None:
    attachment_id = await files.receive()
    files.desk.connector.media["file-1"] = FetchFailed("busy", temporary=True)
    await files.fetcher.fetch_due()
    assert (await files.row(attachment_id))["state"] == "pending"
    assert await files.fetcher.fetch_due() == 0
    files.desk.backend.clock.move(seconds=10)
    files.desk.connector.media["file-1"] = FetchFailed("gone", temporary=False)
    await files.fetcher.fetch_due()
    assert (await files.row(attachment_id))["state"] == "failed"
    assert b'"state":"failed"' in (await files.desk.events())[-1].data


@pytest.mark.parametrize(
    ("source", "code", "kept"),
    [
        ("file-1", "gone", "file-1"),
        ("file-1", "too_large", None),
        ("https://media.viber.com/secret?sig=1", "gone", None),
    ],
)
async def test_what_was_given_up_says_why_and_keeps_no_address(
    files: Files, source: str, code: str, kept: str | None
) -> None:
    attachment_id = await files.receive(source)
    files.desk.connector.media[source] = FetchFailed("no", temporary=False, code=code)
    await files.fetcher.fetch_due()
    row = await files.row(attachment_id)
    assert (row["state"], row["failure"], row["source"]) == ("failed", code, kept)
    assert f'"failure":"{code}"'.encode() in (await files.desk.events())[-1].data
    assert all(b'"source"' not in e.data.replace(b'"source":null', b"") for e in await files.desk.events())
    files.desk.connector.media[source] = Media(data=PNG)
    stranger = files.desk.backend.access(files.desk.access.agent_id, "agent", ())
    async with files.client(stranger) as client:
        assert (await client.post(f"/api/v1/attachments/{attachment_id}/fetch")).status_code == 409
    async with files.client() as client:
        answer = await client.post(f"/api/v1/attachments/{attachment_id}/fetch")
        assert answer.status_code == (409 if kept is None else 204)
        again = await files.fetcher.fetch_due()
        assert again == (0 if kept is None else 1)
        assert (await files.row(attachment_id))["state"] == ("failed" if kept is None else "stored")
        # What is stored is not asked for again.
        assert (await client.post(f"/api/v1/attachments/{attachment_id}/fetch")).status_code == 409


async def test_a_new_reason_is_told_once_and_a_try_now_does_not_wait(files: Files) -> None:
    attachment_id = await files.receive("https://cdn.test/1")
    files.desk.connector.media["https://cdn.test/1"] = FetchFailed("busy", temporary=True, code="unreachable")
    before = len(await files.desk.events())
    for _ in range(3):
        await files.fetcher.fetch_due()
        files.desk.backend.clock.move(hours=1)
    assert len(await files.desk.events()) == before + 1
    last = (await files.desk.events())[-1].data
    assert b'"failure":"unreachable"' in last
    assert b'"retryable":true' in last
    await files.fetcher.fetch_due()
    files.desk.connector.media["https://cdn.test/1"] = Media(data=PNG)
    assert await files.fetcher.fetch_due() == 0
    async with files.client() as client:
        assert (await client.post(f"/api/v1/attachments/{attachment_id}/fetch")).status_code == 204
    assert await files.fetcher.fetch_due() == 1
    row = await files.row(attachment_id)
    assert (row["state"], row["failure"], row["source"]) == ("stored", None, None)


async def test_a_file_is_tried_for_about_a_day_and_what_was_given_up_keeps_its_source(files: Files) -> None:
    attachment_id = await files.receive()
    files.desk.connector.media["file-1"] = FetchFailed("busy", temporary=True)
    for _ in range(20):
        await files.fetcher.fetch_due()
        files.desk.backend.clock.move(hours=1)
    assert (await files.row(attachment_id))["state"] == "pending"
    begun = files.desk.backend.clock.now_ms()
    row = await files.row(attachment_id)
    while row["state"] == "pending":
        files.desk.backend.clock.ahead_ms += max(
            0, row["next_attempt_at"] - files.desk.backend.clock.now_ms()
        )
        await files.fetcher.fetch_due()
        row = await files.row(attachment_id)
    assert 12 < (files.desk.backend.clock.now_ms() - begun) / 3_600_000 < 28
    assert (row["state"], row["source"], row["attempts"]) == ("failed", "file-1", 100)


async def test_time_in_which_the_channel_is_paused_does_not_count(files: Files) -> None:
    attachment_id = await files.receive()
    connector = files.desk.channels.connectors.pop(files.desk.channel_id)
    for _ in range(150):
        assert await files.fetcher.fetch_due() == 1
        files.desk.backend.clock.move(hours=1)
    row = await files.row(attachment_id)
    assert (row["state"], row["attempts"]) == ("pending", 0)
    files.desk.channels.connectors[files.desk.channel_id] = connector
    files.desk.connector.media["file-1"] = Media(data=PNG)
    await files.fetcher.fetch_due()
    assert (await files.row(attachment_id))["state"] == "stored"


async def test_a_file_beyond_the_limit_is_not_kept(files: Files) -> None:
    attachment_id = await files.receive()
    files.desk.connector.media["file-1"] = Media(data=b"x" * (LIMIT + 1))
    await files.fetcher.fetch_due()
    assert (await files.row(attachment_id))["state"] == "failed"


async def test_uploads_that_were_never_sent_are_deleted_after_a_day(files: Files) -> None:
    async with files.client() as client:
        made = (await client.post("/api/v1/attachments", files={"file": ("a.png", PNG)})).json()
        assert await files.attachments.clean() == 0
        files.desk.backend.clock.move(hours=25)
        assert await files.attachments.clean() == 1
        assert (await client.get(f"/api/v1/attachments/{made['id']}")).status_code == 404


async def test_an_upload_goes_with_a_reply_once(files: Files) -> None:
    dialog = await files.desk.dialog()
    async with files.client() as client:
        made = (await client.post("/api/v1/attachments", files={"file": ("a.png", PNG)})).json()
    message = await files.desk.write(dialog, "proszę", attachment_ids=(int(made["id"]),))
    assert [(a.name, a.state) for a in message.attachments] == [("a.png", "stored")]
    [claimed] = await files.desk.claim()
    assert [(a.kind, a.name, a.size) for a in claimed.attachments] == [("image", "a.png", len(PNG))]
