"""What a bot is told about its customers: the updates that their phones cause.

Facts: core.telegram.org/bots/api (Update, Message, ChatMemberUpdated), fixtures of python-telegram-bot.
"""

import json
import secrets
from abc import ABC
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from connectors.simulator.abilities import Can
from connectors.simulator.phone import Phone, Told
from connectors.simulator.provider import Account, Provider, digits_of
from connectors.simulator.telegram_messages import Files, Json, chat, message, user
from connectors.simulator.telegram_updates import UpdateQueue
from connectors.simulator.world import Button, Entry, Exchange, State


@dataclass(kw_only=True)
class TelegramAccount(Account):
    """One bot."""

    token: str
    updates: UpdateQueue
    message_ids: Iterator[int]
    files: Files = field(default_factory=Files)
    unanswered: deque[str] = field(default_factory=lambda: deque(maxlen=1000))
    """Pressed buttons by query id, until ``answerCallbackQuery``; the oldest expire."""

    @property
    def user(self) -> Json:
        return {"id": int(self.id), "is_bot": True, "first_name": self.name, "username": "centrala_demo_bot"}


class TelegramEvents(Provider[TelegramAccount], ABC):
    """What customers do, as the bot gets to know it.  Bots get no delivery and no read receipts."""

    kind: ClassVar[str] = "telegram"
    can: ClassVar[frozenset[Can]] = frozenset(Can) - {Can.DELETE}
    """A bot is not told when somebody deletes a message of a private chat."""
    reports: ClassVar[frozenset[State]] = frozenset()

    def address_of(self, name: str) -> str:
        return digits_of("telegram" + name, 10)

    def new_id(self, customer: Phone) -> str:
        return str(next(self.accounts[customer.account].message_ids))

    def wrote(self, customer: Phone, entry: Entry, *, in_order: bool) -> Told:
        return self._tell(customer, "message", self.message(customer, entry), lane=customer.address)

    def edited(self, customer: Phone, entry: Entry) -> Told:
        body = self.message(customer, entry) | {"edit_date": self.world.stamp() // 1000}
        return self._tell(customer, "edited_message", body, lane=customer.address)

    def reacted(self, customer: Phone, entry: Entry, before: str) -> Told:
        """Only told to bots that ask for it by name; in a queue of its own."""
        event = {
            "chat": chat(customer),
            "message_id": int(entry.id),
            "user": user(customer),
            "date": self.world.stamp() // 1000,
            "old_reaction": _reactions(before),
            "new_reaction": _reactions(entry.reaction),
        }
        return self._tell(customer, "message_reaction", event, lane=f"reaction:{customer.address}")

    def pressed(self, customer: Phone, entry: Entry, button: Button) -> Told:
        """A callback query; nothing is written into the chat.  The bot ends it with ``answerCallbackQuery``."""
        query_id = str(secrets.randbelow(9 * 10**17) + 10**17)
        self.accounts[customer.account].unanswered.append(query_id)
        customer.touch()
        query = {
            "id": query_id,
            "from": user(customer),
            "message": self.message(customer, entry),
            "chat_instance": "-" + digits_of(customer.address, 18),
            "data": button.payload,
        }
        told = self._tell(customer, "callback_query", query, lane=customer.address)
        for answer in told:
            answer.add_done_callback(lambda done: self._answered(customer, done.result()))
        return told

    def _answered(self, customer: Phone, exchange: Exchange) -> None:
        """The answer to a webhook may be a call itself: core.telegram.org/bots/api#making-requests-when-getting-updates."""
        try:
            call = json.loads(exchange.body)
        except ValueError:
            return
        if exchange.ok and isinstance(call, dict) and call.get("method") == "answerCallbackQuery":
            self.end_query(self.accounts[customer.account], str(call.get("callback_query_id")))

    def end_query(self, account: TelegramAccount, query_id: str) -> bool:
        """False if there is no such query, or it was ended already."""
        if query_id not in account.unanswered:
            return False
        account.unanswered.remove(query_id)
        return True

    def started(self, customer: Phone, ref: str | None) -> Told:
        entry = customer.say(f"/start {ref}" if ref else "/start")
        body = self.message(customer, entry) | {
            "entities": [{"type": "bot_command", "offset": 0, "length": len("/start")}]
        }
        return self._tell(customer, "message", body, lane=customer.address)

    def blocked(self, customer: Phone, blocked: bool) -> Told:
        bot = self.accounts[customer.account].user
        states: list[Json] = [
            {"user": bot, "status": "member"},
            {"user": bot, "status": "kicked", "until_date": 0},
        ]
        event = {
            "chat": chat(customer),
            "from": user(customer),
            "date": self.world.stamp() // 1000,
            "old_chat_member": states[not blocked],
            "new_chat_member": states[blocked],
        }
        return self._tell(customer, "my_chat_member", event, lane=f"member:{customer.address}")

    def _tell(self, customer: Phone, kind: str, body: Json, *, lane: str) -> Told:
        update = self.accounts[customer.account].updates.put(kind, body, customer, lane=lane)
        return [update.first] if update is not None and update.first is not None else []

    def message(self, customer: Phone, entry: Entry) -> Json:
        account = self.accounts[customer.account]
        return message(account.user, account.files, customer, entry)


def _reactions(emoji: str) -> list[Json]:
    return [{"type": "emoji", "emoji": emoji}] if emoji else []
