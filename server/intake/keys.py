"""What makes a provider's repetition harmless: every fact has a key, and a key is taken once, for ever."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Insert, bindparam, select, text
from sqlalchemy.dialects import postgresql, sqlite

from connectors.contract import AnyItem
from server.db.prepared import Query, each
from server.db.schema import inbound_key
from server.unit_of_work import Transaction

_KEY_LENGTH = 200


def _take(dialect: str) -> Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    c = inbound_key.c
    keys = select(
        bindparam("channel_id", type_=c.channel_id.type),
        bindparam("kind", type_=c.kind.type),
        each(dialect, "keys"),
    )
    # "true": after a SELECT without WHERE, SQLite takes ON CONFLICT for a join's condition.
    rows = insert(inbound_key).from_select([c.channel_id, c.kind, c.key], keys.where(text("true")))
    return rows.on_conflict_do_nothing().returning(c.key)


_TAKE = Query(_take)


class Entry(NamedTuple):
    """One item, and the channel that it belongs to."""

    channel_id: int
    item: AnyItem


def unseen(tx: Transaction, entries: Sequence[Entry]) -> list[Entry]:
    """The entries that are told to us for the first time, in their order; their keys are taken now."""
    first: dict[tuple[int, str, str], Entry] = {}
    for entry in entries:
        first.setdefault(_key(entry), entry)
    groups: dict[tuple[int, str], list[str]] = {}
    for channel_id, kind, key in sorted(first):
        groups.setdefault((channel_id, kind), []).append(key)
    taken = {
        (channel_id, kind, row[0])
        for (channel_id, kind), keys in groups.items()
        for row in _TAKE.tuples(tx.connection, channel_id=channel_id, kind=kind, keys=keys)
    }
    return [entry for key, entry in first.items() if key in taken]


def _key(entry: Entry) -> tuple[int, str, str]:
    key = entry.item.key
    if len(key) > _KEY_LENGTH or "\0" in key:
        key = "sha256:" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    kind = str(entry.item.__struct_config__.tag)
    return entry.channel_id, kind[:16], key
