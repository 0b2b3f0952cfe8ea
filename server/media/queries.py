"""SQL about attachments."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, insert, or_, select, text, update

from server.agents.access import Access, visible
from server.channels.running import RunningKinds
from server.db.schema import attachment, channel, dialog, identity, message

# Spelled out, as SQLite uses a partial index only for a condition that repeats the index's own.
_PENDING = text("attachment.state = 'pending'")


class StoredFile(NamedTuple):
    """An attachment whose bytes are here."""

    name: str | None
    mime: str | None
    sha256: str
    size: int | None = None


class ToFetch(NamedTuple):
    id: int
    message_id: int
    dialog_id: int
    channel_id: int
    source: str
    name: str | None
    mime: str | None
    attempts: int

    failure: str | None


_STORED = select(attachment.c.name, attachment.c.mime, attachment.c.sha256, attachment.c.size).where(
    attachment.c.state == "stored", attachment.c.sha256.is_not(None)
)
_THUMBNAIL = select(attachment.c.thumbnail).where(attachment.c.thumbnail.is_not(None))


def stored_file(connection: Connection, attachment_id: int) -> StoredFile | None:
    row = connection.execute(_STORED.where(attachment.c.id == attachment_id)).one_or_none()
    return None if row is None else StoredFile(*row)


def visible_file(connection: Connection, access: Access, attachment_id: int) -> StoredFile | None:
    """The same, if the agent sees its message or uploaded it and has not sent it yet."""
    row = connection.execute(_seen_by(access, attachment_id, _STORED)).one_or_none()
    return None if row is None else StoredFile(*row)


def visible_thumbnail(connection: Connection, access: Access, attachment_id: int) -> StoredFile | None:
    """The small copy of such a file."""
    sha256 = connection.execute(_seen_by(access, attachment_id, _THUMBNAIL)).scalar_one_or_none()
    return None if sha256 is None else StoredFile("thumbnail.webp", "image/webp", sha256)


def visible_picture(connection: Connection, access: Access, dialog_id: int) -> StoredFile | None:
    """The picture of the person of a dialog that the agent sees."""
    statement = (
        select(identity.c.picture)
        .join(dialog, dialog.c.identity_id == identity.c.id)
        .where(dialog.c.id == dialog_id, visible(access), identity.c.picture.is_not(None))
    )
    sha256 = connection.execute(statement).scalar_one_or_none()
    return None if sha256 is None else StoredFile("picture.webp", "image/webp", sha256)


def _seen_by(access: Access, attachment_id: int, statement: Select[Any]) -> Select[Any]:
    """Of a message that was taken back nobody sees anything, even who kept the address of its file."""
    own = attachment.c.dialog_id.is_(None) & (attachment.c.uploaded_by == access.agent_id)
    shown = attachment.c.dialog_id.is_not(None) & message.c.deleted_at.is_(None) & visible(access)
    return (
        statement.where(attachment.c.id == attachment_id)
        .outerjoin(dialog, dialog.c.id == attachment.c.dialog_id)
        .outerjoin(message, message.c.id == attachment.c.message_id)
        .where(or_(own, shown))
    )


def insert_attachment(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(attachment).values(**values))


_TO_FETCH = (
    select(
        attachment.c.id,
        attachment.c.message_id,
        attachment.c.dialog_id,
        message.c.channel_id,
        attachment.c.source,
        attachment.c.name,
        attachment.c.mime,
        attachment.c.attempts,
        attachment.c.failure,
    )
    .join(message, message.c.id == attachment.c.message_id)
    .where(attachment.c.source.is_not(None))
)


def due(
    connection: Connection, now: int, limit: int, kinds: RunningKinds, *, without: Sequence[int] = ()
) -> list[ToFetch]:
    """Attachments of these kinds of channels to be fetched now, the longest waiting first, ``without`` some channels."""
    a = attachment.c
    statement = (
        _TO_FETCH.join(channel, channel.c.id == message.c.channel_id)
        .where(_PENDING, kinds.condition, a.next_attempt_at <= now)
        .where(message.c.channel_id.not_in(without))
        .order_by(a.next_attempt_at)
        .limit(limit)
    )
    return [ToFetch(*row) for row in connection.execute(statement)]


def to_fetch_again(connection: Connection, access: Access, attachment_id: int) -> ToFetch | None:
    """An attachment of a visible dialog that failed and may be asked for again."""
    seen = _TO_FETCH.join(dialog, dialog.c.id == attachment.c.dialog_id).where(
        attachment.c.id == attachment_id,
        attachment.c.failure.is_not(None),
        message.c.deleted_at.is_(None),
        visible(access),
    )
    row = connection.execute(seen).one_or_none()
    return None if row is None else ToFetch(*row)


def begin_anew(connection: Connection, attachment_id: int, now: int) -> None:
    """Let it be fetched now, as if it had just come."""
    connection.execute(
        update(attachment)
        .where(attachment.c.id == attachment_id, attachment.c.source.is_not(None))
        .values(state="pending", failure=None, attempts=0, next_attempt_at=now)
    )


def take(connection: Connection, wanted: ToFetch, now: int, until: int) -> bool:
    """Begin an attempt that nobody else begins before ``until``; False when somebody was faster."""
    statement = (
        update(attachment)
        .where(attachment.c.id == wanted.id, attachment.c.attempts == wanted.attempts, _PENDING)
        .where(attachment.c.next_attempt_at <= now)
        .values(attempts=wanted.attempts + 1, next_attempt_at=until)
    )
    return connection.execute(statement).rowcount == 1


def put_off(
    connection: Connection, attachment_id: int, until: int, attempts: int, failure: str | None
) -> bool:
    """Let it rest; ``attempts`` is how many counted so far.  False when it is not waiting any more."""
    statement = update(attachment).where(attachment.c.id == attachment_id, _PENDING)
    values = {"next_attempt_at": until, "attempts": attempts, "failure": failure}
    return connection.execute(statement.values(**values)).rowcount == 1


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
        select(a.id, a.sha256, a.thumbnail)
        .where(a.message_id.is_(None), a.uploaded_by.is_not(None), a.created_at < before)
        .order_by(a.id)
        .limit(limit)
        .with_for_update()
    ).all()
    connection.execute(delete(attachment).where(a.id.in_([row.id for row in rows])))
    hashes = {each for row in rows for each in (row.sha256, row.thumbnail) if each}
    return sorted(hashes - named(connection, sorted(hashes)))


def named(connection: Connection, hashes: Sequence[str]) -> set[str]:
    """Those of these hashes that some row still names: their files must stay."""
    found: set[str] = set()
    for column in (attachment.c.sha256, attachment.c.thumbnail, identity.c.picture):
        found.update(connection.execute(select(column).where(column.in_(hashes)).distinct()).scalars())
    return found
