"""Delivery receipts: as optional parameters (SMPP 3.4 §5.3.2.12, §5.3.2.35) or as text (appendix B), mostly as both.

The text is no standard: keys in any case, dates of 10 or 12 digits, fields missing or in another order, and the id
in the text may be the decimal of an id that the answer gave in hexadecimal.
"""

import re
from typing import Final

from connectors import wire
from connectors.contract import AnyItem, Ignored, Receipt, ReceiptState
from connectors.sms.smpp import failures
from connectors.sms.smpp.pdu import Message, Tlv

_NAMES: Final = "id|sub|dlvrd|submit date|done date|stat|err"
_FIELD: Final = re.compile(rf"\b({_NAMES}) ?: ?((?!(?:{_NAMES}) ?:)\S*)", re.IGNORECASE)
"""A field may be empty: what follows then is the next one's name, and no value."""
_TEXT: Final = re.compile(r"\btext ?:", re.IGNORECASE)
_LONGEST_ID: Final = 65
"""§5.2.23, with the closing octet."""
_SHOWN: Final = 2000


def read(message: Message, ids: str = "same") -> AnyItem | None:
    """The report; None when it names no message or no state."""
    text = _text(message)
    # What follows "text:" is the customer's: it must not be read as fields.
    fields = {name.lower(): value for name, value in _FIELD.findall(_TEXT.split(text[:_SHOWN], 1)[0])}
    names = _names(message, fields.get("id", ""), ids)
    word = _word(message, fields.get("stat", ""))
    if not names or word not in failures.STATES:
        return None
    key = wire.fingerprint(*names, word)
    state = failures.STATES[word]
    if state is None:
        return Ignored(key=key, why="a receipt that tells nothing")
    failed = state is ReceiptState.FAILED
    return Receipt(
        key=key,
        state=state,
        external_ids=names,
        failure=failures.undelivered(word, _error(message, fields.get("err", ""))) if failed else None,
    )


def is_told(message: Message) -> bool:
    """Whether the optional parameters say by themselves that this is a report, whatever ``esm_class`` says."""
    return Tlv.RECEIPTED_MESSAGE_ID in message.tlvs and Tlv.MESSAGE_STATE in message.tlvs


def _text(message: Message) -> str:
    """An SMSC writes reports in ASCII, also where its alphabet is GSM's: an id's ``_`` is no ``§``."""
    if message.data_coding == 8:
        return message.data.decode("utf-16-be", "replace").lstrip("\ufeff")
    return message.data.decode("latin-1")


def _names(message: Message, in_text: str, ids: str) -> tuple[str, ...]:
    """The ids of the one message that this is about, as our answers named it: both, where the two differ."""
    tlv = message.tlvs.get(Tlv.RECEIPTED_MESSAGE_ID, b"").split(b"\0")[0].decode("latin-1")
    found = [normal(wire.clean_text(each), "" if ids == "same" else ids) for each in (tlv, in_text)]
    return tuple(dict.fromkeys(each for each in found if each and len(each) <= _LONGEST_ID))


def _word(message: Message, in_text: str) -> str:
    state = message.tlvs.get(Tlv.MESSAGE_STATE, b"")
    if len(state) == 1 and state[0] in failures.WORDS:
        return failures.WORDS[state[0]]
    # Some write the word out, others cut it to seven letters.
    word = in_text.upper()[:7]
    return failures.SPELLINGS.get(word, word)


def _error(message: Message, in_text: str) -> str:
    tlv = message.tlvs.get(Tlv.NETWORK_ERROR_CODE, b"")
    code = str(int.from_bytes(tlv[1:], "big")) if len(tlv) == 3 else in_text
    return "" if not code.strip("0") else wire.clean_text(code)[:40]


def normal(message_id: str, ids: str) -> str:
    """An id of a receipt as :func:`answered` writes that of an answer."""
    return _number(message_id, 16 if ids == "decimal" else 10) if ids else message_id


def answered(message_id: str, ids: str) -> str:
    """An id of a submit_sm_resp, as it is kept: where the two forms differ, as a decimal number."""
    if ids == "same":
        return message_id
    return _number(message_id, 16 if ids == "hex" else 10)


def _number(text: str, base: int) -> str:
    """What is not a number in that base stays what it is."""
    digits = "0-9a-f" if base == 16 else "0-9"
    return str(int(text, base)) if re.fullmatch(f"[{digits}]{{1,32}}", text, re.IGNORECASE) else text
