"""Reading one file from a multipart form, straight into the store and never more than allowed."""

from collections.abc import AsyncIterator

import msgspec
from litestar.exceptions import HTTPException
from multipart import (
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from server import reasons
from server.errors import Malformed
from server.media.store import MediaStore, Stored

_FORM_BYTES = 16_384
"""What the form may hold besides the file."""
_PARTS = 8


class ReceivedFile(msgspec.Struct, frozen=True, kw_only=True):
    stored: Stored
    name: str | None
    claimed: str | None
    """The type that the sender names."""


async def receive_file(
    chunks: AsyncIterator[bytes], content_type: str, store: MediaStore, *, max_bytes: int
) -> ReceivedFile:
    """The part ``file`` of a form.  Stops reading as soon as it is too large (413)."""
    kind, options = parse_options_header(content_type)
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise HTTPException(status_code=415, detail="Expected multipart/form-data with a field named file.")
    found: MultipartSegment | None = None
    inside = False
    total = 0
    async with store.writer() as writer:
        try:
            with PushMultipartParser(options["boundary"], max_segment_count=_PARTS) as parser:
                async for chunk in chunks:
                    total += len(chunk)
                    if total > max_bytes + _FORM_BYTES:
                        raise _too_large(max_bytes)
                    for part in parser.parse(chunk):
                        if isinstance(part, MultipartSegment):
                            inside = found is None and part.name == "file" and part.filename is not None
                            found = part if inside else found
                        elif inside and part:
                            await writer.write(bytes(part))
                    if writer.size > max_bytes:
                        raise _too_large(max_bytes)
                    if parser.closed:
                        break
        except MultipartError as error:
            raise Malformed(reasons.FILE_FORM_BROKEN, field="file") from error
        if found is None:
            raise Malformed(reasons.FILE_FIELD_MISSING, field="file")
        stored = await writer.finish()
    return ReceivedFile(stored=stored, name=found.filename, claimed=found.content_type)


def _too_large(max_bytes: int) -> HTTPException:
    return HTTPException(
        status_code=413, detail=f"The file is too large: at most {max_bytes // 1_048_576} MB are taken."
    )
