"""Splitting keeps the text; numbers follow each provider's rule."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors import numbers
from connectors.text import split, utf16_length
from tests.connectors import samples


@given(st.text(), st.integers(2, 50))
def test_a_split_text_fits_and_loses_nothing_but_space(text: str, limit: int) -> None:
    pieces = split(text, limit)
    assert all(0 < utf16_length(piece) <= limit for piece in pieces)
    assert re.sub(r"\s", "", "".join(pieces)) == re.sub(r"\s", "", text)


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("ala ma kota", 8, ["ala ma", "kota"]),
        ("ala ma\nkota i psa", 12, ["ala ma", "kota i psa"]),
        ("a" * 10, 4, ["aaaa", "aaaa", "aa"]),
        ("🏳️‍🌈🏳️‍🌈", 7, ["🏳️‍🌈", "🏳️‍🌈"]),
        ("🇵🇱🇺🇦", 6, ["🇵🇱", "🇺🇦"]),
        ("👍🏽👍🏽", 6, ["👍🏽", "👍🏽"]),
        ("ee\u0301e\u0301", 4, ["ee\u0301", "e\u0301"]),
        ("😀😀", 3, ["😀", "😀"]),
        (" \n ", 5, []),
        ("", 5, []),
    ],
)
def test_a_text_is_cut_where_a_reader_would(text: str, limit: int, pieces: list[str]) -> None:
    assert split(text, limit) == pieces


def test_a_very_long_text_is_split_quickly() -> None:
    assert len(split("😀 " * 200_000, 4096)) > 100


RULES: dict[str, Callable[[str, str | None], str | None]] = {
    "twilio": lambda raw, _: numbers.from_twilio(raw),
    "smsapi": lambda raw, _: numbers.from_msisdn(raw),
    "smpp": numbers.from_smpp,
    "whatsapp": lambda raw, _: numbers.from_whatsapp(raw),
    "telegram_contact": lambda raw, _: numbers.from_msisdn(raw),
    "viber_contact": lambda raw, _: numbers.from_msisdn(raw),
    "agent_input": numbers.from_agent,
}


@pytest.mark.parametrize(
    "vector", samples.load("phones.json"), ids=lambda vector: f"{vector['provider']}-{vector['raw']}"
)
def test_a_number_follows_its_providers_rule(vector: dict[str, Any]) -> None:
    assert RULES[vector["provider"]](vector["raw"], vector["region"]) == vector["expected"]


def test_who_can_be_answered() -> None:
    assert [numbers.can_be_answered(address) for address in ("+48799123456", "384387", "InPost")] == [
        True,
        True,
        False,
    ]
    assert numbers.from_twilio("") is None
    assert numbers.from_agent("abc", "PL") is None
