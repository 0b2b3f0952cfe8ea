"""SQL about dialogs and messages that more than one part of the server needs."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, literal, select, tuple_, update

from server import reasons
from server.agents.access import Access, visible
from server.clock import rfc3339
from server.db.schema import (
    BigInt,
    activity,
    agent,
    attachment,
    channel,
    contact,
    dialog,
    dialog_read,
    identity,
    message,
    message_version,
    visit,
)
from server.db.sql import one_of
from server.dialogs.views import activity_view, attachment_view, dialog_view, message_view
from server.entities import Activity, AttachmentView, Dialog, Message, MessageVersion
from server.errors import NotFound

_AGENT_AND_VISIT = (
    agent.c.name.label("assignee_name"),
    visit.c.utm_source.label("visit_source"),
    visit.c.utm_medium.label("visit_medium"),
    visit.c.utm_campaign.label("visit_campaign"),
    visit.c.page.label("visit_page"),
    visit.c.referrer.label("visit_referrer"),
)
NO_AGENT_AND_VISIT: Mapping[str, Any] = dict.fromkeys(column.name for column in _AGENT_AND_VISIT)


def with_agent_and_visit(dialogs: Select[Any]) -> Select[Any]:
    """The same dialogs with what their view shows of the responsible agent and of the visit that led to them."""
    return (
        dialogs.add_columns(*_AGENT_AND_VISIT)
        .outerjoin(agent, agent.c.id == dialog.c.assignee_id)
        .outerjoin(visit, visit.c.id == dialog.c.visit_id)
    )


DIALOG: Select[Any] = with_agent_and_visit(
    select(
        dialog,
        channel.c.kind.label("channel_kind"),
        channel.c.name.label("channel_name"),
        channel.c.reply_window_hours,
        contact.c.number.label("contact_number"),
        contact.c.name.label("contact_name"),
        identity.c.address,
        identity.c.picture.label("contact_picture"),
    )
    .join(channel, channel.c.id == dialog.c.channel_id)
    .join(contact, contact.c.id == dialog.c.contact_id)
    .join(identity, identity.c.id == dialog.c.identity_id)
)
"""A dialog with the names of what it refers to, as ``views.dialog_view`` takes it."""

ATTACHMENT_FIELDS = (
    "id", "kind", "state", "source", "failure", "name", "mime", "size", "width", "height", "title", "latitude", "longitude", "phone", "url",
)  # fmt: skip


def dialogs_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Rows for ``views.dialog_view``, without any check of who asks: for writers, not for answers."""
    rows = connection.execute(DIALOG.where(dialog.c.id.in_(list(ids)))).mappings()
    return {row["id"]: dict(row) for row in rows}


def dialog_now(connection: Connection, dialog_id: int) -> Dialog:
    """A dialog as this transaction left it, for an event or an answer to its author."""
    return dialog_view(dialogs_by_id(connection, [dialog_id])[dialog_id])


def visible_row(connection: Connection, access: Access, dialog_id: int) -> dict[str, Any]:
    """The row of a dialog that this agent may see; otherwise there is no such dialog."""
    row = connection.execute(DIALOG.where(dialog.c.id == dialog_id, visible(access))).mappings().one_or_none()
    if row is None:
        raise NotFound(reasons.NO_SUCH_DIALOG)
    return dict(row)


