"""What the provider fakes have in common."""

import asyncio
import hashlib
import json
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
from aiohttp import web
from multidict import MultiMapping

from connectors.simulator.abilities import Can
from connectors.simulator.customers import Customer
from connectors.simulator.faults import Fault, Faults, What
from connectors.simulator.phone import Phone, Told
from connectors.simulator.webhooks import Courier
from connectors.simulator.world import Accepted, Attachment, Blob, Button, Entry, State, World

Work = Callable[[], Awaitable[web.Response]]


@dataclass(kw_only=True)
class Account:
    """A business's account at a provider."""

    id: str = ""
    """The provider's id of the account."""
    webhook_url: str = ""
    name: str = "Centrala"


AccountT = TypeVar("AccountT", bound=Account)


class Provider(ABC, Generic[AccountT]):
    """A fake of one provider's HTTP API together with what its customers' phones do."""

    kind: ClassVar[str]
    can: ClassVar[frozenset[Can]] = frozenset()
    """What its customers can do beside writing texts."""
    most_edits: ClassVar[int] = 1000
    """How often a customer can change one message."""
    reports: ClassVar[frozenset[State]] = frozenset({State.DELIVERED, State.READ})
    """What it tells the business about its messages."""
    errors_in_ok: ClassVar[bool] = False
    """Whether this provider is known to answer HTTP 200 with an error inside."""

    def __init__(self, world: World, courier: Courier, *, seed: int = 0) -> None:
        self.world = world
        self.courier = courier
        self.faults = Faults(seed, errors_in_ok=self.errors_in_ok)
        self.accounts: dict[str, AccountT] = {}
        self.customers: dict[tuple[str, str], Customer] = {}
        """By account and address."""

    @abstractmethod
    def routes(self) -> Sequence[web.RouteDef]:
        """Where this provider's API is."""

    @abstractmethod
    def open_account(self, *, webhook_url: str, **credentials: str) -> AccountT:
        """Make an account; unknown or missing credentials are a ``TypeError``."""

    @abstractmethod
    def address_of(self, name: str) -> str:
        """A plausible address for a person who has none given; the same for the same name."""

    # What a customer does; see phone.Behaviour.

    @abstractmethod
    def new_id(self, customer: Phone) -> str: ...

    @abstractmethod
    def wrote(self, customer: Phone, entry: Entry, *, in_order: bool) -> Told: ...

    @abstractmethod
    def started(self, customer: Phone, ref: str | None) -> Told: ...

    @abstractmethod
    def blocked(self, customer: Phone, blocked: bool) -> Told: ...

    def delivered(self, customer: Phone, entries: list[Entry]) -> Told:
        return []

    def read(self, customer: Phone, entries: list[Entry]) -> Told:
        return []

    def pressed(self, customer: Phone, entry: Entry, button: Button) -> Told:
        """Providers without buttons have nothing to press."""
        return []

    def opened(self, customer: Phone, entry: Entry, button: Button) -> Told:
        """Nobody is told that a link was opened."""
        return []

    def edited(self, customer: Phone, entry: Entry) -> Told:
        """``entry`` is as it is now; only asked where customers :attr:`can`, as are the next two."""
        raise NotImplementedError

    def deleted(self, customer: Phone, entry: Entry) -> Told:
        raise NotImplementedError

    def reacted(self, customer: Phone, entry: Entry, before: str) -> Told:
        """The emoji is the entry's reaction now; ``before`` and now may be empty, for none."""
        raise NotImplementedError

    def buttons(self, customer: Phone, entry: Entry) -> tuple[Button, ...]:
        return entry.buttons

    # How this provider words its trouble.

    @abstractmethod
    def too_many(self, retry_after: int) -> web.Response: ...

    def error_in_ok(self, code: int | None) -> web.Response:
        raise NotImplementedError

    # ------------------------------------------------------------------ shared by the fakes

    def add_account(self, account: AccountT) -> AccountT:
        self.accounts[account.id] = account
        return account

    def customer(self, *, name: str, address: str | None, account: str | None, phone_id: str) -> Customer:
        """The person at this address, made when first asked for."""
        if not self.accounts:
            raise LookupError(f"Add an account of kind {self.kind} first")
        account_id = account or next(iter(self.accounts))
        key = (self.accounts[account_id].id, address or self.address_of(name))
        if key not in self.customers:
            self.customers[key] = Customer(
                self.world, self, phone_id=phone_id, kind=self.kind, account=key[0], name=name, address=key[1]
            )
        return self.customers[key]

    def find(self, account: AccountT, address: str) -> Customer | None:
        return self.customers.get((account.id, address))

    def accept(
        self,
        account: AccountT,
        peer: str,
        message_id: str,
        *,
        text: str = "",
        attachment: Attachment | None = None,
        reply_to: str | None = None,
        tracker: str = "",
        buttons: tuple[Button, ...] = (),
    ) -> Entry:
        """Accept a send: into the ledger.  :meth:`Customer.receive` takes the entry to the phone."""
        entry = Entry(
            id=message_id,
            outgoing=False,
            at_ms=self.world.stamp(),
            text=text,
            attachment=attachment,
            reply_to=reply_to,
            buttons=buttons,
        )
        self.world.ledger.append(
            Accepted(
                provider=self.kind,
                account=account.id,
                peer=peer,
                id=message_id,
                at_ms=entry.at_ms,
                text=text,
                attachment=attachment,
                reply_to=reply_to,
                tracker=tracker,
            )
        )
        return entry

    async def answer(self, request: web.Request, on: str, work: Work) -> web.StreamResponse:
        """Do ``work``, unless a fault was ordered for this kind of call."""
        if on == "send" and self.faults.delay:
            await asyncio.sleep(self.faults.delay)
        fault = self.faults.next(on)
        if fault is None:
            return await work()
        if fault.what in _NOT_ACCEPTED:
            return await self._refuse(request, fault)
        response = await work()
        match fault.what:
            case What.LATE:
                await asyncio.sleep(fault.seconds)
            case What.ACCEPT_RESET:
                _reset(request)
            case What.GARBAGE:
                return web.Response(text='{"ok":tru', content_type="application/json")
            case What.CUT:
                return await _cut(request, response)
        return response

    async def _refuse(self, request: web.Request, fault: Fault) -> web.Response:
        match fault.what:
            case What.RATE_LIMIT:
                return self.too_many(fault.retry_after)
            case What.ERROR_BODY:
                return self.error_in_ok(fault.code)
            case What.SERVER_ERROR:
                page = f"<html><body><center><h1>{fault.status} Server Error</h1></center></body></html>"
                return web.Response(text=page, content_type="text/html", status=fault.status)
            case What.STALL:
                await asyncio.sleep(fault.seconds)
        _reset(request)
        return web.Response(status=502)


