"""SQL about channels and quarantine."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, false, func, insert, literal, select, update

from server.agents.access import Access
from server.db.schema import agent, agent_channel, channel, quarantine


class ChannelRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``channel``; ``settings`` and ``secrets`` are for :mod:`server.channels.stored` alone."""

    id: int
    kind: str
    provider: str | None
    name: str
    settings: str
    secrets: str = ""
    account: str | None
    active: bool
    reopen_within_hours: int | None
    reply_window_hours: int | None
    sender: str | None
    created_at: int
    last_error: str | None
    last_error_code: str | None = None
    last_error_said: str | None = None
    last_error_at: int | None
    last_inbound_at: int | None
    last_outbound_at: int | None
    looked_at: int | None = None
    look_error: str | None = None
    look_error_code: str | None = None
    look_error_said: str | None = None
    look_error_at: int | None = None
    pending: int | None = None
    mended: str | None = None
    mended_said: str | None = None
    mended_at: int | None = None
    silence_hours: int | None = None
    alarms: str = "[]"
    """JSON, see :mod:`server.channels.alarms`."""
    sms_on: bool = True
    """False: nothing is sent on this number, and what comes is set aside."""
    quarantine_seen: int = 0
    """The newest quarantined thing that an administrator knows of."""
    seq: int

    def __repr__(self) -> str:
        return f"ChannelRow(id={self.id}, kind={self.kind!r}, seq={self.seq})"


_COLUMNS = tuple(channel.c[name] for name in ChannelRow.__struct_fields__)


def channel_row(connection: Connection, channel_id: int) -> ChannelRow | None:
    row = connection.execute(select(*_COLUMNS).where(channel.c.id == channel_id)).one_or_none()
    return None if row is None else ChannelRow(**row._mapping)


def lock_channel(connection: Connection, channel_id: int) -> ChannelRow | None:
    statement = select(*_COLUMNS).where(channel.c.id == channel_id).with_for_update(key_share=True)
    row = connection.execute(statement).one_or_none()
    return None if row is None else ChannelRow(**row._mapping)


def channel_rows(connection: Connection) -> list[ChannelRow]:
    rows = connection.execute(select(*_COLUMNS).order_by(channel.c.created_at, channel.c.id))
    return [ChannelRow(**row._mapping) for row in rows]


def granted_rows(connection: Connection, access: Access) -> list[ChannelRow]:
    """The channels that this agent may see."""
    return [row for row in channel_rows(connection) if access.sees_channel(row.id)]


def version_of(connection: Connection, channel_id: int) -> int | None:
    """The number of the last change of a channel: what tells whether a copy of it is still good."""
    seq: int | None = connection.execute(
        select(channel.c.seq).where(channel.c.id == channel_id)
    ).scalar_one_or_none()
    return seq


def ids_of_account(connection: Connection, kind: str, account: str) -> list[int]:
    """The channels of a kind for one account at the provider, oldest first."""
    statement = (
        select(channel.c.id)
        .where(channel.c.kind == kind, channel.c.account == account)
        .order_by(channel.c.id)
    )
    return list(connection.execute(statement).scalars())


def active_ids(connection: Connection) -> list[int]:
    return list(
        connection.execute(select(channel.c.id).where(channel.c.active).order_by(channel.c.id)).scalars()
    )


def insert_channel(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(channel).values(**values))


def update_channel(connection: Connection, channel_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(channel).where(channel.c.id == channel_id).values(**values))


def grant_to_all(connection: Connection, channel_id: int) -> list[int]:
    """Grant a new channel to everybody there is; their ids in order."""
    ids = list(connection.execute(select(agent.c.id).order_by(agent.c.id)).scalars())
    if ids:
        connection.execute(
            insert(agent_channel), [{"agent_id": each, "channel_id": channel_id} for each in ids]
        )
    return ids


# ------------------------------------------------------------------------------------------ quarantine


class QuarantineRow(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    channel_id: int
    channel_kind: str
    channel_name: str
    why: str
    body: bytes
    size: int
    count: int
    first_at: int
    last_at: int


def quarantine_page(
    connection: Connection, *, ignored: bool, before_id: int | None, limit: int, body_bytes: int
) -> list[QuarantineRow]:
    """Either what was not understood or what was ignored, the newest first, at most ``body_bytes`` of each body."""
    statement = (
        select(
            quarantine.c.id,
            quarantine.c.channel_id,
            channel.c.kind.label("channel_kind"),
            channel.c.name.label("channel_name"),
            quarantine.c.why,
            # SQLite's substr() of an empty body is null.
            func.coalesce(func.substr(quarantine.c.body, 1, body_bytes), literal(b"")).label("body"),
            quarantine.c.size,
            quarantine.c.count,
            quarantine.c.first_at,
            quarantine.c.last_at,
        )
        .join(channel, channel.c.id == quarantine.c.channel_id)
        .where(quarantine.c.ignored == ignored)
        .order_by(quarantine.c.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        statement = statement.where(quarantine.c.id < before_id)
    return [QuarantineRow(**row._mapping) for row in connection.execute(statement)]


def new_in_quarantine(connection: Connection, channel_id: int, after_id: int, limit: int) -> list[int]:
    """Ids of what a channel's provider sent and we did not understand, newest first."""
    statement = (
        select(quarantine.c.id)
        .where(
            quarantine.c.channel_id == channel_id,
            quarantine.c.ignored == false(),
            quarantine.c.id > after_id,
        )
        .order_by(quarantine.c.id.desc())
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def quarantine_count(connection: Connection) -> int:
    """How much was not understood; what was ignored is no trouble."""
    statement = select(func.count()).select_from(quarantine).where(quarantine.c.ignored == false())
    return connection.execute(statement).scalar_one()
