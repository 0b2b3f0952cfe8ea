"""What was sent to whom, and what became of it."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

from server.db.schema.columns import BigInt, id_column, metadata, ms_column, ref_column

_WAITING = text("state IN ('queued', 'sending')")

delivery = Table(
    "delivery",
    metadata,
    id_column(),
    ref_column("message_id", "message", index=True),
    ref_column("dialog_id", "dialog"),
    ref_column("identity_id", "identity"),
    ref_column("channel_id", "channel"),
    Column("state", String(10), nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("owner", String(40)),
    ms_column("lease_until", nullable=True),
    ms_column("next_attempt_at"),
    Column("failure", Text),  # JSON of FailureView
    Column("tracker", String(40), nullable=False, unique=True),
    ms_column("created_at"),
    ms_column("sent_at", nullable=True),
    ms_column("delivered_at", nullable=True),
    ms_column("read_at", nullable=True),
    ms_column("failed_at", nullable=True),
    Index("ix_delivery_waiting", "channel_id", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    Index(
        "ix_delivery_identity_waiting", "identity_id", "id", sqlite_where=_WAITING, postgresql_where=_WAITING
    ),
    Index("ix_delivery_identity_id_id", "identity_id", "id"),
)
"""One row per outbound message and identity; a retry by hand is a new row, so states only move forward."""

delivery_state = Table(
    "delivery_state",
    metadata,
    id_column(),
    ref_column("delivery_id", "delivery", index=True),
    Column("state", String(10), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("source", String(16), nullable=False),  # agent | worker | receipt | echo | recovery
    Column("detail", Text),
    ms_column("at"),
)
"""The history of a delivery: every state it went through, and who said so."""

delivery_external = Table(
    "delivery_external",
    metadata,
    Column("channel_id", BigInt, primary_key=True),
    Column("external_id", String(255), primary_key=True),
    Column("delivery_id", BigInt, ForeignKey("delivery.id"), primary_key=True, index=True),
)
"""The provider's ids of a delivery (a long text may become several messages there)."""
