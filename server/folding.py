"""One spelling for searching: what people type without thinking of accents must find what was written with them.

The same function folds what is stored and what is asked, so nothing depends on what a database folds by itself
(FTS5 leaves ``ł`` alone, PostgreSQL depends on its locale).
"""

import codecs
import re
import unicodedata

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

_APOSTROPHES = dict.fromkeys(map(ord, "'’‘‛ʼʹʽ′`´＇ꞌ"))
_LETTERS = str.maketrans("łґїєё", "lгіее")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NO_DIGITS = re.compile(r"[^0-9]+")
_SEVEN_DIGITS = re.compile(r"\d(?: ?\d){6}")
"""In folded words: every text that holds a telephone number has it, whatever separates its digits."""
# Begins with the character that is looked for: what begins with a look back is tried at every character, in twice the time.
_PHONE = re.compile(r"[+\d](?<![\w+][+\d])(?:(?<=\d)|(?=\d))[\d\s().\-/\u2010-\u2015]*\d(?!\w)")
_MIN_PHONE, _MAX_PHONE = 7, 15
_WORD_LENGTH = 64
_TEXT_LENGTH = 100_000
_REMEMBERED = 20_000


class _Folding(dict[int, str]):
    """What each character becomes, worked out when it is first met; most texts use few."""

    def __missing__(self, code: int) -> str:
        folded = _fold_character(chr(code))
        if len(self) < _REMEMBERED:
            self[code] = folded
        return folded


class _WordFolding(dict[int, str | None]):
    """The same, and a blank for what is in no word: so words are told apart while they are folded."""

    def __missing__(self, code: int) -> str | None:
        letters = "".join(c if c.isalnum() else " " for c in _fold_character(chr(code)))
        folded = letters or None  # of all that stands for nothing, None is the quickest
        if len(self) < _REMEMBERED:
            self[code] = folded
        return folded


_FOLDING = _Folding()
_WORD_FOLDING = _WordFolding()


def fold(text: str) -> str:
    """Lower case without marks and apostrophes, ``ł`` as ``l``, ``ї`` as ``і`` and so on; folding twice changes nothing."""
    if text.isascii():
        return text.lower().replace("'", "").replace("`", "").replace("\x00", " ")
    return text.translate(_FOLDING)


def _fold_character(text: str) -> str:
    text = _UNSTORABLE.sub(" ", text).translate(_APOSTROPHES)
    text = unicodedata.normalize("NFKD", text.casefold())
    text = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in text if not unicodedata.combining(c) and unicodedata.category(c) != "Mn")
    return bare.translate(_LETTERS).translate(_APOSTROPHES)


class _Usual:
    """Folds texts of usual characters as the codec of an 8-bit character set, in a quarter of the time of ``translate``."""

    _CHARACTERS = (
        "".join(map(chr, range(128)))
        + "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"
        + "абвгдежзийклмнопрстуфхцчшщъыьэюяёґєії"
        + "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЁҐЄІЇ"
        + "\u00a0«»°–—‘’‚“”„…•€"
    )
    _NOTHING = "\ufffe"

    def __init__(self) -> None:
        self._encoding = codecs.charmap_build(self._CHARACTERS)
        self._folded = "".join((_WORD_FOLDING[ord(c)] or self._NOTHING)[:1] for c in self._CHARACTERS)

    def words(self, text: str) -> str | None:
        """What ``translate`` with ``_WORD_FOLDING`` makes, but for the number of blanks; None: there are others."""
        try:
            encoded, _ = codecs.charmap_encode(text, "strict", self._encoding)
        except UnicodeEncodeError:
            return None
        return codecs.charmap_decode(encoded, "ignore", self._folded)[0]


_USUAL = _Usual()


def words(text: str) -> list[str]:
    """The words of a text, folded, in order; a word is cut at 64 characters."""
    folded = _USUAL.words(text)
    if folded is None:
        folded = text.translate(_WORD_FOLDING)
    return [word[:_WORD_LENGTH] for word in folded.split()]


def without_country(digits: str) -> str | None:
    """An international number's digits without its country code, or None when it has none."""
    for length in (1, 2, 3):
        if int(digits[:length] or 0) in COUNTRY_CODE_TO_REGION_CODE and len(digits) > length + 3:
            return digits[length:]
    return None


def phone_spellings(phone: str) -> list[str]:
    """The digits of a telephone number as people type them: with the country code, without it, without a leading 0."""
    digits = _digits(phone)
    international = phone.lstrip().startswith("+")
    if digits.startswith("00"):
        digits, international = digits[2:], True
    found = [digits] if digits else []
    if international:
        national = without_country(digits)
        found += [national] if national else []
    elif digits.startswith("0"):
        found.append(digits.lstrip("0"))
    return [spelling[:_WORD_LENGTH] for spelling in found if spelling]


def phones_in(text: str) -> list[str]:
    """What in a text looks like a telephone number, as it is written there (7 to 15 digits, with separators)."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return [run for run in _PHONE.findall(text) if _MIN_PHONE <= len(_digits(run)) <= _MAX_PHONE + 2]


def _digits(phone: str) -> str:
    return _NO_DIGITS.sub("", phone)


def search_text(text: str) -> str:
    """A message's text as words that are looked for, one space apart; telephone numbers also without separators.

    Bounded, so that neither an index row nor a ``tsvector`` (1 MB) can overflow whatever was received.
    """
    text = text[:_TEXT_LENGTH]
    found = words(text)
    folded = " ".join(found)
    if _SEVEN_DIGITS.search(folded):
        known = set(found)
        spellings = (spelling for phone in phones_in(text) for spelling in phone_spellings(phone))
        folded = " ".join([folded, *(spelling for spelling in spellings if spelling not in known)])
    return folded[:_TEXT_LENGTH]
