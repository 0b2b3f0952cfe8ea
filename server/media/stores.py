"""The store that the configuration names, and the way from the folder to a bucket."""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

from server.config import Config
from server.media.local import LocalStore
from server.media.s3 import S3Store
from server.media.store import HASH, MediaStore, Stored, Writer


def open_store(config: Config) -> MediaStore:
    """Where attachments are kept; nothing is connected yet."""
    local = LocalStore(folder_of(config))
    if config.media.store == "local":
        return local
    return WithOldFiles(S3Store(config.s3, folder_of(config) / "tmp"), local)


def folder_of(config: Config) -> Path:
    return config.data_dir / "media"


class WithOldFiles:
    """A bucket that takes all that is new, and a folder that may still hold what came before."""

    def __init__(self, bucket: S3Store, folder: LocalStore) -> None:
        self._bucket = bucket
        self._folder = folder

    def writer(self) -> Writer:
        return self._bucket.writer()

    async def put(self, data: bytes) -> Stored:
        return await self._bucket.put(data)

    async def open(self, sha256: str, first: int = 0, last: int | None = None) -> AsyncGenerator[bytes]:
        for store in (self._bucket, self._folder):
            try:
                return await store.open(sha256, first, last)
            except FileNotFoundError:
                continue
        return await self._bucket.open(sha256, first, last)  # moved between the two looks

    async def read(self, sha256: str) -> bytes:
        return b"".join([piece async for piece in await self.open(sha256)])

    async def size(self, sha256: str) -> int | None:
        found = await self._bucket.size(sha256)
        return found if found is not None else await self._folder.size(sha256)

    async def forget(self, sha256: str) -> None:
        await self._folder.forget(sha256)
        await self._bucket.forget(sha256)

    async def check(self) -> str | None:
        return await self._bucket.check()

    async def close(self) -> None:
        await self._bucket.close()


async def move_to_bucket(config: Config) -> AsyncGenerator[int]:
    """Move every file of the folder into the bucket, one after another, and tell its size.

    It can be broken off and begun again at any time, beside a running server: a file is deleted here only when the bucket
    has the whole of it, and what is here is still read.
    """
    local = LocalStore(folder_of(config))
    bucket = S3Store(config.s3, folder_of(config) / "tmp")
    try:
        for path in _files(folder_of(config)):
            size = path.stat().st_size
            if await bucket.size(path.name) != size:
                await bucket.keep(path, Stored(sha256=path.name, size=size, head=b""))
            local.path(path.name).unlink(missing_ok=True)
            yield size
    finally:
        await bucket.close()


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.glob("??/??/*"):
        if HASH.fullmatch(path.name) and path.is_file():
            yield path
