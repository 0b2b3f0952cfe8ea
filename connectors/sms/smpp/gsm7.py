"""The GSM alphabet as SMPP carries it: one septet an octet, unpacked, and ``0x1B`` before what is in the extension table.

Facts: 3GPP TS 23.038 §6.2.1 and §6.2.1.1.
"""

from typing import Final

_ESCAPE: Final = 0x1B
_TABLE: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_OCTETS: Final = {
    **{char: bytes([septet]) for septet, char in enumerate(_TABLE) if septet != _ESCAPE},
    **{char: bytes([_ESCAPE, septet]) for septet, char in _EXTENDED.items()},
}


def encode(text: str) -> bytes | None:
    """``text`` in unpacked septets; None when a character is not of the alphabet."""
    try:
        return b"".join(_OCTETS[char] for char in text)
    except KeyError:
        return None


def decode(data: bytes) -> str:
    """Never fails: what is beyond 7 bits is shown as U+FFFD, an unknown escape as the plain letter (TS 23.038), and
    an escape at the very end as nothing.
    """
    found, escaped = [], False
    for octet in data:
        if octet > 0x7F:
            found.append("\ufffd")
            escaped = False
        elif escaped:
            # A second escape is reserved for another table, and shown as a space.
            found.append(" " if octet == _ESCAPE else _EXTENDED.get(octet, _TABLE[octet]))
            escaped = False
        elif octet == _ESCAPE:
            escaped = True
        else:
            found.append(_TABLE[octet])
    return "".join(found)
