"""What Meta tells a page's app: signed webhooks of the Messenger Platform.

Facts: developers.facebook.com/docs/messenger-platform (webhook events, postback and referral, delivery and read
watermarks, echoes with metadata), fixtures of Yoctol/bottender and botman/driver-facebook.
"""

import secrets
from abc import ABC
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote, urlencode

from connectors.simulator import meta
from connectors.simulator.abilities import FILES, Can
from connectors.simulator.meta import Json, MetaAccount
from connectors.simulator.phone import Phone, Told
from connectors.simulator.provider import Provider, digits_of
from connectors.simulator.world import Attachment, Button, Entry

FIELDS = (
    "messages",
    "messaging_postbacks",
    "messaging_referrals",
    "message_deliveries",
    "message_reads",
    "message_echoes",
    "message_reactions",
    "message_edits",
)
"""The webhook fields that the simulator has events for."""

_STICKER = 369239263222822
"""The small thumb; nyaruka/courier handlers/meta."""
_TYPES = {"voice": "audio"}
_REACTIONS = {
    "👍": "like",
    "👎": "dislike",
    "❤️": "love",
    "😂": "smile",
    "😮": "wow",
    "😢": "sad",
    "😡": "angry",
}

APP_ID = 184719329217930001
"""Ours; more than a double can hold, as real ones are."""


@dataclass(kw_only=True)
class MessengerAccount(MetaAccount):
    """One Facebook page with the app that answers for it; ``id`` is the page's."""

    page_token: str
    fields: tuple[str, ...] = FIELDS
    """What the page's app is subscribed to."""


