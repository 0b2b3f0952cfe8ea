"""One POST of the Messenger Platform to our items.  Pure: bytes in, values out."""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from connectors import button_marks, wire
from connectors.contract import (
    AnyItem,
    ChannelAlert,
    Deletion,
    Echo,
    Edit,
    Ignored,
    InboundMessage,
    Reaction,
    Receipt,
    ReceiptState,
    Unknown,
)
from connectors.errors import BadPayload
from connectors.messenger import payloads
from connectors.messenger.attachments import attachments_of, unsupported
from connectors.messenger.entering import came_by, optin_of, postback_of, referral_of
from connectors.messenger.event import Event, Skip, ms, pages
from connectors.messenger.handover import control

_FRAME: Final = frozenset({"sender", "recipient", "timestamp", "is_echo"})
_IGNORED: Final = {
    "account_linking": "account_linking",
    "app_roles": "control",
    "game_play": "unsupported messaging key",
    "payment": "unsupported messaging key",
    "pre_checkout": "unsupported messaging key",
    "checkout_update": "unsupported messaging key",
    "branded_camera": "unsupported messaging key",
    # Of templates that we do not send, and of the page's own box of message requests.
    "response_feedback": "feedback",
    "messaging_feedback": "feedback",
    "message_request": "message request",
}
_EMOJI: Final = {
    "smile": "😆",
    "angry": "😠",
    "sad": "😢",
    "wow": "😮",
    "love": "❤",
    "like": "👍",
    "dislike": "👎",
}
"""webhook-events/message-reactions: ``reaction`` names what ``emoji``, where it is there, shows."""
_LEVELS: Final = {"unblock": "info", "warning": "warning"}
"""webhook-events/messaging_policy_enforcement; all else is a block."""

Handler = Callable[[Event, msgspec.Raw], AnyItem | tuple[AnyItem, ...]]


def parse_post(body: bytes, own_app: str | None = None) -> tuple[AnyItem, ...]:
    """The items of a POST; ``own_app`` is our application's id, if it is known.  Raises BadPayload for what is no
    webhook of Meta's at all.
    """
    if plain := _plain(body):
        return plain
    envelope = wire.decode(payloads.ENVELOPE, body)
    if envelope.entry is None:
        raise BadPayload("no entry")
    if envelope.object != "page":
        return (Ignored(key=wire.fingerprint(body), why=f"object {envelope.object}"),)
    return tuple(item for raw in envelope.entry for item in _entry(raw, own_app))


def _plain(body: bytes) -> tuple[AnyItem, ...] | None:
    """A POST of nothing but messages, read in one go; None for any other, which is read item by item."""
    envelope = wire.strictly(payloads.PLAIN_ENVELOPE, body)
    if envelope is None:
        return None
    found: list[AnyItem] = []
    for entry in envelope.entry:
        page = wire.text_id(entry.id)
        for item in entry.messaging:
            event = Event(item, page, entry.time, standby=False)
            if not item.message.mid or event.sender is None or event.recipient is None:
                return None
            if item.message.referral is not None:
                found += came_by(event, item.message, item.message.mid)
            found.append(_message_of(event, item.message, item.message.mid))
        if not entry.messaging:
            return None
    return tuple(found)


def _entry(raw: msgspec.Raw, own_app: str | None) -> Iterator[AnyItem]:
    try:
        entry = wire.decode(payloads.ENTRY, raw)
    except BadPayload:
        yield Unknown(key=wire.fingerprint(bytes(raw)), why="unreadable: entry that is no object")
        return
    page, found = wire.text_id(entry.id), False
    for items, standby in ((entry.messaging, False), (entry.standby, True)):
        for item in items or ():
            found = True
            yield from _items(item, page, entry.time, standby=standby, own_app=own_app)
    if not found:
        why = "changes[] not messaging[]" if entry.changes else "nothing inside"
        yield Ignored(key=wire.fingerprint(bytes(raw)), accounts=pages(page), why=why)


def _items(
    raw: msgspec.Raw, page: str | None, entry_time: wire.Number, *, standby: bool, own_app: str | None
) -> tuple[AnyItem, ...]:
    try:
        fields = wire.decode(payloads.ITEM, raw)
        frame = wire.decode(payloads.FRAME, raw)
        event = Event(frame, page, entry_time, standby=standby, own_app=own_app)
        name = next((key for key in fields if key in _HANDLERS), None)
        if name is not None:
            made = _HANDLERS[name](event, fields[name])
            return made if isinstance(made, tuple) else (made,)
    except Skip as skip:
        return (Ignored(key=wire.fingerprint(bytes(raw)), accounts=pages(page), why=str(skip)),)
    except BadPayload as error:
        return (Unknown(key=wire.fingerprint(bytes(raw)), accounts=pages(page), why=f"unreadable: {error}"),)
    key, others = wire.fingerprint(bytes(raw)), [name for name in fields if name not in _FRAME]
    if not others:
        return (Ignored(key=key, accounts=pages(page), why="empty item"),)
    return (Unknown(key=key, accounts=pages(page), why=f"unknown_kind: {others[0][:80]}"),)


# ------------------------------------------------------------------------------------------ messages


def _message(event: Event, raw: msgspec.Raw) -> tuple[AnyItem, ...]:
    message = wire.decode(payloads.MESSAGE, raw)
    mid = message.mid or event.key("message", message.text or "", bytes(raw))
    return (*came_by(event, message, mid), _message_of(event, message, mid))


