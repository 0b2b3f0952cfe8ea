"""Files on disk, named by the hash of their content: the same file is kept once, and a name can never lead elsewhere."""

import asyncio
import contextlib
import hashlib
import os
import re
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

import msgspec

_HASH = re.compile(r"[0-9a-f]{64}")
_HEAD = 512
_FRESH_SECONDS = 3600.0


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    sha256: str
    size: int
    head: bytes
    """The first bytes, which tell the type."""


class MediaStore:
    """Below ``folder``: ``ab/cd/<sha256>``; what is being written is in ``tmp``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def writer(self) -> "Writer":
        return Writer(self._folder)

    async def put(self, data: bytes) -> Stored:
        async with self.writer() as writer:
            await writer.write(data)
            return await writer.finish()

    def path(self, sha256: str) -> Path:
        """Where a file is; raises ValueError for anything but a hash."""
        if not _HASH.fullmatch(sha256):
            raise ValueError("not a hash")
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    async def read(self, sha256: str) -> bytes:
        """All of a file; OSError when it is not there."""
        return await asyncio.to_thread(self.path(sha256).read_bytes)

    async def forget(self, sha256: str) -> None:
        """Delete a file that nothing names any more, unless it was written again just now."""
        await asyncio.to_thread(_forget, self.path(sha256))


class Writer:
    """``async with store.writer() as w``: writes beside, and puts the whole file in its place at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._hash = hashlib.sha256()
        self._head = b""
        self._file: BinaryIO | None = None
        self._temporary = Path()
        self.size = 0

    async def __aenter__(self) -> "Writer":
        await asyncio.to_thread(self._open)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._file is not None:
            await asyncio.to_thread(self._abandon)

    async def write(self, data: bytes) -> None:
        self.size += len(data)
        self._head += data[: max(0, _HEAD - len(self._head))]
        await asyncio.to_thread(self._write, data)

    async def finish(self) -> Stored:
        """Make the file durable under its hash."""
        sha256 = self._hash.hexdigest()
        await asyncio.to_thread(self._finish, sha256)
        return Stored(sha256=sha256, size=self.size, head=self._head)

    def _open(self) -> None:
        folder = self._folder / "tmp"
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
        self._file = os.fdopen(handle, "wb")
        self._temporary = Path(name)

    def _write(self, data: bytes) -> None:
        assert self._file is not None  # noqa: S101
        self._hash.update(data)
        self._file.write(data)

    def _finish(self, sha256: str) -> None:
        assert self._file is not None  # noqa: S101
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._file = None
        target = self._folder / sha256[:2] / sha256[2:4] / sha256
        target.parent.mkdir(parents=True, exist_ok=True)
        self._temporary.replace(target)
        for folder in (target.parent, target.parent.parent):
            _sync_folder(folder)

    def _abandon(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._temporary.unlink(missing_ok=True)


def _forget(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if time.time() - path.stat().st_mtime > _FRESH_SECONDS:
            path.unlink()


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
