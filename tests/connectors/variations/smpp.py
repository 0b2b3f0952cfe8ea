"""SMPP 3.4 (and 5.0's states), 3GPP TS 23.040 and TS 23.038; what SMSCs write into receipts is no standard."""

from typing import Any

from connectors.sms.smpp.pdu import Address, Command, Message, Pdu, write_message
from tests.connectors.variations.words import IGNORED, QUARANTINED, Row

PEER = "+48799123456"
ID, STATE, ERROR, PAYLOAD = 0x001E, 0x0427, 0x0423, 0x0424
REF, TOTAL, SEQ = 0x020C, 0x020E, 0x020F
VENDOR = 0x1400


def deliver(data: bytes = b"", coding: int = 0, tlvs: dict[int, bytes] | None = None, **fields: Any) -> bytes:
    source = fields.pop("source", Address("48799123456", 1, 1))
    message = Message(
        source=source,
        destination=Address("48732001002", 1, 1),
        data=data,
        data_coding=coding,
        tlvs=tlvs or {},
        **fields,
    )
    return Pdu(command=Command.DELIVER_SM, sequence=1, body=write_message(message)).encode()


def receipt(text: str, tlvs: dict[int, bytes] | None = None, coding: int = 0, esm_class: int = 4) -> bytes:
    data = text.encode("utf-16-be" if coding == 8 else "latin-1")
    return deliver(data, coding, tlvs, esm_class=esm_class)


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"op": "message", "peer": PEER, "text": text, **more}


def part(ref: int, number: int, total: int, text: str) -> dict[str, Any]:
    return {"op": "part", "peer": PEER, "ref": ref, "part": number, "total": total, "text": text}


def told(status: str, *ids: str, **more: Any) -> dict[str, Any]:
    return {"op": "receipt", "status": status, "ext_ids": list(ids or ("a_1",)), **more}


FULL = "id:a_1 sub:001 dlvrd:001 submit date:2607281530 done date:2607281531 stat:{} err:000 text:Dzien dobry"
UTF16 = "Zażółć 😀".encode("utf-16-be")

