"""The one outgoing HTTP client of all connectors: time-outs, size limits, address guard, no secrets in errors.

Provider URLs may carry a token in their path (Telegram), so no exception of this module holds more of a URL than its
host, and causes are cut off: their texts would repeat the URL.
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import aiohttp
import msgspec
from yarl import URL

from connectors import wire
from connectors.addresses import AddressDenied, GuardedResolver, checked_url
from connectors.credentials import Auth, Bearer
from connectors.errors import BadPayload, FetchFailed

TIMEOUT: Final = 15.0
"""Seconds for a whole request; shorter than the lease of a delivery (30 s)."""
_CONNECT_TIMEOUT: Final = 5.0
_ANSWER_LIMIT: Final = 4 * 1024 * 1024
_REDIRECTS: Final = 3
# Shorter than any provider's own: a connection that the far side is about to close must not be used again, since a
# POST written to it would end as NoAnswer, which is never repeated.
_KEEPALIVE: Final = 4.0


class ConnectFailed(Exception):
    """Certainly nothing was sent: refused connection, unknown host, TLS failure, time-out while connecting."""


class NoAnswer(Exception):
    """Bytes of the request may have been written, and no complete answer came."""


class Response(msgspec.Struct, frozen=True):
    """A complete answer; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as clean JSON, or None when it is something else."""
        try:
            return wire.tree(self.body)
        except BadPayload:
            return None

    @property
    def retry_after(self) -> float | None:
        """Seconds of ``Retry-After``; None when absent or given as a date."""
        seconds = wire.as_float(self.headers.get("retry-after"))
        return seconds if seconds is not None and seconds >= 0 else None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a multipart form."""

    name: str
    value: str | bytes
    filename: str | None = None
    content_type: str | None = None


class _Progress:
    """Whether a request got a connection; from then on bytes may have been written."""

    connected = False


