"""What Meta tells about a WhatsApp number: signed webhooks of the Cloud API.

Facts: developers.facebook.com, business-messaging/whatsapp/webhooks/reference (messages, statuses, the referral of an
advertisement), recorded updates of david-lev/pywa.  Times are seconds in quotes; a status names one message.
"""

import asyncio
import base64
import secrets
from abc import ABC
from dataclasses import dataclass, field
from typing import ClassVar

from connectors.simulator import meta
from connectors.simulator.abilities import Can
from connectors.simulator.meta import Json, MetaAccount
from connectors.simulator.phone import Phone, Told
from connectors.simulator.provider import Provider, digits_of
from connectors.simulator.webhooks import Courier
from connectors.simulator.whatsapp_messages import content_of
from connectors.simulator.whatsapp_templates import message_templates, template_named
from connectors.simulator.world import Blob, Button, Entry, Exchange, World

_REACTABLE_MS = 30 * 86_400_000


def _error(code: int, title: str) -> Json:
    return {"code": code, "title": title, "message": f"(#{code}) {title}"}


@dataclass(kw_only=True)
class WhatsAppAccount(MetaAccount):
    """One business number; ``id`` is its phone number id."""

    access_token: str
    waba_id: str
    display_number: str
    is_subscribed: bool = True
    templates: list[Json] = field(default_factory=message_templates)
    """Of the business account, as its list tells them."""
    other_numbers: dict[str, str] = field(default_factory=dict)
    """Numbers that lead to a person whose WhatsApp id is another: with and without the 9 of Brazil, say."""


