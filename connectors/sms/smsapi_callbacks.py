"""One SMSAPI callback to our items.  Pure: values in, values out.

Facts: smsapi.pl/docs, "Odbiory Wiadomości" (an SMS: ``sms_to``, ``sms_from``, ``sms_text``, ``sms_date`` in seconds,
``username``, ``MsgId``; numbers without ``+``) and "Raporty Callback" (one to five reports in a GET, the values of each
column separated by commas; erigones/esdc-ce reads them like that in production).
"""

from collections.abc import Collection
from typing import Final

from connectors import numbers, wire
from connectors.contract import (
    AnyItem,
    Ignored,
    InboundMessage,
    Receipt,
    ReceiptState,
    Unknown,
)
from connectors.errors import BadPayload
from connectors.sms import callbacks
from connectors.sms.marks import tracker_of
from connectors.sms.smsapi_failures import undelivered

_STATES: Final = {
    "402": ReceiptState.FAILED,
    "403": ReceiptState.SENT,
    "404": ReceiptState.DELIVERED,
    "405": ReceiptState.FAILED,
    "406": ReceiptState.FAILED,
    "407": ReceiptState.FAILED,
    "409": ReceiptState.QUEUED,
    "410": ReceiptState.SENT,
    "411": ReceiptState.QUEUED,
    "412": ReceiptState.FAILED,
}
_NO_NEWS: Final = ("401", "408")
"""NOT_FOUND and UNKNOWN: SMSAPI cannot tell, so nothing changes."""
_MOST_REPORTS: Final = 100
"""SMSAPI sends five at most."""


def parse(parameters: callbacks.Parameters, stop_words: Collection[str]) -> tuple[AnyItem, ...]:
    """A message (with the consent it gives or takes), or reports.  A call without any fields is a test of the address."""
    form = callbacks.clean(parameters)
    if "sms_from" in form or "sms_text" in form:
        return _message(form, stop_words)
    if "MsgId" in form and "status" in form:
        return _reports(form)
    if not set(form) - {"username"}:
        return ()
    return (Unknown(key=wire.fingerprint(*sorted(form.items())), why="neither"),)


# ------------------------------------------------------------------------------------------ messages


def _message(form: dict[str, str], stop_words: Collection[str]) -> tuple[AnyItem, ...]:
    sender, to = form.get("sms_from", ""), form.get("sms_to", "")
    text, date = form.get("sms_text", ""), form.get("sms_date", "")
    key = form.get("MsgId") or wire.fingerprint(sender, to, date, text)
    peer = callbacks.person(numbers.from_msisdn(sender))
    if peer is None:
        return (Unknown(key=key, why="no_sender"),)
    account = numbers.from_msisdn(to)
    message = InboundMessage(
        key=key,
        at_ms=wire.as_ms(date, seconds=True),
        accounts=(account,) if account is not None else (),
        peer=peer,
        external_id=key,
        text=text,
        note=None if text else "empty",
        reply_allowed=numbers.can_be_answered(peer.id),
    )
    consent = callbacks.decision(message, stop_words)
    return (message, consent) if consent else (message,)


# ------------------------------------------------------------------------------------------ reports


def _reports(form: dict[str, str]) -> tuple[AnyItem, ...]:
    ids = form["MsgId"].rstrip(", ").split(",")
    if len(ids) > _MOST_REPORTS:
        raise BadPayload("too many reports")
    statuses, dates = (_column(form.get(name, ""), len(ids)) for name in ("status", "donedate"))
    marks = form.get("idx", "").split(",")
    return tuple(
        _report(
            message_id.strip(),
            statuses[index].strip(),
            dates[index].strip(),
            marks[index] if len(marks) == len(ids) else "",
        )
        for index, message_id in enumerate(ids)
    )


def _column(values: str, count: int) -> list[str]:
    """A column may be shorter than the others: what is the same for all is given once."""
    given = values.rstrip(", ").split(",")
    return given * count if len(given) == 1 else given + [""] * count


def _report(message_id: str, status: str, date: str, mark: str) -> AnyItem:
    key = f"{message_id}:{status}"
    if status in _NO_NEWS:
        return Ignored(key=key, why=f"status {status}")
    if not message_id or status not in _STATES:
        return Unknown(key=key, why=f"unknown_kind: status {status}" if message_id else "bad_report")
    state = _STATES[status]
    return Receipt(
        key=key,
        at_ms=wire.as_ms(date, seconds=True),
        state=state,
        external_ids=(message_id,),
        failure=undelivered(status) if state is ReceiptState.FAILED else None,
        tracker=tracker_of(mark),
    )
