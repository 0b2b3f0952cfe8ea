"""The event log, and what processes that share it agree by."""

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, String, Table

from server.db.schema.columns import BigInt, metadata, ms_column
from server.db.schema.texts import EncodedText

event_head = Table(
    "event_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", String(40), nullable=False),
    Column("last_seq", BigInt, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
"""One row.  Its lock, held from the number to the commit, makes numbers gap-free and in commit order."""

event = Table(
    "event",
    metadata,
    Column("seq", BigInt, primary_key=True, autoincrement=False),
    ms_column("at"),
    Column("name", String(60), nullable=False),
    Column("audience", String(16), nullable=False),  # dialog | agent | channel | staff | administrator
    Column("dialog_id", BigInt),
    Column("channel_id", BigInt),
    Column("agent_id", BigInt),
    Column("assignee_before", BigInt),
    Column("assignee_after", BigInt),
    Column("is_new", Boolean, nullable=False, default=False),
    Column("data", EncodedText, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", BigInt, nullable=False),
)
"""Numbers for people (dialog, contact) and cursors (the search index's position)."""

lease = Table(
    "lease",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("owner", String(40), nullable=False),
    ms_column("until"),
)
"""Work that only one process may do at a time: polling a bot, pruning, indexing."""
