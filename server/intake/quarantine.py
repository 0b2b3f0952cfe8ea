"""What was signed but not understood, or could not be stored: kept raw, once per content, for administrators.

What was understood and ignored is kept too, apart: it is no trouble, so nobody is told and no alarm is raised, and there
is an end to it, as some of it comes with every message.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, insert, select, true, update

from server.db.schema import quarantine
from server.db.sql import insert_ignoring
from server.events.model import AdministratorScope, QuarantineAdded
from server.unit_of_work import Transaction

IGNORED_KEPT: Final = 200
"""So many ignored bodies of a channel are kept, the newest."""

_BODY_BYTES = 65_536
_WHY_LENGTH = 500
_FEW = 100

_c = quarantine.c


class Kept(NamedTuple):
    """What is to be kept: signed, but not understood, not to be stored, or ignored."""

    channel_id: int
    why: str
    raw: bytes
    ignored: bool = False


def keep(tx: Transaction, channel_id: int, why: str, raw: bytes) -> None:
    """Keep a body (without headers, at most 64 KiB of it); the same body again only counts."""
    row = _row(tx, Kept(channel_id, why, raw))
    known = tx.connection.execute(
        select(_c.id, _c.ignored).where(_is(row)).with_for_update(key_share=True)
    ).one_or_none()
    if known is not None and not known.ignored:
        _count(tx, known.id)
        return
    if known is not None:  # a connector that understood it once does so no more: it is new
        tx.connection.execute(delete(quarantine).where(_c.id == known.id))
    tx.connection.execute(insert(quarantine).values(row))
    seq = tx.seq()
    tx.emit(
        seq,
        AdministratorScope(),
        QuarantineAdded(id=str(row["id"]), channel_id=str(channel_id), why=row["why"]),
    )


def keep_ignored(tx: Transaction, ignored: Sequence[Kept]) -> None:
    """Keep what was ignored, the newest of each channel; the same body again only counts.

    In a transaction of its own: who holds the event head must not wait for these rows.
    """
    rows = sorted((_row(tx, each) for each in ignored), key=lambda row: (row["channel_id"], row["sha256"]))
    for row in rows:
        if not insert_ignoring(tx.connection, quarantine, [row], _c.id):
            known = select(_c.id).where(_is(row))
            _count(tx, tx.connection.execute(known).scalar_one_or_none())
    _trim(tx, {each.channel_id for each in ignored})


def forget(tx: Transaction, *, older_than_ms: int) -> None:
    """Delete what was last seen longer ago than this."""
    tx.connection.execute(delete(quarantine).where(_c.last_at < tx.now_ms - older_than_ms))


def _trim(tx: Transaction, channel_ids: Iterable[int]) -> None:
    """Delete the oldest of what these channels have too much of, found by the index; what another deletes is left to it."""
    for channel_id in sorted(channel_ids):
        of_channel = (_c.ignored == true()) & (_c.channel_id == channel_id)
        newest_spare = select(_c.id).where(of_channel).order_by(_c.id.desc()).offset(IGNORED_KEPT).limit(1)
        spare = (
            select(_c.id)
            .where(of_channel, _c.id <= newest_spare.scalar_subquery())
            .limit(_FEW)
            .with_for_update(skip_locked=True)
        )
        tx.connection.execute(delete(quarantine).where(_c.id.in_(spare)))


def _row(tx: Transaction, kept: Kept) -> dict[str, Any]:
    return {
        "id": tx.ids.new(),
        "channel_id": kept.channel_id,
        "sha256": hashlib.sha256(kept.raw).hexdigest(),
        "why": kept.why[:_WHY_LENGTH],
        "body": kept.raw[:_BODY_BYTES],
        "size": len(kept.raw),
        "count": 1,
        "ignored": kept.ignored,
        "first_at": tx.now_ms,
        "last_at": tx.now_ms,
    }


def _is(row: dict[str, Any]) -> ColumnElement[bool]:
    return and_(_c.channel_id == row["channel_id"], _c.sha256 == row["sha256"])


def _count(tx: Transaction, row_id: int | None) -> None:
    tx.connection.execute(
        update(quarantine).where(_c.id == row_id).values(count=_c.count + 1, last_at=tx.now_ms)
    )
