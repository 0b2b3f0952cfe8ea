"""What was sent to whom, and what became of it."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, text

from server.db.schema.columns import BigInt, id_column, metadata, ms_column, ref_column

_WAITING = text("state IN ('queued', 'sending')")
_OPEN = text("state IN ('sending', 'unknown')")
_UNREAD = text("sent_at IS NOT NULL AND state <> 'read'")

delivery = Table(
    "delivery",
    metadata,
    id_column(),
    ref_column("message_id", "message", index=True),
    ref_column("dialog_id", "dialog"),
    ref_column("identity_id", "identity"),
    ref_column("channel_id", "channel"),
    Column("state", String(10), nullable=False),
    Column("attempt", Integer, nullable=False, default=0),  # number of the last one; none has the same twice
    Column("tries", Integer, nullable=False, default=0),  # attempts in vain, since one got on
    Column("owner", String(40)),
    ms_column("lease_until", nullable=True),
    ms_column("next_attempt_at"),
    Column("failure", Text),  # JSON of FailureView
    Column("tracker", String(40), nullable=False, unique=True),
    Column("parts", Integer),  # how many its message is made of; null: not known yet, or no more than one
    ms_column("created_at"),
    ms_column("sent_at", nullable=True),
    ms_column("delivered_at", nullable=True),
    ms_column("read_at", nullable=True),
    ms_column("failed_at", nullable=True),
    Index("ix_delivery_waiting", "channel_id", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    Index(
        "ix_delivery_identity_waiting", "identity_id", "id", sqlite_where=_WAITING, postgresql_where=_WAITING
    ),
    Index("ix_delivery_identity_open", "identity_id", sqlite_where=_OPEN, postgresql_where=_OPEN),
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

delivery_part = Table(
    "delivery_part",
    metadata,
    Column("delivery_id", BigInt, ForeignKey("delivery.id"), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1, the same in every delivery of the message
    Column("channel_id", BigInt, nullable=False),
    Column("identity_id", BigInt, nullable=False),  # as its delivery
    Column("kind", String(16)),  # text | template | the kind of its file; null: the connector did not say
    Column("external_id", String(255)),
    Column("state", String(10), nullable=False),
    Column("failure", Text),  # JSON of FailureView
    ms_column("begun_at", nullable=True),  # null: of the first, with the message
    ms_column("sent_at", nullable=True),  # null: it was never accepted
    ms_column("delivered_at", nullable=True),
    ms_column("read_at", nullable=True),
    ms_column("failed_at", nullable=True),
    Index("ix_delivery_part_channel_id_external_id", "channel_id", "external_id"),
    Index("ix_delivery_part_unread", "identity_id", "state", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
)
"""One call to the provider each: a long text or several files become several messages there, with ids of their own.

Of a delivery of one part the row comes with its acceptance.
"""

own_reaction = Table(
    "own_reaction",
    metadata,
    Column("message_id", BigInt, ForeignKey("message.id"), primary_key=True),
    ref_column("dialog_id", "dialog"),
    ref_column("channel_id", "channel"),
    Column("emoji", String(32)),  # what the customer is to see; null: nothing of ours
    Column("carried", String(32)),  # what the last call was about
    Column("seen", String(32)),  # what they see as far as the provider told
    Column(
        "former", String(32)
    ),  # what they saw before that, and still see where it turns out to have failed
    Column("sure", Boolean, nullable=False),  # false: a call may have been accepted since
    Column("state", String(10), nullable=False),  # queued | sending | sent | failed | unknown
    Column("attempt", Integer, nullable=False),  # number of the last call; none has the same twice
    Column("tries", Integer, nullable=False),  # calls in vain for this emoji
    ms_column("lease_until", nullable=True),
    ms_column("next_attempt_at"),
    Column("failure", Text),  # JSON of FailureView
    ref_column("agent_id", "agent"),
    Column("agent_name", String(300), nullable=False),
    ms_column("at"),
    Index(
        "ix_own_reaction_waiting",
        "channel_id",
        "next_attempt_at",
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    ),
)
"""One row per customer's message that agents reacted to: what they want there, and how far that got.  It is brought in
line by calls that may be repeated, so it has no history: the newest wish is the one that counts."""
