"""One Twilio callback to our items.  Pure: values in, values out.

Facts: twilio.com/docs/messaging/guides/webhook-request.  A Messaging Service may bring what came over WhatsApp or RCS to
the same address, with the sender's name, the place and the button that only those have.
"""

from collections.abc import Collection
from typing import Final

import msgspec

from connectors import numbers, wire
from connectors.contract import (
    AnyItem,
    Attachment,
    AttachmentKind,
    Consent,
    InboundMessage,
    Peer,
    Receipt,
    ReceiptState,
    Unknown,
)
from connectors.errors import Failure
from connectors.sms import callbacks
from connectors.sms.callbacks import Parameters
from connectors.sms.failures import undelivered

_STATES: Final = {
    "accepted": ReceiptState.QUEUED,
    "scheduled": ReceiptState.QUEUED,
    "queued": ReceiptState.QUEUED,
    "sending": ReceiptState.QUEUED,
    "sent": ReceiptState.SENT,
    "partially_delivered": ReceiptState.SENT,  # of several parts one is still missing
    "delivered": ReceiptState.DELIVERED,
    "read": ReceiptState.READ,
    "undelivered": ReceiptState.FAILED,
    "failed": ReceiptState.FAILED,
    "canceled": ReceiptState.FAILED,
}
_RECEIVED: Final = ("received", "receiving", "")
_MOST_MEDIA: Final = 10
_KINDS: Final = {
    "image": AttachmentKind.IMAGE,
    "video": AttachmentKind.VIDEO,
    "audio": AttachmentKind.AUDIO,
}


def parse_parameters(
    parameters: Parameters, stop_words: Collection[str], mark: str | None = None
) -> tuple[AnyItem, ...]:
    """A message (with the consent it gives or takes), or a status report of the part with this ``mark`` of ours."""
    form = callbacks.clean(parameters)
    sid = form.get("MessageSid") or form.get("SmsSid") or form.get("SmsMessageSid")
    status = (form.get("MessageStatus") or form.get("SmsStatus") or "").lower()
    key = sid or wire.fingerprint(*sorted(form.items()))
    if not sid:
        return (Unknown(key=key, why="unreadable: no MessageSid"),)
    if status in _STATES:
        return (_receipt(form, sid, status, mark),)
    peer = _peer(form.get("From", ""))
    if status not in _RECEIVED or peer is None:
        return (Unknown(key=key, why=f"unknown_kind: status {status}" if peer else "no_sender"),)
    message = _message(form, sid, peer)
    decision = _consent(form, message, stop_words)
    return (message, decision) if decision else (message,)


def _message(form: dict[str, str], sid: str, peer: Peer) -> InboundMessage:
    text, attachments = form.get("Body") or form.get("ButtonText", ""), (*_media(form), *_place(form))
    name = form.get("ProfileName")
    return InboundMessage(
        key=sid,
        peer=msgspec.structs.replace(peer, name=name) if name else peer,
        external_id=sid,
        text=text,
        attachments=attachments,
        payload=form.get("ButtonPayload") or form.get("ListId") or None,
        reply_to=form.get("OriginalRepliedMessageSid") or None,
        note=None if text or attachments else "empty",
        reply_allowed=numbers.can_be_answered(peer.id),
    )


def _peer(raw: str) -> Peer | None:
    return callbacks.person(numbers.from_twilio(raw))


def _media(form: dict[str, str]) -> tuple[Attachment, ...]:
    """Those that are named; ``NumMedia`` only counts them."""
    found = []
    for index in range(_MOST_MEDIA):
        mime, url = form.get(f"MediaContentType{index}", ""), form.get(f"MediaUrl{index}", "")
        kind = _KINDS.get(mime.partition("/")[0], AttachmentKind.FILE)
        if url or mime:
            found.append(Attachment(kind=kind, source=wire.web_url(url), mime=mime or None))
    return tuple(found)


def _place(form: dict[str, str]) -> tuple[Attachment, ...]:
    latitude, longitude = wire.as_float(form.get("Latitude")), wire.as_float(form.get("Longitude"))
    if latitude is None or longitude is None:
        return ()
    place = Attachment(
        kind=AttachmentKind.LOCATION,
        latitude=latitude,
        longitude=longitude,
        name=form.get("Address") or None,
        title=form.get("Label") or None,
    )
    return (place,)


def _consent(form: dict[str, str], message: InboundMessage, stop_words: Collection[str]) -> Consent | None:
    """``OptOutType`` is Twilio's own verdict (Advanced Opt-Out); without it the keyword decides."""
    kind = form.get("OptOutType", "").upper()
    if kind in ("STOP", "START"):
        granted = kind == "START"
        return Consent(key=message.key, peer=message.peer, granted=granted, source=f"keyword:{kind}")
    return None if kind else callbacks.decision(message, stop_words)


def _receipt(form: dict[str, str], sid: str, status: str, mark: str | None) -> Receipt:
    state = _STATES[status]
    failure: Failure | None = None
    if state is ReceiptState.FAILED:
        failure = undelivered(status, form.get("ErrorCode", ""), form.get("ErrorMessage", ""))
    return Receipt(
        key=f"{sid}:{status}",
        state=state,
        external_ids=(sid,),
        peer=_peer(form.get("To", "")),
        failure=failure,
        tracker=mark,
    )
