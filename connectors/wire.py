"""Provider JSON to typed values, whatever shape it comes in.

The wire Structs of the connectors declare every field optional.  :func:`decode` reads a body with msgspec when it can
(microseconds) and falls back to the standard library for what msgspec refuses as a whole: lone surrogate escapes, a
byte order mark, NaN, bad UTF-8.  A field of the wrong type then gets its default instead of costing the message.
"""

import hashlib
import json
import math
import types
import typing
from typing import Any, TypeVar

import msgspec

from connectors.errors import BadPayload

T = TypeVar("T")

Id = int | str | None
"""An id as providers write it: text or number.  Read it with :func:`text_id`."""
Number = float | str | None
"""A number that some senders quote.  Read it with :func:`as_float` or :func:`as_int`."""

_NUL_ESCAPE = b"\\u0000"
_LATEST_MS = 253_402_300_799_999  # the last millisecond of the year 9999
_WRONG: Any = object()


def decode(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T:
    """``body`` as the decoder's type: clean text, wrong fields defaulted.  BadPayload: not JSON, or not an object."""
    data = bytes(body)
    if _NUL_ESCAPE not in data:
        try:
            return decoder.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass
    value = lenient(decoder.type, tree(data))
    if value is _WRONG:
        raise BadPayload("not the expected JSON object")
    return typing.cast(T, value)


def strictly(decoder: msgspec.json.Decoder[T], body: bytes) -> T | None:
    """``body`` when it is exactly of the decoder's type and its text is clean; otherwise None, for :func:`decode`."""
    if _NUL_ESCAPE in body:
        return None
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def tree(body: bytes) -> Any:
    """Parsed JSON with clean strings and finite numbers.  Raises BadPayload for everything that is not JSON."""
    try:
        return _clean(json.loads(body.decode("utf-8-sig", "replace"), strict=False))
    except ValueError:
        raise BadPayload("not JSON") from None
    except RecursionError:
        raise BadPayload("JSON nested too deeply") from None


def clean_text(text: str) -> str:
    """``text`` as every database and socket takes it: no NUL, no half of a surrogate pair (both become U+FFFD)."""
    text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _clean(value: Any) -> Any:
    match value:
        case str():
            return clean_text(value)
        case dict():
            return {clean_text(key): _clean(inner) for key, inner in value.items()}
        case list():
            return [_clean(inner) for inner in value]
        case float() if not math.isfinite(value):
            return None
        case _:
            return value


def lenient(kind: Any, value: Any) -> Any:
    """``value`` converted to the type ``kind``; inner parts of the wrong type fall away."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        options = (lenient(option, value) for option in typing.get_args(kind))
        return next((option for option in options if option is not _WRONG), _WRONG)
    if origin is list:
        (inner,) = typing.get_args(kind)
        return _list(inner, value) if isinstance(value, list) else _WRONG
    if origin is dict:
        _, inner = typing.get_args(kind)
        return _dict(inner, value) if isinstance(value, dict) else _WRONG
    if kind is msgspec.Raw:
        return msgspec.Raw(msgspec.json.encode(value))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(kind, value) if isinstance(value, dict) else _WRONG
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return _WRONG


def _list(inner: Any, values: list[Any]) -> list[Any]:
    return [item for item in (lenient(inner, value) for value in values) if item is not _WRONG]


def _dict(inner: Any, values: dict[str, Any]) -> dict[str, Any]:
    converted = {key: lenient(inner, value) for key, value in values.items()}
    return {key: value for key, value in converted.items() if value is not _WRONG}


def _struct(kind: type[msgspec.Struct], value: dict[str, Any]) -> msgspec.Struct:
    given = {
        field.name: lenient(field.type, value[field.encode_name])
        for field in msgspec.structs.fields(kind)
        if field.encode_name in value
    }
    return kind(**{name: inner for name, inner in given.items() if inner is not _WRONG})


# ------------------------------------------------------------------------------------------ reading of fields


def text_id(value: Id) -> str | None:
    """An id as opaque text; None when it is empty or no id at all."""
    if isinstance(value, int):
        return str(value) if -(2**127) < value < 2**127 else None
    return value if isinstance(value, str) and value else None


def as_int(value: Any) -> int | None:
    """A whole number that fits 53 bits, also when it was quoted; None for what is of any other type."""
    number = as_float(value)
    return int(number) if number is not None and abs(number) < 2**53 else None


def as_float(value: Any) -> float | None:
    """A finite number, also when it was quoted; None for what is of any other type."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_ms(value: Number, *, seconds: bool = False) -> int | None:
    """Epoch milliseconds; None when absent, zero or beyond the year 9999 (Viber's probe sends 19 digits)."""
    number = as_int(value)
    if number is None:
        return None
    at = number * 1000 if seconds else number
    return at if 0 < at <= _LATEST_MS else None


def web_url(value: str | None) -> str | None:
    """``value`` when it is an absolute http(s) address; providers also send file names and nonsense."""
    return value if value is not None and value.lower().startswith(("https://", "http://")) else None


def fingerprint(*parts: object) -> str:
    """A stable key of a fact that has no id of its own: kind, peer, target, action, provider's time."""
    text = "\x1f".join("" if part is None else str(part) for part in parts)
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
