"""A message of three parts to one person, and the provider that takes them."""

import asyncio
import itertools
import json
from typing import Any

from connectors.contract import Echo, Outbound, Peer, Receipt, ReceiptState, Sent, mark_of
from connectors.errors import Failure, SendError
from connectors.host import ChannelHost, HostLimits
from connectors.sending import Part, send_parts
from server.db import schema
from tests.support.delivery import Desk
from tests.support.waiting import until

COUNT = 3
WHY = Failure(code="no_such_address", text="The number does not exist.")
LOST = Failure(code="no_clear_answer", text="No answer.")


class Provider:
    """Takes the parts of one message; each may end otherwise than accepted, once."""

    def __init__(self, peer: str) -> None:
        self.peer = peer
        self.count = COUNT
        self.calls: list[int] = []
        self.errors: dict[int, SendError] = {}
        self.waits: dict[int, asyncio.Event] = {}

    def external(self, number: int) -> str:
        return f"{self.peer}.{number}"

    async def send(self, message: Outbound) -> Sent:
        def part(number: int) -> Part:
            async def call() -> str:
                self.calls.append(number)
                if number in self.waits:
                    await self.waits.pop(number).wait()
                if number in self.errors:
                    raise self.errors.pop(number)
                return self.external(number)

            return Part("image" if number > 1 else "text", call)

        return await send_parts(message, [part(number) for number in range(1, self.count + 1)])


class Talk:
    """One message of three parts to one person."""

    numbers = itertools.count(1)

    def __init__(self, desk: Desk, peer: str, dialog_id: int, message_id: str) -> None:
        self.desk = desk
        self.peer = peer
        self.dialog_id = dialog_id
        self.message_id = message_id
        self.provider = Provider(peer)

    @classmethod
    async def make(cls, desk: Desk) -> "Talk":
        peer = f"peer{next(cls.numbers)}"
        dialog_id = await desk.dialog(peer)
        return cls(desk, peer, dialog_id, (await desk.write(dialog_id)).id)

    async def attempt(self) -> Outbound:
        """Claim and send, as the host does, and record how it ended."""
        [claimed] = await self.desk.claim()
        try:
            await self.desk.end(claimed, sent=await self.provider.send(claimed))
        except SendError as error:
            await self.desk.end(claimed, error=error)
        return claimed

    async def tell(self, state: str, *numbers: int, failure: Failure | None = None, **more: Any) -> None:
        ids = tuple(self.provider.external(number) for number in numbers)
        key = f"{state}{ids}{more}"
        told = Receipt(key=key, state=ReceiptState(state), external_ids=ids, failure=failure, **more)
        await self.desk.backend.inbox.sink.ingest(self.desk.channel, [told])

    async def echo(self, number: int, tracker: str) -> None:
        external, peer = self.provider.external(number), Peer(id=self.peer)
        told = Echo(key=external, external_id=external, peer=peer, metadata=mark_of(tracker, number))
        await self.desk.backend.inbox.sink.ingest(self.desk.channel, [told])

    async def again(self) -> None:
        await self.desk.replies.retry(self.desk.access, self.dialog_id, int(self.message_id))

    async def shown(self) -> tuple[str, dict[str, Any] | None, list[str]]:
        """What people see: the state, why, and the states of its parts."""
        c = schema.message.c
        [row] = await self.desk.rows(schema.message, c.id == int(self.message_id))
        failure = None if row["failure"] is None else json.loads(row["failure"])
        return row["state"], failure, [part["state"] for part in json.loads(row["parts"] or "[]")]


class NoPolls:
    async def may_poll(self) -> bool:
        return True

    async def cursor(self) -> str | None:
        return None

    async def failed(self, text: str) -> None:
        return None


def host(talk: Talk, call_seconds: float) -> ChannelHost:
    desk = talk.desk
    desk.connector.sending = talk.provider.send
    return ChannelHost(
        desk.channel,
        desk.connector,
        outbox=desk.outbox,
        sink=desk.backend.inbox.sink,
        poll_port=NoPolls(),
        health=NoPolls(),
        limits=HostLimits(call_seconds=call_seconds, stop_seconds=0.2),
    )


async def until_called(talk: Talk, number: int) -> None:
    await until(lambda: number in talk.provider.calls)
