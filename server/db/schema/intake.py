"""What came in and is no message: what was seen already, what waits for the rest, what nobody understood."""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, String, Table, Text

from server.db.schema.columns import BigInt, id_column, metadata, ms_column, ref_column

inbound_key = Table(
    "inbound_key",
    metadata,
    Column("channel_id", BigInt, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("key", String(255), primary_key=True),
    sqlite_with_rowid=False,
)
"""Every fact ever received, kept for ever: what makes a provider's repetition harmless."""

message_parts = Table(
    "message_parts",
    metadata,
    Column("channel_id", BigInt, primary_key=True),
    Column("sender", String(255), primary_key=True),
    Column("reference", String(255), primary_key=True),
    Column("total", Integer, primary_key=True),
    Column("parts", Text, nullable=False),
    Column("joined", Boolean, nullable=False, default=False),
    ms_column("created_at"),
    Index("ix_message_parts_created_at", "created_at"),
    sqlite_with_rowid=False,
)
"""Parts of long SMS that wait for the others; those that were joined stay for an hour, to know repetitions."""

quarantine = Table(
    "quarantine",
    metadata,
    id_column(),
    ref_column("channel_id", "channel"),
    Column("sha256", String(64), nullable=False),
    Column("why", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("size", BigInt, nullable=False),
    Column("count", Integer, nullable=False),
    Column("ignored", Boolean, nullable=False, default=False),
    ms_column("first_at"),
    ms_column("last_at"),
    Index("uq_quarantine_channel_id_sha256", "channel_id", "sha256", unique=True),
    Index("ix_quarantine_ignored_id", "ignored", "id"),
    Index("ix_quarantine_channel_id_ignored_id", "channel_id", "ignored", "id"),
)
"""What is not ``ignored`` is trouble; what is was understood, and kept to look it up."""

alteration = Table(
    "alteration",
    metadata,
    id_column(),
    Column("channel_id", BigInt, nullable=False),
    Column("target", String(255), nullable=False),
    Column("peer", Text),
    Column("item", Text, nullable=False),  # JSON of the connector's item
    ms_column("created_at"),
    Index("ix_alteration_target", "target"),
)
"""Edits, deletions and reactions whose message is not here yet: applied when it is stored."""

receipt = Table(
    "receipt",
    metadata,
    id_column(),
    Column("channel_id", BigInt, nullable=False),
    Column("external_id", String(255), nullable=False),
    Column("state", String(10), nullable=False),
    Column("failure", Text),
    ms_column("at"),
    ms_column("created_at"),
    Index("ix_receipt_channel_id_external_id", "channel_id", "external_id"),
)
"""Receipts whose message id we don't know yet: applied when it is recorded."""