class WhatsAppEvents(Provider[WhatsAppAccount], ABC):
    """What customers do, as the number's app gets to know it."""

    kind: ClassVar[str] = "whatsapp"
    can: ClassVar[frozenset[Can]] = frozenset(Can) - {Can.REPLACE}

    def __init__(self, world: World, courier: Courier, *, seed: int = 0) -> None:
        super().__init__(world, courier, seed=seed)
        self.media: dict[str, Blob] = {}
        """By media id, those of customers and those that the business uploaded."""
        self.templated: set[str] = set()
        """Ids of messages that were templates: their buttons answer in a form of their own."""
        self._marks: dict[str, str] = {}
        """Our own mark of each message, which its statuses give back."""
        self._came_by: dict[str, str] = {}
        """Advertisements that customers pressed and have not written after yet."""

    def address_of(self, name: str) -> str:
        return "48" + digits_of("whatsapp" + name, 9)

    def new_id(self, customer: Phone) -> str:
        return "wamid." + base64.b64encode(customer.address.encode() + secrets.token_bytes(20)).decode()

    def wrote(self, customer: Phone, entry: Entry, *, in_order: bool) -> Told:
        message: Json = {"from": customer.address, "id": entry.id, "timestamp": str(entry.at_ms // 1000)}
        if entry.reply_to:
            account = self.accounts[customer.account]
            message = {"context": {"from": account.display_number, "id": entry.reply_to}} | message
        message |= content_of(entry, customer.address, self.keep)
        if ref := self._came_by.pop(customer.id, None):
            message["referral"] = {"source_type": "ad", "source_id": ref, "headline": "Centrala"}
            message["referral"] |= {"source_url": "https://fb.me/x", "ctwa_clid": secrets.token_urlsafe(24)}
        return self._tell(customer, "message", {"messages": [message]}, in_order=in_order)

    def edited(self, customer: Phone, entry: Entry) -> Told:
        content = content_of(entry, customer.address, self.keep)
        edit = {"original_message_id": entry.id, "message": {"context": {"id": "M0"}} | content}
        return self._about(customer, {"type": "edit", "edit": edit})

    def deleted(self, customer: Phone, entry: Entry) -> Told:
        return self._about(customer, {"type": "revoke", "revoke": {"original_message_id": entry.id}})

    def reacted(self, customer: Phone, entry: Entry, before: str) -> Told:
        """Taking one back is a reaction with an empty emoji."""
        reaction = {"message_id": entry.id, "emoji": entry.reaction}
        return self._about(customer, {"type": "reaction", "reaction": reaction})

    def _about(self, customer: Phone, content: Json) -> Told:
        """A change of a message is a message too, with an id of its own."""
        now = str(self.world.stamp() // 1000)
        head: Json = {"from": customer.address, "id": self.new_id(customer), "timestamp": now}
        return self._tell(customer, content["type"], {"messages": [head | content]})

    def pressed(self, customer: Phone, entry: Entry, button: Button) -> Told:
        """The button's id and title, with the message that had it as context."""
        said = customer.say(button.title, reply_to=entry.id)
        account = self.accounts[customer.account]
        chosen = {"type": "button_reply", "button_reply": {"id": button.payload, "title": button.title}}
        message: Json = {"context": {"from": account.display_number, "id": entry.id}}
        message |= {"from": customer.address, "id": said.id, "timestamp": str(said.at_ms // 1000)}
        if entry.id in self.templated:
            message |= {"type": "button", "button": {"payload": button.payload, "text": button.title}}
        else:
            message |= {"type": "interactive", "interactive": chosen}
        return self._tell(customer, "message", {"messages": [message]})

    def buttons(self, customer: Phone, entry: Entry) -> tuple[Button, ...]:
        """One of them may be pressed, once."""
        titles = {button.title for button in entry.buttons}
        pressed = any(
            said.outgoing and said.reply_to == entry.id and said.text in titles for said in customer.thread
        )
        return () if pressed else entry.buttons

    def started(self, customer: Phone, ref: str | None) -> Told:
        """Pressing an advertisement opens the chat; Meta tells of it with the first message after it."""
        if ref:
            self._came_by[customer.id] = ref
        return []

    def blocked(self, customer: Phone, blocked: bool) -> Told:
        """Meta does not tell; what is sent then fails later."""
        return []

    def delivered(self, customer: Phone, entries: list[Entry]) -> Told:
        return [told for entry in entries for told in self.status(customer, entry.id, "delivered")]

    def read(self, customer: Phone, entries: list[Entry]) -> Told:
        return [told for entry in entries for told in self.status(customer, entry.id, "read")]

    def mark(self, message_id: str, tracker: str) -> None:
        if tracker:
            self._marks[message_id] = tracker

    def status(self, customer: Phone, message_id: str, state: str, error: Json | None = None) -> Told:
        report: Json = {"id": message_id, "status": state, "timestamp": str(self.world.stamp() // 1000)}
        report["recipient_id"] = customer.address
        if mark := self._marks.get(message_id):
            report["biz_opaque_callback_data"] = mark
        if error is not None:
            report["errors"] = [error]
        return self._tell(customer, state, {"statuses": [report]})

    def put_reaction(self, customer: Phone, target: str, emoji: str, tracker: str) -> str:
        """Accepted whatever it is about; a status tells what became of it (messages/reaction-messages), and no other
        one after ``sent``.
        """
        message_id = self.new_id(customer)
        self.mark(message_id, tracker)
        entry = customer.find(target)
        if entry is None or not entry.outgoing or self.world.stamp() - entry.at_ms > _REACTABLE_MS:
            self.status(customer, message_id, "failed", _error(131009, "Parameter value is not valid"))
        elif customer.is_blocked:
            self.status(customer, message_id, "failed", _error(131026, "Message undeliverable"))
        elif customer.reacted(target, emoji):
            self.status(customer, message_id, "sent")
        else:
            self.status(customer, message_id, "failed", _error(131009, "Parameter value is not valid"))
        return message_id

    def template_status(
        self, account: WhatsAppAccount, name: str, language: str, event: str, reason: str = "NONE"
    ) -> asyncio.Future[Exchange]:
        """Meta approves, pauses, disables or rejects a template, and tells the app.  ``LookupError``: there is none."""
        template = template_named(account.templates, name, language)
        if template is None:
            raise LookupError(f"No template {name!r} in {language!r}")
        template["status"] = event
        value = {"event": event, "reason": reason, "message_template_id": int(template["id"])}
        value |= {"message_template_name": name, "message_template_language": language}
        change = {"value": value, "field": "message_template_status_update"}
        entry = {"id": account.waba_id, "time": self.world.stamp() // 1000, "changes": [change]}
        call = meta.signed_call(account, event, {"object": "whatsapp_business_account", "entry": [entry]})
        return self.courier.post(call, faults=self.faults, retry=meta.retry, notify=lambda _: None)

    def keep(self, blob: Blob) -> str:
        """An id that is good for a week; the bytes need the access token."""
        media_id = digits_of(blob.id, 16)
        self.media[media_id] = blob
        return media_id

    def _tell(self, customer: Phone, event: str, news: Json, *, in_order: bool = True) -> Told:
        account = self.accounts[customer.account]
        if not account.webhook_url or not account.is_subscribed:
            return []
        metadata = {"display_phone_number": account.display_number, "phone_number_id": account.id}
        value: Json = {"messaging_product": "whatsapp", "metadata": metadata}
        value["contacts"] = [{"profile": {"name": customer.name}, "wa_id": customer.address}]
        change = {"value": value | news, "field": "messages"}
        entry = {"id": account.waba_id, "changes": [change]}
        call = meta.signed_call(account, event, {"object": "whatsapp_business_account", "entry": [entry]})
        lane = customer.id if in_order else None
        return [
            self.courier.post(call, faults=self.faults, retry=meta.retry, notify=customer.note, lane=lane)
        ]
