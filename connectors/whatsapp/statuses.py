"""How far a message of ours got, as WhatsApp's statuses tell it."""

from typing import Final

import msgspec

from connectors import wire
from connectors.contract import AnyItem, Deletion, Peer, Receipt, ReceiptState
from connectors.errors import BadPayload, Failure
from connectors.whatsapp import payloads
from connectors.whatsapp.failures import reported
from connectors.whatsapp.frame import Frame, Skip, seconds

_STATES: Final = {
    "sent": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "read": ReceiptState.READ,
    "played": ReceiptState.READ,  # a voice message, which was read before
    "failed": ReceiptState.FAILED,
}


def status_of(frame: Frame, raw: msgspec.Raw) -> tuple[AnyItem, ...]:
    status = wire.decode(payloads.STATUS, raw)
    if status.type not in (None, "message"):
        raise Skip(f"status of a {status.type}")
    message_id = wire.text_id(status.id)
    if message_id is None:
        raise BadPayload("status without an id")
    if status.status == "deleted":
        deletion = Deletion(
            key=message_id, at_ms=seconds(status.timestamp), accounts=frame.accounts, target=message_id
        )
        return (deletion,)
    state = _STATES.get(status.status or "")
    if state is None:
        raise BadPayload(f"unknown status {status.status}")
    who = wire.text_id(status.recipient_participant_id)
    receipt = Receipt(
        key=":".join(filter(None, (message_id, status.status, who))),
        at_ms=seconds(status.timestamp),
        accounts=frame.accounts,
        state=state,
        external_ids=(message_id,),
        failure=_failure(status.errors) if state is ReceiptState.FAILED else None,
        tracker=status.biz_opaque_callback_data or None,
        peer=_recipient(frame, status),
    )
    return (receipt,)


def _recipient(frame: Frame, status: payloads.Status) -> Peer | None:
    if status.recipient_type == "group" or not (status.recipient_id or status.recipient_user_id):
        return None
    return frame.peer(status.recipient_id, status.recipient_user_id)


def _failure(errors: list[payloads.Error] | None) -> Failure:
    error = errors[0] if errors else payloads.Error()
    return reported(wire.text_id(error.code), error.title or error.message, details_of(error))


def details_of(error: payloads.Error) -> str | None:
    return (error.error_data.details if error.error_data else None) or error.details
