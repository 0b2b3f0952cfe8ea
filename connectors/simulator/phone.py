"""A customer's phone: what it shows, how far messages got on it, and its switches."""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Protocol

from connectors.simulator.abilities import Can, NotPossible
from connectors.simulator.world import Attachment, Button, Entry, Exchange, State, World

_PATIENCE = 10.0
"""Seconds that an action waits for the first answer to its webhook."""

Told = list[asyncio.Future[Exchange]]
"""The first answers to the webhooks that an action caused; empty where none is posted (polling, no webhook)."""


class Behaviour(Protocol):
    """What a provider makes of what a customer does."""

    @property
    def can(self) -> frozenset[Can]: ...

    @property
    def most_edits(self) -> int: ...

    @property
    def reports(self) -> frozenset[State]:
        """What the business gets to know about its messages."""
        ...

    def wrote(self, customer: "Phone", entry: Entry, *, in_order: bool) -> Told: ...

    def started(self, customer: "Phone", ref: str | None) -> Told: ...

    def delivered(self, customer: "Phone", entries: list[Entry]) -> Told: ...

    def read(self, customer: "Phone", entries: list[Entry]) -> Told: ...

    def blocked(self, customer: "Phone", blocked: bool) -> Told: ...

    def pressed(self, customer: "Phone", entry: Entry, button: Button) -> Told: ...

    def opened(self, customer: "Phone", entry: Entry, button: Button) -> Told: ...

    def edited(self, customer: "Phone", entry: Entry) -> Told: ...

    def deleted(self, customer: "Phone", entry: Entry) -> Told: ...

    def reacted(self, customer: "Phone", entry: Entry, before: str) -> Told: ...

    def buttons(self, customer: "Phone", entry: Entry) -> tuple[Button, ...]:
        """Those of this message that its app still shows."""
        ...

    def new_id(self, customer: "Phone") -> str:
        """The id of the next message in this customer's thread."""
        ...