def _message_of(event: Event, message: payloads.Message, mid: str) -> AnyItem:
    if message.is_deleted:
        ours = bool(message.is_echo)
        return Deletion(
            key=mid,
            at_ms=event.at_ms,
            accounts=event.accounts(outgoing=ours),
            target=mid,
            peer=event.peer(outgoing=ours),
        )
    if message.is_echo or event.from_page:
        return _echo(event, message, mid)
    found, pressed = attachments_of(message), _pressed(message)
    return InboundMessage(
        key=mid,
        at_ms=event.at_ms,
        accounts=event.accounts(),
        peer=event.peer(),
        external_id=mid,
        text=message.text or "",
        attachments=found,
        payload=pressed.value if pressed else None,
        reply_to=message.reply_to.mid if message.reply_to else None,
        answers=pressed.mark if pressed else None,
        note=_note(message, shown=bool(message.text or found)),
        standby=event.standby,
        tracking=wire.text_id(message.referral.ref) if message.referral else None,
    )


def _pressed(message: payloads.Message) -> button_marks.Returned | None:
    """What its quick reply carried; Meta does not tell which message had it, so our payloads do."""
    payload = message.quick_reply.payload if message.quick_reply else None
    return None if payload is None else button_marks.read(payload)


def _note(message: payloads.Message, *, shown: bool) -> str | None:
    if (kind := unsupported(message)) is not None:
        return f"unsupported:{kind}"
    if shown:
        return None
    return "unsupported" if message.is_unsupported else "empty"


def _echo(event: Event, message: payloads.Message, mid: str) -> AnyItem:
    return Echo(
        key=mid,
        at_ms=event.at_ms,
        accounts=event.accounts(outgoing=True),
        peer=event.peer(outgoing=True),
        external_id=mid,
        text=message.text or "",
        attachments=attachments_of(message),
        app_id=wire.text_id(message.app_id),
        metadata=message.metadata,
        standby=event.standby,
    )


def _edit(event: Event, raw: msgspec.Raw) -> AnyItem:
    edit = wire.decode(payloads.MESSAGE_EDIT, raw)
    if edit.mid is None:
        raise BadPayload("edit without mid")
    revision = wire.as_int(edit.num_edit)
    return Edit(
        key=f"{edit.mid}:{revision}" if revision is not None else event.key("edit", edit.mid, edit.text),
        at_ms=event.at_ms,
        accounts=event.accounts(),
        target=edit.mid,
        peer=event.peer(),
        text=edit.text,
        revision=revision,
    )


# ------------------------------------------------------------------------------------------ receipts and reactions


def _receipt(state: ReceiptState) -> Handler:
    def receipt(event: Event, raw: msgspec.Raw) -> AnyItem:
        report = wire.decode(payloads.DELIVERY, raw)
        mids, watermark = tuple(report.mids or ([report.mid] if report.mid else ())), ms(report.watermark)
        if not mids and watermark is None:
            raise BadPayload("receipt without mids and watermark")
        return Receipt(
            # Never the entry's time: it is that of the call, and the call may be repeated.
            key=wire.fingerprint(state, event.sender, event.recipient, event.timestamp, watermark, *mids),
            at_ms=event.at_ms,
            accounts=event.accounts(),
            state=state,
            external_ids=mids,
            watermark_ms=watermark,
            peer=event.peer(),
        )

    return receipt


def _reaction(event: Event, raw: msgspec.Raw) -> AnyItem:
    reaction = wire.decode(payloads.REACTION, raw)
    if reaction.mid is None:
        raise Skip("reaction without target mid")
    added = reaction.action != "unreact"
    return Reaction(
        key=event.key("reaction", reaction.mid, added, reaction.emoji or reaction.reaction),
        at_ms=event.at_ms,
        accounts=event.accounts(),
        target=reaction.mid,
        added=added,
        peer=event.peer(),
        emoji=reaction.emoji or _EMOJI.get(reaction.reaction or ""),
    )


# ------------------------------------------------------------------------------------------ the page itself


def _policy(event: Event, raw: msgspec.Raw) -> AnyItem:
    policy = wire.decode(payloads.POLICY_ENFORCEMENT, raw)
    return ChannelAlert(
        key=event.key("policy", policy.action, policy.reason),
        at_ms=event.at_ms,
        accounts=event.accounts(),
        level=_LEVELS.get(policy.action or "", "error"),
        text=policy.reason or f"Meta's policy enforcement: {policy.action or 'no action named'}",
    )


def _ignored(why: str) -> Handler:
    def ignored(_event: Event, _raw: msgspec.Raw) -> AnyItem:
        raise Skip(why)

    return ignored


_HANDLERS: Final[dict[str, Handler]] = {
    "message": _message,
    "message_edit": _edit,
    "postback": postback_of,
    "referral": referral_of,
    "optin": optin_of,
    "delivery": _receipt(ReceiptState.DELIVERED),
    "read": _receipt(ReceiptState.READ),
    "reaction": _reaction,
    "pass_thread_control": control("pass_thread_control", ours=True),
    "take_thread_control": control("take_thread_control", ours=False),
    "request_thread_control": control("request_thread_control"),
    "policy_enforcement": _policy,
    "policy-enforcement": _policy,
    **{name: _ignored(why) for name, why in _IGNORED.items()},
}
