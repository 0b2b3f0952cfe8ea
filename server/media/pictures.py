"""Small copies of pictures: what lists and threads show instead of a stranger's file.

A copy is made anew from the decoded pixels, so nothing else of the file is in it: no place, no camera, no comment, no
second file behind the first.  Whatever can't be decoded within the limits simply has no copy.
"""

import asyncio
import io
import logging
import warnings
from typing import Final

import msgspec
from PIL import Image, ImageOps

from server.media.sniff import PLAIN_RASTERS, type_of
from server.media.store import MediaStore

THUMBNAIL_BOX: Final = 640
"""Longest side in pixels: about 320 on the screen, twice as sharp."""
AVATAR_BOX: Final = 128
_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
_PIXELS: Final = 50_000_000
"""Largest picture that is looked at: what phones take.  Decoding one takes four bytes a pixel at the most."""
_DECODED_PIXELS: Final = 25_000_000
"""Most pixels that are held at once; a JPEG can be decoded smaller than it is."""
_SECONDS: Final = 20.0
_HEAD: Final = 512
_SIDEWAYS: Final = frozenset({5, 6, 7, 8})
_ORIENTATION: Final = 0x0112

# Pillow's own limit warns on standard error; ours is checked below, before anything is decoded.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)

log = logging.getLogger(__name__)


class Thumbnail(msgspec.Struct, frozen=True, kw_only=True):
    data: bytes
    """WebP."""
    width: int
    """Of the whole picture as it is shown, turned the right way; not of the copy."""
    height: int


class Thumbnails:
    """Makes copies one at a time, beside the event loop, and stores them."""

    def __init__(self, store: MediaStore) -> None:
        self._store = store
        self._one = asyncio.Semaphore(1)

    async def make(self, data: bytes, mime: str) -> dict[str, str | int]:
        """Values of ``attachment`` for a picture: its copy's hash, width, height; nothing where there is no copy."""
        made = await self.copy(data, mime, THUMBNAIL_BOX)
        if made is None:
            return {}
        stored = await self._store.put(made.data)
        return {"thumbnail": stored.sha256, "width": made.width, "height": made.height}

    async def avatar(self, data: bytes) -> str | None:
        """The hash of a stored copy that is small enough for a list; None for what is no picture."""
        made = await self.copy(data, type_of(data[:_HEAD]), AVATAR_BOX)
        return None if made is None else (await self._store.put(made.data)).sha256

    async def forget(self, sha256: str) -> None:
        """Delete a copy that nothing names any more."""
        await self._store.forget(sha256)

    async def copy(self, data: bytes, mime: str, box: int) -> Thumbnail | None:
        """A copy that fits a square of ``box`` pixels; None when there is none."""
        if mime not in PLAIN_RASTERS:
            return None
        async with self._one:
            try:
                async with asyncio.timeout(_SECONDS):
                    return await asyncio.to_thread(thumbnail, data, box)
            except TimeoutError:
                log.warning("a picture took too long to decode")
                return None


def thumbnail(data: bytes, box: int = THUMBNAIL_BOX) -> Thumbnail | None:
    """A copy that fits ``box``; None for what is broken, too large or no picture."""
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
            return _copied(picture, box)
    except Exception as error:  # noqa: BLE001 - decoders raise anything at all on hostile input
        log.info("a picture could not be decoded: %s", type(error).__name__)
        return None


def _copied(picture: Image.Image, box: int) -> Thumbnail | None:
    width, height = picture.size
    if width * height > _PIXELS:
        return None
    picture.draft("RGB", (box, box))
    if picture.width * picture.height > _DECODED_PIXELS:
        return None
    if picture.getexif().get(_ORIENTATION) in _SIDEWAYS:
        width, height = height, width
    picture.thumbnail((box, box))
    turned = ImageOps.exif_transpose(picture)
    plain = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    out = io.BytesIO()
    plain.save(out, "WEBP", quality=80, exif=b"", xmp=b"", icc_profile=b"")
    return Thumbnail(data=out.getvalue(), width=width, height=height)
