"""A channel kind of the tests' own, and a desk from which messages are sent on it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from litestar import Litestar
from litestar.di import Provide
from sqlalchemy import select, update

from connectors.contract import (
    Attempt,
    Capabilities,
    Connector,
    InboundMessage,
    Media,
    Outbound,
    Peer,
    Polled,
    Profile,
    Received,
    Registration,
    Sent,
    WebhookRequest,
)
from connectors.errors import Failure, FetchFailed
from connectors.offers import FileRule, LinkButtonRule, QuickReplyRule
from server.agents.access import Access
from server.db import schema
from server.delivery.model import RetryPolicy
from server.delivery.outbox import DatabaseOutbox
from server.delivery.service import NewMessage, Replies
from server.delivery.starting import DialogStarts
from server.delivery.templates.lists import TemplateLists
from server.entities import Message
from server.errors import NotFound
from server.events import store
from server.intake.batch import Batch
from server.intake.keys import Entry
from server.intake.naming import Names
from server.problems import exception_handlers
from tests.support.backend import Backend
from tests.support.waiting import until

CAPABILITIES = Capabilities(
    delivered_report=True,
    read_report=True,
    text_limit=100,
    files=(FileRule(kind="image", bytes=5000),),
    reply_to=True,
    quick_replies=QuickReplyRule(count=3, title=20, payload=16, text=100),
    link_buttons=LinkButtonRule(count=3, title=20, text=100, with_quick_replies=True),
)


class LoopConnector:
    """A connector without a provider: what is sent ends in ``sent``, unless the test says otherwise."""

    account = None

    def __init__(self, capabilities: Capabilities = CAPABILITIES, *, polls: bool = False) -> None:
        self.capabilities = capabilities
        self.polls = polls
        self.sent: list[Outbound] = []
        self.sending: Callable[[Outbound], Awaitable[Sent]] = self.accept
        self.polling: Callable[[str | None], Awaitable[Polled]] = self.nothing
        self.media: dict[str, Media | FetchFailed] = {}
        self.fetched: list[str] = []
        self.profiles: dict[str, Profile | FetchFailed] = {}

    def shares_callback(self, other: Connector) -> bool:
        return False

    def receive(self, request: WebhookRequest) -> Received:
        return Received()

    async def send(self, message: Outbound) -> Sent:
        self.sent.append(message)
        return await self.sending(message)

    async def accept(self, message: Outbound) -> Sent:
        return Sent(external_ids=(f"x{message.delivery_id}",))

    async def poll(self, cursor: str | None) -> Polled:
        return await self.polling(cursor)

    async def nothing(self, cursor: str | None) -> Polled:
        await asyncio.sleep(0.05)
        return Polled(items=(), cursor=cursor or "0")

    async def fetch(self, source: str, limit: int) -> Media:
        self.fetched.append(source)
        found = self.media.get(source) or FetchFailed("gone", temporary=False)
        if isinstance(found, FetchFailed):
            raise found
        return found

    async def profile(self, peer_id: str) -> Profile | None:
        found = self.profiles.get(peer_id)
        if isinstance(found, FetchFailed):
            raise found
        return found

    async def register(self, webhook_url: str) -> Registration:
        return Registration(url=webhook_url)


@asynccontextmanager
async def api_client(routes: Sequence[Any], **provided: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of these routes, with what they depend on."""

    def constant(value: Any) -> Provide:
        def provide() -> Any:
            return value

        return Provide(provide, sync_to_thread=False)

    app = Litestar(
        route_handlers=routes,
        dependencies={name: constant(value) for name, value in provided.items()},
        exception_handlers=exception_handlers,
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inbox.test") as client:
        yield client


class OneChannel:
    """An active channel, as ``server.channels.service.Channels`` gives it."""

    def __init__(self, channel_id: int, connector: Connector) -> None:
        self.id = channel_id
        self.kind = "loop"
        self.connector = connector


class TestChannels:
    """The channels of a test, opened with connectors of its own."""

    __test__ = False

    def __init__(self) -> None:
        self.connectors: dict[int, Connector] = {}
        self.paused: set[int] = set()
        self.ok: list[int] = []
        self.errors: list[tuple[int, str]] = []

    async def open_to_send(self, channel_id: int) -> Connector:
        return await self.open(channel_id)

    async def open(self, channel_id: int) -> Connector:
        if channel_id not in self.connectors or channel_id in self.paused:
            raise NotFound("There is no such channel, or it is paused.")
        return self.connectors[channel_id]

    async def known(self, channel_id: int) -> Connector | None:
        return self.connectors.get(channel_id)

    async def all_active(self) -> list[OneChannel]:
        return [OneChannel(*each) for each in self.connectors.items() if each[0] not in self.paused]

    def note_ok(self, channel_id: int) -> None:
        self.ok.append(channel_id)

    def note_received(self, channel_id: int) -> None:
        pass

    def note_works(self, channel_id: int) -> None:
        pass

    def note_error(self, channel_id: int, failure: Failure) -> None:
        self.errors.append((channel_id, failure.text))


class Files:
    """The bytes of a test's own attachments, by the hash that it gave them; of others nothing."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}

    async def read(self, sha256: str) -> bytes:
        return self.data.get(sha256, b"")

    def link(self, attachment_id: int) -> str:
        return f"http://inbox.test/media/{attachment_id}"


class Desk:
    """One channel, one agent, and the parts that send."""

    def __init__(self, backend: Backend, channel_id: int, access: Access) -> None:
        self.backend = backend
        self.units = backend.units
        self.channel_id = channel_id
        self.channel = str(channel_id)
        self.access = access
        self.connector = LoopConnector()
        self.channels = TestChannels()
        self.channels.connectors[channel_id] = self.connector
        self.files = Files()
        self.outbox = self.make_outbox("first")
        self.templates = TemplateLists(backend.clock, self.channels, backend.inbox.bus)
        self.replies = Replies(backend.units, self.channels, self.templates)
        self.starts = DialogStarts(backend.units, self.channels, self.templates, "PL")

    @classmethod
    async def make(cls, backend: Backend) -> "Desk":
        channel_id = await backend.add_channel()
        agent_id = await backend.add_agent(channels=(channel_id,))
        return cls(backend, channel_id, backend.access(agent_id, channels=(channel_id,)))

    def make_outbox(self, owner: str, **policy: Any) -> DatabaseOutbox:
        values = {"first_seconds": 2, "max_seconds": 600, "max_attempts": 3, "random": lambda: 1.0} | policy
        return DatabaseOutbox(
            self.units,
            self.backend.inbox.bus,
            self.files,
            owner=owner,
            policy=RetryPolicy(**values),
            lease_seconds=30,
            health=self.channels,
            recipients=Names(self.units),
        )

    async def dialog(self, peer: str = "77", text: str = "Dzień dobry") -> int:
        """The peer's dialog, after a message of theirs."""
        key = f"in{self.units.ids.new()}"
        item = InboundMessage(key=key, external_id=key, text=text, peer=Peer(id=peer, name="Zofia"))
        await self.units.run(lambda tx: Batch(tx, 24).write([Entry(self.channel_id, item)]))
        statement = select(schema.dialog.c.id).join(schema.identity).where(schema.identity.c.address == peer)
        found = await self.backend.database.read(
            lambda c: c.execute(statement.order_by(schema.dialog.c.id.desc())).scalars().first()
        )
        assert found is not None
        return found

    async def write(self, dialog_id: int, text: str = "Już patrzę", **more: Any) -> Message:
        key = more.pop("idempotency_key", None)
        return await self.replies.reply(
            self.access, dialog_id, NewMessage(text=text, **more), idempotency_key=key
        )

    async def claim(self, limit: int = 10) -> list[Outbound]:
        return await self.outbox.claim(self.channel, limit)

    async def accept(self, message: Outbound, *external_ids: str) -> None:
        sent = Sent(external_ids=external_ids or (f"x{message.delivery_id}",))
        await self.end(message, sent=sent)

    async def end(self, message: Outbound, *, sent: Sent | None = None, error: object = None) -> None:
        attempt = Attempt(
            delivery_id=message.delivery_id,
            attempt=message.attempt,
            done=message.done,
            sent=sent,
            error=error,
        )
        await self.outbox.record(self.channel, [attempt])

    async def rows(self, table: Any, *conditions: Any) -> list[dict[str, Any]]:
        key = next(iter(table.primary_key.columns))
        statement = select(table).where(*conditions).order_by(key)
        return await self.backend.database.read(
            lambda c: [dict(row) for row in c.execute(statement).mappings()]
        )

    async def deliveries(self) -> list[dict[str, Any]]:
        return await self.rows(schema.delivery)

    async def state(self, message_id: str | int) -> str:
        [row] = await self.rows(schema.message, schema.message.c.id == int(message_id))
        return str(row["state"])

    async def set(self, table: Any, row_id: int, **values: Any) -> None:
        statement = update(table).where(table.c.id == row_id).values(**values)
        await self.units.run(lambda tx: tx.connection.execute(statement) and None)

    async def events(self) -> list[Any]:
        return await self.backend.database.read(lambda c: store.read_after(c, 0, 100_000))

    async def reach(self, message_id: str | int, state: str, seconds: float = 10) -> None:
        """Wait until a message has a state."""

        async def has_come() -> bool:
            return await self.state(message_id) == state

        try:
            await until(has_come, seconds)
        except TimeoutError:
            raise AssertionError(f"not {state} but {await self.state(message_id)}") from None
