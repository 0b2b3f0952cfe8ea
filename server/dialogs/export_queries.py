"""SQL of the export: which dialogs come next, and their lines."""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from msgspec import json
from sqlalchemy import BigInteger, Connection, bindparam, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from server.agents.access import Access
from server.agents.queries import add_audit
from server.db.schema import audit, dialog
from server.db.sql import one_of
from server.dialogs.csv_sql import Dialect, Field
from server.dialogs.cursors import Position
from server.dialogs.lists import Listed, walk
from server.dialogs.model import Selection

DIALOG_COLUMNS = (
    "dialog_id", "dialog_no", "status", "channel", "channel_account", "contact_id", "contact_no", "contact_name",
    "contact_address", "responsible_agent", "last_replied_by_type", "last_replied_by", "created_at",
    "last_message_at", "closed_at", "closed_by", "reopened_count", "messages_in", "messages_out", "source", "medium",
    "campaign", "landing_page", "referrer", "time_zone", "created_at_utc", "last_message_at_utc", "closed_at_utc",
    "sender",
)  # fmt: skip
MESSAGE_COLUMNS = (
    "message_id", "dialog_id", "dialog_no", "type", "direction", "author_type", "author", "sent_at", "text",
    "attachments", "delivery_state", "delivered_at", "read_at", "failure_reason", "provider_message_id", "time_zone",
    "sent_at_utc",
)  # fmt: skip
"""Stable: new ones are added at the end only."""

# Some providers tell a name only when asked, after the first message: it bears the address then, and here the name.
_AUTHOR = (
    "CASE WHEN message.author_name = identity.address AND message.author_type = 'contact' AND contact.name <> ''"
    " THEN contact.name ELSE message.author_name END"
)
_REPLIED_BY = (
    "CASE WHEN dialog.last_replied_type = 'contact' AND dialog.last_replied_name = '' THEN contact.name"
    " ELSE dialog.last_replied_name END"
)


class Piece(NamedTuple):
    """A part of one dialog's messages: after ``since`` up to ``until``, both ``(at, id)``."""

    dialog_id: int
    since: tuple[int, int]
    until: tuple[int, int]


def dialogs_after(
    connection: Connection, access: Access, selection: Selection, after: Position | None, limit: int
) -> list[Listed]:
    return list(islice(walk(connection, access, selection, after, limit), limit))


def message_counts(connection: Connection, dialog_ids: Sequence[int]) -> dict[int, int]:
    statement = select(dialog.c.id, dialog.c.message_count).where(one_of(connection, dialog.c.id, dialog_ids))
    return {row.id: row.message_count for row in connection.execute(statement)}


def piece_end(
    connection: Connection, dialog_id: int, since: tuple[int, int], size: int
) -> tuple[int, int] | None:
    """Where a piece of ``size`` messages ends; None when fewer are left."""
    statement = text(
        "SELECT at, id FROM message WHERE dialog_id = :dialog_id AND (at, id) > (:at, :id)"
        " ORDER BY at, id LIMIT 1 OFFSET :size"
    )
    row = connection.execute(
        statement, {"dialog_id": dialog_id, "at": since[0], "id": since[1], "size": size - 1}
    ).one_or_none()
    return None if row is None else (row.at, row.id)


def dialog_lines(connection: Connection, d: Dialect, dialog_ids: Sequence[int]) -> tuple[bytes, int]:
    """The lines of these dialogs, in this order."""
    fields = [
        d.plain("dialog.id"), d.plain("dialog.number"), d.plain("dialog.status"), d.plain("channel.kind"),
        d.text("channel.name"), d.plain("contact.id"), d.plain("contact.number"), d.text("contact.name"),
        d.text("identity.address"), d.text("agent.name"), d.plain("dialog.last_replied_type"),
        d.text(_REPLIED_BY), d.time("dialog.created_at"), d.time("dialog.last_message_at"),
        d.time("dialog.closed_at"), d.text("closer.name"), d.plain("dialog.reopen_count"),
        d.plain("dialog.inbound_count"), d.plain("dialog.message_count - dialog.inbound_count"),
        d.text("visit.utm_source"), d.text("visit.utm_medium"), d.text("visit.utm_campaign"), d.text("visit.page"),
        d.text("visit.referrer"), d.zone(), d.time_utc("dialog.created_at"), d.time_utc("dialog.last_message_at"),
        d.time_utc("dialog.closed_at"), d.text("channel.sender"),
    ]  # fmt: skip
    rows = (
        f"{d.listed()} JOIN dialog ON dialog.id = listed.id JOIN channel ON channel.id = dialog.channel_id"
        " JOIN contact ON contact.id = dialog.contact_id JOIN identity ON identity.id = dialog.identity_id"
        " LEFT JOIN agent ON agent.id = dialog.assignee_id LEFT JOIN agent AS closer ON closer.id = dialog.closed_by"
        " LEFT JOIN visit ON visit.id = dialog.visit_id"
    )
    return _run(connection, d.document(fields, rows, "listed.place"), dialog_ids)


