"""Files in and out: what is stored, who may have it, and that nothing of it can run in our origin."""

import hashlib

import pytest

from connectors.contract import Media
from server.db import schema
from server.media.links import load_key
from server.media.local import LocalStore
from server.media.sniff import clean_name, type_of
from tests.server.media.files import HTML, LIMIT, PNG, SVG, Files


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
        beside = {"note": "x" * (LIMIT + 20_000)}
        answer = await client.post("/api/v1/attachments", data=beside, files={"file": ("a.bin", b"x")})
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


async def test_a_colleagues_dialog_hides_its_files(files: Files) -> None:
    attachment_id = await files.receive()
    files.desk.connector.media["file-1"] = Media(data=PNG)
    await files.fetcher.fetch_due()
    row = await files.row(attachment_id)
    other = await files.desk.backend.add_agent("Bolek")
    await files.desk.set(schema.dialog, row["dialog_id"], assignee_id=other)
    async with files.client() as client:
        assert (await client.get(f"/api/v1/attachments/{attachment_id}")).status_code == 404


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
