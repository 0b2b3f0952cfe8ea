"""What an SMSC tells us to our items.  Pure: one PDU in, values out.

A message has no id in SMPP, so its ``key`` is given from outside (see ``arrivals``); everything else is in the PDU.
"""

from collections.abc import Collection
from typing import Final

import msgspec

from connectors import numbers, wire
from connectors.contract import AnyItem, Control, Ignored, InboundMessage, Part, Peer, Receipt, Unknown
from connectors.sms import callbacks
from connectors.sms.smpp import gsm7, pdu, receipts
from connectors.sms.smpp.pdu import BadPdu, Command, Message, Tlv

_MESSAGE_TYPE: Final = 0x3C
"""Bits of esm_class that tell what a deliver_sm is (§5.2.12)."""
_RECEIPTS: Final = (0x04, 0x20)
"""A delivery receipt, and an intermediate notification."""
_UDHI: Final = 0x40
_NATIONAL: Final = 2
_CONCAT_8: Final = 0x00
_CONCAT_16: Final = 0x08
"""Information elements of the header, 3GPP TS 23.040 §9.2.3.24."""

REPEATED: Final = "repeated"
"""Note of a message that may be one that we have already."""

Concat = tuple[int, int, int]
"""Reference, number of the part from 1, how many."""


def read(
    data: bytes,
    *,
    key: str | None = None,
    stop_words: Collection[str] = (),
    region: str = "",
    alphabet: str = "gsm7",
    receipt_ids: str = "same",
    repeated: bool = False,
) -> tuple[AnyItem, ...]:
    """One whole PDU of the SMSC's own.  What is not understood becomes Unknown; nothing is raised.

    ``repeated``: a message may be one that we have already, given once more.
    """
    key = key or wire.fingerprint(data.hex())
    try:
        found = pdu.decode(data)
        if found.command in (Command.ENQUIRE_LINK, Command.UNBIND):
            return (Control(key=key, event=Command(found.command).name.lower()),)
        if found.command not in (Command.DELIVER_SM, Command.DATA_SM):
            return (Unknown(key=key, why=f"unknown_kind: command 0x{found.command:08X}"),)
        message = pdu.read_message(found)
        if message.esm_class & _MESSAGE_TYPE in _RECEIPTS or receipts.is_told(message):
            return (_receipt(message, key, receipt_ids, region),)
        return _message(message, key, stop_words, region, alphabet, REPEATED if repeated else None)
    except BadPdu as error:
        return (Unknown(key=key, why=f"unreadable: {error}"),)


def _receipt(message: Message, key: str, receipt_ids: str, region: str) -> AnyItem:
    found = receipts.read(message, receipt_ids)
    if found is None:
        return Unknown(key=key, why="bad_report")
    reference = message.tlvs.get(Tlv.USER_MESSAGE_REFERENCE, b"")
    if isinstance(found, Receipt) and len(reference) == 2:
        return msgspec.structs.replace(found, reference=reference.hex(), peer=_peer(message, region))
    return found


def _message(
    message: Message,
    key: str,
    stop_words: Collection[str],
    region: str,
    alphabet: str,
    note: str | None,
) -> tuple[AnyItem, ...]:
    peer = _peer(message, region)
    if peer is None:
        return (Unknown(key=key, why="no_sender"),)
    if message.esm_class & _MESSAGE_TYPE:
        return (Ignored(key=key, why=f"esm_class 0x{message.esm_class:02X}"),)
    body, concat = _unwrapped(message)
    text = decoded(body, message.data_coding, alphabet)
    answerable = numbers.can_be_answered(peer.id)
    if concat is not None:
        reference, number, count = concat
        part = Part(
            key=key,
            peer=peer,
            external_id=key,
            reference=str(reference),
            number=number,
            count=count,
            text=text or "",
            reply_allowed=answerable,
        )
        return (part,)
    note = "unsupported:binary" if text is None else note if text else "empty"
    found = InboundMessage(
        key=key, peer=peer, external_id=key, text=text or "", note=note, reply_allowed=answerable
    )
    decision = callbacks.decision(found, stop_words)
    return (found, decision) if decision else (found,)


def _peer(message: Message, region: str) -> Peer | None:
    source = message.source
    national = region if region and source.ton == _NATIONAL else None
    return callbacks.person(numbers.from_smpp(wire.clean_text(source.number), national))


# ------------------------------------------------------------------------------------------ parts


def _unwrapped(message: Message) -> tuple[bytes, Concat | None]:
    """The text's octets without a header before it, and which part of a long message they are."""
    body, concat = message.data, _sar(message)
    if message.esm_class & _UDHI:
        reader = pdu.Reader(body)
        header = pdu.Reader(reader.take(reader.octet()))
        body = reader.take(reader.left)
        while header.left:
            element = header.octet()
            value = header.take(header.octet())
            concat = _element(element, value) or concat
    return body, concat


def _element(element: int, value: bytes) -> Concat | None:
    if element == _CONCAT_8 and len(value) == 3:
        return _sound(value[0], value[2], value[1])
    if element == _CONCAT_16 and len(value) == 4:
        return _sound(int.from_bytes(value[:2], "big"), value[3], value[2])
    return None


def _sar(message: Message) -> Concat | None:
    names = (Tlv.SAR_MSG_REF_NUM, Tlv.SAR_SEGMENT_SEQNUM, Tlv.SAR_TOTAL_SEGMENTS)
    given = [message.tlvs.get(name) for name in names]
    if not all(given):
        return None
    reference, number, count = (int.from_bytes(value or b"", "big") for value in given)
    return _sound(reference, number, count)


def _sound(reference: int, number: int, count: int) -> Concat | None:
    """TS 23.040: numbers that make no sense are ignored, and the part is a message of its own."""
    return (reference, number, count) if 2 <= count <= 255 and 1 <= number <= count else None


# ------------------------------------------------------------------------------------------ alphabets


_CODECS: Final = {
    1: "ascii",
    3: "latin-1",
    5: "shift_jis",
    6: "iso8859_5",
    7: "iso8859_8",
    8: "utf-16-be",
    10: "iso2022_jp",
    14: "euc_kr",
}
"""§5.2.19; 2 and 4 are binary, 0 is what the SMSC takes for its own."""


def decoded(data: bytes, coding: int, alphabet: str = "gsm7") -> str | None:
    """The text, clean enough for every database; None for what is no text."""
    if coding >= 0x10:
        coding = _by_scheme(coding)
    if coding == 0:
        text = data.decode("latin-1") if alphabet == "latin1" else gsm7.decode(data)
    elif coding in _CODECS:
        text = data.decode(_CODECS[coding], "replace")
    else:
        return None
    # Some telephones begin with a byte order mark.
    return wire.clean_text(text.removeprefix("\ufeff").replace("\r\n", "\n").rstrip("\0\r"))


def _by_scheme(coding: int) -> int:
    """Codings of GSM itself (TS 23.038 §4): the alphabet is in two bits; in the last group, in one."""
    if coding >= 0xF0:
        return 4 if coding & 0x04 else 0
    if coding < 0x40 and not coding & 0x20:
        return {0x00: 0, 0x04: 4, 0x08: 8}.get(coding & 0x0C, 2)
    return {0xC0: 0, 0xD0: 0, 0xE0: 8}.get(coding & 0xF0, 2)
