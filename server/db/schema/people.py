"""Contacts, their identities, and what they agreed to."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from server.db.schema.columns import BigInt, id_column, metadata, ms_column, ref_column

_TO_TELL = text("tell_below IS NOT NULL")
_MERGED = text("merged_into IS NOT NULL")

contact = Table(
    "contact",
    metadata,
    id_column(),
    Column("number", BigInt, nullable=False, unique=True),
    Column("name", String(300), nullable=False, default=""),
    Column("phone", String(20)),
    Column("language", String(20)),
    Column("folded", Text, nullable=False, default=""),
    ms_column("created_at"),
    Column("seq", BigInt, nullable=False),
    Column("tell_below", BigInt),  # dialogs with smaller ids are yet to be told of a change (intake.telling)
    ref_column("merged_into", "contact", nullable=True),  # whose this one's only address was found to be
    Index("ix_contact_tell_below", "tell_below", sqlite_where=_TO_TELL, postgresql_where=_TO_TELL),
    Index("ix_contact_merged_into", "merged_into", sqlite_where=_MERGED, postgresql_where=_MERGED),
    Index("ix_contact_folded", text("to_tsvector('simple', folded)"), postgresql_using="gin").ddl_if(
        dialect="postgresql"
    ),
)

identity = Table(
    "identity",
    metadata,
    id_column(),
    ref_column("contact_id", "contact", index=True),
    ref_column("channel_id", "channel"),
    Column("address", String(255), nullable=False),
    Column("name", String(300), nullable=False, default=""),
    Column("reachable", Boolean, nullable=False, default=True),  # false: they blocked us, until they write
    Column(
        "opted_out", Boolean, nullable=False, default=False
    ),  # of marketing; the last row of consent says why
    ms_column(
        "profile_due_at", nullable=True
    ),  # when to ask the provider for the name; null: not to be asked
    Column("profile_attempts", Integer, nullable=False, default=0),
    Column("picture", String(64)),  # hash of a small copy of their picture at the provider
    ms_column("created_at"),
    Index("uq_identity_channel_id_address", "channel_id", "address", unique=True),
    Index("ix_identity_address", "address"),
    Index(
        "ix_identity_profile_due",
        "profile_due_at",
        sqlite_where=text("profile_due_at IS NOT NULL"),
        postgresql_where=text("profile_due_at IS NOT NULL"),
    ),
    Index("ix_identity_picture", "picture"),
)

consent = Table(
    "consent",
    metadata,
    id_column(),
    ref_column("identity_id", "identity", index=True),
    Column("purpose", String(20), nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("source", String(60), nullable=False),
    Column("wording", Text, nullable=False, default=""),  # what they wrote, or agreed to
    Column("proof", String(255), nullable=False, default=""),  # the key of the fact that told us
    ms_column("at"),
    Index("uq_consent_identity_id_purpose_proof", "identity_id", "purpose", "proof", unique=True),
)
"""Everything ever said about consent; the newest of an identity and purpose counts."""
