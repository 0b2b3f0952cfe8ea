"""Every recorded payload becomes what the manifest says; every damaged one becomes something harmless."""

import json
import time
from typing import Any

import msgspec
import pytest

from connectors.contract import AnyItem, Unknown
from connectors.errors import BadPayload
from tests.connectors import samples

KINDS = ("telegram", "viber", "messenger", "whatsapp", "sms", "smsapi", "gateway")
TEXTS = ["telegram/cw_text.json", "viber/node_text.json", "messenger/text.json", "whatsapp/msg_text.json"]
ENTRIES = [pytest.param(entry, id=entry["file"]) for entry in samples.inbound()]
NAMES = [entry["file"] for entry in samples.inbound()]
JSON_NAMES = [
    entry["file"]
    for entry in samples.inbound()
    if entry["file"].endswith(".json") and entry["expect"][0]["op"] != "reject"  # it need not be JSON
]


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_payload_becomes_what_the_manifest_says(entry: dict[str, Any]) -> None:
    kind, data, expected = samples.kind_of(entry["file"]), samples.body(entry["file"]), entry["expect"]
    if expected[0]["op"] == "reject":
        with pytest.raises(BadPayload):
            samples.parse(kind, data)
        return
    items = samples.parse(kind, data)
    if expected[0]["op"] == "duplicate":
        assert [item.key for item in items] == [item.key for item in samples.parse(kind, data)]
        return
    assert len(items) == len(expected), items
    for item, wanted in zip(items, expected, strict=True):
        samples.assert_matches(item, wanted)


def test_a_repeated_delivery_has_the_key_of_the_first() -> None:
    first, second = (samples.parse("telegram", samples.body(f"telegram/dup_{name}.json")) for name in "ab")
    assert [item.key for item in first] == [item.key for item in second]


@pytest.mark.parametrize("file", NAMES)
def test_a_payload_cut_anywhere_is_refused_or_understood(file: str) -> None:
    kind, data = samples.kind_of(file), samples.body(file)
    for end in range(len(data)):
        assert_harmless(kind, data[:end])


@pytest.mark.parametrize("file", JSON_NAMES)
def test_a_payload_with_any_field_of_the_wrong_type_is_still_understood(file: str) -> None:
    kind = samples.kind_of(file)
    for wrong in (
        None,
        [],
        {},
        True,
        -1,
        1e308,
        "x",
        "https://a.pl/%00%ff.pdf",
        "\0\ud800",
        [[]],
        {"id": {}},
    ):
        for changed in mutations(json.loads(samples.body(file)), wrong):
            assert_harmless(kind, json.dumps(changed).encode())


@pytest.mark.parametrize("file", [name for name in NAMES if not name.endswith(".json")])
def test_a_form_with_any_field_of_nonsense_is_still_understood(file: str) -> None:
    kind, pairs = samples.kind_of(file), samples.body(file).split(b"&")
    for index in range(len(pairs)):
        name = pairs[index].partition(b"=")[0]
        for wrong in (
            b"",
            b"=",
            b"=%00",
            b"=%ff%ed%a0%80",
            b"=1e999",
            b"=-1",
            b"=" + b"9" * 400,
            b"=%2B%C2%B2",
        ):
            assert_harmless(kind, b"&".join([*pairs[:index], name + wrong, *pairs[index + 1 :]]))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        b"1",
        b"{}",
        b"not json",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"update_id":1,"event":"message","entry":[' + b"[" * 50_000,
        b"x" * 10_000_000,
        b'{"update_id":1,"event":"x","text":"' + b"x" * 10_000_000 + b'"}',
        b'{"update_id":' + b"9" * 5_000 + b"}",
    ],
    ids=range(14),
)
def test_a_body_that_is_no_payload_raises_nothing_else(kind: str, data: bytes) -> None:
    assert_harmless(kind, data)


