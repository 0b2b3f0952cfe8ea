"""How Telegram hands updates to a bot: a queue per chat, by webhook or by getUpdates.

Facts: tdlib/telegram-bot-api, WebhookActor.cpp and Client.cpp (one update of a chat in flight at a time and in
order, repeats after 1 s and then doubling to a minute or two until the update is 24 h old, ``Retry-After``
honoured up to an hour, 60 s for an answer; getUpdates confirms by a higher offset, a second poller ends the
first one with 409).
"""

import asyncio
import json
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from connectors.simulator.faults import Faults
from connectors.simulator.phone import Phone
from connectors.simulator.webhooks import Call, Courier
from connectors.simulator.world import Exchange, World

_DEFAULT_KINDS_EXCLUDED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
_LIFETIME_MS = 86_400_000


class Conflict(Exception):
    """getUpdates can't be answered: HTTP 409 with this description."""


@dataclass(kw_only=True)
class Update:
    """Something that happened, until the bot has confirmed it."""

    id: int
    kind: str
    lane: str
    """Updates of one lane are handed over one at a time and in order."""
    at_ms: int
    body: dict[str, Any]
    customer: Phone
    first: asyncio.Future[Exchange] | None = None


@dataclass(kw_only=True)
class Webhook:
    """What setWebhook said."""

    url: str = ""
    secret_token: str = ""
    max_connections: int = 40
    allowed_updates: list[str] = field(default_factory=list)
    last_error_date: int | None = None
    last_error_message: str | None = None


def encode(value: Any) -> str:
    """JSON as Telegram's server writes it: only ASCII, and the slash escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/")


class UpdateQueue:
    """The updates of one bot."""

    def __init__(self, world: World, courier: Courier, faults: Faults, *, poll_path: str) -> None:
        self.webhook = Webhook()
        self.pending: dict[int, Update] = {}
        self._world = world
        self._courier = courier
        self._faults = faults
        self._poll_path = poll_path
        self._lanes: dict[str, deque[Update]] = {}
        self._running: set[str] = set()
        self._slots = asyncio.Semaphore(self.webhook.max_connections)
        self._poller: asyncio.Future[None] | None = None
        self._ids = world.counter()
        self.changed = asyncio.Event()

    def put(self, kind: str, body: dict[str, Any], customer: Phone, *, lane: str) -> Update | None:
        """Queue an update, unless the bot did not ask for its kind."""
        allowed = self.webhook.allowed_updates
        if kind not in allowed if allowed else kind in _DEFAULT_KINDS_EXCLUDED:
            return None
        now = self._world.stamp()
        update = Update(id=next(self._ids), kind=kind, lane=lane, at_ms=now, body=body, customer=customer)
        self.pending[update.id] = update
        self._lanes.setdefault(lane, deque()).append(update)
        if self.webhook.url:
            update.first = asyncio.get_running_loop().create_future()
            self._run(lane)
        elif self._poller is not None and not self._poller.done():
            self._poller.set_result(None)
        return update

    # ------------------------------------------------------------------ webhook

    def set_webhook(self, webhook: Webhook, *, drop_pending: bool = False) -> None:
        """Also deletes it, when the URL is empty; what waits goes on waiting, for the new address or a poller."""
        self.webhook = webhook
        self._slots = asyncio.Semaphore(webhook.max_connections)
        if drop_pending:
            self.pending.clear()
        self.changed.set()
        self.changed = asyncio.Event()
        if webhook.url:
            self._interrupt("Conflict: terminated by setWebhook request")
            for lane in tuple(self._lanes):
                self._run(lane)

    def _run(self, lane: str) -> None:
        if lane not in self._running:
            self._running.add(lane)
            self._courier.spawn(self._drain(lane))

    async def _drain(self, lane: str) -> None:
        attempt = 1
        try:
            while self.webhook.url and (update := self._head(lane)) is not None:
                async with self._slots:
                    exchange = await self._post(update, attempt)
                if exchange.ok:
                    self.pending.pop(update.id, None)
                    attempt = 1
                    continue
                if self._world.stamp() - update.at_ms > _LIFETIME_MS:
                    self.pending.pop(update.id, None)
                await self._pause(attempt, exchange)
                attempt += 1
        finally:
            self._running.discard(lane)

    def _head(self, lane: str) -> Update | None:
        queue = self._lanes.get(lane)
        while queue and queue[0].id not in self.pending:
            queue.popleft()
        if queue:
            return queue[0]
        self._lanes.pop(lane, None)
        return None

    async def _post(self, update: Update, attempt: int) -> Exchange:
        webhook = self.webhook
        headers = {"Content-Type": "application/json"}
        if webhook.secret_token:
            headers["X-Telegram-Bot-Api-Secret-Token"] = webhook.secret_token
        call = Call(
            event=update.kind,
            url=webhook.url,
            body=encode({"update_id": update.id, update.kind: update.body}).encode(),
            headers=headers,
            timeout=60.0,
        )
        exchange = await self._courier.attempt(call, attempt=attempt)
        for _ in range(1, self._faults.copies()):
            # As after an answer that was lost on its way to Telegram.
            update.customer.note(exchange)
            exchange = await self._courier.attempt(call, attempt=attempt)
        update.customer.note(exchange)
        if update.first is not None and not update.first.done():
            update.first.set_result(exchange)
        if not exchange.ok:
            webhook.last_error_date = exchange.at_ms // 1000
            webhook.last_error_message = (
                f"Wrong response from the webhook: {exchange.status}"
                if exchange.status
                else "Connection timed out"
            )
        return exchange

    async def _pause(self, attempt: int, last: Exchange) -> None:
        wait = min(2.0 ** (attempt - 1), 60.0 + 60.0 * self._faults.random.random())
        if last.retry_after is not None:
            wait = min(last.retry_after, 3600.0)
        with suppress(TimeoutError):
            await asyncio.wait_for(self.changed.wait(), wait * self._courier.pace)

    # ------------------------------------------------------------------ getUpdates

    async def poll(self, *, offset: int, limit: int, timeout: float) -> list[Update]:
        """Confirm what is below ``offset`` and give the next updates, waiting for the first of them."""
        if self.webhook.url:
            raise Conflict(
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        self._interrupt(
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
        )
        if offset < 0:
            offset = min(list(self.pending)[offset:], default=0)
        for update_id in [update_id for update_id in self.pending if update_id < offset]:
            self._confirm(self.pending.pop(update_id))
        if not self.pending and timeout > 0:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._poller = waiter
            try:
                await asyncio.wait_for(waiter, timeout)
            except TimeoutError:
                return []
            finally:
                if self._poller is waiter:
                    self._poller = None
        return list(self.pending.values())[:limit]

    def _interrupt(self, why: str) -> None:
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(Conflict(why))
        self._poller = None

    def _confirm(self, update: Update) -> None:
        exchange = Exchange(
            event=update.kind,
            method="POST",
            path=self._poll_path,
            status=200,
            ms=float(self._world.stamp() - update.at_ms),
            at_ms=self._world.stamp(),
        )
        self._world.exchanges.append(exchange)
        update.customer.note(exchange)
        self._head(update.lane)
