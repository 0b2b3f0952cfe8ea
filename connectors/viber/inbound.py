"""One Viber callback to our items.  Pure: bytes in, values out."""

from collections.abc import Callable
from typing import Final

from connectors import button_marks, wire
from connectors.contract import (
    AnyItem,
    Attachment,
    AttachmentKind,
    Consent,
    Ignored,
    InboundMessage,
    Peer,
    Receipt,
    ReceiptState,
    Start,
    Unknown,
)
from connectors.errors import BadPayload, Failure
from connectors.viber import payloads
from connectors.viber.payloads import Callback, Message, User

_FILES: Final = {
    "picture": AttachmentKind.IMAGE,
    "gif": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "file": AttachmentKind.FILE,
}
_STATES: Final = {
    "delivered": ReceiptState.DELIVERED,
    "seen": ReceiptState.READ,
    "failed": ReceiptState.FAILED,
}


def parse_callback(body: bytes) -> tuple[AnyItem, ...]:
    """The items of a callback: the message, and what it tells of ours before it.  Raises BadPayload for what is not a callback at all."""
    callback = wire.decode(payloads.CALLBACK, body)
    if not callback.event:
        raise BadPayload("no event")
    handler = _HANDLERS.get(callback.event)
    if handler is None:
        return (Unknown(key=wire.fingerprint(body), why=f"unknown_kind: {callback.event[:80]}"),)
    try:
        item = handler(callback, body)
    except BadPayload as error:
        return (Unknown(key=wire.fingerprint(body), why=f"unreadable: {callback.event}, {error}"),)
    if isinstance(item, InboundMessage) and item.answers:
        return item, _heard(item, item.answers)
    return (item,)


def _key(callback: Callback) -> str:
    """The message token, exact; events without one are named by who did what when."""
    token = wire.text_id(callback.message_token)
    user = callback.user_id or (callback.user and callback.user.id)
    return token or wire.fingerprint(callback.event, user, callback.timestamp)


def _peer(user: User | None, user_id: wire.Id = None) -> Peer:
    peer_id = wire.text_id(user_id) or (wire.text_id(user.id) if user else None)
    if peer_id is None:
        raise BadPayload("no user id")
    return Peer(
        id=peer_id, name=user.name or None if user else None, language=user.language if user else None
    )


def _message(callback: Callback, body: bytes) -> AnyItem:
    message = callback.message
    if message is None:
        raise BadPayload("no message")
    # Viber names each by a token; what has none is still somebody's message, and repeated byte for byte.
    token = wire.text_id(callback.message_token) or wire.fingerprint(body)
    attachment, note = _attachment(message), _note(message)
    mark, tracking = button_marks.read(message.tracking_data or "")
    return InboundMessage(
        key=token,
        at_ms=wire.as_ms(callback.timestamp),
        peer=_peer(callback.sender),
        external_id=token,
        text=_text(message),
        attachments=(attachment,) if attachment else (),
        note=note or (None if attachment or _text(message) else "empty"),
        answers=mark,
        tracking=tracking or None,
    )


def _text(message: Message) -> str:
    if message.type == "url":
        return message.text or message.media or ""
    return message.text or message.alt_text or ""


def _note(message: Message) -> str | None:
    if message.type == "url":
        return "url"
    if message.type in ("text", "location", "contact", "sticker") or message.type in _FILES:
        return None
    if not message.type:
        return None if _text(message) else "unsupported"
    return f"unsupported:{message.type}"


def _attachment(message: Message) -> Attachment | None:
    match message.type:
        case "picture" | "gif" | "video" | "file":
            size = wire.as_int(message.size)
            return Attachment(
                kind=_FILES[message.type],
                source=wire.web_url(message.media),
                name=message.file_name,
                size=size if size is not None else wire.as_int(message.file_size),
            )
        case "sticker":
            return Attachment(
                kind=AttachmentKind.STICKER,
                source=wire.web_url(message.media),
                sticker_id=wire.text_id(message.sticker_id),
            )
        case "url" if message.text:
            return Attachment(kind=AttachmentKind.LINK, url=wire.web_url(message.media), title=message.media)
        case "location":
            latitude, longitude = _coordinates(message.location)
            return Attachment(kind=AttachmentKind.LOCATION, latitude=latitude, longitude=longitude)
        case "contact":
            # A forwarded card: its number is not the sender's.
            contact = message.contact or payloads.Contact()
            phone = wire.text_id(contact.phone_number)
            return Attachment(kind=AttachmentKind.CONTACT, name=contact.name, phone=phone)
        case _:
            return None


def _coordinates(location: payloads.Location | None) -> tuple[float | None, float | None]:
    """Nothing for values off the map: Viber passes on whatever the sender's application put there."""
    if location is None:
        return None, None
    latitude, longitude = wire.as_float(location.lat), wire.as_float(location.lon)
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None, None
    return latitude, longitude


def _heard(message: InboundMessage, mark: str) -> Receipt:
    """Whoever brings our mark back has the message that carried it, also when we never heard that Viber took it."""
    return Receipt(
        key=f"heard:{mark}",
        at_ms=message.at_ms,
        state=ReceiptState.DELIVERED,
        peer=message.peer,
        tracker=mark,
    )


def _receipt(callback: Callback, _body: bytes) -> AnyItem:
    token, state = wire.text_id(callback.message_token), _STATES[callback.event or ""]
    if token is None:
        raise BadPayload("no token")
    user_id = wire.text_id(callback.user_id)
    failure = None
    if state is ReceiptState.FAILED:
        reason = callback.desc or "no reason given"
        text = f"Viber could not deliver the message: {reason}."
        failure = Failure(code="undelivered", text=text, provider_code=callback.desc)
    return Receipt(
        key=f"{token}:{callback.event}:{user_id or ''}",
        at_ms=wire.as_ms(callback.timestamp),
        state=state,
        external_ids=(token,),
        peer=Peer(id=user_id) if user_id else None,
        failure=failure,
    )


def _consent(callback: Callback, _body: bytes) -> AnyItem:
    return Consent(
        key=_key(callback),
        at_ms=wire.as_ms(callback.timestamp),
        peer=_peer(callback.user, callback.user_id),
        granted=callback.event == "subscribed",
        source=callback.event or "",
    )


def _start(callback: Callback, _body: bytes) -> AnyItem:
    """The customer opened the chat; only a message or a subscription lets us write to them."""
    return Start(
        key=_key(callback),
        at_ms=wire.as_ms(callback.timestamp),
        peer=_peer(callback.user, callback.user_id),
        ref=callback.context or None,
        subscribed=callback.subscribed,
    )


def _probe(callback: Callback, _body: bytes) -> AnyItem:
    """Viber's trial call while set_webhook waits for it."""
    return Ignored(key=_key(callback), why="webhook probe")


_HANDLERS: Final[dict[str, Callable[[Callback, bytes], AnyItem]]] = {
    "webhook": _probe,
    "message": _message,
    "delivered": _receipt,
    "seen": _receipt,
    "failed": _receipt,
    "subscribed": _consent,
    "unsubscribed": _consent,
    "conversation_started": _start,
}
