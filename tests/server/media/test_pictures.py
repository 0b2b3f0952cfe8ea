"""Small copies of pictures: turned the right way, with nothing of the stranger's file in them, within limits."""

import io
import struct
import zlib

import pytest
from PIL import Image

from connectors.contract import Deletion, Media, Peer
from connectors.errors import FetchFailed
from server.db import schema
from server.intake.keys import Entry
from server.intake.store import UnitStore, Work
from server.media.pictures import thumbnail
from tests.server.media.files import Files


def picture(size: tuple[int, int], form: str = "JPEG", **options: object) -> bytes:
    """Left half red, the rest blue."""
    made = Image.new("RGB", size, "blue")
    made.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    made.save(out, form, **options)
    return out.getvalue()


def declared(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


def shown(data: bytes) -> Image.Image:
    opened = Image.open(io.BytesIO(data))
    opened.load()
    return opened


def test_a_copy_is_small_turned_and_holds_nothing_else() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the phone held upright: to be turned by a quarter
    exif[0x010F] = "Camera of Anna"
    exif.get_ifd(0x8825)[1] = "N"
    source = picture((2000, 1000), exif=exif, comment=b"a comment") + b"<script>alert(1)</script>"
    made = thumbnail(source)
    assert made is not None
    assert (made.width, made.height) == (1000, 2000)
    copy = shown(made.data)
    assert (copy.format, copy.size) == ("WEBP", (320, 640))
    assert not copy.getexif()
    for left in (b"Anna", b"comment", b"script", b"EXIF", b"ICCP"):
        assert left not in made.data
    # A quarter to the right: the left half is now above.
    assert copy.convert("RGB").getpixel((160, 20))[0] > 200
    assert copy.convert("RGB").getpixel((160, 620))[2] > 200


def test_what_is_small_stays_small_and_clear_stays_clear() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (20, 10), (0, 0, 0, 0)).save(out, "PNG")
    made = thumbnail(out.getvalue())
    assert made is not None
    assert (made.width, made.height, shown(made.data).size) == (20, 10, (20, 10))
    assert shown(made.data).convert("RGBA").getpixel((5, 5))[3] == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
        picture((100, 100))[:400],
        declared(10_000, 10_000),
        declared(30_000, 30_000),
        declared(5_500, 5_500),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture((10, 10), "TIFF"),
        picture((10, 10), "BMP"),
    ],
)
def test_what_is_broken_too_large_or_of_another_kind_has_no_copy(data: bytes) -> None:
    assert thumbnail(data) is None


def test_a_large_photo_is_decoded_smaller_than_it_is() -> None:
    made = thumbnail(picture((7000, 5000), quality=10))
    assert made is not None
    assert (made.width, made.height) == (7000, 5000)


def test_more_pixels_than_a_phone_takes_are_not_looked_at() -> None:
    """Also where they could be decoded smaller, as those of a JPEG can."""
    out = io.BytesIO()
    Image.new("L", (10_000, 5_001)).save(out, "JPEG")
    assert thumbnail(out.getvalue()) is None


async def test_pictures_that_come_and_go_get_copies(files: Files) -> None:
    data = picture((300, 200))
    files.desk.connector.media["file-1"] = Media(data=data)
    got = await files.receive()
    await files.fetcher.fetch_due()
    async with files.client() as client:
        made = (await client.post("/api/v1/attachments", files={"file": ("a.jpg", data)})).json()
        assert (made["width"], made["height"]) == (300, 200)
        for attachment_id in (got, made["id"]):
            answer = await client.get(f"/api/v1/attachments/{attachment_id}/thumbnail")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
            assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
            assert shown(answer.content).size == (300, 200)
        message = (await files.desk.events())[-1].data
        assert b'"width":300,"height":200' in message
    stranger = files.desk.backend.access(files.desk.access.agent_id + 1, "agent", ())
    async with files.client(stranger) as client:
        for attachment_id in (got, made["id"]):
            assert (await client.get(f"/api/v1/attachments/{attachment_id}/thumbnail")).status_code == 404
    # The upload goes after a day; its bytes and copy stay, as the customer's message has the same.
    files.desk.backend.clock.move(hours=25)
    assert await files.attachments.clean() == 0
    [row] = await files.desk.rows(schema.attachment)
    assert await files.store.size(row["sha256"])
    assert await files.store.size(row["thumbnail"])


async def test_what_was_taken_back_is_nobodys_any_more(files: Files) -> None:
    shown, failed = await files.receive(), await files.receive("file-2")
    files.desk.connector.media["file-1"] = Media(data=picture((800, 400)))
    files.desk.connector.media["file-2"] = FetchFailed("no", temporary=False)
    await files.fetcher.fetch_due()
    paths = [f"/api/v1/attachments/{shown}", f"/api/v1/attachments/{shown}/thumbnail"]
    deleted = [
        Entry(files.desk.channel_id, Deletion(key=f"d{name}", peer=Peer(id="77"), target=name))
        for name in ("file-1", "file-2")
    ]
    async with files.client() as client:
        assert [(await client.get(path)).status_code for path in paths] == [200, 200]
        await UnitStore(files.desk.units, 24).write(Work(entries=deleted))
        assert [(await client.get(path)).status_code for path in paths] == [404, 404]
        assert (await client.post(f"/api/v1/attachments/{failed}/fetch")).status_code == 409
