"""Files in pieces, as players ask for them, and what a browser is told about them."""

import pytest

from server.media.queries import StoredFile
from server.media.serving import shown_type
from tests.server.media.files import Files

MP4 = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 100
OGG = b"OggS" + b"\0" * 60


@pytest.mark.parametrize(
    ("wanted", "status", "first", "last"),
    [
        (None, 200, 0, None),
        ("bytes=0-", 206, 0, None),
        ("bytes=0-0", 206, 0, 0),
        ("bytes=100-199", 206, 100, 199),
        ("bytes=25000-999999", 206, 25000, None),
        ("bytes=-10", 206, -10, None),
        ("bytes=-999999", 206, 0, None),
        ("bytes=99999-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        # What is not understood, backwards or in several ranges is answered whole (RFC 9110, 14.2).
        ("bytes=5-1", 200, 0, None),
        ("bytes=0-1,5-6", 200, 0, None),
        ("bytes=-", 200, 0, None),
        ("lines=0-1", 200, 0, None),
    ],
)
async def test_ranges(files: Files, wanted: str | None, status: int, first: int, last: int | None) -> None:
    async with files.client() as client:
        made = (await client.post("/api/v1/attachments", files={"file": ("a.mp4", MP4)})).json()
        headers = {} if wanted is None else {"Range": wanted}
        got = await client.get(f"/api/v1/attachments/{made['id']}", headers=headers)
    assert got.status_code == status
    assert got.headers["accept-ranges"] == "bytes"
    if status == 416:
        assert got.headers["content-range"] == f"bytes */{len(MP4)}"
        return
    begin = first if first >= 0 else len(MP4) + first
    end = len(MP4) - 1 if last is None else last
    assert got.content == MP4[begin : end + 1]
    assert got.headers["content-length"] == str(end - begin + 1)
    assert got.headers.get("content-range") == (f"bytes {begin}-{end}/{len(MP4)}" if status == 206 else None)
    assert (got.headers["content-type"], got.headers["x-content-type-options"]) == ("video/mp4", "nosniff")
    assert got.headers["content-disposition"].startswith("inline;")


async def test_what_a_browser_has_is_not_sent_again_and_what_is_lost_is_not_found(files: Files) -> None:
    async with files.client() as client:
        made = (await client.post("/api/v1/attachments", files={"file": ("a.ogg", OGG, "audio/ogg")})).json()
        path = f"/api/v1/attachments/{made['id']}"
        got = await client.get(path)
        assert got.headers["content-type"] == "audio/ogg"
        again = await client.get(path, headers={"If-None-Match": got.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["content-security-policy"] == "default-src 'none'; sandbox"
        files.store.path(got.headers["etag"].strip('"')).unlink()
        assert (await client.get(path)).status_code == 404


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml"])
def test_what_a_browser_would_run_is_only_bytes_to_it_whatever_was_stored(mime: str) -> None:
    assert shown_type(StoredFile("a", mime, "0" * 64)) == "application/octet-stream"
