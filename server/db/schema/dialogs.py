"""Dialogs, their history, and how far each agent has read."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, text

from server.db.schema.columns import (
    BigInt,
    id_column,
    metadata,
    metadata_of_postgresql,
    ms_column,
    ref_column,
)

_HAS_VISIT = text("visit_id IS NOT NULL")

dialog = Table(
    "dialog",
    metadata,
    id_column(),
    Column("number", BigInt, nullable=False, unique=True),
    ref_column("identity_id", "identity", index=True),
    ref_column("contact_id", "contact"),
    ref_column("channel_id", "channel"),
    Column("status", String(10), nullable=False),
    ref_column("assignee_id", "agent", nullable=True),
    ms_column("created_at"),
    ms_column("closed_at", nullable=True),
    ref_column("closed_by", "agent", nullable=True),
    ms_column("last_message_at", nullable=True),
    ms_column("last_inbound_at", nullable=True),
    ms_column("waiting_since", nullable=True),
    Column("last_replied_type", String(10)),  # contact | agent
    Column("last_replied_name", String(300)),
    Column("last_replied_agent_id", BigInt),
    Column("inbound_count", Integer, nullable=False, default=0),
    Column("message_count", Integer, nullable=False, default=0),
    Column("reopen_count", Integer, nullable=False, default=0),
    Column("previous_id", BigInt),
    Column("reply_allowed", Boolean, nullable=False, default=True),
    Column("elsewhere", Boolean, nullable=False, default=False),  # another application has the thread
    ms_column("control_at", nullable=True),  # the provider's time of the newest word about who has it
    Column("reachable", Boolean, nullable=False, default=True),  # as the identity, in its present dialog only
    Column("opted_out", Boolean, nullable=False, default=False),  # the same
    Column("preview_direction", String(10)),
    Column("preview_text", String(200), nullable=False, default=""),
    Column("preview_attachment", String(16)),
    ref_column("visit_id", "visit", nullable=True),
    Column("entry_ref", String(255)),  # what the deep link carried, known or not
    Column("seq", BigInt, nullable=False),
    CheckConstraint("status IN ('open', 'snoozed', 'closed')", name="status"),
    Index(
        "uq_dialog_identity_not_closed",
        "identity_id",
        unique=True,
        sqlite_where=text("status <> 'closed'"),
        postgresql_where=text("status <> 'closed'"),
    ),
    Index("ix_dialog_contact_id_id", "contact_id", "id"),
    # On PostgreSQL they are those of dialog_place.
    Index("ix_dialog_status_last_message_at_id", "status", "last_message_at", "id").ddl_if(dialect="sqlite"),
    Index(
        "ix_dialog_assignee_id_status_last_message_at_id", "assignee_id", "status", "last_message_at", "id"
    ).ddl_if(dialect="sqlite"),
    Index("ix_dialog_status_created_at_number", "status", "created_at", "number"),
    Index("ix_dialog_channel_id_created_at_number", "channel_id", "created_at", "number"),
    Index("ix_dialog_assignee_id_created_at_number", "assignee_id", "created_at", "number"),
    Index("ix_dialog_visit_id", "visit_id", sqlite_where=_HAS_VISIT, postgresql_where=_HAS_VISIT),
    # A message changes no index, so the row's new version may stay in its page, where there is room.
    postgresql_with={"fillfactor": 80},
)

dialog_place = Table(
    "dialog_place",
    metadata_of_postgresql,
    Column("id", BigInt, ForeignKey(dialog.c.id, ondelete="CASCADE"), primary_key=True, autoincrement=False),
    Column("number", BigInt, nullable=False),
    Column("contact_id", BigInt, nullable=False),
    Column("channel_id", BigInt, nullable=False),
    Column("status", String(10), nullable=False),
    Column("assignee_id", BigInt),
    ms_column("created_at"),
    ms_column("last_message_at", nullable=True),
    Column("visit_id", BigInt),
    Index("ix_dialog_place_status_last_message_at_id", "status", "last_message_at", "id"),
    Index(
        "ix_dialog_place_assignee_id_status_last_message_at_id",
        "assignee_id",
        "status",
        "last_message_at",
        "id",
    ),
)
"""On PostgreSQL only: where dialogs stand in the list by their last message, kept by triggers of ``dialog``.

A row that is changed gets new entries in all indexes of its table there, if one of them holds what changed; ``dialog`` has
eight, and every message changes ``last_message_at``.  The columns are those that lists choose by.
"""

activity = Table(
    "activity",
    metadata,
    id_column(),
    Column("seq", BigInt, nullable=False),
    ref_column("dialog_id", "dialog"),
    Column("type", String(12), nullable=False),
    Column("actor_type", String(8), nullable=False),
    Column("actor_id", BigInt),
    Column("actor_name", String(300), nullable=False, default=""),
    Column("subject_id", BigInt),
    Column("subject_name", String(120)),
    Column("previous_id", BigInt),
    Column("previous_name", String(120)),
    ms_column("at"),
    Index("ix_activity_dialog_id_id", "dialog_id", "id"),
)

dialog_read = Table(
    "dialog_read",
    metadata,
    Column("agent_id", BigInt, ForeignKey("agent.id"), primary_key=True),
    Column("dialog_id", BigInt, ForeignKey("dialog.id"), primary_key=True),
    Column("inbound_count", Integer, nullable=False),
)
