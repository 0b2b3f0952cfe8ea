"""All tables, in one place.

Times (``*_at``) are epoch milliseconds UTC.  Ids come from :mod:`server.ids` and follow time, so newest-first paging
is by id and a range of dates is a range of ids.  64-bit ids of providers are text.  Where a table has ``seq`` it is
the number of the event that last changed the row.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from server.folding import search_text


class SearchText(TypeDecorator[str]):
    """A text as it is searched; writers give the text itself, it is folded here.

    PostgreSQL keeps a ``tsvector``; SQLite keeps nothing here, its index is filled by ``dialogs.search_index``.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TSVECTOR())
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return search_text(value) if value is not None and dialect.name == "postgresql" else None

    def bind_expression(self, bindparam: BindParameter[str]) -> ColumnElement[Any]:
        return _ParseSearch(bindparam)


class _ParseSearch(FunctionElement[Any]):
    """``to_tsvector('simple', value)`` on PostgreSQL, the bare value elsewhere."""

    inherit_cache = True


@compiles(_ParseSearch, "postgresql")
def _parse_search_postgresql(element: _ParseSearch, compiler: SQLCompiler, **options: Any) -> str:
    return f"to_tsvector('simple', CAST({compiler.process(element.clauses, **options)} AS TEXT))"


@compiles(_ParseSearch)
def _parse_search_elsewhere(element: _ParseSearch, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


class EncodedText(TypeDecorator[bytes]):
    """A text that Python holds as UTF-8 bytes; SQLite takes those as they are, without decoding and encoding again."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> Any:
        return value if value is None or dialect.name == "sqlite" else value.decode()

    def process_result_value(self, value: str | None, _dialect: Dialect) -> bytes | None:
        return None if value is None else value.encode()

    def bind_expression(self, bindparam: BindParameter[bytes]) -> ColumnElement[Any]:
        return _TextOfBytes(bindparam)


class _TextOfBytes(FunctionElement[Any]):
    """On SQLite bytes become text by a CAST, which only marks them as such; elsewhere the bare value."""

    inherit_cache = True


@compiles(_TextOfBytes, "sqlite")
def _text_of_bytes_sqlite(element: _TextOfBytes, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS TEXT)"


@compiles(_TextOfBytes)
def _text_of_bytes_elsewhere(element: _TextOfBytes, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


BigInt = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both; SQLite makes a primary key the row's own id only for a column called INTEGER."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", BigInt, primary_key=True, autoincrement=False)


def _ref(name: str, target: str, *, nullable: bool = False, index: bool = False) -> Column[int]:
    return Column(name, BigInt, ForeignKey(f"{target}.id"), nullable=nullable, index=index)


def _ms(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BigInt, nullable=nullable)


# ------------------------------------------------------------------------------------------ the event log

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
    _ms("at"),
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
    _ms("until"),
)
"""Work that only one process may do at a time: polling a bot, pruning, indexing."""

# ------------------------------------------------------------------------------------------ agents

agent = Table(
    "agent",
    metadata,
    _id(),
    Column("email", String(254), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("role", String(16), nullable=False),
    Column("password_hash", Text),
    Column("active", Boolean, nullable=False, default=True),
    Column("locale", String(8), nullable=False, default=""),
    _ms("created_at"),
    Column("seq", BigInt, nullable=False),
    CheckConstraint("role IN ('agent', 'supervisor', 'administrator')", name="role"),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _ref("agent_id", "agent", index=True),
    Column("csrf_token", String(64), nullable=False),
    _ms("created_at"),
    _ms("seen_at"),
    _ms("expires_at"),
)

api_token = Table(
    "api_token",
    metadata,
    _id(),
    Column("token_hash", String(64), nullable=False, unique=True),
    _ref("agent_id", "agent", index=True),
    _ms("created_at"),
    _ms("expires_at", nullable=True),
    _ms("used_at", nullable=True),
)

throttle = Table(
    "throttle",
    metadata,
    Column("key", String(200), primary_key=True),
    _ms("window_start"),
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
    _ms("created_at"),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    _ms("at"),
    _ref("agent_id", "agent", nullable=True, index=True),
    Column("action", String(60), nullable=False),
    Column("detail", Text, nullable=False),  # JSON, never a secret
)

# ------------------------------------------------------------------------------------------ channels

channel = Table(
    "channel",
    metadata,
    _id(),
    Column("kind", String(32), nullable=False),
    Column("provider", String(32)),
    Column("name", String(120), nullable=False),
    Column("settings", Text, nullable=False),  # JSON; write-only outside
    Column("account", String(120)),  # the provider's own id where one callback serves several
    Column("active", Boolean, nullable=False, default=True),
    Column("reopen_within_hours", Integer),
    Column("reply_window_hours", Integer),  # a copy of the connector's capability, for lists
    Column("sender", String(120)),  # likewise
    Column("poll_cursor", Text),
    _ms("created_at"),
    Column("last_error", Text),
    _ms("last_error_at", nullable=True),
    _ms("last_inbound_at", nullable=True),
    _ms("last_outbound_at", nullable=True),
    _ms("looked_at", nullable=True),  # when the provider was last asked; moves without an event
    Column("look_error", Text),
    _ms("look_error_at", nullable=True),
    Column("pending", Integer),  # at the provider
    Column("mended", Text),
    _ms("mended_at", nullable=True),
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
    _ms("created_at"),
    Index("ix_message_parts_created_at", "created_at"),
    sqlite_with_rowid=False,
)
"""Parts of long SMS that wait for the others; those that were joined stay for an hour, to know repetitions."""

quarantine = Table(
    "quarantine",
    metadata,
    _id(),
    _ref("channel_id", "channel"),
    Column("sha256", String(64), nullable=False),
    Column("why", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("size", BigInt, nullable=False),
    Column("count", Integer, nullable=False),
    _ms("first_at"),
    _ms("last_at"),
    Index("uq_quarantine_channel_id_sha256", "channel_id", "sha256", unique=True),
)

visit = Table(
    "visit",
    metadata,
    _id(),
    Column("token", String(64), nullable=False, unique=True),
    Column("page", Text, nullable=False, default=""),
    Column("referrer", Text, nullable=False, default=""),
    Column("utm_source", Text, nullable=False, default=""),
    Column("utm_medium", Text, nullable=False, default=""),
    Column("utm_campaign", Text, nullable=False, default=""),
    Column("click_ids", Text, nullable=False, default="{}"),
    _ms("created_at"),
    Index("ix_visit_utm_source", "utm_source", postgresql_using="hash"),
)

# ------------------------------------------------------------------------------------------ contacts

contact = Table(
    "contact",
    metadata,
    _id(),
    Column("number", BigInt, nullable=False, unique=True),
    Column("name", String(300), nullable=False, default=""),
    Column("phone", String(20)),
    Column("language", String(20)),
    Column("folded", Text, nullable=False, default=""),
    _ms("created_at"),
    Column("seq", BigInt, nullable=False),
    Index("ix_contact_folded", text("to_tsvector('simple', folded)"), postgresql_using="gin").ddl_if(
        dialect="postgresql"
    ),
)

identity = Table(
    "identity",
    metadata,
    _id(),
    _ref("contact_id", "contact", index=True),
    _ref("channel_id", "channel"),
    Column("address", String(255), nullable=False),
    Column("name", String(300), nullable=False, default=""),
    Column("reachable", Boolean, nullable=False, default=True),  # false: they blocked us, until they write
    Column(
        "opted_out", Boolean, nullable=False, default=False
    ),  # of marketing; the last row of consent says why
    _ms("profile_due_at", nullable=True),  # when to ask the provider for the name; null: not to be asked
    Column("profile_attempts", Integer, nullable=False, default=0),
    Column("picture", String(64)),  # hash of a small copy of their picture at the provider
    _ms("created_at"),
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
    _id(),
    _ref("identity_id", "identity", index=True),
    Column("purpose", String(20), nullable=False),
    Column("granted", Boolean, nullable=False),
    Column("source", String(60), nullable=False),
    Column("wording", Text, nullable=False, default=""),  # what they wrote, or agreed to
    Column("proof", String(255), nullable=False, default=""),  # the key of the fact that told us
    _ms("at"),
    Index("uq_consent_identity_id_purpose_proof", "identity_id", "purpose", "proof", unique=True),
)
"""Everything ever said about consent; the newest of an identity and purpose counts."""

# ------------------------------------------------------------------------------------------ dialogs

_HAS_VISIT = text("visit_id IS NOT NULL")

dialog = Table(
    "dialog",
    metadata,
    _id(),
    Column("number", BigInt, nullable=False, unique=True),
    _ref("identity_id", "identity", index=True),
    _ref("contact_id", "contact", index=True),
    _ref("channel_id", "channel"),
    Column("status", String(10), nullable=False),
    _ref("assignee_id", "agent", nullable=True),
    _ms("created_at"),
    _ms("closed_at", nullable=True),
    _ref("closed_by", "agent", nullable=True),
    _ms("last_message_at", nullable=True),
    _ms("last_inbound_at", nullable=True),
    _ms("waiting_since", nullable=True),
    Column("last_replied_type", String(10)),  # contact | agent
    Column("last_replied_name", String(300)),
    Column("last_replied_agent_id", BigInt),
    Column("inbound_count", Integer, nullable=False, default=0),
    Column("message_count", Integer, nullable=False, default=0),
    Column("reopen_count", Integer, nullable=False, default=0),
    Column("previous_id", BigInt),
    Column("reply_allowed", Boolean, nullable=False, default=True),
    Column("reachable", Boolean, nullable=False, default=True),  # as the identity, in its present dialog only
    Column("opted_out", Boolean, nullable=False, default=False),  # the same
    Column("preview_direction", String(10)),
    Column("preview_text", String(200), nullable=False, default=""),
    Column("preview_attachment", String(16)),
    _ref("visit_id", "visit", nullable=True),
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
    Index("ix_dialog_status_last_message_at_id", "status", "last_message_at", "id"),
    Index(
        "ix_dialog_assignee_id_status_last_message_at_id", "assignee_id", "status", "last_message_at", "id"
    ),
    Index("ix_dialog_status_created_at_number", "status", "created_at", "number"),
    Index("ix_dialog_channel_id_created_at_number", "channel_id", "created_at", "number"),
    Index("ix_dialog_assignee_id_created_at_number", "assignee_id", "created_at", "number"),
    Index("ix_dialog_visit_id", "visit_id", sqlite_where=_HAS_VISIT, postgresql_where=_HAS_VISIT),
)

message = Table(
    "message",
    metadata,
    _id(),
    Column("seq", BigInt, nullable=False),
    Column("created_seq", BigInt),  # the event by which it entered the dialog
    _ref("dialog_id", "dialog"),
    _ref("channel_id", "channel"),
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
    Column("template", Text),  # JSON of FilledTemplate, which every attempt sends; its words are in text
    Column("unsupported", String(60)),
    Column("state", String(10)),
    Column("failure", Text),  # JSON of FailureView
    Column("reaction", String(32)),
    _ms("at"),
    _ms("received_at"),
    _ms("edited_at", nullable=True),
    _ms("deleted_at", nullable=True),
    Column("search", SearchText),
    Index("ix_message_dialog_id_at_id", "dialog_id", "at", "id"),
    Index("ix_message_channel_id_external_id", "channel_id", "external_id"),
    Index("ix_message_search", "search", postgresql_using="gin").ddl_if(dialect="postgresql"),
)

message_version = Table(
    "message_version",
    metadata,
    _id(),
    _ref("message_id", "message", index=True),
    Column("text", Text, nullable=False),
    _ms("written_at"),
)
"""What a message said before its author changed it: whoever sees the dialog can see what was answered to."""

attachment = Table(
    "attachment",
    metadata,
    _id(),
    _ref("message_id", "message", nullable=True, index=True),
    _ref("dialog_id", "dialog", nullable=True),
    _ref("uploaded_by", "agent", nullable=True),
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
    Column("attempts", Integer, nullable=False, default=0),
    _ms("next_attempt_at", nullable=True),
    _ms("created_at"),
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

activity = Table(
    "activity",
    metadata,
    _id(),
    Column("seq", BigInt, nullable=False),
    _ref("dialog_id", "dialog"),
    Column("type", String(12), nullable=False),
    Column("actor_type", String(8), nullable=False),
    Column("actor_id", BigInt),
    Column("actor_name", String(300), nullable=False, default=""),
    Column("subject_id", BigInt),
    Column("subject_name", String(120)),
    Column("previous_id", BigInt),
    Column("previous_name", String(120)),
    _ms("at"),
    Index("ix_activity_dialog_id_id", "dialog_id", "id"),
)

dialog_read = Table(
    "dialog_read",
    metadata,
    Column("agent_id", BigInt, ForeignKey("agent.id"), primary_key=True),
    Column("dialog_id", BigInt, ForeignKey("dialog.id"), primary_key=True),
    Column("inbound_count", Integer, nullable=False),
)

# ------------------------------------------------------------------------------------------ delivery

_WAITING = text("state IN ('queued', 'sending')")

delivery = Table(
    "delivery",
    metadata,
    _id(),
    _ref("message_id", "message", index=True),
    _ref("dialog_id", "dialog"),
    _ref("identity_id", "identity"),
    _ref("channel_id", "channel"),
    Column("state", String(10), nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("owner", String(40)),
    _ms("lease_until", nullable=True),
    _ms("next_attempt_at"),
    Column("failure", Text),  # JSON of FailureView
    Column("tracker", String(40), nullable=False, unique=True),
    _ms("created_at"),
    _ms("sent_at", nullable=True),
    _ms("delivered_at", nullable=True),
    _ms("read_at", nullable=True),
    _ms("failed_at", nullable=True),
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
    _id(),
    _ref("delivery_id", "delivery", index=True),
    Column("state", String(10), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("source", String(16), nullable=False),  # agent | worker | receipt | echo | recovery
    Column("detail", Text),
    _ms("at"),
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

receipt = Table(
    "receipt",
    metadata,
    _id(),
    Column("channel_id", BigInt, nullable=False),
    Column("external_id", String(255), nullable=False),
    Column("state", String(10), nullable=False),
    Column("failure", Text),
    _ms("at"),
    _ms("created_at"),
    Index("ix_receipt_channel_id_external_id", "channel_id", "external_id"),
)
"""Receipts whose message id we don't know yet: applied when it is recorded."""

alteration = Table(
    "alteration",
    metadata,
    _id(),
    Column("channel_id", BigInt, nullable=False),
    Column("target", String(255), nullable=False),
    Column("peer", Text),
    Column("item", Text, nullable=False),  # JSON of the connector's item
    _ms("created_at"),
    Index("ix_alteration_target", "target"),
)
"""Edits, deletions and reactions whose message is not here yet: applied when it is stored."""
