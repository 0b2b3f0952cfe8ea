"""Opaque positions in lists.  Whatever comes from outside is checked; a broken cursor is a 400, never an error of ours."""

import base64
import binascii
from typing import NoReturn

import msgspec

from server import reasons
from server.errors import Malformed

_MAX = (1 << 63) - 1
_LENGTH = 400


class Position(msgspec.Struct, frozen=True, kw_only=True, array_like=True, forbid_unknown_fields=True):
    """The last row that was given out.  ``segment`` is the part of the list it stood in."""

    order: str
    segment: str
    first: int
    second: int
    total: int | None = None
    """How many rows there were when the first page was read; carried along so that it is counted once."""


def encode(position: Position) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def decode(text: str, order: str) -> Position:
    """The position in a list of this order.  Raises :class:`Malformed`."""
    if len(text) > _LENGTH or not text.isascii():
        _refuse()
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        position = msgspec.json.decode(raw, type=Position)
    except (binascii.Error, ValueError, RecursionError):
        _refuse()
    numbers = (position.first, position.second, position.total or 0)
    if position.order != order or not all(0 <= number <= _MAX for number in numbers):
        _refuse()
    return position


def _refuse() -> NoReturn:
    raise Malformed(reasons.BAD_CURSOR, field="cursor")