class Phone:
    """One person's phone, with one thread: the one with our account."""

    def __init__(
        self,
        world: World,
        behaviour: Behaviour,
        *,
        phone_id: str,
        kind: str,
        account: str,
        name: str,
        address: str,
    ) -> None:
        self.id = phone_id
        """Names the phone on the page."""
        self.kind = kind
        self.account = account
        self.name = name
        self.address = address
        """Who the provider says this is: E.164 number, PSID, chat id, Viber id."""
        self.language = "pl"
        self.thread: list[Entry] = []
        """What the phone shows, oldest first."""
        self.exchanges: deque[Exchange] = deque(maxlen=1000)
        """The answers to every webhook about this customer, retries included."""
        self.is_online = True
        self.is_reading = False
        """The thread is open: what arrives is read at once."""
        self.is_blocked = False
        self.has_written = False
        """Whether this person ever wrote or pressed Start: most providers let us answer only then."""
        self.last_wrote_ms = 0
        self.unanswered: deque[int] = deque(maxlen=200)
        """When the business wrote since this person last did (Viber counts that)."""
        self.tracking = ""
        """What the business's last message carried and Viber gives back with the answer."""
        self._world = world
        self._behaviour = behaviour

    def __repr__(self) -> str:
        return f"Customer({self.kind}, {self.name or self.address})"

    @property
    def can(self) -> frozenset[Can]:
        return self._behaviour.can

    @property
    def received(self) -> list[Entry]:
        """What came from the business, whether the phone is online or not."""
        return [entry for entry in self.thread if not entry.outgoing]

    def find(self, message_id: str | None) -> Entry | None:
        return next((entry for entry in reversed(self.thread) if entry.id == message_id), None)

    def buttons(self, entry: Entry) -> tuple[Button, ...]:
        """The answers and links under this message that the person can press now."""
        if not entry.buttons or entry.state is State.SENT:
            return ()
        return self._behaviour.buttons(self, entry)

    def told(self, entry: Entry) -> State | None:
        """How far the business knows that its message got; None where its channel tells nothing of that."""
        known = [state for state in (State.READ, State.DELIVERED) if state in self._behaviour.reports]
        if entry.outgoing or entry.state is State.SENT:
            return None
        return next((state for state in known if state is not State.READ or entry.state is State.READ), None)

    # ------------------------------------------------------------------ what happens to the phone

    def receive(self, entry: Entry) -> None:
        """The provider accepted a message for this person."""
        self.thread.append(entry)
        self.unanswered.append(entry.at_ms)
        if self.is_online:
            self._deliver([entry])
        self._world.changed(self.id)

    def reacted(self, message_id: str, emoji: str) -> bool:
        """The business put an emoji on a message, or took its own back (empty); false: there is no such message."""
        entry = self.find(message_id)
        if entry is None or entry.is_deleted:
            return False
        entry.own_reaction = emoji
        self._world.changed(self.id)
        return True

    def touch(self) -> None:
        """The person contacted us just now."""
        self.has_written = True
        self.last_wrote_ms = self._world.stamp()
        self.unanswered.clear()

    def note(self, exchange: Exchange) -> None:
        """A webhook about this person was answered."""
        self.exchanges.append(exchange)
        self._world.changed(self.id)

    def say(self, text: str, *, reply_to: str | None = None) -> Entry:
        """A message of this person that the provider itself makes, such as ``/start`` or a pressed button's."""
        return self._add(text=text, reply_to=reply_to)

    def _add(self, *, text: str, attachment: Attachment | None = None, reply_to: str | None = None) -> Entry:
        if reply_to is not None:
            self._must(Can.REPLY)
        self.touch()
        entry = Entry(
            id=self._behaviour.new_id(self),
            outgoing=True,
            at_ms=self.last_wrote_ms,
            text=text,
            attachment=attachment,
            reply_to=reply_to,
        )
        self.thread.append(entry)
        self._world.changed(self.id)
        return entry

    def _must(self, ability: Can) -> None:
        if ability not in self.can:
            raise NotPossible(f"Customers on {self.kind} can't do that: {ability}")

    # ------------------------------------------------------------------ its switches

    async def mark_read(self) -> None:
        """Look at the thread once."""
        unread = [entry for entry in self.received if entry.state is State.DELIVERED]
        for entry in unread:
            entry.state = State.READ
        if unread:
            await self._answered(self._behaviour.read(self, unread))
            self._world.changed(self.id)

    async def open_thread(self) -> None:
        """Look at the thread from now on."""
        self.is_reading = True
        self._world.changed(self.id)
        await self.mark_read()

    async def close_thread(self) -> None:
        self.is_reading = False
        self._world.changed(self.id)

    async def block(self) -> None:
        """Refuse our messages in the way this channel has: block the bot, unsubscribe, write STOP."""
        await self._set_blocked(True)

    async def unblock(self) -> None:
        await self._set_blocked(False)

    async def go_offline(self) -> None:
        """Out of coverage: messages are accepted and sent, and delivered only when back online."""
        self.is_online = False
        self._world.changed(self.id)

    async def online(self) -> None:
        self.is_online = True
        await self._answered(self._deliver([entry for entry in self.received if entry.state is State.SENT]))
        self._world.changed(self.id)

    def _deliver(self, entries: list[Entry]) -> Told:
        """What was sent reaches the phone; an open thread reads it at once."""
        if not entries:
            return []
        for entry in entries:
            entry.state = State.DELIVERED
        told = self._behaviour.delivered(self, entries)
        if self.is_reading:
            for entry in entries:
                entry.state = State.READ
            told = told + self._behaviour.read(self, entries)
        return told

    async def _set_blocked(self, blocked: bool) -> None:
        if self.is_blocked != blocked:
            self.is_blocked = blocked
            self._world.changed(self.id)
            await self._answered(self._behaviour.blocked(self, blocked))

    async def _answered(self, told: Iterable[asyncio.Future[Exchange]]) -> None:
        if waiting := tuple(told):
            await asyncio.wait(waiting, timeout=_PATIENCE)
