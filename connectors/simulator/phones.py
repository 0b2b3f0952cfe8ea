"""The page with the customers' phones: its files, its control API and its live connection."""

import asyncio
import json
import re
from collections.abc import Mapping

from aiohttp import WSCloseCode, WSMsgType, web

from connectors.simulator.customers import Customer
from connectors.simulator.phone_actions import PhoneActions, refuse_foreign
from connectors.simulator.phone_views import phone_view
from connectors.simulator.samples import PAGE
from connectors.simulator.world import KINDS, World

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".mp4": "video/mp4",
    ".ogg": "audio/ogg",
    ".pdf": "application/pdf",
}
_FILES = {path.name: _TYPES[path.suffix] for path in PAGE.iterdir() if path.suffix in _TYPES}
_SAFE_INLINE = re.compile(r"(image/(png|jpeg|gif|webp)|(audio|video)/[a-z0-9]+)")


class Phones:
    """One phone of each channel kind, the first one made, is on the page."""

    def __init__(self, world: World, customers: Mapping[str, Customer]) -> None:
        self._world = world
        self._customers = customers
        self._sockets: set[web.WebSocketResponse] = set()
        self._actions = PhoneActions(customers)

    def add_to(self, app: web.Application) -> None:
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/phones/{file}", self._file),
                web.get("/phones/live/socket", self._live),
                *self._actions.routes(),
                web.get("/media/{id}", self._media),
                web.get("/media/{id}/{name}", self._media),
            ]
        )
        app.on_shutdown.append(self._close)

    # ------------------------------------------------------------------ files

    async def _page(self, request: web.Request) -> web.StreamResponse:
        headers = {
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "no-cache",
            "Referrer-Policy": "no-referrer",
        }
        return web.Response(
            body=(PAGE / "index.html").read_bytes(), content_type="text/html", headers=headers
        )

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["file"]
        if name not in _FILES:
            raise web.HTTPNotFound
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}
        return web.Response(body=(PAGE / name).read_bytes(), content_type=_FILES[name], headers=headers)

    async def _media(self, request: web.Request) -> web.StreamResponse:
        """What customers and agents sent.  Anybody may have made it, so it gets no power over the page."""
        blob = self._world.blobs.get(request.match_info["id"])
        if blob is None:
            raise web.HTTPNotFound
        headers = {
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        }
        if not _SAFE_INLINE.fullmatch(blob.mime):
            headers["Content-Disposition"] = "attachment"
        return web.Response(body=blob.data, headers=headers | {"Content-Type": blob.mime})

    # ------------------------------------------------------------------ live

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """The whole phone each time something changed on it; changes in between are not queued but merged."""
        refuse_foreign(request)
        socket = web.WebSocketResponse(heartbeat=20.0, max_msg_size=1024)
        await socket.prepare(request)
        self._sockets.add(socket)
        changed: set[str] = {customer.id for customer in self._on_page()}
        news = asyncio.Event()
        news.set()

        def watch(phone_id: str) -> None:
            changed.add(phone_id)
            news.set()

        self._world.watchers.add(watch)
        sender = asyncio.create_task(self._send(socket, changed, news))
        try:
            async for message in socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            self._world.watchers.discard(watch)
            self._sockets.discard(socket)
            sender.cancel()
        return socket

    async def _send(self, socket: web.WebSocketResponse, changed: set[str], news: asyncio.Event) -> None:
        while not socket.closed:
            await news.wait()
            news.clear()
            phones = [phone_view(customer) for customer in self._on_page() if customer.id in changed]
            changed.clear()
            if phones:
                await socket.send_json(
                    {"phones": phones}, dumps=lambda value: json.dumps(value, ensure_ascii=False)
                )
            await asyncio.sleep(0.05)

    def _on_page(self) -> list[Customer]:
        first: dict[str, Customer] = {}
        for customer in self._customers.values():
            first.setdefault(customer.kind, customer)
        return [first[kind] for kind in KINDS if kind in first]

    async def _close(self, app: web.Application) -> None:
        self._actions.cancel()
        for socket in tuple(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)
