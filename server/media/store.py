"""Where files are kept: named by the hash of their content, so the same file is kept once and a name leads nowhere else.

Two implementations: :mod:`server.media.local` (a folder) and :mod:`server.media.s3` (a bucket).  Either way a file is
first written to a folder here, because its name is known only at its end.
"""

import asyncio
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from server.errors import Unavailable

HASH = re.compile(r"[0-9a-f]{64}")
FRESH_SECONDS = 3600.0
"""A file younger than this is not forgotten: somebody may just have stored it again."""
_HEAD = 512


class StoreTrouble(Unavailable):
    """The store can't be reached, or refuses; the message says which and holds no secret."""


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    sha256: str
    size: int
    head: bytes
    """The first bytes, which tell the type."""


class MediaStore(Protocol):
    """What both stores do.  Raises StoreTrouble when it can't just now, FileNotFoundError for what is not there."""

    def writer(self) -> "Writer":
        """``async with store.writer() as w``; the file is there when ``w.finish()`` has returned."""

    async def put(self, data: bytes) -> Stored: ...

    async def open(self, sha256: str, first: int = 0, last: int | None = None) -> AsyncGenerator[bytes]:
        """Bytes ``first`` to ``last`` (inclusive; to the end without), in pieces; close it if it is not read through.

        What is not there is known before the first piece.
        """

    async def read(self, sha256: str) -> bytes:
        """All of a file."""

    async def size(self, sha256: str) -> int | None:
        """Its length in bytes; None when it is not there."""

    async def forget(self, sha256: str) -> None:
        """Delete a file that nothing names any more, unless it was written again just now."""

    async def check(self) -> str | None:
        """Whether files can be written and read here; what is wrong, in a sentence."""

    async def close(self) -> None: ...


class Keeper(Protocol):
    """What a store does with a file that is written and known by its hash."""

    async def keep(self, written: Path, stored: Stored) -> None:
        """Make it durable under its hash; ``written`` may be moved away."""


class Writer:
    """Writes beside, and hands the whole file over at once: a file under its hash is always complete."""

    def __init__(self, folder: Path, keeper: Keeper) -> None:
        self._folder = folder
        self._keeper = keeper
        self._hash = hashlib.sha256()
        self._head = b""
        self._file: BinaryIO | None = None
        self._temporary = Path()
        self.size = 0

    async def __aenter__(self) -> "Writer":
        await asyncio.to_thread(self._open)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self._clean_up)

    async def write(self, data: bytes) -> None:
        self.size += len(data)
        self._head += data[: max(0, _HEAD - len(self._head))]
        await asyncio.to_thread(self._write, data)

    async def finish(self) -> Stored:
        """Make the file durable under its hash."""
        await asyncio.to_thread(self._sync)
        stored = Stored(sha256=self._hash.hexdigest(), size=self.size, head=self._head)
        await self._keeper.keep(self._temporary, stored)
        return stored

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder)
        self._file = os.fdopen(handle, "wb")
        self._temporary = Path(name)

    def _opened(self) -> BinaryIO:
        if self._file is None:
            raise RuntimeError("a Writer is open inside its own context only")
        return self._file

    def _write(self, data: bytes) -> None:
        self._hash.update(data)
        self._opened().write(data)

    def _sync(self) -> None:
        file = self._opened()
        file.flush()
        os.fsync(file.fileno())

    def _clean_up(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._temporary.unlink(missing_ok=True)


def checked(sha256: str) -> str:
    """The hash; raises ValueError for anything else."""
    if not HASH.fullmatch(sha256):
        raise ValueError("not a hash")
    return sha256
