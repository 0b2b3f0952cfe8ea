"""Files in a bucket of Amazon S3 or of anything that speaks its protocol (MinIO, Ceph, Garage, R2 …).

A file is written beside first, so its hash and length are known when it is uploaded: one PUT, whose content the server
checks against the hash, and no half file under a name.  Nothing is held in memory but the piece on its way.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from server.config import S3
from server.media.sigv4 import EMPTY, Credentials, canonical_path, signed
from server.media.store import FRESH_SECONDS, Stored, StoreTrouble, Writer, checked

_PIECE: Final = 64 * 1024
_CONNECT_SECONDS: Final = 5.0
_UPLOAD_SECONDS: Final = 300.0
_PAUSES: Final = (0.2, 1.0)
"""Between the tries of one request; all that we ask may be asked twice."""
_TEMPORARY: Final = frozenset({429, 500, 502, 503, 504})
_ERROR_BYTES: Final = 4096
_CODE: Final = re.compile(rb"<Code>([A-Za-z0-9.]{1,64})</Code>")
_PROBE: Final = b"Centrala was here"


class S3Store:
    """See :class:`server.media.store.MediaStore`; ``spool`` is a folder here for what is being written."""

    def __init__(self, settings: S3, spool: Path) -> None:
        parts = urlsplit(settings.endpoint)
        self._settings = settings
        self._credentials = Credentials(settings.access_key, settings.secret_key)
        self._spool = spool
        self._host = parts.netloc if settings.path_style else f"{settings.bucket}.{parts.netloc}"
        bucket = f"/{settings.bucket}" if settings.path_style else ""
        self._folder = f"{parts.path.rstrip('/')}{bucket}/{settings.prefix.strip('/')}".rstrip("/")
        self._base = f"{parts.scheme}://{self._host}"
        self._session: aiohttp.ClientSession | None = None

    def writer(self) -> Writer:
        return Writer(self._spool, self)

    async def put(self, data: bytes) -> Stored:
        async with self.writer() as writer:
            await writer.write(data)
            return await writer.finish()

    async def keep(self, written: Path, stored: Stored) -> None:
        await self._upload(self._path(stored.sha256), written, stored)

    async def open(self, sha256: str, first: int = 0, last: int | None = None) -> AsyncGenerator[bytes]:
        headers = (
            {} if (first, last) == (0, None) else {"range": f"bytes={first}-{'' if last is None else last}"}
        )
        pieces = self._pieces(self._path(sha256), headers)
        if await anext(pieces) is None:
            raise FileNotFoundError(sha256)
        return _without_none(pieces)

    async def read(self, sha256: str) -> bytes:
        return b"".join([piece async for piece in await self.open(sha256)])

    async def size(self, sha256: str) -> int | None:
        async with self._asked("HEAD", self._path(sha256)) as answer:
            return None if answer is None else answer.content_length

    async def forget(self, sha256: str) -> None:
        path = self._path(sha256)
        async with self._asked("HEAD", path) as answer:
            if answer is None:
                return
            written = parsedate_to_datetime(answer.headers["Last-Modified"])
        if (datetime.now(UTC) - written).total_seconds() > FRESH_SECONDS:
            async with self._asked("DELETE", path):
                pass

    async def check(self) -> str | None:
        """Write, read and delete a small file beside the others."""
        path = f"{self._folder}/centrala-check"
        try:
            content = hashlib.sha256(_PROBE).hexdigest()
            async with self._asked("PUT", path, data=_PROBE, payload_sha256=content):
                pass
            async with self._asked("GET", path) as answer:
                if answer is None or await answer.read() != _PROBE:
                    return f"{self._where} does not give back what was written."
            async with self._asked("DELETE", path):
                pass
        except StoreTrouble as trouble:
            return str(trouble)
        return None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def _where(self) -> str:
        return f"The bucket {self._settings.bucket} at {urlsplit(self._settings.endpoint).netloc}"

    def _path(self, sha256: str) -> str:
        checked(sha256)
        return f"{self._folder}/{sha256[:2]}/{sha256[2:4]}/{sha256}"

    async def _upload(self, path: str, written: Path, stored: Stored) -> None:
        headers = {"content-length": str(stored.size)}
        for pause in (*_PAUSES, None):
            with await asyncio.to_thread(written.open, "rb") as file:
                try:
                    async with self._once(
                        "PUT", path, headers, data=file, payload_sha256=stored.sha256, total=_UPLOAD_SECONDS
                    ):
                        return
                except _Again as again:
                    if pause is None:
                        raise again.trouble from None
            await asyncio.sleep(pause)

    async def _pieces(self, path: str, headers: Mapping[str, str]) -> AsyncGenerator[bytes | None]:
        """First b"" for what is there and None for what is not, then the content."""
        async with self._asked("GET", path, headers) as answer:
            if answer is None:
                yield None
                return
            yield b""
            try:
                async for piece in answer.content.iter_chunked(_PIECE):
                    yield piece
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise StoreTrouble(f"{self._where} broke off: {type(error).__name__}.") from None

    @asynccontextmanager
    async def _asked(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any
    ) -> AsyncIterator[aiohttp.ClientResponse | None]:
        """The answer to a request, tried a few times; None for 404.  Raises StoreTrouble for all else that is no 2xx."""
        for pause in (*_PAUSES, None):
            asking = self._once(method, path, headers, **more)
            try:
                answer = await asking.__aenter__()
            except _Again as again:
                if pause is None:
                    raise again.trouble from None
                await asyncio.sleep(pause)
                continue
            try:
                yield answer
            finally:
                await asking.__aexit__(None, None, None)
            return

    @asynccontextmanager
    async def _once(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        *,
        data: Any = None,
        payload_sha256: str = EMPTY,
        total: float | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse | None]:
        sent = signed(
            self._credentials,
            method,
            self._host,
            path,
            region=self._settings.region,
            at=datetime.now(UTC),
            payload_sha256=payload_sha256,
            headers=headers,
        )
        timeout = aiohttp.ClientTimeout(
            total=total,
            connect=2 * _CONNECT_SECONDS,
            sock_connect=_CONNECT_SECONDS,
            sock_read=self._settings.timeout_seconds,
        )
        try:
            answer = await self._open_session().request(
                method,
                URL(self._base + canonical_path(path), encoded=True),
                data=data,
                headers=sent,
                timeout=timeout,
                allow_redirects=False,
            )
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _Again(StoreTrouble(f"{self._where} can't be reached: {type(error).__name__}.")) from None
        try:
            if 200 <= answer.status < 300:
                yield answer
                return
            trouble = await self._trouble(answer)
            if answer.status == 404 and trouble is None:
                yield None
                return
            found = trouble or StoreTrouble(f"{self._where} answers {answer.status}.")
            raise _Again(found) if answer.status in _TEMPORARY else found
        finally:
            answer.close() if not answer.content.at_eof() else answer.release()

    async def _trouble(self, answer: aiohttp.ClientResponse) -> StoreTrouble | None:
        """What S3 says in words; None for a file that is not there."""
        try:
            body = await answer.content.read(_ERROR_BYTES)
        except (aiohttp.ClientError, TimeoutError, OSError):
            body = b""
        code = _CODE.search(body)
        if answer.status == 404 and (code is None or code[1] == b"NoSuchKey"):
            return None
        said = f" ({code[1].decode()})" if code is not None else ""
        return StoreTrouble(f"{self._where} answers {answer.status}{said}.")

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=("Accept-Encoding", "Content-Type"),
            )
        return self._session


class _Again(Exception):
    """Worth another try; what to say when that was the last."""

    def __init__(self, trouble: StoreTrouble) -> None:
        super().__init__(str(trouble))
        self.trouble = trouble


async def _without_none(pieces: AsyncGenerator[bytes | None]) -> AsyncGenerator[bytes]:
    try:
        async for piece in pieces:
            if piece is not None:
                yield piece
    finally:
        await pieces.aclose()
