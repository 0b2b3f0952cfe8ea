"""What a bot is told about its customers: the updates that their phones cause.

Facts: core.telegram.org/bots/api (Update, Message, ChatMemberUpdated), fixtures of python-telegram-bot.
"""

from abc import ABC
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from connectors.simulator.customers import Customer, Told
from connectors.simulator.provider import Account, Provider, digits_of
from connectors.simulator.telegram_messages import Files, Json, chat, message, user
from connectors.simulator.telegram_updates import UpdateQueue
from connectors.simulator.world import Entry


@dataclass(kw_only=True)
class TelegramAccount(Account):
    """One bot."""

    token: str
    updates: UpdateQueue
    message_ids: Iterator[int]
    files: Files = field(default_factory=Files)

    @property
    def user(self) -> Json:
        return {"id": int(self.id), "is_bot": True, "first_name": self.name, "username": "centrala_demo_bot"}


class TelegramEvents(Provider[TelegramAccount], ABC):
    """What customers do, as the bot gets to know it.  Bots get no delivery and no read receipts."""

    kind: ClassVar[str] = "telegram"

    def address_of(self, name: str) -> str:
        return digits_of("telegram" + name, 10)

    def new_id(self, customer: Customer) -> str:
        return str(next(self.accounts[customer.account].message_ids))

    def wrote(self, customer: Customer, entry: Entry, *, in_order: bool) -> Told:
        body = self.message(customer, entry)
        if entry.reply_to:
            found = next((old for old in customer.thread if old.id == entry.reply_to), None)
            if found is not None:
                body["reply_to_message"] = self.message(customer, found)
        return self._tell(customer, "message", body, lane=customer.address)

    def started(self, customer: Customer, ref: str | None) -> Told:
        entry = customer.say(f"/start {ref}" if ref else "/start")
        body = self.message(customer, entry) | {
            "entities": [{"type": "bot_command", "offset": 0, "length": len("/start")}]
        }
        return self._tell(customer, "message", body, lane=customer.address)

    def blocked(self, customer: Customer, blocked: bool) -> Told:
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

    def _tell(self, customer: Customer, kind: str, body: Json, *, lane: str) -> Told:
        update = self.accounts[customer.account].updates.put(kind, body, customer, lane=lane)
        return [update.first] if update is not None and update.first is not None else []

    def message(self, customer: Customer, entry: Entry) -> Json:
        account = self.accounts[customer.account]
        return message(account.user, account.files, customer, entry)
