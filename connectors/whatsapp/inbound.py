"""One POST of the WhatsApp Cloud API to our items.  Pure: bytes in, values out."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from connectors import wire
from connectors.contract import (
    AnyItem,
    ChannelAlert,
    Consent,
    Deletion,
    Echo,
    Edit,
    Ignored,
    InboundMessage,
    Peer,
    PeerChanged,
    Reaction,
    Start,
    Unknown,
)
from connectors.errors import BadPayload
from connectors.whatsapp import payloads
from connectors.whatsapp.content import content_of
from connectors.whatsapp.frame import Frame, Skip, fallback_key, seconds
from connectors.whatsapp.notices import notice_of
from connectors.whatsapp.statuses import details_of, status_of

_CONVERSATIONS: Final = ("messages", "message_echoes", "smb_message_echoes", "standby", "user_preferences")
"""``standby`` (4 August 2026): Meta's own Business Agent has the thread."""
_NUMBER_CHANGED: Final = ("user_changed_number", "customer_changed_number", "user_changed_user_id")

Handler = Callable[[Frame, msgspec.Raw], tuple[AnyItem, ...]]


def parse_post(body: bytes) -> tuple[AnyItem, ...]:
    """The items of a POST.  Raises BadPayload for what is no webhook of Meta's at all."""
    envelope = wire.decode(payloads.ENVELOPE, body)
    if envelope.entry is None:
        raise BadPayload("no entry")
    if envelope.object != "whatsapp_business_account":
        return (Ignored(key=wire.fingerprint(body), why=f"object {envelope.object}"),)
    return tuple(item for raw in envelope.entry for item in _entry(raw))


def _entry(raw: msgspec.Raw) -> Iterator[AnyItem]:
    try:
        entry = wire.decode(payloads.ENTRY, raw)
    except BadPayload:
        yield Unknown(key=fallback_key(raw), why="unreadable: entry that is no object")
        return
    for change in entry.changes or ():
        try:
            yield from _change(change, entry.time)
        except BadPayload as error:
            yield Unknown(key=fallback_key(change), why=f"unreadable: {error}")
    if not entry.changes:
        yield Ignored(key=fallback_key(raw), why="nothing inside")


def _change(raw: msgspec.Raw, time: wire.Number) -> Sequence[AnyItem]:
    change = wire.decode(payloads.CHANGE, raw)
    if change.field in _CONVERSATIONS:
        value = wire.decode(payloads.VALUE, change.value)
        return _conversation(value, raw, standby=change.field == "standby")
    if change.field is None:  # some that pass on Meta's webhooks leave it out
        value = wire.decode(payloads.VALUE, change.value)
        if value.messages or value.statuses:
            return _conversation(value, raw, standby=False)
    notice = notice_of(change, time, raw)
    return [notice or Unknown(key=fallback_key(raw), why=f"unknown_kind: {change.field}")]


def _conversation(value: payloads.Value, raw: msgspec.Raw, *, standby: bool) -> Sequence[AnyItem]:
    frame = Frame(value, standby=standby)
    items = [
        item
        for handler, listed in (
            (_message, value.messages),
            (_echo, value.message_echoes),
            (status_of, value.statuses),
            (_preference, value.user_preferences),
        )
        for each in listed or ()
        for item in _each(handler, frame, each)
    ]
    if items:  # errors beside messages are about those, and told with them
        return items
    if value.errors:
        return [_alert(frame, error, raw) for error in value.errors]
    return [Ignored(key=fallback_key(raw), accounts=frame.accounts, why="nothing inside")]


def _each(handler: Handler, frame: Frame, raw: msgspec.Raw) -> tuple[AnyItem, ...]:
    """One of several: whatever is wrong with it costs only itself."""
    try:
        return handler(frame, raw)
    except Skip as skip:
        return (Ignored(key=fallback_key(raw), accounts=frame.accounts, why=str(skip)),)
    except BadPayload as error:
        return (Unknown(key=fallback_key(raw), accounts=frame.accounts, why=f"unreadable: {error}"),)


# ------------------------------------------------------------------------------------------ from customers


def _message(frame: Frame, raw: msgspec.Raw) -> tuple[AnyItem, ...]:
    message = wire.decode(payloads.MESSAGE, raw)
    key = wire.text_id(message.id) or fallback_key(raw)
    if message.group_id is not None:
        raise Skip("group")
    match message.type:
        case "system":
            return (_system(frame, message, key),)
        case "reaction":
            return (_reaction(frame, message, key),)
        case "edit" | "revoke":
            return (_altered(frame, message, key, frame.peer(message.sender, message.from_user_id)),)
        case "request_welcome":
            raise Skip("the chat was opened")
    return (*_came_by(frame, message, key), _written(frame, message, key))


def _written(frame: Frame, message: payloads.Message, key: str) -> InboundMessage:
    content = content_of(message)
    return InboundMessage(
        key=key,
        at_ms=seconds(message.timestamp),
        accounts=frame.accounts,
        peer=frame.peer(message.sender, message.from_user_id),
        external_id=key,
        text=content.text,
        attachments=content.attachments,
        payload=content.payload,
        reply_to=wire.text_id(message.context.id) if message.context else None,
        note=content.note,
        standby=frame.standby,
        tracking=message.referral.ctwa_clid if message.referral else None,
    )


