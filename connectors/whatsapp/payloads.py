"""WhatsApp's wire shapes, as tolerant as :mod:`connectors.wire` makes them.

What a change lists stays raw until each is read by itself, so that a broken one does not cost the rest of the batch.
Field names: developers.facebook.com, business-messaging/whatsapp/webhooks/reference (June to August 2026), and the
recorded updates of david-lev/pywa@0bcf2f1.
"""

import msgspec

from connectors.wire import Id, Number

_NOTHING = msgspec.Raw(b"null")


class Envelope(msgspec.Struct):
    object: str | None = None
    entry: list[msgspec.Raw] | None = None


class Entry(msgspec.Struct):
    """Of one business account; its ``id`` is the account's."""

    time: Number = None
    """Only of changes that are about the account itself."""
    changes: list[msgspec.Raw] | None = None


class Change(msgspec.Struct):
    field: str | None = None
    value: msgspec.Raw = _NOTHING


# ------------------------------------------------------------------------------------------ conversations


class Metadata(msgspec.Struct):
    phone_number_id: Id = None


class Profile(msgspec.Struct):
    name: str | None = None
    username: str | None = None


class Contact(msgspec.Struct):
    """A person named in the change; ``user_id`` is the business-scoped id (since April 2026)."""

    profile: Profile | None = None
    wa_id: Id = None
    user_id: Id = None


class ErrorData(msgspec.Struct):
    details: str | None = None


class Error(msgspec.Struct):
    code: Id = None
    title: str | None = None
    message: str | None = None
    details: str | None = None
    """Where ``error_data`` has it since version 16."""
    error_data: ErrorData | None = None


class Value(msgspec.Struct):
    metadata: Metadata | None = None
    contacts: list[Contact] | None = None
    messages: list[msgspec.Raw] | None = None
    statuses: list[msgspec.Raw] | None = None
    message_echoes: list[msgspec.Raw] | None = None
    user_preferences: list[msgspec.Raw] | None = None
    errors: list[Error] | None = None


class Text(msgspec.Struct):
    body: str | None = None


class Media(msgspec.Struct):
    id: Id = None
    mime_type: str | None = None
    caption: str | None = None
    filename: str | None = None
    voice: bool | None = None


class Location(msgspec.Struct):
    latitude: Number = None
    longitude: Number = None
    name: str | None = None
    address: str | None = None


class CardName(msgspec.Struct):
    formatted_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None


class CardPhone(msgspec.Struct):
    phone: Id = None
    wa_id: Id = None


class Card(msgspec.Struct):
    name: CardName | None = None
    phones: list[CardPhone] | None = None


class Reply(msgspec.Struct):
    """What was chosen: a button or a row of a list."""

    id: Id = None
    title: str | None = None


class FormReply(msgspec.Struct):
    """A filled-in form ("Flow")."""

    body: str | None = None
    response_json: str | None = None


class Interactive(msgspec.Struct):
    type: str | None = None
    button_reply: Reply | None = None
    list_reply: Reply | None = None
    nfm_reply: FormReply | None = None


class Button(msgspec.Struct):
    """The quick reply of a template."""

    payload: str | None = None
    text: str | None = None


class Unsupported(msgspec.Struct):
    """What it was that WhatsApp does not pass on, such as a poll."""

    type: str | None = None


class Order(msgspec.Struct):
    text: str | None = None


class Reaction(msgspec.Struct):
    message_id: Id = None
    emoji: str | None = None
    """Empty or missing: taken back."""


class System(msgspec.Struct):
    type: str | None = None
    wa_id: Id = None
    new_wa_id: Id = None
    """Instead of ``wa_id`` in versions before v12."""
    user_id: Id = None
    previous_user_id: Id = None


class Context(msgspec.Struct):
    id: Id = None


class Referral(msgspec.Struct):
    """The advertisement or post by which the person came."""

    source_type: str | None = None
    source_id: Id = None
    ctwa_clid: str | None = None


class Edit(msgspec.Struct):
    original_message_id: Id = None
    message: "Message | None" = None


class Revoke(msgspec.Struct):
    original_message_id: Id = None


class Message(msgspec.Struct):
    """A customer's message, or an echo of ours; ``type`` names the one field that is filled."""

    id: Id = None
    sender: Id = msgspec.field(default=None, name="from")
    from_user_id: Id = None
    to: Id = None
    to_user_id: Id = None
    group_id: Id = None
    timestamp: Number = None
    type: str | None = None
    text: Text | None = None
    image: Media | None = None
    video: Media | None = None
    audio: Media | None = None
    voice: Media | None = None
    """Instead of ``audio`` in versions of the API that businesses ran themselves."""
    document: Media | None = None
    sticker: Media | None = None
    location: Location | None = None
    contacts: list[Card] | None = None
    interactive: Interactive | None = None
    button: Button | None = None
    order: Order | None = None
    unsupported: Unsupported | None = None
    reaction: Reaction | None = None
    edit: Edit | None = None
    revoke: Revoke | None = None
    system: System | None = None
    context: Context | None = None
    referral: Referral | None = None
    biz_opaque_callback_data: str | None = None


class Status(msgspec.Struct):
    """How far one message of ours got."""

    id: Id = None
    type: str | None = None
    """``payment``: how far a payment got; ``message`` in older versions only."""
    status: str | None = None
    timestamp: Number = None
    recipient_id: Id = None
    recipient_user_id: Id = None
    recipient_type: str | None = None
    recipient_participant_id: Id = None
    biz_opaque_callback_data: str | None = None
    errors: list[Error] | None = None


class Preference(msgspec.Struct):
    wa_id: Id = None
    user_id: Id = None
    value: str | None = None
    category: str | None = None
    timestamp: Number = None


# ------------------------------------------------------------------------------------------ the account itself


class BanInfo(msgspec.Struct):
    waba_ban_state: str | None = None


class ViolationInfo(msgspec.Struct):
    violation_type: str | None = None


class AlertInfo(msgspec.Struct):
    alert_severity: str | None = None
    alert_type: str | None = None
    alert_description: str | None = None


class Notice(msgspec.Struct):
    """All that the fields about the account, its number and its templates hold."""

    event: str | None = None
    decision: str | None = None
    ban_info: BanInfo | None = None
    violation_info: ViolationInfo | None = None
    alert_info: AlertInfo | None = None
    current_limit: str | None = None
    rejection_reason: str | None = None
    message_template_name: str | None = None
    message_template_language: str | None = None
    reason: str | None = None
    new_quality_score: str | None = None
    new_category: str | None = None


ENVELOPE = msgspec.json.Decoder(Envelope)
ENTRY = msgspec.json.Decoder(Entry)
CHANGE = msgspec.json.Decoder(Change)
VALUE = msgspec.json.Decoder(Value)
MESSAGE = msgspec.json.Decoder(Message)
STATUS = msgspec.json.Decoder(Status)
PREFERENCE = msgspec.json.Decoder(Preference)
NOTICE = msgspec.json.Decoder(Notice)
