"""Answers that hold a stranger's file: nothing of it runs, whole or in the ranges that players ask for."""

import re
from typing import Final
from urllib.parse import quote

from litestar import Response
from litestar.response import Stream

from server import reasons
from server.errors import NotFound
from server.media.queries import StoredFile
from server.media.sniff import PLAIN_RASTERS, PLAYABLE
from server.media.store import MediaStore

_SCRIPTABLE: Final = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml")
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class Unsatisfiable(Exception):
    """A range beyond the end (416)."""


async def answer(
    store: MediaStore, found: StoredFile, *, download: bool, wanted: str | None, known: str | None
) -> Response[bytes] | Stream:
    """The file.  ``wanted`` is the header Range and ``known`` If-None-Match, whose tag is the content's hash."""
    tag = f'"{found.sha256}"'
    headers = {**_headers(found, download=download), "ETag": tag, "Accept-Ranges": "bytes"}
    if known is not None and tag in known:
        return Response(b"", status_code=304, headers=headers)
    size = found.size if found.size is not None else await store.size(found.sha256)
    if size is None:
        raise NotFound(reasons.NO_SUCH_ATTACHMENT)
    try:
        part = _range_of(wanted, size)
    except Unsatisfiable:
        return Response(b"", status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    first, last = part or (0, size - 1)
    if part is not None:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    headers["Content-Length"] = str(last - first + 1)
    try:
        pieces = await store.open(found.sha256, first, last)
    except FileNotFoundError:
        raise NotFound(reasons.NO_SUCH_ATTACHMENT) from None
    return Stream(
        pieces, status_code=200 if part is None else 206, headers=headers, media_type=shown_type(found)
    )


def shown_type(found: StoredFile) -> str:
    """The type a browser is told: never one that it would run."""
    mime = found.mime or "application/octet-stream"
    return "application/octet-stream" if mime in _SCRIPTABLE else mime


def _headers(found: StoredFile, *, download: bool) -> dict[str, str]:
    inline = shown_type(found) in PLAIN_RASTERS | PLAYABLE and not download
    return {
        "Content-Disposition": _disposition("inline" if inline else "attachment", found.name or "file"),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=3600",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _range_of(wanted: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte; None for all of it, also where several ranges are asked for (RFC 9110, 14.2)."""
    found = _RANGE.fullmatch((wanted or "").strip())
    if found is None or found[0] == "bytes=-":
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        if length == 0:
            raise Unsatisfiable
        return size - length, size - 1
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if found[2] and int(found[2]) < first:
        return None
    if first >= size:
        raise Unsatisfiable
    return first, last


def _disposition(how: str, name: str) -> str:
    """RFC 6266: a plain name for old programs, the real one beside it."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
