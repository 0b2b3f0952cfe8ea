"""One Twilio callback to our items.  Pure: values in, values out."""

from collections.abc import Collection
from typing import Final

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
    text, media = form.get("Body", ""), _media(form)
    return InboundMessage(
        key=sid,
        peer=peer,
        external_id=sid,
        text=text,
        attachments=media,
        note=None if text or media else "empty",
        reply_allowed=numbers.can_be_answered(peer.id),
    )


def _peer(raw: str) -> Peer | None:
    return callbacks.person(numbers.from_twilio(raw))


def _media(form: dict[str, str]) -> tuple[Attachment, ...]:
    count = wire.as_int(form.get("NumMedia")) or 0
    found = []
    for index in range(min(count, _MOST_MEDIA)):
        mime = form.get(f"MediaContentType{index}", "")
        source = wire.web_url(form.get(f"MediaUrl{index}"))
        kind = _KINDS.get(mime.partition("/")[0], AttachmentKind.FILE)
        if source is not None or mime:
            found.append(Attachment(kind=kind, source=source, mime=mime or None))
    return tuple(found)


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
