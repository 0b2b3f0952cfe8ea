"""Configured channels, and whose they are."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, true

from server.db.schema.columns import BigInt, id_column, metadata, ms_column

channel = Table(
    "channel",
    metadata,
    id_column(),
    Column("kind", String(32), nullable=False),
    Column("provider", String(32)),
    Column("name", String(120), nullable=False),
    Column("settings", Text, nullable=False),  # JSON without secrets; write-only outside
    Column(
        "secrets", Text, nullable=False, default="", server_default=""
    ),  # JSON, encrypted by server.keyring
    Column("account", String(120)),  # the provider's own id where one callback serves several
    Column("active", Boolean, nullable=False, default=True),
    Column(
        "sms_on", Boolean, nullable=False, default=True, server_default=true()
    ),  # false: off for this number
    Column("reopen_within_hours", Integer),
    Column("reply_window_hours", Integer),  # a copy of the connector's capability, for lists
    Column("sender", String(120)),  # likewise
    Column("poll_cursor", Text),
    ms_column("created_at"),
    Column("last_error", Text),
    Column(
        "last_error_code", String(60)
    ),  # a Failure's stable word, for translations; null: of an error without one
    Column("last_error_said", Text),  # the provider's own words
    ms_column("last_error_at", nullable=True),
    ms_column("last_inbound_at", nullable=True),
    ms_column("last_outbound_at", nullable=True),
    ms_column("looked_at", nullable=True),  # when the provider was last asked; moves without an event
    Column("look_error", Text),
    Column("look_error_code", String(60)),
    Column("look_error_said", Text),
    ms_column("look_error_at", nullable=True),
    Column("pending", Integer),  # at the provider
    Column("mended", Text),
    Column("mended_said", Text),
    ms_column("mended_at", nullable=True),
    Column("silence_hours", Integer),  # after so many without a message there is an alarm
    Column("alarms", Text, nullable=False, default="[]", server_default="[]"),  # JSON, one of a kind at most
    Column("quarantine_seen", BigInt, nullable=False, default=0, server_default="0"),
    Column("seq", BigInt, nullable=False),
    Index("ix_channel_kind_account", "kind", "account"),
)

agent_channel = Table(
    "agent_channel",
    metadata,
    Column("agent_id", BigInt, ForeignKey("agent.id"), primary_key=True),
    Column("channel_id", BigInt, ForeignKey("channel.id"), primary_key=True),
)
"""Grants.  An administrator needs none."""
