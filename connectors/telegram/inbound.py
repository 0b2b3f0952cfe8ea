"""One Telegram update to our items.  Pure: bytes in, values out."""

import re
from collections.abc import Callable

import msgspec

from connectors import wire
from connectors.contract import (
    AnyItem,
    Consent,
    Edit,
    Ignored,
    InboundMessage,
    Peer,
    Postback,
    Reaction,
    Start,
    Unknown,
)
from connectors.errors import BadPayload
from connectors.telegram import payloads
from connectors.telegram.attachments import attachments_of, own_phone
from connectors.telegram.payloads import Chat, Message, User

_START = re.compile(r"/start(?:@\w+)?(?: ([A-Za-z0-9_-]{1,64}))?")
_MARKS = {"paid": "⭐"}
"""Reactions without an emoji of their own; that of a custom emoji is known to Telegram's apps only."""
_IGNORED = {
    "channel_post": "channel post",
    "edited_channel_post": "channel post",
    "business_connection": "business account",
    "business_message": "business account",
    "edited_business_message": "business account",
    "deleted_business_messages": "business account",
    "guest_message": "guest message",
    "message_reaction_count": "anonymous reactions",
    "inline_query": "inline",
    "chosen_inline_result": "inline",
    "shipping_query": "payments",
    "pre_checkout_query": "payments",
    "purchased_paid_media": "payments",
    "poll": "poll",
    "poll_answer": "poll",
    "chat_member": "another member",
    "chat_join_request": "group",
    "chat_boost": "boost",
    "removed_chat_boost": "boost",
    "managed_bot": "managed bot",
    "subscription": "payments",
}


def parse_update(body: bytes | msgspec.Raw) -> tuple[AnyItem, ...]:
    """The items of one update.  Raises BadPayload for what is not an update at all."""
    update = wire.decode(payloads.FIELDS, body)
    if update_id(update) is None:
        raise BadPayload("no update_id")
    for kind, raw in update.items():
        if kind == "update_id":
            continue
        if kind in _HANDLERS:
            return _handled(kind, raw, update)
        if kind in _IGNORED:
            return (Ignored(key=wire.fingerprint(bytes(raw)), why=_IGNORED[kind]),)
    return (Unknown(key=wire.fingerprint(bytes(body)), why=f"unknown_kind: {_kinds(update)}"),)


def _kinds(update: dict[str, msgspec.Raw]) -> str:
    return ", ".join(key for key in update if key != "update_id")[:80]


def update_id(update: dict[str, msgspec.Raw]) -> str | None:
    try:
        return wire.text_id(wire.decode(payloads.UPDATE_ID, update.get("update_id", msgspec.Raw(b"null"))))
    except BadPayload:
        return None


def _handled(kind: str, raw: msgspec.Raw, update: dict[str, msgspec.Raw]) -> tuple[AnyItem, ...]:
    try:
        return _HANDLERS[kind](raw, update_id(update) or "")
    except _Skip as skip:
        return (Ignored(key=wire.fingerprint(bytes(raw)), why=str(skip)),)
    except BadPayload as error:
        return (Unknown(key=wire.fingerprint(bytes(raw)), why=f"unreadable: {kind}, {error}"),)


class _Skip(Exception):
    """Understood, and nothing for us."""


# ------------------------------------------------------------------------------------------ messages


def _message(raw: msgspec.Raw, _update_id: str) -> tuple[AnyItem, ...]:
    message = wire.decode(payloads.MESSAGE, raw)
    _check_private(message.chat, message.sender)
    chat_id, message_id = _ids(message)
    key, at_ms = f"{chat_id}:{message_id}", wire.as_ms(message.date, seconds=True)
    peer = _peer(chat_id, message.chat, message.sender, own_phone(message))
    if message.text is not None and (start := _START.fullmatch(message.text.strip())):
        return (Start(key=key, at_ms=at_ms, peer=peer, ref=start[1]),)
    text, payload = message.text or message.caption or "", None
    if message.web_app_data is not None:
        text, payload = message.web_app_data.button_text or "", message.web_app_data.data
    found = attachments_of(message)
    note = None
    # Without a text of its own, something else may be there that is not shown: a caption belongs to a file.
    if message.text is None and not found and payload is None:
        note = _what_else(wire.decode(payloads.FIELDS, raw), text)
    reply = message.reply_to_message
    return (
        InboundMessage(
            key=key,
            at_ms=at_ms,
            peer=peer,
            external_id=message_id,
            text=text,
            attachments=found,
            payload=payload,
            reply_to=wire.text_id(reply.message_id) if reply else None,
            group=wire.text_id(message.media_group_id),
            note=note,
        ),
    )


def _what_else(fields: dict[str, msgspec.Raw], text: str) -> str | None:
    """What we can't show, as a note; a service message is no message of a person."""
    content = [name for name in fields if name not in payloads.PLAIN_FIELDS]
    if any(name in payloads.SERVICE_FIELDS for name in content):
        raise _Skip("service message")
    if content:
        return f"unsupported:{content[0]}"
    return None if text else "empty"


