"""The built console, and the security headers of every answer.

Files with a hash in their name are kept by browsers for ever; ``index.html`` is asked for each time.  Any address
that a browser navigates to and that is nobody else's is the console's, which does its own routing.
"""

import gzip
import hashlib
import mimetypes
from pathlib import Path
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.params import FromPath

from server import reasons
from server.agents.authentication import PUBLIC
from server.config import Config
from server.errors import NotFound

STATIC: Final = Path(__file__).parent / "static"
_NOT_OURS: Final = ("api/", "ws", "webhooks/", "media/", "assets/", "schema/", "health/", "metrics")
_COMPRESSED: Final = ("text/", "application/json", "application/javascript", "image/svg+xml")
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_EACH_TIME: Final = "no-cache"
_WIDGET: Final = "widget.js"
_CACHE: Final = {_WIDGET: "public, max-age=3600, stale-while-revalidate=86400"}
"""The site widget's script has a fixed name, which other sites' pages ask for all the time."""

_NOT_BUILT: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Centrala: the console has not been built</title>
<h1>The console has not been built</h1>
<p>The server runs, but the files of its web console are missing.</p>
<p>Run <code>scripts/build</code> (or <code>scripts/run</code>, which builds and starts) in the checkout, then
reload this page. An installed package brings the console along.</p></html>
"""

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


class StaticFile(msgspec.Struct, frozen=True):
    body: bytes
    gzipped: bytes | None
    media_type: str
    etag: str
    cache_control: str


class Console:
    """The files of one folder, read once and again after a new build.  No path of a request touches the disk."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._folder = folder
        self._files: dict[str, StaticFile] = {}
        self._built_at = (0, 0)

    def file(self, name: str) -> StaticFile | None:
        self._look()
        return self._files.get(name)

    def _look(self) -> None:
        # The widget is built last: with it the folder is complete.
        built_at = _time_of(self._folder / "index.html"), _time_of(self._folder / _WIDGET)
        if built_at == self._built_at:
            return
        self._files = _read(self._folder) if built_at[0] else {}
        self._built_at = built_at


def _time_of(path: Path) -> int:
    """When a file was written; 0 if there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _read(folder: Path) -> dict[str, StaticFile]:
    files = {}
    for path in folder.rglob("*"):
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            files[name] = _static_file(name, path.read_bytes())
    return files


def _static_file(name: str, body: bytes) -> StaticFile:
    media_type = _TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    gzipped = (
        gzip.compress(body, 6, mtime=0) if media_type.startswith(_COMPRESSED) and len(body) > 500 else None
    )
    return StaticFile(
        body=body,
        gzipped=gzipped,
        media_type=media_type,
        etag=f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        cache_control=_FOR_EVER if name.startswith("assets/") else _CACHE.get(name, _EACH_TIME),
    )


# The machine's own table of types may be missing or odd.  Litestar adds the charset of text.
_TYPES: Final = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".map": "application/json",
}


def console_routes(console: Console) -> list[Any]:
    """The console's route handlers."""

    @get("/", operation_id="consoleStart", opt={PUBLIC: True}, include_in_schema=False)
    async def start(request: Request[Any, Any, Any]) -> Response[bytes]:
        return _page(console, request)

    @get("/{path:path}", operation_id="console", opt={PUBLIC: True}, include_in_schema=False)
    async def anything(request: Request[Any, Any, Any], path: FromPath[str]) -> Response[bytes]:
        name = path.lstrip("/")
        found = console.file(name)
        if found is not None and name != "index.html":
            return _answer(found, request)
        if not _is_navigation(request, name):
            raise NotFound(reasons.NOTHING_HERE)
        return _page(console, request)

    return [start, anything]


def _is_navigation(request: Request[Any, Any, Any], name: str) -> bool:
    """Whether a person goes there with a browser, and not a program to an address that doesn't exist."""
    if any(
        name == other.rstrip("/") or (other.endswith("/") and name.startswith(other)) for other in _NOT_OURS
    ):
        return False
    return "text/html" in request.headers.get("accept", "")


def _page(console: Console, request: Request[Any, Any, Any]) -> Response[bytes]:
    found = console.file("index.html")
    if found is None:
        return Response(
            _NOT_BUILT.encode(),
            status_code=503,
            media_type="text/html",
            headers={"Cache-Control": "no-store"},
        )
    return _answer(found, request)


def _answer(file: StaticFile, request: Request[Any, Any, Any]) -> Response[bytes]:
    headers = {"ETag": file.etag, "Cache-Control": file.cache_control, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == file.etag:
        return Response(b"", status_code=304, headers=headers)
    if file.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            file.gzipped, media_type=file.media_type, headers=headers | {"Content-Encoding": "gzip"}
        )
    return Response(file.body, media_type=file.media_type, headers=headers)


class SecurityHeaders:
    """ASGI middleware around everything: headers that each answer has, errors and media included.

    What a handler set itself stays: media have a stricter policy of their own.
    """

    def __init__(self, app: Any, config: Config) -> None:
        self._app = app
        self._headers = [
            (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
            (b"cache-control", b"no-store"),
        ]
        if config.public_url.startswith("https://"):
            self._headers.append((b"strict-transport-security", b"max-age=31536000"))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(header for header in self._headers if header[0] not in own),
                ]
            await send(message)

        await self._app(scope, receive, send_with_headers)