@pytest.mark.parametrize("kind", ["telegram", "viber", "messenger", "whatsapp"])
@pytest.mark.parametrize("data", [b"", b"null", b"[]", b"{}", b"not json", b"[" * 100_000])
def test_what_is_not_the_format_at_all_is_a_bad_payload(kind: str, data: bytes) -> None:
    with pytest.raises(BadPayload):
        samples.parse(kind, data)


@pytest.mark.parametrize("file", TEXTS)
@pytest.mark.parametrize(
    ("written", "read"),
    [
        (rb"a\u0000b", "a�b"),
        (rb"a\ud800", "a�"),
        (rb"\udfffb", "�b"),
        (rb"\ud83d\ude00", "😀"),
        (b"a\xffb", "a�b"),
        (rb"\\u0000", r"\u0000"),
    ],
)
def test_text_is_clean_enough_for_every_database(file: str, written: bytes, read: str) -> None:
    data = samples.body(file)
    text = samples.parse(samples.kind_of(file), data)[0].text
    (item,) = samples.parse(samples.kind_of(file), data.replace(text.encode(), written))
    samples.assert_matches(item, {"op": "message", "text": read})


@pytest.mark.parametrize("file", TEXTS)
def test_a_byte_order_mark_costs_nothing(file: str) -> None:
    data = samples.body(file)
    kind = samples.kind_of(file)
    assert samples.parse(kind, b"\xef\xbb\xbf" + data) == samples.parse(kind, data)


def test_different_facts_have_different_keys() -> None:
    """Within a channel and kind of item; fixtures that reuse an id are the same fact by definition."""
    for kind in KINDS:
        seen: dict[tuple[str, str], AnyItem] = {}
        for entry in samples.inbound():
            if samples.kind_of(entry["file"]) != kind or entry["expect"][0]["op"] in ("reject", "duplicate"):
                continue
            for item in samples.parse(kind, samples.body(entry["file"])):
                other = seen.setdefault((samples.op(item), item.key), item)
                assert same_id(item, other), (item, other)


def same_id(item: Any, other: Any) -> bool:
    identity = [
        (each.key, getattr(each, "external_id", None), getattr(each, "target", None))
        for each in (item, other)
    ]
    return identity[0] == identity[1]


def test_a_full_batch_is_read_in_a_moment_and_one_bad_entry_costs_only_itself() -> None:
    batch = json.loads(samples.body("messenger/text.json"))
    entry = batch["entry"][0]
    batch["entry"] = [{**entry, "messaging": [message(number)]} for number in range(1000)]
    batch["entry"][500] = {**entry, "messaging": ["broken"]}
    batch["entry"][501] = 7
    begun = time.perf_counter()
    items = samples.parse("messenger", json.dumps(batch).encode())
    assert time.perf_counter() - begun < 0.5
    assert len(items) == 1000
    assert [index for index, item in enumerate(items) if isinstance(item, Unknown)] == [500, 501]


def message(number: int) -> dict[str, Any]:
    return {"sender": {"id": "1"}, "timestamp": 1491796363181, "message": {"mid": f"m_{number}", "text": "t"}}


def mutations(value: Any, wrong: Any) -> list[Any]:
    """``value`` with each of its inner values replaced by ``wrong``, one at a time."""
    if isinstance(value, dict):
        return [
            {**value, key: changed}
            for key, inner in value.items()
            for changed in [wrong, *mutations(inner, wrong)]
        ]
    if isinstance(value, list):
        return [
            [*value[:index], changed, *value[index + 1 :]]
            for index, inner in enumerate(value[:3])
            for changed in [wrong, *mutations(inner, wrong)]
        ]
    return []


def assert_harmless(kind: str, data: bytes) -> None:
    try:
        items = samples.parse(kind, data)
    except BadPayload:
        return
    for item in items:
        assert item.key
        # As a database takes it: text of UTF-8 without NUL, times within range.
        assert item.at_ms is None or 0 < item.at_ms < 2**53
        assert b"\\u0000" not in msgspec.json.encode(item)
