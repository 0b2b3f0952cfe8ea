"""Parts of an SMS are counted as they are billed, by the server and by the console alike."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sms.segments import segments
from tests.connectors import samples

VECTORS = samples.load("sms_segments.json")
CONSOLE = Path(__file__).resolve().parents[2] / "web/src/features/composer/segments.samples.json"


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.get("name", vector["source"][-40:]))
def test_parts_are_counted_as_they_are_billed(vector: dict[str, Any]) -> None:
    counted = segments(vector["text"])
    assert (counted.encoding, counted.count) == (vector["encoding"], vector["segments"])


def test_the_console_counts_against_the_same_vectors() -> None:
    assert json.loads(CONSOLE.read_text()) == VECTORS


def test_units_and_the_empty_text() -> None:
    assert (segments("a€").units, segments("😜ą").units, segments("").count) == (3, 3, 1)


@pytest.mark.parametrize("letter", "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ„”’`\u00a0")
def test_every_polish_letter_makes_parts_short(letter: str) -> None:
    assert [segments(letter * count).count for count in (70, 71, 134, 135)] == [1, 2, 2, 3]


def test_nothing_of_two_units_is_cut() -> None:
    assert [segments("€" * count).count for count in (80, 81, 152, 153)] == [1, 2, 2, 3]
    assert segments("😀" * 100).count == math.ceil(100 / 33)


@given(st.text())
def test_a_count_is_never_below_what_the_units_need(text: str) -> None:
    counted = segments(text)
    single, part = (160, 153) if counted.encoding == "GSM-7" else (70, 67)
    least = 1 if counted.units <= single else math.ceil(counted.units / part)
    assert least <= counted.count <= math.ceil(counted.units / (part - 1)) + 1
