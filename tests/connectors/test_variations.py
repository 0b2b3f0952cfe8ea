"""What else providers send of the kinds that the recorded payloads are of: see ``variations``."""

import json
from codecs import BOM_UTF8
from typing import Any

import pytest

from connectors.contract import Ignored, InboundMessage, Unknown
from connectors.errors import BadPayload
from connectors.sms.smpp import inbound, pdu
from tests.connectors import samples, variations
from tests.connectors.test_samples import assert_harmless, mutations
from tests.connectors.variations import Variation, smpp

ALL = [pytest.param(each, id=f"{each.kind}: {each.what}") for each in variations.everything()]


@pytest.mark.parametrize("variation", ALL)
def test_a_variation_becomes_what_its_table_says(variation: Variation) -> None:
    items = samples.parse(variation.kind, variation.body)
    assert len(items) == len(variation.expect), items
    for item, wanted in zip(items, variation.expect, strict=True):
        check(item, wanted)
    again = samples.parse(variation.kind, variation.body)
    assert items == again, "the same call has the same keys"
    assert len({(type(item), item.key) for item in items}) in (len(items), 1)


def check(item: Any, wanted: dict[str, Any]) -> None:
    assert isinstance(item, Unknown) is (wanted["op"] == "quarantine"), item
    assert isinstance(item, Ignored) is (wanted["op"] == "ignore"), item
    if wanted["op"] == "quarantine":
        return
    samples.assert_matches(item, wanted)
    if isinstance(item, InboundMessage):
        assert item.attachments or not wanted.get("attachments")
        assert "attachments" in wanted or not item.attachments
        assert "kind" in wanted or item.note is None


@pytest.mark.parametrize("kind", variations.TABLES)
def test_a_variation_cut_anywhere_is_refused_or_kept(kind: str) -> None:
    """JSON that was cut is no JSON; of a form nobody can tell, but it harms nothing."""
    for variation in variations.of(kind):
        for cut in (variation.body[:end] for end in range(len(variation.body))):
            if cut.removeprefix(BOM_UTF8).startswith((b"{", b"[")):
                with pytest.raises(BadPayload):
                    samples.parse(kind, cut)
            else:
                assert_harmless(kind, cut)


@pytest.mark.parametrize("kind", [kind for kind in variations.TABLES if kind not in ("sms", "smsapi")])
def test_a_variation_with_any_field_of_the_wrong_type_is_harmless(kind: str) -> None:
    texts = [each.body for each in variations.of(kind) if each.body.startswith((b"{", b"["))]
    for wrong in (None, [[]], "\0\ud800", 1e308):
        for changed in (each for text in texts for each in mutations(json.loads(text), wrong)):
            assert_harmless(kind, json.dumps(changed).encode())


def test_different_variations_have_different_keys() -> None:
    for kind in variations.TABLES:
        seen: dict[tuple[type[Any], str], str] = {}
        for variation in variations.of(kind):
            for item in samples.parse(kind, variation.body):
                other = seen.setdefault((type(item), item.key), variation.what)
                assert other == variation.what


@pytest.mark.parametrize("row", [pytest.param(row, id=row[0]) for row in smpp.TABLE])
def test_a_pdu_becomes_what_its_table_says(row: tuple[Any, ...]) -> None:
    _, data, *expected = row
    items = inbound.read(data)
    assert len(items) == len(expected), items
    for item, wanted in zip(items, expected, strict=True):
        check(item, wanted)
    for end in range(len(data)):
        [cut] = inbound.read(data[:end])
        assert isinstance(cut, Unknown)
        if end >= pdu.HEADER:  # the same cut, with a length that agrees
            assert inbound.read(end.to_bytes(4, "big") + data[4:end])