def message_lines(
    connection: Connection, d: Dialect, dialog_ids: Sequence[int], below: int, piece: Piece | None = None
) -> tuple[bytes, int]:
    """The lines of the messages of these dialogs with an id below ``below``; or of one piece only."""
    newest = "SELECT max(id) FROM delivery WHERE message_id = message.id"
    rows = (
        f"{d.listed()} JOIN dialog ON dialog.id = listed.id {d.their_messages()}"
        " JOIN contact ON contact.id = dialog.contact_id JOIN identity ON identity.id = dialog.identity_id"
        f" LEFT JOIN delivery ON delivery.id = CASE WHEN message.direction = 'outbound' THEN ({newest}) END"
        " WHERE message.kind = 'message' AND message.deleted_at IS NULL AND message.id < :below"
    )
    bounds: dict[str, int] = {"below": below}
    if piece is not None:
        rows += " AND (message.at, message.id) > (:since_at, :since_id) AND (message.at, message.id) <= (:at, :id)"
        bounds |= dict(zip(("since_at", "since_id", "at", "id"), (*piece.since, *piece.until), strict=True))
    order = "listed.place, message.at, message.id"
    return _run(connection, d.document(_message_fields(d), rows, order), dialog_ids, bounds)


def _message_fields(d: Dialect) -> list[Field]:
    kinds = d.joined("attachment.kind || coalesce(': ' || attachment.name, '')", "attachment.position")
    present = "attachment.message_id = message.id AND attachment.version_id IS NULL"
    attachments = f"(SELECT {kinds} FROM attachment WHERE {present})"  # noqa: S608 - expressions of ours

    failure = d.text(d.json_text("message.failure", "text"))
    return [
        d.plain("message.id"), d.plain("message.dialog_id"), d.plain("dialog.number"), d.plain("message.kind"),
        d.plain("message.direction"), d.plain("message.author_type"), d.text(_AUTHOR),
        d.time("message.at"), d.text("message.text"), d.quoted(attachments), d.plain("message.state"),
        d.time("delivery.delivered_at"), d.time("delivery.read_at"),
        failure, d.text("message.external_id"), d.zone(),
        d.time_utc("message.at"),
    ]  # fmt: skip


def _run(
    connection: Connection, sql: str, dialog_ids: Sequence[int], bounds: dict[str, int] | None = None
) -> tuple[bytes, int]:
    ids = (
        bindparam("ids", list(dialog_ids), type_=ARRAY(BigInteger))
        if connection.dialect.name == "postgresql"
        else bindparam("ids", str(list(dialog_ids)))
    )
    row = connection.execute(text(sql).bindparams(ids), bounds or {}).one()
    return row[0] or b"", row[1]


def record(
    connection: Connection, audit_id: int, agent_id: int | None, at_ms: int, detail: dict[str, object]
) -> None:
    """Note an export before its first row is read."""
    add_audit(
        connection,
        audit_id=audit_id,
        at_ms=at_ms,
        agent_id=agent_id,
        action="dialogs.exported",
        detail=detail,
    )


def record_end(connection: Connection, audit_id: int, detail: dict[str, object]) -> None:
    """Complete the note."""
    connection.execute(
        update(audit).where(audit.c.id == audit_id).values(detail=json.encode(detail).decode())
    )