class MessengerEvents(Provider[MessengerAccount], ABC):
    """What customers do, as the page's app gets to know it."""

    kind: ClassVar[str] = "messenger"
    can: ClassVar[frozenset[Can]] = FILES | {Can.START, Can.STICKER, Can.REPLY, Can.REACT, Can.EDIT}
    """Locations come as links by now; that a message was deleted is not told to pages."""
    most_edits: ClassVar[int] = 5  # webhook-events/message-edits

    def address_of(self, name: str) -> str:
        return digits_of("messenger" + name, 16)

    def new_id(self, customer: Phone) -> str:
        return "m_" + secrets.token_urlsafe(48)

    def wrote(self, customer: Phone, entry: Entry, *, in_order: bool) -> Told:
        """A picture and its text are two messages, as the app sends them."""
        reply = {"reply_to": {"mid": entry.reply_to}} if entry.reply_to else {}
        told: Told = []
        if entry.attachment is not None:
            message: Json = {"mid": entry.id, "attachments": [self.media(entry.attachment)]} | reply
            told += self._wrote(customer, message, entry.at_ms, in_order=in_order)
        if entry.text:
            mid = entry.id if entry.attachment is None else self.new_id(customer)
            message = {"mid": mid, "text": entry.text} | reply
            told += self._wrote(customer, message, self.world.stamp(), in_order=in_order)
        return told

    def _wrote(self, customer: Phone, message: Json, at_ms: int, *, in_order: bool) -> Told:
        item = {"timestamp": at_ms, "message": message}
        return self._tell(customer, "messages", item, in_order=in_order)

    def edited(self, customer: Phone, entry: Entry) -> Told:
        edit = {"mid": entry.id, "text": entry.text, "num_edit": entry.edits}
        return self._tell(customer, "message_edits", {"timestamp": self.world.stamp(), "message_edit": edit})

    def reacted(self, customer: Phone, entry: Entry, before: str) -> Told:
        """Taking one back names it; another one in its place is told as that alone (webhook-events/message-reactions)."""
        emoji = entry.reaction or before
        action = "react" if entry.reaction else "unreact"
        reaction = {"reaction": _REACTIONS.get(emoji, "other"), "emoji": emoji, "action": action}
        item = {"timestamp": self.world.stamp(), "reaction": reaction | {"mid": entry.id}}
        return self._tell(customer, "message_reactions", item)

    def pressed(self, customer: Phone, entry: Entry, button: Button) -> Told:
        """A text of the person with the payload beside it; Meta does not name the message it was pressed on."""
        said = customer.say(button.title)
        message: Json = {"mid": said.id, "text": said.text, "quick_reply": {"payload": button.payload}}
        return self._wrote(customer, message, said.at_ms, in_order=True)

    def buttons(self, customer: Phone, entry: Entry) -> tuple[Button, ...]:
        """Quick replies vanish with the next message, whoever wrote it; a template's buttons stay."""
        return tuple(button for button in entry.buttons if button.url or customer.thread[-1] is entry)

    def started(self, customer: Phone, ref: str | None) -> Told:
        """A new thread begins with the Get Started postback; an existing one gets a referral event."""
        referral = {"ref": ref, "source": "SHORTLINK", "type": "OPEN_THREAD"} if ref else None
        at_ms, new = self.world.stamp(), not customer.has_written
        customer.touch()
        if new:
            postback: Json = {"mid": self.new_id(customer), "title": "Get Started", "payload": "GET_STARTED"}
            postback |= {"referral": referral} if referral else {}
            return self._tell(customer, "messaging_postbacks", {"timestamp": at_ms, "postback": postback})
        if referral is None:
            return []
        return self._tell(customer, "messaging_referrals", {"timestamp": at_ms, "referral": referral})

    def blocked(self, customer: Phone, blocked: bool) -> Told:
        """Meta does not tell; the next send fails."""
        return []

    def delivered(self, customer: Phone, entries: list[Entry]) -> Told:
        watermark = max(entry.at_ms for entry in entries)
        delivery = {"mids": [entry.id for entry in entries], "watermark": watermark}
        return self._tell(customer, "message_deliveries", {"delivery": delivery})

    def read(self, customer: Phone, entries: list[Entry]) -> Told:
        watermark = max(entry.at_ms for entry in entries)
        item = {"timestamp": self.world.stamp(), "read": {"watermark": watermark}}
        return self._tell(customer, "message_reads", item)

    def echo(self, customer: Phone, entry: Entry, metadata: str) -> Told:
        """The app's own message comes back, from the page to the person."""
        message: Json = {"is_echo": True, "app_id": APP_ID} | ({"metadata": metadata} if metadata else {})
        message["mid"] = entry.id
        links = [button for button in entry.buttons if button.url]
        if links:
            message["attachments"] = [_template(entry.text, links)]
        elif entry.text:
            message["text"] = entry.text
        if entry.attachment is not None:
            message["attachments"] = [self.media(entry.attachment)]
        item = {"timestamp": entry.at_ms, "message": message}
        return self._tell(customer, "message_echoes", item, from_page=True)

    def media(self, attachment: Attachment) -> Json:
        """Media lie at an address that anyone who has it can read, for a while; a voice message is audio.

        The address of a file ends with its name, which is told nowhere else.
        """
        url = self.world.base_url + attachment.blob.path if attachment.blob else ""
        if attachment.kind == "file":
            url += "/" + quote(attachment.name, safe="")
        signed = urlencode(
            {"_nc_cat": "100", "oh": secrets.token_hex(8), "oe": f"{self.world.stamp() // 1000:X}"}
        )
        payload: Json = {"url": f"{url}?{signed}"}
        if attachment.kind == "sticker":
            payload["sticker_id"] = _STICKER
        return {"type": _TYPES.get(attachment.kind, attachment.kind), "payload": payload}

    def _tell(
        self, customer: Phone, field: str, item: Json, *, from_page: bool = False, in_order: bool = True
    ) -> Told:
        account = self.accounts[customer.account]
        if not account.webhook_url or field not in account.fields:
            return []
        person, page = {"id": customer.address}, {"id": account.id}
        sender, recipient = (page, person) if from_page else (person, page)
        item = {"sender": sender, "recipient": recipient} | item
        entry = {"time": self.world.stamp(), "id": account.id, "messaging": [item]}
        call = meta.signed_call(account, field, {"object": "page", "entry": [entry]})
        lane = customer.id if in_order else None
        return [
            self.courier.post(call, faults=self.faults, retry=meta.retry, notify=customer.note, lane=lane)
        ]


def _template(text: str, links: list[Button]) -> Json:
    """A button template in an echo: an attachment of the type ``template``; what its payload holds is from memory."""
    buttons = [{"type": "web_url", "url": link.url, "title": link.title} for link in links]
    return {"type": "template", "payload": {"template_type": "button", "text": text, "buttons": buttons}}
