import itertools
import random
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server import folding
from server.contacts.model import contact_folded
from server.dialogs.contact_matching import _matches
from server.dialogs.search_query import parse_query
from server.folding import fold, phone_spellings, phones_in, search_text, words
from tests.support.nasty import NASTY


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Żółw", "zolw"),
        ("Łódź", "lodz"),
        ("ZAŻÓŁĆ GĘŚLĄ JAŹŃ", "zazolc gesla jazn"),
        ("Їжак", "іжак"),
        ("Ґудзик", "гудзик"),
        ("Єва", "ева"),
        ("ёлка", "елка"),
        ("п'ять", "пять"),
        ("п’ять", "пять"),
        ("пʼять", "пять"),
        ("O'Brien", "obrien"),
        ("Straße", "strasse"),
        ("ＡＢＣ１２", "abc12"),
        ("ﬁn", "fin"),
        ("İstanbul", "istanbul"),
        ("Ελλάς", "ελλασ"),
    ],
)
def test_folds_to_what_people_type(written: str, folded: str) -> None:
    assert fold(written) == folded
    assert fold(folded) == folded


def test_folding_twice_changes_nothing_for_any_character() -> None:
    # All of the first plane and a sample of the others, whose letters don't fold.
    for code in itertools.chain(range(0x10000), range(0x10000, sys.maxunicode + 1, 17)):
        once = fold(f"a{chr(code)}b")
        assert fold(once) == once, hex(code)


def test_usual_characters_are_folded_like_all_others() -> None:
    """There is a quicker way for texts that hold nothing else."""
    usual = folding._Usual._CHARACTERS
    assert len(usual) <= 256
    for character in usual:
        assert words(f"a{character}b") == words(f"a{character}b \U0001f600"), hex(ord(character))
    assert words("".join(usual)) == words("".join(usual) + "\U0001f600")


@given(st.text("0123456789+()-./ a_\u0663\u2474\u00b2'\u0301\u2011\n\uff11", min_size=7))
@example("+48 (600) - 100--200")
@example("\uff14\uff18\n600 100 200")
def test_no_telephone_number_is_overlooked_for_its_separators(text: str) -> None:
    spelled = {spelling for phone in phones_in(text) for spelling in phone_spellings(phone)}
    assert spelled <= set(search_text(text).split())


@given(st.text())
def test_words_are_letters_and_digits_only(text: str) -> None:
    for word in words(text):
        assert word.isalnum()
        assert len(word) <= 64
        word.encode()


@pytest.mark.parametrize("text", NASTY)
def test_no_query_raises_or_carries_syntax(text: str) -> None:
    for group in parse_query(text).groups:
        for term in group:
            assert term.words
            assert all(word.isalnum() for word in term.words)


def test_no_text_is_too_long_to_index() -> None:
    random_ = random.Random(1)
    for alphabet in ("ab", "żółć", "🦔", "ﷺ", "0123456789 +-"):
        text = "".join(random_.choice(alphabet + " ") for _ in range(400_000))
        assert len(search_text(text).encode()) <= 400_000


def test_a_query_is_words_phrases_and_prefixes() -> None:
    query = parse_query('zwrot "dwa słowa" PACZ')
    assert [(term.words, term.prefix) for (term,) in query.groups] == [
        (("dwa", "slowa"), False),
        (("zwrot",), True),
        (("pacz",), True),
    ]
    assert parse_query("#318").number == 318
    assert parse_query(" 318 ").number == 318
    assert parse_query("318 zł").number is None
    assert parse_query("!!! ???").groups == ()
    assert len(parse_query(" ".join(map(str, range(100, 200)))).groups) <= 16


@pytest.mark.parametrize(
    "typed",
    ["+48 600 100 200", "+48600100200", "48600100200", "0048 600-100-200", "600 100 200", "600-100-200",
     "600100200", "(600) 100.200", "600100", "+48600"],
)  # fmt: skip
def test_a_number_is_found_however_it_is_typed(typed: str) -> None:
    folded = contact_folded("Jan", "+48600100200")
    assert _matches(parse_query(typed), folded)
    assert not _matches(parse_query(typed), contact_folded("Jan", "+48700100200"))


def test_a_ukrainian_number_is_found_with_its_leading_zero() -> None:
    assert _matches(parse_query("067 123-45-67"), contact_folded("", "+380671234567"))
    assert phone_spellings("+380671234567") == ["380671234567", "671234567"]


def test_a_number_in_a_text_is_found_without_its_separators() -> None:
    folded = search_text("zadzwoń: +48 600-100-200!")
    assert _matches(parse_query("600100200"), folded)
    assert _matches(parse_query("+48600100200"), folded)
    assert _matches(parse_query("600 100 200"), folded)
