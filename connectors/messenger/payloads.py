"""Messenger's wire shapes, as tolerant as :mod:`connectors.wire` makes them.

An entry's items stay raw until each is read by itself, so that a broken one does not cost the rest of the batch.
Field names: developers.facebook.com, messenger-platform/webhooks/webhook-events (March to June 2026).
"""

from typing import Literal

import msgspec

from connectors.wire import Id, Number


class Envelope(msgspec.Struct):
    object: str | None = None
    entry: list[msgspec.Raw] | None = None


class Entry(msgspec.Struct):
    id: Id = None
    time: Number = None
    messaging: list[msgspec.Raw] | None = None
    standby: list[msgspec.Raw] | None = None
    """Instead of ``messaging`` while another application owns the thread."""
    changes: list[msgspec.Raw] | None = None


class Party(msgspec.Struct):
    id: Id = None


class Frame(msgspec.Struct):
    """What every item has."""

    sender: Party | None = None
    recipient: Party | None = None
    timestamp: Number = None


class ThreadControl(msgspec.Struct):
    """webhook-events/messaging_handovers (September 2021): of pass_ and take_thread_control."""

    new_owner_app_id: Id = None


class Coordinates(msgspec.Struct):
    lat: Number = None
    long: Number = None


class Element(msgspec.Struct):
    """One card of a template."""

    title: str | None = None


class Product(msgspec.Struct):
    elements: list[Element] | None = None


class AttachmentPayload(msgspec.Struct):
    url: str | None = None
    title: str | None = None
    sticker_id: Id = None
    coordinates: Coordinates | None = None
    text: str | None = None
    """What a template of buttons says."""
    elements: list[Element] | None = None
    product: Product | None = None
    """A product that the customer asks about."""


class Attachment(msgspec.Struct):
    type: str | None = None
    payload: AttachmentPayload | None = None
    title: str | None = None
    url: str | None = None
    URL: str | None = None
    """So spelt in fallback attachments."""


class QuickReply(msgspec.Struct):
    payload: str | None = None


class ReplyTo(msgspec.Struct):
    mid: str | None = None


class Referral(msgspec.Struct):
    ref: Id = None
    source: str | None = None
    ad_id: Id = None


class Message(msgspec.Struct):
    mid: str | None = None
    text: str | None = None
    attachments: list[Attachment] | None = None
    quick_reply: QuickReply | None = None
    reply_to: ReplyTo | None = None
    referral: Referral | None = None
    is_echo: bool | None = None
    is_deleted: bool | None = None
    is_unsupported: bool | None = None
    app_id: Id = None
    metadata: str | None = None
    sticker_id: Id = None
    """Older than that of the attachment."""


class PlainItem(Frame, forbid_unknown_fields=True, kw_only=True):
    """An item that is a message and nothing else, which most are."""

    message: Message


class PlainEntry(msgspec.Struct, forbid_unknown_fields=True):
    messaging: list[PlainItem]
    id: Id = None
    time: Number = None


class PlainEnvelope(msgspec.Struct):
    object: Literal["page"]
    entry: list[PlainEntry]


class MessageEdit(msgspec.Struct):
    mid: str | None = None
    text: str | None = None
    num_edit: Number = None


class Postback(msgspec.Struct):
    mid: str | None = None
    payload: str | None = None
    title: str | None = None
    referral: Referral | None = None


class Optin(msgspec.Struct):
    ref: str | None = None
    type: str | None = None
    payload: str | None = None
    notification_messages_status: str | None = None


class Delivery(msgspec.Struct):
    mids: list[str] | None = None
    mid: str | None = None
    watermark: Number = None


class Reaction(msgspec.Struct):
    mid: str | None = None
    action: str | None = None
    emoji: str | None = None
    reaction: str | None = None


class PolicyEnforcement(msgspec.Struct):
    action: str | None = None
    reason: str | None = None


PLAIN_ENVELOPE = msgspec.json.Decoder(PlainEnvelope)
ENVELOPE = msgspec.json.Decoder(Envelope)
ENTRY = msgspec.json.Decoder(Entry)
ITEM = msgspec.json.Decoder(dict[str, msgspec.Raw])
FRAME = msgspec.json.Decoder(Frame)
THREAD_CONTROL = msgspec.json.Decoder(ThreadControl)
MESSAGE = msgspec.json.Decoder(Message)
MESSAGE_EDIT = msgspec.json.Decoder(MessageEdit)
POSTBACK = msgspec.json.Decoder(Postback)
REFERRAL = msgspec.json.Decoder(Referral)
OPTIN = msgspec.json.Decoder(Optin)
DELIVERY = msgspec.json.Decoder(Delivery)
REACTION = msgspec.json.Decoder(Reaction)
POLICY_ENFORCEMENT = msgspec.json.Decoder(PolicyEnforcement)