def _came_by(frame: Frame, message: payloads.Message, key: str) -> tuple[Start, ...]:
    """The first message after an advertisement or a post names it."""
    referral = message.referral
    ref = wire.text_id(referral.source_id) if referral else None
    if referral is None or ref is None:
        return ()
    start = Start(
        key=key,
        at_ms=seconds(message.timestamp),
        accounts=frame.accounts,
        peer=frame.peer(message.sender, message.from_user_id),
        ref=ref,
        source=referral.source_type,
    )
    return (start,)


def _reaction(frame: Frame, message: payloads.Message, key: str) -> Reaction:
    reaction = message.reaction
    target = wire.text_id(reaction.message_id) if reaction else None
    if reaction is None or target is None:
        raise Skip("reaction without target")
    return Reaction(
        key=key,
        at_ms=seconds(message.timestamp),
        accounts=frame.accounts,
        target=target,
        added=bool(reaction.emoji),
        peer=frame.peer(message.sender, message.from_user_id),
        emoji=reaction.emoji or None,
    )


def _altered(frame: Frame, message: payloads.Message, key: str, peer: Peer | None) -> Edit | Deletion:
    """An edit or a deletion by the customer or, without a peer, by a colleague: message ids are unique everywhere."""
    change = message.edit if message.type == "edit" else message.revoke
    target = wire.text_id(change.original_message_id) if change else None
    if target is None:
        raise BadPayload(f"{message.type} without the original message")
    at_ms = seconds(message.timestamp)
    if message.edit is None or message.type == "revoke":
        return Deletion(key=key, at_ms=at_ms, accounts=frame.accounts, target=target, peer=peer)
    text = content_of(message.edit.message).text if message.edit.message else None
    return Edit(key=key, at_ms=at_ms, accounts=frame.accounts, target=target, peer=peer, text=text)


def _system(frame: Frame, message: payloads.Message, key: str) -> PeerChanged:
    system = message.system or payloads.System()
    if system.type not in _NUMBER_CHANGED:
        if system.type == "customer_identity_changed":
            raise Skip("identity change")
        raise BadPayload(f"unknown system message {system.type}")
    old = wire.text_id(message.sender) or wire.text_id(system.previous_user_id)
    if system.type == "user_changed_user_id":  # the number is hidden: only the business-scoped id is told
        old = wire.text_id(system.previous_user_id) or old
    candidates = (system.wa_id, system.new_wa_id, system.user_id)
    new = next((text for each in candidates if (text := wire.text_id(each))), None)
    if old is None or new is None:
        raise BadPayload("a change of number without both numbers")
    return PeerChanged(key=key, at_ms=seconds(message.timestamp), accounts=frame.accounts, old=old, new=new)


def _preference(frame: Frame, raw: msgspec.Raw) -> tuple[AnyItem, ...]:
    """Marketing messages stopped or resumed in WhatsApp's own menu: like a keyword, it stops no answers."""
    preference = wire.decode(payloads.PREFERENCE, raw)
    peer = frame.peer(preference.wa_id, preference.user_id)
    value = (preference.value or "").lower()
    if value not in ("stop", "resume", "signup"):
        raise BadPayload(f"unknown preference {preference.value}")
    key = wire.fingerprint("preference", peer.id, preference.category, value, preference.timestamp)
    consent = Consent(
        key=key,
        at_ms=seconds(preference.timestamp),
        accounts=frame.accounts,
        peer=peer,
        granted=value != "stop",
        source=f"keyword:{value}",
    )
    return (consent,)


# ------------------------------------------------------------------------------------------ about what we sent


def _echo(frame: Frame, raw: msgspec.Raw) -> tuple[AnyItem, ...]:
    """A colleague wrote in the WhatsApp Business app on their telephone."""
    message = wire.decode(payloads.MESSAGE, raw)
    key = wire.text_id(message.id) or fallback_key(raw)
    if message.type in ("edit", "revoke"):
        return (_altered(frame, message, key, None),)
    if message.type in ("reaction", "system") or message.group_id is not None:
        raise Skip(f"echo of a {'group' if message.group_id is not None else message.type}")
    content = content_of(message)
    echo = Echo(
        key=key,
        at_ms=seconds(message.timestamp),
        accounts=frame.accounts,
        peer=frame.peer(message.to, message.to_user_id),
        external_id=key,
        text=content.text,
        attachments=content.attachments,
        metadata=message.biz_opaque_callback_data or None,
        standby=frame.standby,
    )
    return (echo,)


def _alert(frame: Frame, error: payloads.Error, raw: msgspec.Raw) -> ChannelAlert:
    text = details_of(error) or error.message or error.title or "an error without a description"
    code = wire.text_id(error.code)
    return ChannelAlert(
        key=wire.fingerprint("error", code, bytes(raw)),
        accounts=frame.accounts,
        level="error",
        text=f"WhatsApp: {text}" + (f" ({code})" if code else ""),
    )
