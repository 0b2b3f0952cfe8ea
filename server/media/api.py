"""``/api/v1/attachments`` and ``/media``: files in and out.

What customers and colleagues send is never trusted: only plain pictures and what a player plays are shown in place,
everything else is downloaded, and nothing can run in our origin.
"""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from server import reasons
from server.agents.access import Access
from server.agents.authentication import PUBLIC
from server.ids import named_id
from server.media.queries import StoredFile
from server.media.service import Attachments, Uploaded
from server.media.serving import answer
from server.media.uploads import receive_file


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
    request: Request[Any, Any, Any],
    attachment_id: FromPath[str],
    access: NamedDependency[Access],
    attachments: NamedDependency[Attachments],
    download: Annotated[bool, QueryParameter()] = False,
) -> Response[bytes] | Stream:
    """The bytes of an attachment of a dialog that the agent sees; ``Range`` is understood."""
    found = await attachments.find(access, _id(attachment_id))
    return await _answer(request, attachments, found, download=download)


@get(
    "/api/v1/attachments/{attachment_id:str}/thumbnail",
    operation_id="getAttachmentThumbnail",
    tags=["attachments"],
)
async def get_thumbnail(
    request: Request[Any, Any, Any],
    attachment_id: FromPath[str],
    access: NamedDependency[Access],
    attachments: NamedDependency[Attachments],
) -> Response[bytes] | Stream:
    """A small copy (WebP) of a picture that has ``width`` and ``height``."""
    found = await attachments.find_thumbnail(access, _id(attachment_id))
    return await _answer(request, attachments, found, download=False)


@post(
    "/api/v1/attachments/{attachment_id:str}/fetch",
    operation_id="fetchAttachment",
    tags=["attachments"],
    status_code=204,
)
async def fetch_attachment(
    attachment_id: FromPath[str],
    access: NamedDependency[Access],
    attachments: NamedDependency[Attachments],
) -> None:
    """Try now to have a customer's file that is ``retryable``; how it ends is told by ``message.updated``."""
    await attachments.fetch_again(access, _id(attachment_id))


@get("/api/v1/dialogs/{dialog_id:str}/picture", operation_id="getContactPicture", tags=["attachments"])
async def get_picture(
    request: Request[Any, Any, Any],
    dialog_id: FromPath[str],
    access: NamedDependency[Access],
    attachments: NamedDependency[Attachments],
) -> Response[bytes] | Stream:
    """The customer's picture (WebP) of a dialog whose ``contact.picture`` is not null."""
    found = await attachments.find_picture(access, _id(dialog_id))
    return await _answer(request, attachments, found, download=False)


@get(
    ["/media/{token:str}", "/media/{token:str}/{name:str}"],
    operation_id="getMedia",
    opt={PUBLIC: True},
    include_in_schema=False,
)
async def get_media(
    request: Request[Any, Any, Any], token: FromPath[str], attachments: NamedDependency[Attachments]
) -> Response[bytes] | Stream:
    """The bytes of an attachment, for a provider to which we gave the link.

    Some want the address to end like a file's name; it says nothing to us.
    """
    return await _answer(request, attachments, await attachments.find_by_token(token), download=False)


def _id(text: str) -> int:
    return named_id(text, reasons.NO_SUCH_ATTACHMENT)


async def _answer(
    request: Request[Any, Any, Any], attachments: Attachments, found: StoredFile, *, download: bool
) -> Response[bytes] | Stream:
    headers = request.headers
    return await answer(
        attachments.store,
        found,
        download=download,
        wanted=headers.get("range"),
        known=headers.get("if-none-match"),
    )


ROUTES = [upload_attachment, get_attachment, get_thumbnail, fetch_attachment, get_picture, get_media]