class HTTPClient:
    """``async with HTTPClient() as http``; the two connection pools are made on first use."""

    def __init__(self, *, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._api: aiohttp.ClientSession | None = None
        self._guarded: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "HTTPClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        for session in (self._api, self._guarded):
            if session is not None:
                await session.close()
        self._api = self._guarded = None

    async def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        form: Sequence[tuple[str, str]] | None = None,
        data: bytes | None = None,
        multipart: Sequence[Part] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Auth | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Call the operator's own provider address (it may be private); redirects are not followed.

        Raises ConnectFailed or NoAnswer, never anything else of the network's.
        """
        sent_headers = {**(headers or {}), **(auth.headers() if auth else {})}
        body: Any = data
        if json is not None:
            body = msgspec.json.encode(json)
            sent_headers["Content-Type"] = "application/json"
        elif multipart is not None:
            body = _form_data(multipart)
        elif form is not None:
            body = aiohttp.FormData(list(form))
        try:
            return await self._exchange(
                self._api_session(),
                method,
                url,
                limit=_ANSWER_LIMIT,
                timeout=timeout or self._timeout,
                data=body,
                headers=sent_headers,
            )
        except _TooLarge:
            raise NoAnswer(f"{method} {_host(url)}: the answer is too large") from None

    async def download(
        self,
        url: str,
        *,
        hosts: Sequence[str],
        limit: int,
        own: str = "",
        auth: Auth | Bearer | None = None,
        timeout: float = 60.0,
    ) -> Response:
        """GET a provider's media URL: only from ``hosts``, only public addresses, at most ``limit`` bytes.

        ``own`` is the operator's own ``api_base``: its origin is fetched as it is, even when private, and only it gets
        ``auth``.  A Bearer goes to ``hosts`` too, which are then asked by https only.  Up to three redirects, each
        checked again.  Raises FetchFailed.
        """
        for _ in range(_REDIRECTS + 1):
            trusted = bool(own) and _origin(url) == _origin(own)
            known = auth if trusted or isinstance(auth, Bearer) else None
            response = await self._get(url, hosts, limit, known, timeout, trusted=trusted)
            location = response.headers.get("location")
            if response.status not in (301, 302, 303, 307, 308) or location is None:
                return _downloaded(response)
            url = urljoin(url, location)
        raise FetchFailed("too many redirects", temporary=False, code="refused")

    async def _get(
        self,
        url: str,
        hosts: Sequence[str],
        limit: int,
        auth: Auth | Bearer | None,
        timeout: float,
        *,
        trusted: bool,
    ) -> Response:
        try:
            if not trusted and checked_url(url, hosts).scheme != "https" and auth is not None:
                raise AddressDenied("not https")
            return await self._exchange(
                self._api_session() if trusted else self._guarded_session(),
                "GET",
                url,
                limit=limit,
                timeout=timeout,
                # Compressed media would let a small answer grow beyond the limit in one step.
                headers={"Accept-Encoding": "identity", **(auth.headers() if auth else {})},
                auto_decompress=False,
            )
        except AddressDenied as denied:
            raise FetchFailed(f"attachment refused: {denied}", temporary=False, code="refused") from None
        except _TooLarge:
            raise FetchFailed("the attachment is too large", temporary=False, code="too_large") from None
        except (ConnectFailed, NoAnswer) as failed:
            text = f"attachment not reached: {failed}"
            raise FetchFailed(text, temporary=True, code="unreachable") from None

    async def _exchange(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: str,
        *,
        limit: int,
        timeout: float,
        **options: Any,
    ) -> Response:
        progress = _Progress()
        try:
            async with session.request(
                method,
                _as_sent(url),
                allow_redirects=False,
                trace_request_ctx=progress,
                timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=_CONNECT_TIMEOUT),
                **options,
            ) as answer:
                body = await _read(answer, limit)
                headers = {name.lower(): value for name, value in reversed(list(answer.headers.items()))}
                return Response(answer.status, headers, body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            if isinstance(getattr(error, "os_error", None), AddressDenied):
                raise AddressDenied("the host leads to an address that is not public") from None
            # ValueError: a URL or header that cannot be sent at all.
            kind = NoAnswer if progress.connected else ConnectFailed
            raise kind(f"{method} {_host(url)}: {type(error).__name__}") from None

    def _api_session(self) -> aiohttp.ClientSession:
        if self._api is None:
            self._api = _session(aiohttp.TCPConnector(keepalive_timeout=_KEEPALIVE))
        return self._api

    def _guarded_session(self) -> aiohttp.ClientSession:
        if self._guarded is None:
            resolver = GuardedResolver(aiohttp.ThreadedResolver())
            connector = aiohttp.TCPConnector(keepalive_timeout=_KEEPALIVE, resolver=resolver)
            self._guarded = _session(connector)
        return self._guarded


class _TooLarge(Exception):
    pass


async def _read(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    if (answer.content_length or 0) > limit:
        raise _TooLarge
    chunks, size = [], 0
    async for chunk in answer.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > limit:
            raise _TooLarge
        chunks.append(chunk)
    return b"".join(chunks)


def _downloaded(response: Response) -> Response:
    if 200 <= response.status < 300:
        return response
    temporary = response.status in (408, 425, 429) or response.status >= 500
    code = {401: "denied", 403: "denied", 404: "gone", 410: "gone"}.get(response.status, "provider")
    text = f"the provider answered {response.status} for the attachment"
    raise FetchFailed(text, temporary=temporary, code=code)


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        default = {"http": 80, "https": 443}.get(parts.scheme)
        return parts.scheme, parts.hostname or "", parts.port or default
    except ValueError:
        return "", "", None


def _host(url: str) -> str:
    return _origin(url)[1]


def _as_sent(url: str) -> URL:
    """Signed media addresses must not be re-quoted; what is not a clean URL is quoted."""
    return URL(url, encoded=url.isascii() and url.isprintable() and " " not in url)


def _form_data(parts: Sequence[Part]) -> aiohttp.FormData:
    # Names of files in plain UTF-8, as browsers send them: percent-encoded the customer would see "g%C5%82os.ogg".
    form = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for part in parts:
        form.add_field(part.name, part.value, filename=part.filename, content_type=part.content_type)
    return form


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(_connected)
    trace.on_connection_reuseconn.append(_connected)
    return aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trace_configs=[trace]
    )


async def _connected(_session: aiohttp.ClientSession, context: Any, _params: Any) -> None:
    progress: _Progress = context.trace_request_ctx
    progress.connected = True
