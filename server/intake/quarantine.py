"""What was signed but not understood, or could not be stored: kept raw, once per content, for administrators."""

import hashlib

from sqlalchemy import delete, insert, select, update

from server.db.schema import quarantine
from server.events.model import AdministratorScope, QuarantineAdded
from server.unit_of_work import Transaction

_BODY_BYTES = 65_536
_WHY_LENGTH = 500


def keep(tx: Transaction, channel_id: int, why: str, raw: bytes) -> None:
    """Keep a body (without headers, at most 64 KiB of it); the same body again only counts."""
    sha256 = hashlib.sha256(raw).hexdigest()
    of_this = (quarantine.c.channel_id == channel_id) & (quarantine.c.sha256 == sha256)
    known = tx.connection.execute(
        select(quarantine.c.id).where(of_this).with_for_update(key_share=True)
    ).scalar_one_or_none()
    if known is not None:
        tx.connection.execute(
            update(quarantine)
            .where(quarantine.c.id == known)
            .values(count=quarantine.c.count + 1, last_at=tx.now_ms)
        )
        return
    row_id = tx.ids.new()
    tx.connection.execute(
        insert(quarantine).values(
            id=row_id,
            channel_id=channel_id,
            sha256=sha256,
            why=why[:_WHY_LENGTH],
            body=raw[:_BODY_BYTES],
            size=len(raw),
            count=1,
            first_at=tx.now_ms,
            last_at=tx.now_ms,
        )
    )
    seq = tx.seq()
    tx.emit(
        seq,
        AdministratorScope(),
        QuarantineAdded(id=str(row_id), channel_id=str(channel_id), why=why[:_WHY_LENGTH]),
    )


def forget(tx: Transaction, *, older_than_ms: int) -> None:
    """Delete what was last seen longer ago than this."""
    tx.connection.execute(delete(quarantine).where(quarantine.c.last_at < tx.now_ms - older_than_ms))
