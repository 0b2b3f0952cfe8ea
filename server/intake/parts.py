"""Long SMS that come part by part: one row of parts that wait, locked while one more is added.

A reference is a small number that a telephone uses again, so a row is of one message for an hour only.  Then what came
becomes a message, whether or not all of it did.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from connectors.contract import InboundMessage, Part
from server.db.schema import message_parts
from server.intake.keys import Entry
from server.unit_of_work import Transaction

PATIENCE_MS: Final = 3_600_000
_GAP: Final = " […] "
_TEXT_LENGTH: Final = 2_000
"""Far more than a part can hold."""
_SENDER_LENGTH: Final = 255

_decode = msgspec.json.Decoder(list[Part]).decode

Group = tuple[int, str, str, int]
"""Channel, sender, reference, how many parts."""


def joined(tx: Transaction, entries: Sequence[Entry]) -> list[Entry]:
    """The same entries, where the parts that complete a message are that message and the others are gone."""
    groups = {_group(channel_id, item) for channel_id, item in entries if isinstance(item, Part)}
    # In one order for all transactions; each row stays locked until the end of this one.
    for group in sorted(groups):
        _lock(tx, group)
    kept: list[Entry] = []
    for entry in entries:
        kept += _add(tx, entry.channel_id, entry.item) if isinstance(entry.item, Part) else [entry]
    return kept


def overdue(tx: Transaction, limit: int) -> list[Entry]:
    """What came of messages that did not come whole in time, taken out; of those that did, only the row goes."""
    c = message_parts.c
    old = c.created_at < tx.now_ms - PATIENCE_MS
    tx.connection.execute(delete(message_parts).where(old, c.joined.is_(True)))
    statement = (
        select(c.channel_id, c.sender, c.reference, c.total, c.parts)
        .where(old, c.joined.is_(False))
        .order_by(c.channel_id, c.sender, c.reference, c.total)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    entries = []
    for *group, parts in tx.connection.execute(statement).all():
        tx.connection.execute(delete(message_parts).where(_is(group)))
        entries.append(Entry(group[0], _message(_decode(parts))))
    return entries


def _group(channel_id: int, part: Part) -> Group:
    return channel_id, part.peer.id[:_SENDER_LENGTH], part.reference[:_SENDER_LENGTH], part.count


def _is(group: Sequence[Any]) -> ColumnElement[bool]:
    c = message_parts.c
    columns = (c.channel_id, c.sender, c.reference, c.total)
    return and_(*(column == value for column, value in zip(columns, group, strict=True)))


def _lock(tx: Transaction, group: Group) -> None:
    """The row exists and is ours: two processes with one part each must not miss each other."""
    make = postgresql.insert if tx.connection.dialect.name == "postgresql" else sqlite.insert
    channel_id, sender, reference, total = group
    row: dict[str, Any] = {
        "channel_id": channel_id,
        "sender": sender,
        "reference": reference,
        "total": total,
        "parts": "[]",
        "joined": False,
        "created_at": tx.now_ms,
    }
    tx.connection.execute(make(message_parts).values(row).on_conflict_do_nothing())
    tx.connection.execute(select(message_parts.c.total).where(_is(group)).with_for_update())


def _add(tx: Transaction, channel_id: int, part: Part) -> list[Entry]:
    """One more part: nothing, the message that is whole now, or an older one of the same reference that never was."""
    c, group = message_parts.c, _group(channel_id, part)
    row = tx.connection.execute(select(c.parts, c.joined, c.created_at).where(_is(group))).one()
    came = {each.number: each for each in _decode(row.parts)}
    given_up: list[Entry] = []
    known = came.get(part.number)
    if row.created_at < tx.now_ms - PATIENCE_MS or (known is not None and known.text != part.text):
        if came and not row.joined:
            given_up.append(Entry(channel_id, _message(list(came.values()))))
        came = {}
        tx.connection.execute(update(message_parts).where(_is(group)).values(created_at=tx.now_ms))
    elif known is not None:
        return []
    came[part.number] = msgspec.structs.replace(part, text=part.text[:_TEXT_LENGTH])
    parts = list(came.values())
    whole = len(parts) == part.count
    values = {"parts": msgspec.json.encode(parts).decode(), "joined": whole}
    tx.connection.execute(update(message_parts).where(_is(group)).values(values))
    return [*given_up, Entry(channel_id, _message(parts))] if whole else given_up


def _message(parts: list[Part]) -> InboundMessage:
    """One message, with a mark where something is missing."""
    came = {part.number: part for part in parts}
    first, count = came[min(came)], parts[0].count
    text = "".join(came[number].text if number in came else "\0" for number in range(1, count + 1))
    while "\0\0" in text:
        text = text.replace("\0\0", "\0")
    times = [part.at_ms for part in parts if part.at_ms is not None]
    return InboundMessage(
        key=first.key,
        at_ms=min(times, default=None),
        peer=first.peer,
        external_id=first.external_id,
        text=text.replace("\0", _GAP).strip(),
        note=None if len(came) == count else f"{len(came)}/{count}",
        reply_allowed=first.reply_allowed,
    )
