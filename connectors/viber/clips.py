"""How long an MP4 video is: Viber shows it, and takes none longer than three minutes."""

import math
from collections.abc import Iterator


def seconds_of(data: bytes) -> int | None:
    """From the movie header (ISO/IEC 14496-12, ``moov/mvhd``), rounded up; None where there is none to read."""
    for start, end in _boxes(data, 0, len(data), b"moov"):
        for at, _ in _boxes(data, start, end, b"mvhd"):
            return _duration(data[at : at + 32])
    return None


def _boxes(data: bytes, start: int, end: int, name: bytes) -> Iterator[tuple[int, int]]:
    """Where the contents of the boxes of this name lie."""
    while start + 8 <= end:
        size, head = int.from_bytes(data[start : start + 4]), 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16]), 16
        elif size == 0:
            size = end - start
        if size < head:
            return
        if data[start + 4 : start + 8] == name:
            yield start + head, min(start + size, end)
        start += size


def _duration(header: bytes) -> int | None:
    """Version, flags, two times, then time scale and duration; version 1 has 64 bits where version 0 has 32."""
    if len(header) < 32:
        return None
    wide = header[0] == 1
    at = 20 if wide else 12
    scale = int.from_bytes(header[at : at + 4])
    duration = int.from_bytes(header[at + 4 : at + (12 if wide else 8)])
    return max(math.ceil(duration / scale), 1) if scale and duration else None