TABLE: list[Row] = [
    # alphabets
    ("ASCII", deliver(b"a_@$", 1), said("a_@$")),
    ("Latin 1, two lines", deliver(b"le\r\nK\xf6ln", 3), said("le\nKöln")),
    ("Cyrillic", deliver("Привет".encode("iso8859_5"), 6), said("Привет")),
    ("Hebrew", deliver("שלום".encode("iso8859_8"), 7), said("שלום")),
    ("Japanese", deliver("日本".encode("shift_jis"), 5), said("日本")),
    ("Japanese of JIS", deliver("日本".encode("iso2022_jp"), 10), said("日本")),
    ("Korean", deliver("한국".encode("euc_kr"), 14), said("한국")),
    ("UCS-2 with a byte order mark", deliver(b"\xfe\xff" + UTF16, 8), said("Zażółć 😀")),
    ("UCS-2, one octet short", deliver(UTF16[:-1], 8), said("Zażółć \ufffd")),
    ("UCS-2 by TS 23.038", deliver(UTF16, 0x18), said("Zażółć 😀")),
    ("GSM 7 by TS 23.038, class 1", deliver(b"\x00a", 0xF1), said("@a")),
    ("octets, by TS 23.038", deliver(b"\x00a", 0xF5), said("", kind="unsupported:binary")),
    ("pictures", deliver(b"\x01", 9), said("", kind="unsupported:binary")),
    ("long text in message_payload", deliver(b"a" * 300), said("a" * 300)),
    ("nothing", deliver(), said("", kind="empty")),
    # parts
    ("part in message_payload", deliver(tlvs={PAYLOAD: b"\x05\x00\x03\x2a\x02\x01abc"}, esm_class=0x40), part(42, 1, 2, "abc")),
    ("part by TLVs in UCS-2", deliver("ąę".encode("utf-16-be"), 8, {REF: b"\x01\x02", TOTAL: b"\x03", SEQ: b"\x03"}), part(258, 3, 3, "ąę")),
    ("part by TLVs of one octet", deliver(b"abc", tlvs={REF: b"\x07", TOTAL: b"\x02", SEQ: b"\x01"}), part(7, 1, 2, "abc")),
    ("the only part", deliver(b"\x05\x00\x03\x2a\x01\x01abc", esm_class=0x40), said("abc")),
    ("part beyond the last", deliver(b"\x05\x00\x03\x2a\x02\x03abc", esm_class=0x40), said("abc")),
    ("TLVs without a number", deliver(b"abc", tlvs={REF: b"\x07", TOTAL: b"\x02"}), said("abc")),
    # senders
    ("short number", deliver(b"a", source=Address("7100", 3, 1)), said("a", peer="7100", reply_allowed=True)),
    ("number with a plus", deliver(b"a", source=Address("+48799123456", 1, 1)), said("a")),
    ("number with 00", deliver(b"a", source=Address("0048799123456", 1, 1)), said("a")),
    ("name with a space", deliver(b"a", source=Address("Info SMS", 5, 0)), said("a", peer="Info SMS", reply_allowed=False)),
    ("nobody", deliver(b"a", source=Address("", 0, 0)), QUARANTINED),
    # reports
    *[
        (f"report {word}", receipt(FULL.format(word)), told(status))
        for word, status in (
            ("ENROUTE", "sent"), ("ACCEPTD", "sent"), ("ACCEPTED", "sent"), ("DELIVRD", "delivered"), ("delivered", "delivered"),
            ("UNDELIVERABLE", "failed"), ("REJECTED", "failed"), ("FAILED", "failed"), ("DELETED", "failed"), ("EXPIRED", "failed"),
        )
    ],
    ("report UNKNOWN", receipt(FULL.format("UNKNOWN")), IGNORED),
    ("report of tomorrow", receipt(FULL.format("TELEPRT")), QUARANTINED),
    ("report with empty fields", receipt("id:a_1 sub: dlvrd: submit date:2607281530 done date: stat:DELIVRD err: text:"), told("delivered")),
    ("report with spaces and in another order", receipt("STAT : DELIVRD Err: 001 ID : a_1"), told("delivered")),
    ("failed, with the network's code", receipt("id:a_1 stat:UNDELIV err:0A7 text:x"), told("failed", error="UNDELIV 0A7")),
    ("the text is not read", receipt("id:a_1 stat:DELIVRD text:id:b stat:UNDELIV"), told("delivered")),
    ("report in UCS-2", receipt(FULL.format("DELIVRD"), coding=8), told("delivered")),
    ("report in message_payload", receipt("", {PAYLOAD: FULL.format("DELIVRD").encode()}), told("delivered")),
    ("report on the way", receipt(FULL.format("ENROUTE"), esm_class=0x20), told("sent")),
    ("report by TLVs alone", receipt("", {ID: b"a_1\0", STATE: b"\x02", VENDOR: b"x"}), told("delivered")),
    ("report by TLVs, and not called one", receipt("", {ID: b"a_1\0", STATE: b"\x05", ERROR: b"\x03\x00\x0b"}, esm_class=0), told("failed", error="UNDELIV 11")),
    ("report by TLVs, of version 5", receipt("", {ID: b"a_1\0", STATE: b"\x00"}), told("sent")),
    ("TLVs count before the text", receipt(FULL.format("ENROUTE"), {STATE: b"\x02"}), told("delivered")),
    ("report without an id", receipt("id: stat:DELIVRD"), QUARANTINED),
    ("report without a state", receipt("id:a_1 stat: err:000"), QUARANTINED),
    # what is no message
    *[(f"esm_class 0x{kind:02X}", deliver(b"a", esm_class=kind), IGNORED) for kind in (0x08, 0x10, 0x18)],
    ("somebody is there again", Pdu(command=Command.ALERT_NOTIFICATION, sequence=1, body=b"\0\0\0" * 2).encode(), QUARANTINED),
]  # fmt: skip
