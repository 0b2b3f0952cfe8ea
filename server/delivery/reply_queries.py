"""SQL behind replies: what the author missed, attachments to take along."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection, and_, or_, select, update

from server.db.schema import attachment, message
from server.dialogs.queries import message_views
from server.entities import Message

_MISSED_AT_MOST = 50


class Upload(NamedTuple):
    """An uploaded file that no message has yet."""

    id: int
    kind: str
    name: str
    mime: str
    size: int


class _Id(msgspec.Struct):
    id: str


class _Created(msgspec.Struct):
    """The part of the data of ``message.received`` and ``message.added`` that is of interest here."""

    message: _Id


_created = msgspec.json.Decoder(_Created)


def missed(connection: Connection, dialog_id: int, agent_id: int, seen: int) -> list[Message]:
    """The newest messages of others that came into the dialog after event ``seen``, newest last, at most 50."""
    by_others = or_(message.c.author_type != "agent", message.c.author_id.is_distinct_from(agent_id))
    statement = (
        select(message)
        .where(message.c.dialog_id == dialog_id, message.c.created_seq > seen, by_others)
        .order_by(message.c.at.desc(), message.c.id.desc())
        .limit(_MISSED_AT_MOST)
    )
    rows = connection.execute(statement).mappings().all()
    return message_views(connection, rows[::-1])


def uploads(connection: Connection, agent_id: int, ids: Sequence[int]) -> dict[int, Upload]:
    """The agent's own uploads among ``ids`` that no message has taken yet; rows locked."""
    c = attachment.c
    statement = (
        select(c.id, c.kind, c.name, c.mime, c.size)
        .where(c.id.in_(ids), c.uploaded_by == agent_id, c.message_id.is_(None), c.state == "stored")
        .order_by(c.id)
        .with_for_update()
    )
    return {row.id: Upload(*row) for row in connection.execute(statement)}


def attach(connection: Connection, ids: Sequence[int], message_id: int, dialog_id: int) -> None:
    """Give uploads to a message, in this order."""
    for position, attachment_id in enumerate(ids):
        connection.execute(
            update(attachment)
            .where(attachment.c.id == attachment_id)
            .values(message_id=message_id, dialog_id=dialog_id, position=position)
        )


def is_in_dialog(connection: Connection, message_id: int, dialog_id: int) -> bool:
    found = connection.execute(
        select(message.c.id).where(and_(message.c.id == message_id, message.c.dialog_id == dialog_id))
    )
    return found.scalar_one_or_none() is not None
