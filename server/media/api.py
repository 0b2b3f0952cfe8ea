"""``/api/v1/attachments`` and ``/media``: files in and out.

What customers and colleagues send is never trusted: only plain pictures are shown in place, everything else is
downloaded, and nothing can run in our origin.
"""

from typing import Annotated, Any
from urllib.parse import quote

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import File

from server.agents.access import Access
from server.agents.authentication import PUBLIC
from server.errors import NotFound
from server.ids import parse_id
from server.media.queries import StoredFile
from server.media.service import Attachments, Uploaded
from server.media.sniff import PLAIN_RASTERS
from server.media.uploads import receive_file

_CSP = "default-src 'none'; sandbox"
_SCRIPTABLE = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml")


@post(
    "/api/v1/attachments",
    operation_id="uploadAttachment",
    tags=["attachments"],
    request_max_body_size=None,  # the limit is the configuration's, see receive_file
)
async def upload_attachment(
    request: Request[Any, Any, Any],
    access: NamedDependency[Access],
    attachments: NamedDependency[Attachments],
) -> Uploaded:
    """Upload the field ``file`` of a form, to be sent with a message."""
    received = await receive_file(
        request.stream(),
        request.headers.get("content-type", ""),
        attachments.store,
        max_bytes=attachments.max_bytes,
    )
    return await attachments.add(access, received.stored, received.name, received.claimed)


@get("/api/v1/attachments/{attachment_id:str}", operation_id="getAttachment", tags=["attachments"])
async def get_attachment(
    attachment_id: FromPath[str],
    access: NamedDependency[Access],
    attachments: NamedDependency[Attachments],
    download: Annotated[bool, QueryParameter()] = False,
) -> File:
    """The bytes of an attachment of a dialog that the agent sees."""
    found = parse_id(attachment_id)
    if found is None:
        raise NotFound("There is no such attachment.")
    return _answer(attachments, await attachments.find(access, found), download=download)


@get("/media/{token:str}", operation_id="getMedia", opt={PUBLIC: True}, include_in_schema=False)
async def get_media(token: FromPath[str], attachments: NamedDependency[Attachments]) -> File:
    """The bytes of an attachment, for a provider to which we gave the link."""
    return _answer(attachments, await attachments.find_by_token(token), download=False)


def _answer(attachments: Attachments, found: StoredFile, *, download: bool) -> File:
    mime = found.mime or "application/octet-stream"
    if mime in _SCRIPTABLE:
        mime = "application/octet-stream"
    inline = mime in PLAIN_RASTERS and not download
    path = attachments.store.path(found.sha256)
    if not path.is_file():
        raise NotFound("There is no such attachment.")
    return File(
        path=path,
        media_type=mime,
        headers={
            "Content-Disposition": _disposition("inline" if inline else "attachment", found.name or "file"),
            "Content-Security-Policy": _CSP,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, max-age=3600",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )


def _disposition(how: str, name: str) -> str:
    """RFC 6266: a plain name for old programs, the real one beside it."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


ROUTES = [upload_attachment, get_attachment, get_media]
