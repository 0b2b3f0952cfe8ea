"""What an operator's gateway calls us with: a form, a query or JSON, whose fields are named by the settings."""

from codecs import BOM_UTF8
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from connectors import numbers, wire
from connectors.contract import (
    AnyItem,
    InboundMessage,
    Part,
    Peer,
    Receipt,
    ReceiptState,
    Unknown,
    WebhookRequest,
)
from connectors.errors import BadPayload, Failure
from connectors.sms import callbacks, gateway_settings
from connectors.sms.gateway_settings import Settings
from connectors.sms.marks import tracker_of

Field = Callable[[str], str]
"""The text of a field by its name in the settings; empty when the name is empty or nothing is there."""

_MOST_ITEMS: Final = 1000
_MOST_PARTS: Final = 255
_MILLISECONDS: Final = 100_000_000_000
"""A number of seconds as great as this is after the year 5138, so it is of milliseconds."""


def found_at(tree: Any, name: str) -> Any:
    """What is at a name, or at a JSON pointer (RFC 6901) where it begins with a slash; None: nothing."""
    if not name.startswith("/"):
        return tree.get(name) if isinstance(tree, dict) else None
    for step in name[1:].split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(tree, dict):
            tree = tree.get(key)
        elif isinstance(tree, list) and key.isascii() and key.isdecimal() and len(key) < 6:
            tree = tree[int(key)] if int(key) < len(tree) else None
        else:
            return None
    return tree


def text_at(tree: Any, name: str) -> str:
    value = found_at(tree, name) if name else None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return wire.clean_text(str(value).replace("\0", ""))


def payloads(request: WebhookRequest, query: callbacks.Parameters) -> list[Any]:
    """What the call holds, as objects: a JSON body may be a list of them."""
    if request.method == "POST" and _is_json(request):
        tree = wire.tree(request.body)
        found = tree if isinstance(tree, list) else [tree]
        if len(found) > _MOST_ITEMS:
            raise BadPayload("too many items")
        return found
    return [dict(callbacks.fields_of(request, query))]


def _is_json(request: WebhookRequest) -> bool:
    """Not all operators name the type, and no form begins like an object."""
    named = "json" in request.headers.get("content-type", "").lower()
    return named or request.body.removeprefix(BOM_UTF8).lstrip().startswith((b"{", b"["))


class Reader:
    """Reads payloads by the names of the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._states = gateway_settings.states(settings)
        self._stop_words = frozenset(word.upper() for word in settings.stop_words)

    def read(self, payload: Any) -> tuple[AnyItem, ...]:
        """A report where a state is told, else a message (with the consent it gives or takes)."""
        if not payload:
            return ()
        names = self._settings

        def field(name: str) -> str:
            return text_at(payload, name)

        word = field(names.report_state).strip().upper()
        state = self._states.get(word)
        if state is not None and (field(names.report_id) or field(names.report_mark)):
            return (self._report(field, state),)
        peer = callbacks.person(numbers.from_msisdn(field(names.in_from)))
        # A word that we do not know may be of a report that repeats the text: nobody wrote that.
        is_message = not word or (word in self._states and state is None)
        if is_message and peer is not None and found_at(payload, names.in_text) is not None:
            part = self._part(field, peer)
            return (part,) if part is not None else self._message(field, peer)
        why = f"unknown_kind: {word[:40]}" if word else "neither"
        return (Unknown(key=wire.fingerprint(payload), why=why),)

    def _message(self, field: Field, peer: Peer) -> tuple[AnyItem, ...]:
        names = self._settings
        text, to = field(names.in_text), field(names.in_to)
        key = field(names.in_id) or wire.fingerprint(peer.id, to, field(names.in_time), text)
        account = numbers.from_msisdn(to)
        message = InboundMessage(
            key=key,
            at_ms=moment(field(names.in_time)),
            accounts=(account,) if account is not None else (),
            peer=peer,
            external_id=key,
            text=text,
            note=None if text else "empty",
            reply_allowed=numbers.can_be_answered(peer.id),
        )
        consent = callbacks.decision(message, self._stop_words)
        return (message, consent) if consent else (message,)

    def _part(self, field: Field, peer: Peer) -> Part | None:
        """A part of a long message; None: the message is whole."""
        names = self._settings
        number, count = wire.as_int(field(names.in_part)), wire.as_int(field(names.in_parts))
        reference, to, text = field(names.in_reference), field(names.in_to), field(names.in_text)
        if number is None or count is None or not reference:
            return None
        if count < 2 or not 1 <= number <= count <= _MOST_PARTS:
            return None
        # Some operators give all parts the same id.
        name = field(names.in_id) or wire.fingerprint(peer.id, to, field(names.in_time), reference)
        account = numbers.from_msisdn(to)
        return Part(
            key=f"{name}:{number}",
            at_ms=moment(field(names.in_time)),
            accounts=(account,) if account is not None else (),
            peer=peer,
            external_id=name,
            reference=f"{to}:{reference}" if to else reference,
            number=number,
            count=count,
            text=text,
            reply_allowed=numbers.can_be_answered(peer.id),
        )

    def _report(self, field: Field, state: ReceiptState) -> Receipt:
        names = self._settings
        message_id, mark = field(names.report_id), field(names.report_mark)
        word = field(names.report_state).strip()
        failure = None
        if state is ReceiptState.FAILED:
            said = f"{word} {field(names.report_reason)}".strip()[:200]
            sentence = f"The operator did not deliver the message ({said.rstrip('.')})."
            failure = Failure(code="undelivered", text=sentence, provider_code=said)
        return Receipt(
            key=f"{message_id or mark}:{word.upper()}",
            state=state,
            external_ids=(message_id,) if message_id else (),
            failure=failure,
            tracker=tracker_of(mark),
        )


def moment(text: str) -> int | None:
    """Epoch milliseconds of a number of seconds or milliseconds, or of an ISO time that names its zone."""
    number = wire.as_int(text)
    if number is not None:
        return wire.as_ms(number, seconds=number < _MILLISECONDS)
    try:
        at = datetime.fromisoformat(text)
        return wire.as_ms(int(at.timestamp() * 1000)) if at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
