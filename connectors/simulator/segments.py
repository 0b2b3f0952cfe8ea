"""How many SMS parts a text needs (3GPP TS 23.038: GSM 7-bit with extension table, otherwise UCS-2)."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("^{}\\[~]|€\f")


def segment_count(text: str) -> int:
    """At least one, even for an empty text."""
    if all(char in _BASIC or char in _EXTENDED for char in text):
        units = [2 if char in _EXTENDED else 1 for char in text]
        single, part = 160, 153
    else:
        units = [len(char.encode("utf-16-le")) // 2 for char in text]
        single, part = 70, 67
    if sum(units) <= single:
        return 1
    count, room = 1, part
    for unit in units:
        # A character of two units is never split between parts.
        if unit > room:
            count, room = count + 1, part
        room -= unit
    return count
