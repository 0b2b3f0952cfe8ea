"""Our mark in what an answer brings back, for providers that do not name the message whose button was pressed.

Messenger returns a quick reply's ``payload``, Viber the ``tracking_data`` of our last message: both ours to fill.  The
mark stands in front of what an agent or an integration put there, which is given on as it was.
"""

import re
from typing import Final, NamedTuple

_PREFIX: Final = "answer-to:"
_MARKED: Final = re.compile(rf"{_PREFIX}([^|]{{1,40}})\|(.*)", re.DOTALL)
ROOM: Final = 60
"""Bytes of a payload's limit that are kept for the mark."""


class Returned(NamedTuple):
    mark: str | None
    """:attr:`connectors.contract.Outbound.tracker` of the message; None where the value is not one of ours."""
    value: str


def marked(mark: str, value: str = "") -> str:
    """``value`` with the mark; without a mark, as it is."""
    return f"{_PREFIX}{mark}|{value}" if mark else value


def read(value: str) -> Returned:
    """What :func:`marked` made, taken apart; anything else stays whole."""
    found = _MARKED.fullmatch(value)
    return Returned(found[1], found[2]) if found else Returned(None, value)
