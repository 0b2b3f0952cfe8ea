"""What Viber tells a bot: signed callbacks.

Facts: developers.viber.com/docs/api/rest-bot-api (callbacks, fields), Viber/viber-bot-python (signature, official
test vector), nyaruka/courier handlers/viber (welcome message in the answer), webitel/chat_manager (tracking data
comes back with the next message; a first message subscribes silently).
"""

import base64
import hashlib
import hmac
import json
import secrets
from abc import ABC
from dataclasses import dataclass
from typing import ClassVar

from connectors.simulator.abilities import Can
from connectors.simulator.phone import Phone, Told
from connectors.simulator.provider import Account, Provider
from connectors.simulator.viber_messages import Json, message_of
from connectors.simulator.webhooks import Call
from connectors.simulator.world import Button, Entry, Exchange

OPTIONAL_EVENTS = ("delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started")
HOSTNAME = "SN-CHAT-05_"


@dataclass(kw_only=True)
class ViberAccount(Account):
    """One bot."""

    auth_token: str
    event_types: tuple[str, ...] = OPTIONAL_EVENTS
    send_name: bool = True


def retry(last: Exchange) -> float | None:
    """Viber publishes no schedule: a few repeats within minutes are assumed."""
    waits = (5.0, 30.0, 120.0)
    return waits[last.attempt - 1] if last.attempt <= len(waits) else None


class ViberCallbacks(Provider[ViberAccount], ABC):
    """What customers do, as the bot's server gets to know it."""

    kind: ClassVar[str] = "viber"
    can: ClassVar[frozenset[Can]] = frozenset(
        {Can.START, Can.PICTURE, Can.VIDEO, Can.FILE, Can.STICKER, Can.LOCATION, Can.CONTACT}
    )
    """Bots get no voice messages, and are told neither of reactions nor of edits or quotes."""

    def address_of(self, name: str) -> str:
        return base64.b64encode(hashlib.sha256(b"viber" + name.encode()).digest()[:16]).decode()

    def new_id(self, customer: Phone) -> str:
        return str(new_token())

    def wrote(self, customer: Phone, entry: Entry, *, in_order: bool) -> Told:
        return self._wrote(customer, entry, in_order=in_order)

    def _wrote(self, customer: Phone, entry: Entry, *, in_order: bool, silent: bool = False) -> Told:
        # A first message subscribes without a "subscribed" callback.
        customer.is_blocked = False
        message = message_of(entry, self.world.base_url)
        if customer.tracking:
            message["tracking_data"] = customer.tracking
        body = {"sender": self.user(customer), "message": message, "silent": silent}
        lane = customer.id if in_order else None
        return self._tell(customer, "message", int(entry.id), body, at_ms=entry.at_ms, lane=lane)

    def pressed(self, customer: Phone, entry: Entry, button: Button) -> Told:
        """The button's ``ActionBody`` as a text of the person: Viber does not tell that it was a button."""
        return self.wrote(customer, customer.say(button.payload), in_order=True)

    def opened(self, customer: Phone, entry: Entry, button: Button) -> Told:
        """The address too is a text of the person (tools/keyboards, "reply logic"), seen in their thread unless it is silent."""
        if not button.silent:
            return self._wrote(customer, customer.say(button.url), in_order=True)
        customer.touch()
        unseen = Entry(id=self.new_id(customer), outgoing=True, at_ms=customer.last_wrote_ms, text=button.url)
        return self._wrote(customer, unseen, in_order=True, silent=True)

    def buttons(self, customer: Phone, entry: Entry) -> tuple[Button, ...]:
        """A keyboard stays in the place of the phone's own one until the next message of the bot."""
        return entry.buttons if customer.received[-1] is entry else ()

    def started(self, customer: Phone, ref: str | None) -> Told:
        """Opening the conversation is not a subscription; the answer may carry one welcome message."""
        body: Json = {"type": "open"} | ({"context": ref} if ref else {})
        body |= {"user": self.user(customer), "subscribed": customer.has_written and not customer.is_blocked}
        return self._tell(customer, "conversation_started", new_token(), body)

    def blocked(self, customer: Phone, blocked: bool) -> Told:
        if blocked:
            return self._tell(customer, "unsubscribed", new_token(), {"user_id": customer.address})
        customer.has_written = True
        customer.tracking = ""
        return self._tell(customer, "subscribed", new_token(), {"user": self.user(customer)})

    def delivered(self, customer: Phone, entries: list[Entry]) -> Told:
        return self._receipts(customer, "delivered", entries)

    def read(self, customer: Phone, entries: list[Entry]) -> Told:
        return self._receipts(customer, "seen", entries)

    def _receipts(self, customer: Phone, event: str, entries: list[Entry]) -> Told:
        body = {"user_id": customer.address}
        return [told for entry in entries for told in self._tell(customer, event, int(entry.id), body)]

    def user(self, customer: Phone) -> Json:
        named = self.accounts[customer.account].send_name and customer.name
        return {
            "id": customer.address,
            "name": customer.name if named else "Subscriber",
            "language": customer.language,
            "country": "PL",
            "api_version": 10,
        }

    def _tell(
        self,
        customer: Phone,
        event: str,
        token: int,
        body: Json,
        *,
        at_ms: int | None = None,
        lane: str | None = "",
    ) -> Told:
        account = self.accounts[customer.account]
        if not account.webhook_url or (event in OPTIONAL_EVENTS and event not in account.event_types):
            return []

        def notify(exchange: Exchange) -> None:
            customer.note(exchange)
            if event == "conversation_started" and exchange.ok and exchange.attempt == 1:
                self._welcome(account, customer, exchange.body, token)

        head: Json = {"event": event, "timestamp": at_ms or self.world.stamp()}
        call = self.callback(
            account, event, head | {"chat_hostname": HOSTNAME, "message_token": token} | body
        )
        lane = customer.id if lane == "" else lane
        return [self.courier.post(call, faults=self.faults, retry=retry, notify=notify, lane=lane)]

    def callback(self, account: ViberAccount, event: str, payload: Json) -> Call:
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        signature = hmac.new(account.auth_token.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Viber-Content-Signature": signature}
        return Call(event=event, url=account.webhook_url, body=body, headers=headers)

    def _welcome(self, account: ViberAccount, customer: Phone, answer: bytes, token: int) -> None:
        try:
            message = json.loads(answer)
        except ValueError:
            return
        known = any(entry.id == str(token) for entry in customer.received)
        if isinstance(message, dict) and message.get("type") == "text" and not known:
            text, tracker = str(message.get("text", "")), str(message.get("tracking_data", ""))
            entry = self.accept(account, customer.address, str(token), text=text, tracker=tracker)
            customer.receive(entry)


def new_token() -> int:
    """Message tokens have 19 digits: more than a double can hold."""
    return 4_000_000_000_000_000_000 + secrets.randbelow(2_000_000_000_000_000_000)
