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
from server.media.store import MediaStore, Stored, Writer

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
    async with store.writer() as writer:
        form = _Form(writer, max_bytes)
        try:
            with PushMultipartParser(options["boundary"], max_segment_count=_PARTS) as parser:
                async for chunk in chunks:
                    await form.read(parser, chunk)
                    if parser.closed:
                        break
        except MultipartError as error:
            raise Malformed(reasons.FILE_FORM_BROKEN, field="file") from error
        if form.file is None:
            raise Malformed(reasons.FILE_FIELD_MISSING, field="file")
        stored = await writer.finish()
    return ReceivedFile(stored=stored, name=form.file.filename, claimed=form.file.content_type)


class _Form:
    """A form that is being read; its ``file`` goes into the store as it comes."""

    def __init__(self, writer: Writer, max_bytes: int) -> None:
        self.file: MultipartSegment | None = None
        self._writer = writer
        self._max_bytes = max_bytes
        self._is_inside = False
        self._total = 0

    async def read(self, parser: PushMultipartParser, chunk: bytes) -> None:
        self._total += len(chunk)
        if self._total > self._max_bytes + _FORM_BYTES:
            raise _too_large(self._max_bytes)
        for part in parser.parse(chunk):
            if isinstance(part, MultipartSegment):
                self._begin(part)
            elif self._is_inside and part:
                await self._writer.write(bytes(part))
        if self._writer.size > self._max_bytes:
            raise _too_large(self._max_bytes)

    def _begin(self, part: MultipartSegment) -> None:
        self._is_inside = self.file is None and part.name == "file" and part.filename is not None
        if self._is_inside:
            self.file = part


def _too_large(max_bytes: int) -> HTTPException:
    return HTTPException(
        status_code=413, detail=f"The file is too large: at most {max_bytes // 1_048_576} MB are taken."
    )
