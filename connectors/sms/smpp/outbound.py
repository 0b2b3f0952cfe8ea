"""One text to the submit_sm that it becomes.  Pure.

Parts are cut where ``connectors.sms.segments`` counts them: neither an escape pair nor a surrogate pair is ever split.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

import msgspec

from connectors import numbers
from connectors.contract import reference_of
from connectors.sms.smpp import gsm7
from connectors.sms.smpp.pdu import Address, Message, Tlv
from connectors.sms.smpp.settings import Settings

_UDHI: Final = 0x40
_INTERNATIONAL: Final = (1, 1)
_ALPHANUMERIC: Final = (5, 0)
_SHORT: Final = (3, 1)
"""Network specific: a short code."""
_UCS2: Final = 8
_ROOM: Final = {
    # (septets, UTF-16 units) of one part beside its header of 6 or 7 octets; the SMSC writes a SAR's header itself.
    "udh8": (153, 67),
    "udh16": (152, 66),
    "sar": (153, 67),
}


class Segment(msgspec.Struct, frozen=True):
    """What one part holds."""

    data: bytes
    coding: int


def segments(text: str, *, alphabet: str = "gsm7", long_messages: str = "udh8") -> list[Segment]:
    """The parts of a text, at least one; with ``payload`` always one, which the SMSC cuts."""
    pieces = [gsm7.encode(char) for char in text]
    if all(
        piece is not None and (alphabet == "gsm7" or char < "\u0100")
        for char, piece in zip(text, pieces, strict=True)
    ):
        costs = [len(piece or b"") for piece in pieces]
        written = [piece or b"" for piece in pieces]
        if alphabet == "latin1":
            written = [char.encode("latin-1") for char in text]
        coding, single, which = 0, 160, 0
    else:
        written = [char.encode("utf-16-be") for char in text]
        costs = [len(each) // 2 for each in written]
        coding, single, which = _UCS2, 70, 1
    if long_messages == "payload" or sum(costs) <= single:
        return [Segment(b"".join(written), coding)]
    return [Segment(each, coding) for each in _cut(written, costs, _ROOM[long_messages][which])]


def _cut(written: Sequence[bytes], costs: Sequence[int], room: int) -> list[bytes]:
    parts, used = [bytearray()], 0
    for piece, cost in zip(written, costs, strict=True):
        if used + cost > room:
            parts.append(bytearray())
            used = 0
        parts[-1] += piece
        used += cost
    return [bytes(part) for part in parts]


def messages(text: str, to: str, mark: str, settings: Settings) -> list[Message]:
    """The submit_sm of a text.  ``mark`` names the text: the same one gives the same parts at every attempt."""
    found = segments(text, alphabet=settings.alphabet, long_messages=settings.long_messages)
    reference = blake2b(mark.encode(), digest_size=2).digest()
    source, destination = sender(settings), address(to)
    made = []
    for index, segment in enumerate(found):
        place = (len(found), index + 1)
        header = b""
        tlvs: dict[Tlv, bytes] = {}
        if len(found) > 1 and settings.long_messages == "udh8":
            header = bytes([5, 0, 3, reference[0], *place])
        elif len(found) > 1 and settings.long_messages == "udh16":
            header = bytes([6, 8, 4, *reference, *place])
        elif len(found) > 1:
            total, number = (bytes([each]) for each in place)
            tlvs |= {Tlv.SAR_MSG_REF_NUM: reference, Tlv.SAR_TOTAL_SEGMENTS: total}
            tlvs[Tlv.SAR_SEGMENT_SEQNUM] = number
        made.append(
            Message(
                source=source,
                destination=destination,
                esm_class=_UDHI if header else 0,
                data_coding=segment.coding,
                data=header + segment.data,
                registered=1,
                service_type=settings.service_type,
                tlvs={int(tag): value for tag, value in tlvs.items()},
            )
        )
    return made


def referring(message: Message, mark: str) -> Message:
    """With our mark as a report may bring it back (user_message_reference, §5.3.2.17)."""
    reference = bytes.fromhex(reference_of(mark))
    return msgspec.structs.replace(message, tlvs={**message.tlvs, int(Tlv.USER_MESSAGE_REFERENCE): reference})


def address(number: str) -> Address:
    """A number with its country code, a short code, or a name."""
    if numbers.is_telephone(number):
        return Address(number.lstrip("+"), *_INTERNATIONAL)
    return Address(number, *(_SHORT if number.isdecimal() else _ALPHANUMERIC))


def sender(settings: Settings) -> Address:
    found = address(numbers.from_msisdn(settings.sender) or settings.sender)
    ton = found.ton if settings.source_ton < 0 else settings.source_ton
    npi = found.npi if settings.source_npi < 0 else settings.source_npi
    return Address(found.number, ton, npi)
