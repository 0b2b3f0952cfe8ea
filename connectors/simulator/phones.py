"""The page with the customers' phones: its files, its control API and its live connection."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from aiohttp import WSCloseCode, WSMsgType, web

from connectors.simulator.customers import Customer
from connectors.simulator.images import PAGE
from connectors.simulator.world import KINDS, Attachment, Entry, World

Json = dict[str, Any]

_SHOWN = 60
"""Messages of a thread that the page gets."""
_BURST_LIMIT = 200
_PICTURE_LIMIT = 10 * 1024 * 1024
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FILES = {
    "phones.css": "text/css",
    "phones.js": "text/javascript",
    "words.js": "text/javascript",
    "icon.svg": "image/svg+xml",
    "sample.jpg": "image/jpeg",
}
_SAFE_INLINE = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


class Phones:
    """One phone of each channel kind, the first one made, is on the page."""

    def __init__(self, world: World, customers: Mapping[str, Customer]) -> None:
        self._world = world
        self._customers = customers
        self._sockets: set[web.WebSocketResponse] = set()
        self._actions: set[asyncio.Task[None]] = set()

    def add_to(self, app: web.Application) -> None:
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/phones/{file}", self._file),
                web.get("/phones/live/socket", self._live),
                web.post("/phones/{phone}/write", self._action(self._write)),
                web.post("/phones/{phone}/picture", self._action(self._picture)),
                web.post("/phones/{phone}/press", self._action(self._press)),
                web.post("/phones/{phone}/start", self._action(self._start)),
                web.post("/phones/{phone}/burst", self._action(self._burst)),
                web.post("/phones/{phone}/switch", self._action(self._switch)),
                web.get("/media/{id}", self._media),
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
        if blob.mime not in _SAFE_INLINE:
            headers["Content-Disposition"] = "attachment"
        return web.Response(body=blob.data, headers=headers | {"Content-Type": blob.mime})

    # ------------------------------------------------------------------ what the page asks for

    def _action(self, do: "Action") -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """Run in the background: the page sees the outcome on its live connection."""

        async def handle(request: web.Request) -> web.StreamResponse:
            _refuse_foreign(request)
            customer = self._customers.get(request.match_info["phone"])
            if customer is None:
                raise web.HTTPNotFound
            try:
                job = await do(customer, request)
            except (ValueError, LookupError, TypeError, AttributeError):
                raise web.HTTPBadRequest(text="Not understood.\n") from None
            task = asyncio.create_task(job)
            self._actions.add(task)
            task.add_done_callback(self._actions.discard)
            return web.Response(status=202)

        return handle

    async def _write(self, customer: Customer, request: web.Request) -> "Job":
        text = str((await request.json())["text"]).strip()
        if not text:
            raise ValueError
        return _quiet(customer.write(text))

    async def _picture(self, customer: Customer, request: web.Request) -> "Job":
        data = await request.read()
        if not request.content_type.startswith("image/") or not 0 < len(data) <= _PICTURE_LIMIT:
            raise ValueError
        name = unquote(request.headers.get("X-File-Name", "photo.jpg"))
        return _quiet(customer.send_image(data, name=name))

    async def _press(self, customer: Customer, request: web.Request) -> "Job":
        body = await request.json()
        return customer.press(str(body["message"]), str(body["title"]))

    async def _start(self, customer: Customer, request: web.Request) -> "Job":
        if customer.kind == "sms":
            raise ValueError
        return _quiet(customer.start(str((await request.json()).get("ref") or "") or None))

    async def _burst(self, customer: Customer, request: web.Request) -> "Job":
        body = await request.json()
        count = int(body["count"])
        if not 0 < count <= _BURST_LIMIT:
            raise ValueError
        return _quiet(customer.burst(count, str(body.get("text") or "{n}")))

    async def _switch(self, customer: Customer, request: web.Request) -> "Job":
        (name, on), *_ = (await request.json()).items()
        match name, bool(on):
            case "reading", True:
                return customer.open_thread()
            case "reading", False:
                return customer.close_thread()
            case "blocked", True:
                return customer.block()
            case "blocked", False:
                return customer.unblock()
            case "online", True:
                return customer.online()
            case "online", False:
                return customer.go_offline()
        raise ValueError

    # ------------------------------------------------------------------ live

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """The whole phone each time something changed on it; changes in between are not queued but merged."""
        _refuse_foreign(request)
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
            phones = [_phone(customer) for customer in self._on_page() if customer.id in changed]
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
        for task in tuple(self._actions):
            task.cancel()
        for socket in tuple(self._sockets):
            await socket.close(code=WSCloseCode.GOING_AWAY)


Job = Coroutine[Any, Any, None]
Action = Callable[[Customer, web.Request], Awaitable[Job]]


async def _quiet(job: Coroutine[Any, Any, object]) -> None:
    await job


def _refuse_foreign(request: web.Request) -> None:
    """Only this page may act: another site's page names another origin."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="Not from this page.\n")


def _phone(customer: Customer) -> Json:
    last = customer.exchanges[-1] if customer.exchanges else None
    webhook = None
    if last is not None:
        webhook = {"event": last.event, "method": last.method, "path": last.path, "ms": last.ms}
        webhook |= {"status": last.status, "error": last.error, "attempt": last.attempt, "at": last.at_ms}
    return {
        "id": customer.id,
        "kind": customer.kind,
        "name": customer.name,
        "address": customer.address,
        "online": customer.is_online,
        "reading": customer.is_reading,
        "blocked": customer.is_blocked,
        "thread": [_entry(customer, entry) for entry in customer.thread[-_SHOWN:]],
        "webhook": webhook,
        "webhooks": len(customer.exchanges),
    }


def _entry(customer: Customer, entry: Entry) -> Json:
    shown: Json = {"id": entry.id, "outgoing": entry.outgoing, "text": entry.text, "at": entry.at_ms}
    shown["state"] = entry.state
    if entry.attachment is not None:
        shown["attachment"] = _attachment(entry.attachment)
    if entry.reply_to and (quoted := customer.find(entry.reply_to)) is not None:
        shown["quote"] = quoted.text or (quoted.attachment.name if quoted.attachment else "")
    shown["buttons"] = [button.title for button in customer.buttons(entry)]
    return shown


def _attachment(attachment: Attachment) -> Json:
    url = attachment.blob.path if attachment.blob else None
    return {"kind": attachment.kind, "name": attachment.name, "size": attachment.size, "url": url}
