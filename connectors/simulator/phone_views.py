"""A phone as the page gets it."""

from typing import Any

from connectors.simulator.customers import Customer
from connectors.simulator.world import Attachment, Entry

Json = dict[str, Any]

_SHOWN = 60
"""Messages of a thread that the page gets."""


def phone_view(customer: Customer) -> Json:
    last = customer.exchanges[-1] if customer.exchanges else None
    webhook = None
    if last is not None:
        webhook = {"event": last.event, "method": last.method, "path": last.path, "ms": last.ms}
        webhook |= {"status": last.status, "error": last.error, "attempt": last.attempt, "at": last.at_ms}
    return {
        "id": customer.id,
        "kind": customer.kind,
        "name": customer.name,
        "address": customer.address,
        "online": customer.is_online,
        "reading": customer.is_reading,
        "blocked": customer.is_blocked,
        "thread": [_entry(customer, entry) for entry in customer.thread[-_SHOWN:]],
        "can": sorted(customer.can),
        "webhook": webhook,
        "webhooks": len(customer.exchanges),
    }


def _entry(customer: Customer, entry: Entry) -> Json:
    shown: Json = {"id": entry.id, "outgoing": entry.outgoing, "text": entry.text, "at": entry.at_ms}
    shown |= {"state": entry.state, "told": customer.told(entry), "reaction": entry.reaction}
    shown |= {"edited": entry.edits > 0, "deleted": entry.is_deleted, "ownReaction": entry.own_reaction}
    if entry.attachment is not None:
        shown["attachment"] = _attachment(entry.attachment)
    if entry.reply_to and (quoted := customer.find(entry.reply_to)) is not None:
        shown["quote"] = quoted.text or (quoted.attachment.name if quoted.attachment else "")
    pressable = customer.buttons(entry)
    shown["buttons"] = [button.title for button in pressable if not button.url]
    shown["links"] = [{"title": button.title, "url": button.url} for button in pressable if button.url]
    return shown


def _attachment(attachment: Attachment) -> Json:
    url = attachment.blob.path if attachment.blob else None
    shown: Json = {"kind": attachment.kind, "name": attachment.name, "size": attachment.size, "url": url}
    if (place := attachment.place) is not None:
        shown["place"] = {"latitude": place.latitude, "longitude": place.longitude, "address": place.address}
    if attachment.card is not None:
        shown["phone"] = attachment.card.phone
    return shown
