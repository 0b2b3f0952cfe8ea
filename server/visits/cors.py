"""What browsers may do from other sites' pages: the widget's three calls and its script, without credentials.

``*`` never lets a browser send cookies along, and nothing here reads them.
"""

from typing import Any, Final

PREFIX: Final = "/api/v1/widget/"
SCRIPT: Final = "/widget.js"

_ALLOWED: Final = (b"access-control-allow-origin", b"*")
_PREFLIGHT: Final = [
    _ALLOWED,
    (b"access-control-allow-methods", b"GET, POST"),
    (b"access-control-allow-headers", b"content-type"),
    (b"access-control-max-age", b"86400"),
]


class OpenToSites:
    """ASGI middleware: answers the browser's question beforehand, and marks the answers, errors included."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        is_open = scope["type"] == "http" and (scope["path"].startswith(PREFIX) or scope["path"] == SCRIPT)
        if not is_open:
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": _PREFLIGHT})
            await send({"type": "http.response.body", "body": b""})
        else:
            await self._app(scope, receive, _marking(send))


def _marking(send: Any) -> Any:
    async def send_marked(message: Any) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], _ALLOWED]
        await send(message)

    return send_marked
