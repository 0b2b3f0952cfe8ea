"""Files in a folder that all processes share."""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import BinaryIO

from server.media.store import FRESH_SECONDS, Stored, Writer, checked

_PIECE = 256 * 1024


class LocalStore:
    """Below ``folder``: ``ab/cd/<sha256>``; what is being written is in ``tmp``.  See :class:`MediaStore`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def writer(self) -> Writer:
        return Writer(self._folder / "tmp", self)

    async def put(self, data: bytes) -> Stored:
        async with self.writer() as writer:
            await writer.write(data)
            return await writer.finish()

    async def keep(self, written: Path, stored: Stored) -> None:
        await asyncio.to_thread(self._keep, written, self.path(stored.sha256))

    def path(self, sha256: str) -> Path:
        """Where a file is; raises ValueError for anything but a hash."""
        checked(sha256)
        return self._folder / sha256[:2] / sha256[2:4] / sha256

    async def open(self, sha256: str, first: int = 0, last: int | None = None) -> AsyncGenerator[bytes]:
        file = await asyncio.to_thread(_opened, self.path(sha256), first)
        return _pieces(file, None if last is None else last - first + 1)

    async def read(self, sha256: str) -> bytes:
        return await asyncio.to_thread(self.path(sha256).read_bytes)

    async def size(self, sha256: str) -> int | None:
        try:
            return (await asyncio.to_thread(self.path(sha256).stat)).st_size
        except FileNotFoundError:
            return None

    async def forget(self, sha256: str) -> None:
        await asyncio.to_thread(_forget, self.path(sha256))

    async def check(self) -> str | None:
        try:
            await asyncio.to_thread(_try_out, self._folder)
        except OSError as error:
            return f"{self._folder} can't be written: {error.strerror}"
        return None

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _keep(self, written: Path, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        written.replace(target)
        for folder in (target.parent, target.parent.parent):
            _sync_folder(folder)


def _opened(path: Path, first: int) -> BinaryIO:
    file = path.open("rb")
    file.seek(first)
    return file


async def _pieces(file: BinaryIO, left: int | None) -> AsyncGenerator[bytes]:
    with file:
        while left is None or left > 0:
            piece = await asyncio.to_thread(file.read, _PIECE if left is None else min(_PIECE, left))
            if not piece:
                return
            if left is not None:
                left -= len(piece)
            yield piece


def _forget(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if time.time() - path.stat().st_mtime > FRESH_SECONDS:
            path.unlink()


def _try_out(folder: Path) -> None:
    """Write where the folder is or would be; nothing is left there."""
    nearest = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    with tempfile.TemporaryFile(dir=nearest):
        pass


def _sync_folder(folder: Path) -> None:
    """Make a new name in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
