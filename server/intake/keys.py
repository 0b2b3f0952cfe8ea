"""What makes a provider's repetition harmless: every fact has a key, and a key is taken once, for ever."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from connectors.contract import AnyItem
from server.db.schema import inbound_key
from server.db.sql import insert_ignoring
from server.unit_of_work import Transaction

_KEY_LENGTH = 200


class Entry(NamedTuple):
    """One item, and the channel that it belongs to."""

    channel_id: int
    item: AnyItem


def unseen(tx: Transaction, entries: Sequence[Entry]) -> list[Entry]:
    """The entries that are told to us for the first time, in their order; their keys are taken now."""
    first: dict[tuple[int, str, str], Entry] = {}
    for entry in entries:
        first.setdefault(_key(entry), entry)
    rows = [{"channel_id": channel, "kind": kind, "key": key} for channel, kind, key in sorted(first)]
    c = inbound_key.c
    taken = {
        tuple(row) for row in insert_ignoring(tx.connection, inbound_key, rows, c.channel_id, c.kind, c.key)
    }
    return [entry for key, entry in first.items() if key in taken]


def _key(entry: Entry) -> tuple[int, str, str]:
    key = entry.item.key
    if len(key) > _KEY_LENGTH:
        key = "sha256:" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
    kind = str(entry.item.__struct_config__.tag)
    return entry.channel_id, kind[:16], key