def _edited(raw: msgspec.Raw, update_id: str) -> tuple[AnyItem, ...]:
    message = wire.decode(payloads.MESSAGE, raw)
    _check_private(message.chat, message.sender)
    chat_id, message_id = _ids(message)
    return (
        Edit(
            # Two edits may bear the same second; a repeated delivery bears the same update id.
            key=f"{chat_id}:{message_id}:{update_id}",
            at_ms=wire.as_ms(message.edit_date, seconds=True) or wire.as_ms(message.date, seconds=True),
            target=message_id,
            peer=_peer(chat_id, message.chat, message.sender),
            # Absent does not mean removed: moves of a live location come as edits too.
            text=message.text if message.text is not None else message.caption,
            attachments=attachments_of(message) or None,
        ),
    )


# ------------------------------------------------------------------------------------------ other kinds


def _callback(raw: msgspec.Raw, _update_id: str) -> tuple[AnyItem, ...]:
    query = wire.decode(payloads.CALLBACK_QUERY, raw)
    query_id = wire.text_id(query.id) or wire.fingerprint(bytes(raw))
    if query.message is None:
        raise _Skip("button of an inline message")
    if query.message.business_connection_id is not None:
        raise _Skip("business account")
    _check_private(query.message.chat, query.sender)
    chat_id, message_id = _ids(query.message)
    return (
        Postback(
            key=query_id,
            peer=_peer(chat_id, query.message.chat, query.sender),
            payload=query.data or query.game_short_name or "",
            title=_title(raw, query.data),
            on_message=message_id,
        ),
    )


def _title(raw: msgspec.Raw, data: str | None) -> str | None:
    """What stands on the pressed button; None where the keyboard is gone, or is not understood."""
    try:
        message = wire.decode(payloads.PRESSED, raw).message
    except BadPayload:
        return None
    keyboard = message.reply_markup.inline_keyboard if message and message.reply_markup else None
    buttons = [button for row in keyboard or [] for button in row]
    return next((button.text for button in buttons if button.callback_data == data is not None), None)


def _membership(raw: msgspec.Raw, _update_id: str) -> tuple[AnyItem, ...]:
    change = wire.decode(payloads.CHAT_MEMBER_UPDATED, raw)
    _check_private(change.chat, None)
    chat_id = _chat_id(change.chat)
    status = change.new_chat_member.status if change.new_chat_member else None
    key = wire.fingerprint("my_chat_member", chat_id, status, change.date)
    at_ms = wire.as_ms(change.date, seconds=True)
    if status not in ("kicked", "member"):
        raise _Skip(f"status {status}")
    return (
        Consent(
            key=key,
            at_ms=at_ms,
            peer=_peer(chat_id, change.chat, change.sender),
            granted=status == "member",
            source="unblocked" if status == "member" else "blocked",
        ),
    )


def _reaction(raw: msgspec.Raw, update_id: str) -> tuple[AnyItem, ...]:
    change = wire.decode(payloads.MESSAGE_REACTION, raw)
    _check_private(change.chat, change.user)
    chat_id, target = _chat_id(change.chat), wire.text_id(change.message_id)
    if target is None:
        raise BadPayload("no message id")
    old, new = change.old_reaction or [], change.new_reaction or []
    removed = [mark for mark in old if mark not in new]
    # A premium user has several at a time; we show one, so what is left is told once more.
    added = [mark for mark in new if mark not in old] or (new[-1:] if removed else [])
    return tuple(
        Reaction(
            # Somebody may press twice in one second; a repeated delivery bears the same update id.
            key=wire.fingerprint("reaction", chat_id, target, is_added, mark, update_id),
            at_ms=wire.as_ms(change.date, seconds=True),
            peer=_peer(chat_id, change.chat, change.user),
            target=target,
            added=is_added,
            emoji=mark.emoji or _MARKS.get(mark.type or ""),
        )
        for is_added, marks in ((False, removed), (True, added))
        for mark in marks
    )


# ------------------------------------------------------------------------------------------ who


def _check_private(chat: Chat | None, sender: User | None) -> None:
    """Only people in private chats are customers."""
    kind, chat_id = (chat.type, wire.text_id(chat.id)) if chat else (None, None)
    if kind not in (None, "private") or (chat_id or "").startswith("-"):
        raise _Skip(f"not a private chat ({kind})")
    if sender is not None and sender.is_bot:
        raise _Skip("bot")


def _ids(message: Message) -> tuple[str, str]:
    message_id = wire.text_id(message.message_id)
    if message_id is None:
        raise BadPayload("no message id")
    return _chat_id(message.chat), message_id


def _chat_id(chat: Chat | None) -> str:
    chat_id = wire.text_id(chat.id) if chat else None
    if chat_id is None:
        raise BadPayload("no chat id")
    return chat_id


def _peer(chat_id: str, chat: Chat | None, sender: User | None, phone: str | None = None) -> Peer:
    """The dialog belongs to the chat; in a private one its id is the person's, whatever ``from`` says."""
    named: Chat | User | None = sender if sender and sender.first_name else chat
    names = (named.first_name, named.last_name) if named else ()
    usernames = (each.username for each in (sender, chat) if each)
    return Peer(
        id=chat_id,
        name=" ".join(name for name in names if name) or next(filter(None, usernames), None),
        language=sender.language_code if sender else None,
        phone=phone,
    )


_HANDLERS: dict[str, Callable[[msgspec.Raw, str], tuple[AnyItem, ...]]] = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _callback,
    "my_chat_member": _membership,
    "message_reaction": _reaction,
}
