"""What a file is, by its content.  What somebody calls it is believed only where it can do no harm."""

import re
import unicodedata
from typing import Final

from connectors.contract import AttachmentKind

PLAIN_RASTERS: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""The only types that a browser may show in place: pictures that can hold no script."""
PLAYABLE: Final = frozenset(
    {
        "audio/ogg",
        "audio/mpeg",
        "audio/mp4",
        "audio/aac",
        "audio/wav",
        "audio/flac",
        "video/mp4",
        "video/webm",
    }
)
"""What a browser's player may be given in place, where it can play it."""

_SIGNATURES: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    *((0, bytes((0xFF, second)), "audio/mpeg") for second in (0xFB, 0xFA, 0xF3, 0xF2)),
    *((0, bytes((0xFF, second)), "audio/aac") for second in (0xF1, 0xF9)),
    (0, b"#!AMR", "audio/amr"),
    (0, b"fLaC", "audio/flac"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypheix", "image/heic"),
    (4, b"ftypmif1", "image/heic"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypqt", "video/quicktime"),
    (4, b"ftyp3g", "video/3gpp"),
    (4, b"ftyp", "video/mp4"),
    (0, b"PK\x03\x04", "application/zip"),
)
_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
# Claims that are kept although the content does not tell: all of them are only ever downloaded.
_HARMLESS: Final = re.compile(
    r"(application/(vnd\.[\w.+-]+|msword|rtf|gzip|x-tgsticker)|text/(plain|csv)|audio/aac)"
)
_OPUS_WITHIN: Final = 64
"""The first Ogg page's header is at least 28 bytes; "OpusHead" follows at once (RFC 7845 §5.1)."""
_NAME_MAX: Final = 200
_FORBIDDEN_IN_NAMES: Final = re.compile(r'[\\/:*?"<>|]')


def type_of(head: bytes, claimed: str | None = None) -> str:
    """The media type of a file that begins with ``head``."""
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        return _RIFF[head[8:12]]
    found = next((mime for at, magic, mime in _SIGNATURES if head[at:].startswith(magic)), None)
    claim = (claimed or "").partition(";")[0].strip().lower()
    if found in (None, "application/zip") and _HARMLESS.fullmatch(claim):
        return claim  # office documents are ZIP files
    return found or "application/octet-stream"


def kind_of(mime: str, head: bytes = b"") -> AttachmentKind:
    """What an uploaded file is sent as; Opus in Ogg is what telephones record voice as."""
    if mime in PLAIN_RASTERS:
        return AttachmentKind.IMAGE
    if mime == "audio/ogg" and b"OpusHead" in head[:_OPUS_WITHIN]:
        return AttachmentKind.VOICE
    family = mime.partition("/")[0]
    return {"video": AttachmentKind.VIDEO, "audio": AttachmentKind.AUDIO}.get(family, AttachmentKind.FILE)


def clean_name(name: str | None) -> str:
    """A file name that is safe to store, to show and to save under: no path, no control or direction characters."""
    last = re.split(r"[\\/]", name or "")[-1]
    shown = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    shown = _FORBIDDEN_IN_NAMES.sub("_", shown).strip(" .")
    if len(shown) > _NAME_MAX:
        stem, dot, suffix = shown.rpartition(".")
        shown = (
            f"{stem[: _NAME_MAX - len(suffix) - 1]}.{suffix}"
            if dot and len(suffix) < 20
            else shown[:_NAME_MAX]
        )
    return shown or "file"
