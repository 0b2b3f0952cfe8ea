"""Into how many parts an SMS is cut, as the networks count.

Facts: 3GPP TS 23.038 (default alphabet and its extension table) and 23.040 (a part of several has room for 153 septets or
67 UTF-16 units beside its header).  Every one of ``ą ć ę ł ń ó ś ź ż`` is outside the alphabet, as are typographic quotes.

The console counts with the same rules while one types: ``web/src/features/composer/segments.ts``, against the same vectors.
"""

from typing import Final, Literal

import msgspec

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")
"""Two septets each."""


class Segments(msgspec.Struct, frozen=True, kw_only=True):
    """How an SMS is billed.  Equal to Twilio's own calculator on all of its test vectors."""

    encoding: Literal["GSM-7", "UCS-2"]
    count: int
    """At least one, even for an empty text."""
    units: int
    """Septets (GSM-7) or UTF-16 units (UCS-2) of the whole text."""


def segments(text: str) -> Segments:
    """Parts of ``text`` as SMS.  Neither an escape pair nor a surrogate pair is ever split between two parts."""
    if all(char in _BASIC or char in _EXTENSION for char in text):
        costs = [2 if char in _EXTENSION else 1 for char in text]
        return Segments(encoding="GSM-7", count=_parts(costs, single=160, part=153), units=sum(costs))
    costs = [2 if char > "\uffff" else 1 for char in text]
    return Segments(encoding="UCS-2", count=_parts(costs, single=70, part=67), units=sum(costs))


def _parts(costs: list[int], *, single: int, part: int) -> int:
    if sum(costs) <= single:
        return 1
    count, used = 1, 0
    for cost in costs:
        if used + cost > part:
            count, used = count + 1, 0
        used += cost
    return count