def visible_rows(connection: Connection, access: Access, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The rows of those dialogs that this agent may see."""
    rows = connection.execute(DIALOG.where(one_of(connection, dialog.c.id, ids), visible(access))).mappings()
    return {row["id"]: dict(row) for row in rows}


def dialogs_of_contact(
    connection: Connection, access: Access, contact_id: int, limit: int
) -> tuple[list[Dialog], set[int]]:
    """The newest dialogs with a contact that the agent may see, and through which identities they went."""
    shown = dialog.c.contact_id == contact_id, visible(access)
    rows = connection.execute(DIALOG.where(*shown).order_by(dialog.c.id.desc()).limit(limit)).mappings()
    identities = connection.execute(select(dialog.c.identity_id).where(*shown).distinct()).scalars()
    return [dialog_view(row) for row in rows], set(identities)


def lock_visible(connection: Connection, access: Access, dialog_id: int) -> dict[str, Any]:
    """The same, with the row locked until the end of the transaction."""
    found = connection.execute(
        select(dialog.c.id).where(dialog.c.id == dialog_id).with_for_update(key_share=True)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(reasons.NO_SUCH_DIALOG)
    return visible_row(connection, access, dialog_id)


def set_dialog(connection: Connection, dialog_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(dialog).where(dialog.c.id == dialog_id).values(**values))


def attachments_of(connection: Connection, message_ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The attachments of messages, in their order."""
    found: dict[int, list[dict[str, Any]]] = {}
    if not message_ids:
        return found
    columns = [attachment.c.message_id, *(attachment.c[name] for name in ATTACHMENT_FIELDS)]
    statement = (
        select(*columns)
        .where(attachment.c.message_id.in_(message_ids), attachment.c.version_id.is_(None))
        .order_by(attachment.c.message_id, attachment.c.position)
    )
    for row in connection.execute(statement).mappings():
        found.setdefault(row["message_id"], []).append(dict(row))
    return found


def _replaced(
    connection: Connection, message_id: int, version_ids: Sequence[int]
) -> dict[int, list[AttachmentView]]:
    """The attachments that these versions of the message had, and it has no more."""
    found: dict[int, list[AttachmentView]] = {}
    c = attachment.c
    statement = (
        select(c.version_id, *(c[name] for name in ATTACHMENT_FIELDS))
        .where(c.message_id == message_id, c.version_id.in_(version_ids))
        .order_by(c.version_id, c.position)
    )
    for row in connection.execute(statement).mappings():
        found.setdefault(row["version_id"], []).append(attachment_view(row))
    return found


def message_rows(
    connection: Connection, dialog_id: int, before: tuple[int, int] | None, limit: int
) -> Sequence[RowMapping]:
    """A dialog's messages, newest first, before a ``(at, id)``."""
    statement = select(message).where(message.c.dialog_id == dialog_id)
    if before is not None:
        key = tuple_(literal(before[0], BigInt), literal(before[1], BigInt))
        statement = statement.where(tuple_(message.c.at, message.c.id) < key)
    statement = statement.order_by(message.c.at.desc(), message.c.id.desc()).limit(limit)
    return connection.execute(statement).mappings().all()


def message_views(connection: Connection, rows: Sequence[RowMapping]) -> list[Message]:
    attachments = attachments_of(connection, [row["id"] for row in rows])
    return [message_view(row, attachments.get(row["id"], ())) for row in rows]


def has_message(connection: Connection, dialog_id: int, message_id: int) -> bool:
    c = message.c
    statement = select(c.id).where(c.id == message_id, c.dialog_id == dialog_id)
    return connection.execute(statement).first() is not None


def message_versions(
    connection: Connection, dialog_id: int, message_id: int, limit: int
) -> list[MessageVersion]:
    """What a message of this dialog said earlier, newest first; nothing of one that its author took back."""
    c = message_version.c
    statement = (
        select(c.id, c.text, c.written_at)
        .join(message, message.c.id == c.message_id)
        .where(c.message_id == message_id, message.c.dialog_id == dialog_id, message.c.deleted_at.is_(None))
        .order_by(c.id.desc())
        .limit(limit)
    )
    rows = connection.execute(statement).all()
    files = _replaced(connection, message_id, [row.id for row in rows]) if rows else {}
    return [
        MessageVersion(
            id=str(row.id),
            text=row.text,
            written_at=rfc3339(row.written_at),
            attachments=tuple(files.get(row.id, ())),
        )
        for row in rows
    ]


def message_now(connection: Connection, message_id: int) -> Message:
    """A message as this transaction left it."""
    row = connection.execute(select(message).where(message.c.id == message_id)).mappings().one()
    return message_views(connection, [row])[0]


def add_activity(connection: Connection, values: Mapping[str, Any]) -> Activity:
    """Record what happened to a dialog; ``values`` are all columns of ``activity``."""
    connection.execute(insert(activity).values(**values))
    return activity_view(values)


def activities_of(
    connection: Connection, dialog_id: int, before_id: int | None, limit: int
) -> list[Activity]:
    """What happened to a dialog, newest first."""
    statement = select(activity).where(activity.c.dialog_id == dialog_id)
    if before_id is not None:
        statement = statement.where(activity.c.id < before_id)
    rows = connection.execute(statement.order_by(activity.c.id.desc()).limit(limit)).mappings()
    return [activity_view(row) for row in rows]


def reads_of(connection: Connection, agent_id: int, dialog_ids: Sequence[int]) -> dict[int, int]:
    """This agent's read markers: dialog id → customer messages read."""
    if not dialog_ids:
        return {}
    statement = select(dialog_read.c.dialog_id, dialog_read.c.inbound_count).where(
        dialog_read.c.agent_id == agent_id, dialog_read.c.dialog_id.in_(dialog_ids)
    )
    return {row.dialog_id: row.inbound_count for row in connection.execute(statement)}


def place_of(connection: Connection, dialog_id: int) -> tuple[int, int | None] | None:
    """What decides who sees a dialog: its channel and its responsible agent."""
    statement = select(dialog.c.channel_id, dialog.c.assignee_id).where(dialog.c.id == dialog_id)
    row = connection.execute(statement).one_or_none()
    return None if row is None else (row.channel_id, row.assignee_id)
