"""Visits to the company's website."""

from sqlalchemy import Column, Index, String, Table, Text

from server.db.schema.columns import id_column, metadata, ms_column

visit = Table(
    "visit",
    metadata,
    id_column(),
    Column("token", String(64), nullable=False, unique=True),
    Column("page", Text, nullable=False, default=""),
    Column("referrer", Text, nullable=False, default=""),
    Column("utm_source", Text, nullable=False, default=""),
    Column("utm_medium", Text, nullable=False, default=""),
    Column("utm_campaign", Text, nullable=False, default=""),
    Column("click_ids", Text, nullable=False, default="{}"),
    ms_column("created_at"),
    Index("ix_visit_utm_source", "utm_source", postgresql_using="hash"),
)
