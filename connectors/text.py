"""Splitting long texts."""

import unicodedata

_ZWJ = "\u200d"


def split(text: str, limit: int) -> list[str]:
    """``text`` in pieces of at most ``limit`` UTF-16 units (so also characters), cut at word borders where it can be.

    Only white space at a cut is lost.  A grapheme cluster is split only when it alone exceeds the limit.
    """
    pieces = []
    rest = text.strip()
    while rest:
        end = _fitting(rest, limit)
        if end < len(rest):
            end = _word_border(rest, end) or _grapheme_border(rest, end) or end
        pieces.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return pieces


def utf16_length(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)


def _fitting(text: str, limit: int) -> int:
    """How many characters fit into ``limit`` UTF-16 units; at least one."""
    if utf16_length(text[:limit]) <= limit:
        return min(limit, len(text))
    used = 0
    for index, char in enumerate(text):
        used += 2 if char > "\uffff" else 1
        if used > limit:
            return max(index, 1)
    return len(text)


def _word_border(text: str, end: int) -> int:
    """The last line end, else the last space, in the second half before ``end``; 0 when there is none."""
    if text[end].isspace():
        return end
    for border in ("\n", " "):
        found = text.rfind(border, end // 2, end)
        if found > 0:
            return found
    return 0


def _grapheme_border(text: str, end: int) -> int:
    while end > 0 and _joined(text, end):
        end -= 1
    return end


def _joined(text: str, index: int) -> bool:
    """Whether the character at ``index`` belongs to the one before it (the common rules of UAX #29)."""
    before, char = text[index - 1], text[index]
    if char == _ZWJ or before == _ZWJ or before + char == "\r\n":
        return True
    if unicodedata.category(char).startswith("M") or "\U0001f3fb" <= char <= "\U0001f3ff":
        return True
    if "\U000e0020" <= char <= "\U000e007f":
        return True
    return _is_flag_half(char) and _flag_halves_before(text, index) % 2 == 1


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flag_halves_before(text: str, index: int) -> int:
    start = index
    while start > 0 and _is_flag_half(text[start - 1]):
        start -= 1
    return index - start
