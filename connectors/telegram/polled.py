"""Updates that were fetched: each is read by itself, so that one that can't be read costs only itself."""

import msgspec

from connectors import wire
from connectors.contract import AnyItem, Unknown
from connectors.errors import BadPayload
from connectors.telegram import payloads
from connectors.telegram.inbound import parse_update, update_id


def items_of(raw: msgspec.Raw) -> tuple[AnyItem, ...]:
    try:
        return parse_update(raw)
    except BadPayload as error:
        return (Unknown(key=wire.fingerprint(bytes(raw)), why=f"unreadable: {error}"),)


def offset_after(raw: msgspec.Raw) -> str | None:
    """The offset that confirms this update; None: it can't be told."""
    try:
        number = update_id(wire.decode(payloads.FIELDS, raw))
    except BadPayload:
        return None
    return str(int(number) + 1) if number is not None and number.lstrip("-").isdecimal() else None
