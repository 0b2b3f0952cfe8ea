"""Messages and their attachments."""

from sqlalchemy import Column, Double, Index, Integer, String, Table, Text, text

from server.db.schema.columns import BigInt, id_column, metadata, ms_column, ref_column
from server.db.schema.texts import SearchText

message = Table(
    "message",
    metadata,
    id_column(),
    Column("seq", BigInt, nullable=False),
    Column("created_seq", BigInt),  # the event by which it entered the dialog
    ref_column("dialog_id", "dialog"),
    ref_column("channel_id", "channel"),
    Column("direction", String(8), nullable=False),  # inbound | outbound
    Column("kind", String(8), nullable=False),  # message | note
    Column("origin", String(12), nullable=False),
    Column("purpose", String(10), nullable=False, default="service"),
    Column("author_type", String(8), nullable=False),  # contact | agent | system
    Column("author_id", BigInt),
    Column("author_name", String(300), nullable=False, default=""),
    Column("text", Text, nullable=False, default=""),
    Column("external_id", String(255)),
    Column("reply_to", BigInt),
    Column("payload", Text),
    Column("quick_replies", Text),  # JSON of QuickReplyView, of what we sent
    Column("link_buttons", Text),  # the same of LinkButtonView
    Column("template", Text),  # JSON of FilledTemplate, which every attempt sends; its words are in text
    Column("unsupported", String(60)),
    Column("state", String(10)),
    Column("failure", Text),  # JSON of FailureView
    Column("parts", Text),  # JSON of PartView, where it goes out as several
    Column("reaction", String(32)),  # the customer's
    Column("own_reaction", Text),  # JSON of OwnReaction, of what stands in the table of that name
    ms_column("at"),
    ms_column("received_at"),
    ms_column("edited_at", nullable=True),
    ms_column("deleted_at", nullable=True),
    Column("search", SearchText),
    Index("ix_message_dialog_id_at_id", "dialog_id", "at", "id"),
    Index("ix_message_channel_id_external_id", "channel_id", "external_id"),
    Index("ix_message_search", "search", postgresql_using="gin").ddl_if(dialect="postgresql"),
)

message_version = Table(
    "message_version",
    metadata,
    id_column(),
    ref_column("message_id", "message", index=True),
    Column("text", Text, nullable=False),
    ms_column("written_at"),
)
"""What a message said before its author changed it: whoever sees the dialog can see what was answered to.

The attachments that the change replaced name it.
"""

attachment = Table(
    "attachment",
    metadata,
    id_column(),
    ref_column("message_id", "message", nullable=True, index=True),
    ref_column("version_id", "message_version", nullable=True),  # of what the message had before an edit
    ref_column("dialog_id", "dialog", nullable=True),
    ref_column("uploaded_by", "agent", nullable=True),
    Column("position", Integer, nullable=False, default=0),
    Column("kind", String(16), nullable=False),
    Column("state", String(8), nullable=False),  # pending | stored | failed | none
    Column("source", Text),  # for the connector's fetch; emptied once stored or given up
    Column(
        "failure", String(20)
    ),  # why it could not be fetched so far; a code of connectors.errors.FETCH_CODES
    Column("name", String(255)),
    Column("mime", String(120)),
    Column("size", BigInt),
    Column("sha256", String(64)),
    Column("thumbnail", String(64)),  # hash of a small copy of a picture; then width and height are known too
    Column("width", Integer),
    Column("height", Integer),
    Column("title", Text),
    Column("latitude", Double),
    Column("longitude", Double),
    Column("phone", String(40)),
    Column("url", Text),
    Column("sticker_id", String(64)),
    Column("unique_id", String(120)),  # the provider's, of the bytes
    Column("attempts", Integer, nullable=False, default=0),
    ms_column("next_attempt_at", nullable=True),
    ms_column("created_at"),
    Index(
        "ix_attachment_pending",
        "next_attempt_at",
        sqlite_where=text("state = 'pending'"),
        postgresql_where=text("state = 'pending'"),
    ),
    # A file goes when no row names it any more.
    Index("ix_attachment_sha256", "sha256"),
    Index("ix_attachment_thumbnail", "thumbnail"),
)
