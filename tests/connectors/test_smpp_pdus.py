"""SMPP without a connection: PDUs to what they mean, a text to its parts, numbers to addresses, settings that are wrong."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import registry
from connectors.contract import Control, Ignored, InboundMessage, Part, Receipt, Unknown
from connectors.sms import segments as counted
from connectors.sms.smpp import gsm7, inbound, outbound, pdu, receipts
from connectors.sms.smpp.pdu import Command, Pdu
from tests.connectors import samples
from tests.support.smpp import TO, opened, read, settings_of

ENTRIES = [entry for entry in samples.load("manifest.json") if entry["file"].startswith("smpp/")]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_a_pdu_becomes_what_the_manifest_says(entry: dict[str, Any]) -> None:
    data = bytes.fromhex(samples.body(entry["file"]).decode())
    items = read(data)
    assert len(items) == len(entry["expect"])
    for item, wanted in zip(items, entry["expect"], strict=True):
        if wanted["op"] == "quarantine":
            assert isinstance(item, Unknown)
        else:
            assert not isinstance(item, Unknown)
            samples.assert_matches(item, wanted)
    for end in range(len(data)):
        [cut] = read(data[:end])
        assert isinstance(cut, Unknown)
        # The same cut, with a length that agrees: fields are missing, and nothing is raised.
        if end >= pdu.HEADER:
            for item in read(end.to_bytes(4, "big") + data[4:end]):
                assert isinstance(item, InboundMessage | Unknown | Part | Receipt | Control | Ignored)


@given(st.binary(max_size=300), st.sampled_from([5, 0x103, 0x15, 4, 0x80000004]))
def test_no_bytes_raise_anything(body: bytes, command: int) -> None:
    for item in read(Pdu(command=command, sequence=1, body=body).encode()):
        assert "\0" not in str(samples.facts(item)["text"])
        str(samples.facts(item)).encode()


def test_alphabets_of_gsm_itself_and_what_a_setting_changes() -> None:
    utf16 = "ą".encode("utf-16-be")
    assert inbound.decoded(utf16, 0x18) == inbound.decoded(utf16, 0xE0) == "ą"
    assert inbound.decoded(b"\x00", 0xF1) == "@"
    assert inbound.decoded(b"\x00", 0xF5) is None
    assert inbound.decoded(b"\xe9\xe8", 0, "latin1") == "éè"
    assert inbound.decoded(b"\xd8\x3d", 8) == "�"
    assert gsm7.decode(b"a\x1b") == "a"


def test_ids_in_two_forms_are_one() -> None:
    assert receipts.answered("1D305B4C", "hex") == receipts.normal("489708364", "hex") == "489708364"
    assert receipts.answered("0489708364", "decimal") == receipts.normal("1d305b4c", "decimal") == "489708364"
    assert receipts.answered("m-1", "hex") == receipts.normal("m-1", "hex") == "m-1"
    assert receipts.answered("00ab", "same") == receipts.normal("00ab", "same") == "00ab"


# ------------------------------------------------------------------------------------------ parts of a text


@pytest.mark.parametrize("vector", samples.load("sms_segments.json"), ids=lambda v: v["text"][:20])
def test_a_text_is_cut_as_it_is_counted(vector: dict[str, Any]) -> None:
    made = outbound.segments(vector["text"])
    assert len(made) == vector["segments"]
    assert {each.coding for each in made} == {0 if vector["encoding"] == "GSM-7" else 8}


@given(
    st.text(st.sampled_from("a€[ąż😀é\n"), max_size=400), st.sampled_from(["udh8", "udh16", "sar", "payload"])
)
def test_parts_put_together_are_the_text_and_each_is_whole(text: str, how: str) -> None:
    made = outbound.segments(text, long_messages=how)
    texts = [inbound.decoded(each.data, each.coding) for each in made]
    assert "".join(each or "" for each in texts) == text
    for each in made if how != "payload" else ():
        assert len(each.data) <= (160 if each.coding == 0 else 140)
    if how in ("udh8", "sar"):
        assert len(made) == counted.segments(text).count


def test_all_settings_of_parts_are_read_back() -> None:
    for how in ("udh8", "udh16", "sar"):
        settings = settings_of(long_messages=how)
        made = outbound.messages("x€" * 200, TO, "mark", settings)
        again = outbound.messages("x€" * 200, TO, "mark", settings)
        assert [pdu.write_message(each) for each in made] == [pdu.write_message(each) for each in again]
        parts = [
            item
            for each in made
            for item in read(
                Pdu(command=Command.DELIVER_SM, sequence=1, body=pdu.write_message(each)).encode()
            )
        ]
        assert [(part.number, part.count) for part in parts if isinstance(part, Part)] == [
            (number, len(made)) for number in range(1, len(made) + 1)
        ]
        assert len({part.reference for part in parts if isinstance(part, Part)}) == 1
    [whole] = outbound.messages("ą" * 300, TO, "mark", settings_of(long_messages="payload"))
    [item] = read(Pdu(command=Command.DELIVER_SM, sequence=1, body=pdu.write_message(whole)).encode())
    assert isinstance(item, InboundMessage)
    assert item.text == "ą" * 300


def test_senders_of_every_kind() -> None:
    found = [outbound.sender(settings_of(sender=each)) for each in ("+48732001002", "48799", "Sklep")]
    assert [(each.number, each.ton, each.npi) for each in found] == [
        ("48732001002", 1, 1),
        ("48799", 3, 1),
        ("Sklep", 5, 0),
    ]
    assert outbound.sender(settings_of(sender="48799", source_ton=0, source_npi=0)).ton == 0
    receive = [opened(sender=s, number=n).capabilities.receive for s, n in (("Sklep", ""), ("Sklep", "7100"))]
    assert receive == [False, True]


@pytest.mark.parametrize("wrong", ["http://a", "smpp://", "smpp://a:0", "smpp://a:99999", "smpp://u:p@a"])
def test_an_address_that_is_none_is_named(wrong: str) -> None:
    with pytest.raises(registry.BadSettings, match="api_base: expected"):
        opened(api_base=wrong)
