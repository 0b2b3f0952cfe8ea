"""What the page with the phones lets a customer do: its control API."""

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from aiohttp import web

from connectors.simulator.abilities import Can
from connectors.simulator.customers import Customer
from connectors.simulator.samples import SECONDS, other_card, own_card, place
from connectors.simulator.world import Entry, Place

_BURST_LIMIT = 200
_FILE_LIMIT = 20 * 1024 * 1024
"""As much as a bot of Telegram's can fetch."""
_EMOJI_LENGTH = 8
_STEP = 0.001
"""How far a live location moves, in degrees."""

Job = Coroutine[Any, Any, object]
Action = Callable[[Customer, web.Request], Awaitable[Job]]


class PhoneActions:
    """``POST /phones/{phone}/{action}``: begun and answered at once; the page sees the outcome on its live connection."""

    def __init__(self, customers: Mapping[str, Customer]) -> None:
        self._customers = customers
        self._running: set[asyncio.Task[object]] = set()

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/phones/{phone}/{action}", self._begin)]

    def cancel(self) -> None:
        for task in tuple(self._running):
            task.cancel()

    async def _begin(self, request: web.Request) -> web.Response:
        refuse_foreign(request)
        customer = self._customers.get(request.match_info["phone"])
        do = _ACTIONS.get(request.match_info["action"])
        if customer is None or do is None:
            raise web.HTTPNotFound
        try:
            job = await do(customer, request)
        except (ValueError, LookupError, TypeError, AttributeError):
            raise web.HTTPBadRequest(text="Not understood.\n") from None
        task = asyncio.create_task(job)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return web.Response(status=202)


def refuse_foreign(request: web.Request) -> None:
    """Only this page may act: another site's page names another origin."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="Not from this page.\n")


# ---------------------------------------------------------------------- new messages


async def _write(customer: Customer, request: web.Request) -> Job:
    body = await request.json()
    text = str(body["text"]).strip()
    if not text:
        raise ValueError
    return customer.write(text, reply_to=_quoted(customer, body.get("replyTo")))


async def _file(customer: Customer, request: web.Request) -> Job:
    """The bytes are the body; ``?kind=`` says as what they go, ``&replyTo=`` what they answer."""
    data, kind, name, mime = await _sent_file(customer, request)
    reply_to = _quoted(customer, request.query.get("replyTo"))
    seconds = SECONDS.get(name, 1)
    return customer.send_file(kind, data, name=name, mime=mime, seconds=seconds, reply_to=reply_to)


async def _sent_file(customer: Customer, request: web.Request) -> tuple[bytes, str, str, str | None]:
    data = await request.read()
    kind = request.query["kind"]
    if not 0 < len(data) <= _FILE_LIMIT or not customer.can_send(kind):
        raise ValueError
    name = unquote(request.headers.get("X-File-Name", "file"))[:200]
    return data, kind, name, request.content_type or mimetypes.guess_type(name)[0]


async def _place(customer: Customer, request: web.Request) -> Job:
    _must(customer, Can.LOCATION)
    return customer.send_location(place())


async def _card(customer: Customer, request: web.Request) -> Job:
    own = (await request.json())["own"] is True
    _must(customer, Can.OWN_CONTACT if own else Can.CONTACT)
    return customer.send_contact(own_card(customer) if own else other_card())


async def _burst(customer: Customer, request: web.Request) -> Job:
    body = await request.json()
    count = int(body["count"])
    if not 0 < count <= _BURST_LIMIT:
        raise ValueError
    return customer.burst(count, str(body.get("text") or "{n}"))


async def _start(customer: Customer, request: web.Request) -> Job:
    _must(customer, Can.START)
    return customer.start(str((await request.json()).get("ref") or "") or None)


# ---------------------------------------------------------------------- messages that are there


async def _press(customer: Customer, request: web.Request) -> Job:
    body = await request.json()
    return customer.press(str(body["message"]), str(body["title"]))


async def _edit(customer: Customer, request: web.Request) -> Job:
    body = await request.json()
    text = str(body["text"]).strip()
    entry = _entry(customer, body["message"])
    _must(customer, Can.EDIT)
    if not text or not entry.outgoing:
        raise ValueError
    return customer.edit(entry.id, text)


async def _replace(customer: Customer, request: web.Request) -> Job:
    """As a file is sent; ``?message=`` says in which own message it goes."""
    data, kind, name, mime = await _sent_file(customer, request)
    entry = _entry(customer, request.query["message"])
    _must(customer, Can.REPLACE)
    if entry.attachment is None or not entry.outgoing:
        raise ValueError
    return customer.replace_file(entry.id, kind, data, name=name, mime=mime)


async def _move(customer: Customer, request: web.Request) -> Job:
    entry = _entry(customer, (await request.json())["message"])
    _must(customer, Can.REPLACE)
    here = entry.attachment.place if entry.attachment else None
    if here is None or not entry.outgoing:
        raise ValueError
    return customer.move(entry.id, Place(latitude=here.latitude + _STEP, longitude=here.longitude))


async def _delete(customer: Customer, request: web.Request) -> Job:
    entry = _entry(customer, (await request.json())["message"])
    _must(customer, Can.DELETE)
    if not entry.outgoing:
        raise ValueError
    return customer.delete(entry.id)


async def _react(customer: Customer, request: web.Request) -> Job:
    body = await request.json()
    emoji = str(body["emoji"])
    _must(customer, Can.REACT)
    if len(emoji) > _EMOJI_LENGTH:
        raise ValueError
    return customer.react(_entry(customer, body["message"]).id, emoji)


# ---------------------------------------------------------------------- switches


async def _switch(customer: Customer, request: web.Request) -> Job:
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


def _must(customer: Customer, ability: Can) -> None:
    if ability not in customer.can:
        raise ValueError


def _entry(customer: Customer, message_id: Any) -> Entry:
    entry = customer.find(str(message_id))
    if entry is None or entry.is_deleted:
        raise LookupError
    return entry


def _quoted(customer: Customer, message_id: Any) -> str | None:
    if message_id is None:
        return None
    _must(customer, Can.REPLY)
    return _entry(customer, message_id).id


_ACTIONS: Final[dict[str, Action]] = {
    "write": _write,
    "file": _file,
    "place": _place,
    "card": _card,
    "burst": _burst,
    "start": _start,
    "press": _press,
    "edit": _edit,
    "replace": _replace,
    "move": _move,
    "delete": _delete,
    "react": _react,
    "switch": _switch,
}
