"""Agents, how they sign in, and what they did."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, String, Table, Text

from server.db.schema.columns import BigInt, id_column, metadata, ms_column, ref_column

agent = Table(
    "agent",
    metadata,
    id_column(),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text),
    Column("active", Boolean, nullable=False, default=True),
    Column("locale", String(8), nullable=False, default=""),
    ms_column("created_at"),
    Column("seq", BigInt, nullable=False),
    CheckConstraint("role IN ('agent', 'supervisor', 'administrator')", name="role"),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    ref_column("agent_id", "agent", index=True),
    Column("csrf_token", String(64), nullable=False),
    ms_column("created_at"),
    ms_column("seen_at"),
    ms_column("expires_at"),
)

api_token = Table(
    "api_token",
    metadata,
    id_column(),
    Column("token_hash", String(64), nullable=False, unique=True),
    ref_column("agent_id", "agent", index=True),
    ms_column("created_at"),
    ms_column("expires_at", nullable=True),
    ms_column("used_at", nullable=True),
)

throttle = Table(
    "throttle",
    metadata,
    Column("key", String(200), primary_key=True),
    ms_column("window_start"),
    Column("count", Integer, nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("agent_id", BigInt, ForeignKey("agent.id"), primary_key=True),
    Column("route", String(120), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("result_id", BigInt, nullable=False),
    ms_column("created_at"),
)

audit = Table(
    "audit",
    metadata,
    id_column(),
    ms_column("at"),
    ref_column("agent_id", "agent", nullable=True, index=True),
    Column("action", String(60), nullable=False),
    Column("detail", Text, nullable=False),  # JSON, never a secret
)
