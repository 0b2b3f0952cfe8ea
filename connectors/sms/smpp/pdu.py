"""SMPP 3.4 on the wire: bytes in, values out, and back.  Pure; section numbers are those of the specification 3.4, issue 1.2."""

import struct
from enum import IntEnum
from typing import Final

import msgspec

HEADER: Final = 16
LONGEST: Final = 70_000
"""A message_payload may hold 64 KiB; nothing longer is read."""

_HEADER: Final = struct.Struct(">IIII")
_TLV: Final = struct.Struct(">HH")
RESPONSE: Final = 0x80000000


class Command(IntEnum):
    """§5.1.2.1"""

    GENERIC_NACK = 0x80000000
    BIND_TRANSCEIVER = 0x00000009
    SUBMIT_SM = 0x00000004
    DELIVER_SM = 0x00000005
    UNBIND = 0x00000006
    ENQUIRE_LINK = 0x00000015
    ALERT_NOTIFICATION = 0x00000102
    DATA_SM = 0x00000103


class Tlv(IntEnum):
    """§5.3.2"""

    RECEIPTED_MESSAGE_ID = 0x001E
    USER_MESSAGE_REFERENCE = 0x0204
    SAR_MSG_REF_NUM = 0x020C
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    MESSAGE_STATE = 0x0427


class BadPdu(Exception):
    """The bytes are not what the specification says; ``status`` is what the sender is told."""

    def __init__(self, what: str, status: int) -> None:
        super().__init__(what)
        self.status = status


INVALID_LENGTH: Final = 0x02
INVALID_COMMAND: Final = 0x03
"""ESME_RINVOPTPARAMVAL"""


class Pdu(msgspec.Struct, frozen=True, kw_only=True):
    command: int
    sequence: int
    status: int = 0
    body: bytes = b""

    def encode(self) -> bytes:
        return _HEADER.pack(HEADER + len(self.body), self.command, self.status, self.sequence) + self.body


class Address(msgspec.Struct, frozen=True):
    """§5.2.5 and §5.2.6"""

    number: str
    ton: int = 0
    npi: int = 0

    def encode(self) -> bytes:
        return bytes([self.ton, self.npi]) + cstring(self.number)


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """What submit_sm, deliver_sm and data_sm have in common (§4.4.1, §4.6.1, §4.7.1)."""

    source: Address
    destination: Address
    esm_class: int = 0
    data_coding: int = 0
    data: bytes = b""
    """The short message, or the message_payload where that is used instead."""
    registered: int = 0
    service_type: str = ""
    tlvs: dict[int, bytes] = {}


def length_of(head: bytes) -> int:
    """The length of a whole PDU by its first four octets.  Raises BadPdu where it cannot be one."""
    length = int.from_bytes(head, "big")
    if not HEADER <= length <= LONGEST:
        raise BadPdu(f"a PDU of {length} octets", INVALID_LENGTH)
    return length


def decode(data: bytes) -> Pdu:
    """One whole PDU.  Raises BadPdu."""
    if len(data) < HEADER or length_of(data[:4]) != len(data):
        raise BadPdu("the length is not that of the PDU", INVALID_LENGTH)
    _, command, status, sequence = _HEADER.unpack_from(data)
    return Pdu(command=command, status=status, sequence=sequence, body=data[HEADER:])


def cstring(text: str) -> bytes:
    return text.encode("ascii", "replace").replace(b"\0", b"") + b"\0"


# ------------------------------------------------------------------------------------------ bodies


class Reader:
    """The fields of a body, one after the other.  Raises BadPdu where it ends too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise BadPdu("the PDU ends too early", INVALID_LENGTH)
        self._at += count
        return self._data[self._at - count : self._at]

    def octet(self) -> int:
        return self.take(1)[0]

    def cstring(self) -> str:
        end = self._data.find(b"\0", self._at)
        if end < 0:
            raise BadPdu("a text without an end", INVALID_LENGTH)
        return (self.take(end - self._at) + self.take(1))[:-1].decode("latin-1")

    def address(self) -> Address:
        ton, npi = self.octet(), self.octet()
        return Address(self.cstring(), ton, npi)

    def tlvs(self) -> dict[int, bytes]:
        """All optional parameters, those of vendors too; of a repeated one the first counts."""
        found: dict[int, bytes] = {}
        while self.left:
            tag, length = _TLV.unpack(self.take(_TLV.size))
            found.setdefault(tag, self.take(length))
        return found


def read_message(pdu: Pdu) -> Message:
    """The body of a deliver_sm, submit_sm or data_sm.  Raises BadPdu."""
    reader = Reader(pdu.body)
    service_type = reader.cstring()
    source, destination = reader.address(), reader.address()
    esm_class = reader.octet()
    data = b""
    if pdu.command == Command.DATA_SM:
        registered, data_coding = reader.octet(), reader.octet()
    else:
        reader.take(2)  # protocol_id, priority_flag
        reader.cstring()  # schedule_delivery_time
        reader.cstring()  # validity_period
        registered = reader.octet()
        reader.octet()  # replace_if_present_flag
        data_coding = reader.octet()
        reader.octet()  # sm_default_msg_id
        data = reader.take(reader.octet())
    tlvs = reader.tlvs()
    return Message(
        source=source,
        destination=destination,
        esm_class=esm_class,
        data_coding=data_coding,
        data=data or tlvs.get(Tlv.MESSAGE_PAYLOAD, b""),
        registered=registered,
        service_type=service_type,
        tlvs=tlvs,
    )


def write_message(message: Message) -> bytes:
    """The body of a submit_sm; what is longer than a short message goes into message_payload."""
    short, tlvs = message.data, dict(message.tlvs)
    if len(short) > 254:
        short, tlvs[Tlv.MESSAGE_PAYLOAD] = b"", message.data
    head = cstring(message.service_type) + message.source.encode() + message.destination.encode()
    fixed = bytes([message.esm_class, 0, 0]) + b"\0\0"
    rest = bytes([message.registered, 0, message.data_coding, 0, len(short)])
    return head + fixed + rest + short + b"".join(_TLV.pack(t, len(v)) + v for t, v in tlvs.items())


def write_bind(system_id: str, password: str, system_type: str) -> bytes:
    """§4.1.5; 0x34 is this version of the protocol."""
    names = cstring(system_id) + cstring(password) + cstring(system_type)
    return names + bytes([0x34, 0, 0]) + b"\0"


def read_id(body: bytes) -> str:
    """The message_id of a submit_sm_resp; empty where there is none.  Raises BadPdu."""
    return Reader(body).cstring() if body else ""
