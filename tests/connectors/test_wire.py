"""Reading JSON of any shape into Structs, and the fields in it."""

import msgspec
import pytest

from connectors import wire
from connectors.errors import BadPayload


class Inner(msgspec.Struct):
    number: wire.Number = None
    words: list[str] | None = None


class Outer(msgspec.Struct):
    id: wire.Id = None
    inner: Inner | None = None
    raw: dict[str, msgspec.Raw] | None = None
    renamed: str | None = msgspec.field(name="from", default=None)


DECODER = msgspec.json.Decoder(Outer)


def test_a_wrong_field_costs_only_itself() -> None:
    found = wire.decode(
        DECODER, b'{"id":{},"inner":{"number":[],"words":["a",1,"b"]},"from":"x","raw":{"k":[1]}}'
    )
    assert found == Outer(inner=Inner(words=["a", "b"]), renamed="x", raw=found.raw)
    assert found.raw is not None
    assert bytes(found.raw["k"]) == b"[1]"
    assert wire.decode(DECODER, b'{"inner":7}') == Outer()


@pytest.mark.parametrize("number", [b"NaN", b"1e400", b"-Infinity"])
def test_numbers_that_are_none_are_absent(number: bytes) -> None:
    assert wire.decode(DECODER, b'{"inner":{"number":' + number + b'},"id":1}') == Outer(id=1, inner=Inner())


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"a":1}x', b"[" * 100_000, b"\x00"])
def test_what_is_no_object_is_a_bad_payload(body: bytes) -> None:
    with pytest.raises(BadPayload):
        wire.decode(DECODER, body)


def test_ids_stay_exact_and_absurd_ones_vanish() -> None:
    assert wire.text_id(4912661846655238145) == "4912661846655238145"
    assert [wire.text_id(value) for value in ("", None, 10**5000)] == [None, None, None]


def test_times_are_times() -> None:
    assert wire.as_ms("1648581633369") == 1648581633369
    assert wire.as_ms(1648581633, seconds=True) == 1648581633000
    assert [wire.as_ms(value) for value in (0, -5, None, "x", 4977069964384421269)] == [None] * 5


def test_fingerprints_tell_facts_apart() -> None:
    assert wire.fingerprint("a", None, 1) == wire.fingerprint("a", None, "1")
    assert wire.fingerprint("a", "b") != wire.fingerprint("ab", "")
    assert wire.fingerprint("\ud800")
