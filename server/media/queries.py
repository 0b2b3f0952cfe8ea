"""SQL about attachments."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, or_, select, text, update

from server.agents.access import Access, visible
from server.db.schema import attachment, dialog, message

# Spelled out, as SQLite uses a partial index only for a condition that repeats the index's own.
_PENDING = text("attachment.state = 'pending'")


class StoredFile(NamedTuple):
    """An attachment whose bytes are here."""

    name: str | None
    mime: str | None
    sha256: str


class ToFetch(NamedTuple):
    id: int
    message_id: int
    dialog_id: int
    channel_id: int
    source: str
    name: str | None
    mime: str | None
    attempts: int


_STORED = select(attachment.c.name, attachment.c.mime, attachment.c.sha256).where(
    attachment.c.state == "stored", attachment.c.sha256.is_not(None)
)


def stored_file(connection: Connection, attachment_id: int) -> StoredFile | None:
    row = connection.execute(_STORED.where(attachment.c.id == attachment_id)).one_or_none()
    return None if row is None else StoredFile(*row)


def visible_file(connection: Connection, access: Access, attachment_id: int) -> StoredFile | None:
    """The same, if the agent sees its dialog or uploaded it and has not sent it yet."""
    own = attachment.c.dialog_id.is_(None) & (attachment.c.uploaded_by == access.agent_id)
    statement = (
        _STORED.where(attachment.c.id == attachment_id)
        .outerjoin(dialog, dialog.c.id == attachment.c.dialog_id)
        .where(or_(own, attachment.c.dialog_id.is_not(None) & visible(access)))
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else StoredFile(*row)


def insert_attachment(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(attachment).values(**values))


def due(connection: Connection, now: int, limit: int) -> list[ToFetch]:
    """Attachments to be fetched now, the longest waiting first."""
    a = attachment.c
    statement = (
        select(a.id, a.message_id, a.dialog_id, message.c.channel_id, a.source, a.name, a.mime, a.attempts)
        .join(message, message.c.id == a.message_id)
        .where(_PENDING, a.next_attempt_at <= now, a.source.is_not(None))
        .order_by(a.next_attempt_at)
        .limit(limit)
    )
    return [ToFetch(*row) for row in connection.execute(statement)]


def take(connection: Connection, wanted: ToFetch, now: int, until: int) -> bool:
    """Begin an attempt that nobody else begins before ``until``; False when somebody was faster."""
    statement = (
        update(attachment)
        .where(attachment.c.id == wanted.id, attachment.c.attempts == wanted.attempts, _PENDING)
        .where(attachment.c.next_attempt_at <= now)
        .values(attempts=wanted.attempts + 1, next_attempt_at=until)
    )
    return connection.execute(statement).rowcount == 1


def put_off(connection: Connection, attachment_id: int, until: int, attempts: int) -> None:
    """Let it rest; ``attempts`` is how many counted so far."""
    statement = update(attachment).where(attachment.c.id == attachment_id, _PENDING)
    connection.execute(statement.values(next_attempt_at=until, attempts=attempts))


def lock_dialog(connection: Connection, dialog_id: int) -> int | None:
    """Lock a dialog; who is responsible for it."""
    found: int | None = connection.execute(
        select(dialog.c.assignee_id)
        .where(dialog.c.id == dialog_id)
        .with_for_update(of=dialog, key_share=True)
    ).scalar_one()
    return found


def finish(connection: Connection, attachment_id: int, values: Mapping[str, Any]) -> bool:
    """End the fetching of an attachment; False when it had ended already."""
    statement = update(attachment).where(attachment.c.id == attachment_id, _PENDING).values(**values)
    return connection.execute(statement).rowcount == 1


def set_message_seq(connection: Connection, message_id: int, seq: int) -> None:
    connection.execute(update(message).where(message.c.id == message_id).values(seq=seq))


def delete_unsent(connection: Connection, before: int, limit: int) -> list[str]:
    """Delete uploads that no message took; the hashes of files that nothing names any more."""
    a = attachment.c
    rows = connection.execute(
        select(a.id, a.sha256)
        .where(a.message_id.is_(None), a.uploaded_by.is_not(None), a.created_at < before)
        .order_by(a.id)
        .limit(limit)
        .with_for_update()
    ).all()
    connection.execute(delete(attachment).where(a.id.in_([row.id for row in rows])))
    hashes = {row.sha256 for row in rows if row.sha256}
    return sorted(hashes - _named(connection, sorted(hashes)))


def _named(connection: Connection, hashes: Sequence[str]) -> set[str]:
    if not hashes:
        return set()
    statement = select(attachment.c.sha256).where(attachment.c.sha256.in_(hashes)).distinct()
    return set(connection.execute(statement).scalars())