_NOT_ACCEPTED = frozenset({What.RATE_LIMIT, What.SERVER_ERROR, What.ERROR_BODY, What.STALL, What.RESET})


def _reset(request: web.Request) -> None:
    """Break the connection with a TCP reset, as a crashed peer does."""
    if (transport := request.transport) is not None:
        if (sock := transport.get_extra_info("socket")) is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()


async def _cut(request: web.Request, response: web.Response) -> web.StreamResponse:
    """Send the head and half of the body, then break the connection."""
    body = response.body if isinstance(response.body, bytes) else b"{}"
    half = web.StreamResponse(status=response.status, headers={"Content-Type": "application/json"})
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if (transport := request.transport) is not None:
        transport.close()
    return half


# ---------------------------------------------------------------------- requests and answers


class Form(msgspec.Struct):
    """A request body, whichever way it was encoded."""

    fields: dict[str, Any]
    """JSON bodies keep their types; form fields are text."""
    files: dict[str, Blob]

    def text(self, name: str) -> str:
        value = self.fields.get(name)
        return "" if value is None else str(value)

    def value(self, name: str) -> Any:
        """A field that may be JSON inside a form field."""
        value = self.fields.get(name)
        if isinstance(value, str):
            try:
                return json.loads(value)
            except ValueError:
                return value
        return value


async def read_form(request: web.Request, world: World) -> Form:
    """Read JSON, urlencoded or multipart; ``ValueError`` if it is none of them."""
    form = Form({}, {})
    if request.content_type == "application/json":
        body = json.loads(await request.read() or b"{}")
        if not isinstance(body, dict):
            raise ValueError("not an object")
        form.fields.update(body)
        return form
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            data = value.file.read()
            form.files[name] = world.blobs.add(data, name=value.filename, mime=value.content_type)
        elif isinstance(value, str):
            form.fields[name] = value
    return form


def query(values: MultiMapping[str]) -> Mapping[str, str]:
    """The first value of each parameter."""
    return {name: values[name] for name in values}


def attachment_kind(mime: str) -> str:
    family = mime.partition("/")[0]
    return family if family in {"image", "video", "audio"} else "file"


def as_attachment(blob: Blob, kind: str | None = None) -> Attachment:
    return Attachment(kind=kind or attachment_kind(blob.mime), name=blob.name, mime=blob.mime, blob=blob)


def digits_of(name: str, count: int) -> str:
    """Digits that look random and are the same for the same name, not starting with 0."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest())
    return str(10 ** (count - 1) + number % (9 * 10 ** (count - 1)))
