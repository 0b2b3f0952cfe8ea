"""SQL about agents, their grants and sessions, and whom a session or a token stands for."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, RowMapping, Select, case, delete, func, insert, select, update

from server.agents.access import Access
from server.agents.model import Account
from server.config import Config
from server.db.schema import agent, agent_channel, api_token, audit, channel, session, throttle
from server.db.sql import insert_for
from server.entities import Agent

_ACCOUNT = (
    agent.c.id, agent.c.email, agent.c.name, agent.c.role, agent.c.active, agent.c.locale, agent.c.password_hash,
)  # fmt: skip

# ------------------------------------------------------------------------------------------ agents


def account_by_email(connection: Connection, email: str) -> Account | None:
    row = connection.execute(select(*_ACCOUNT).where(agent.c.email == email)).one_or_none()
    return None if row is None else Account(**row._mapping)


def account_by_id(connection: Connection, agent_id: int) -> Account | None:
    row = connection.execute(select(*_ACCOUNT).where(agent.c.id == agent_id)).one_or_none()
    return None if row is None else Account(**row._mapping)


def lock_account(connection: Connection, agent_id: int) -> Account | None:
    """The same, with the row locked until the end of the transaction."""
    row = connection.execute(
        select(*_ACCOUNT).where(agent.c.id == agent_id).with_for_update(key_share=True)
    ).one_or_none()
    return None if row is None else Account(**row._mapping)


def lock_active_administrators(connection: Connection) -> list[int]:
    """Ids of all active administrators, their rows locked in one order."""
    statement = (
        select(agent.c.id)
        .where(agent.c.role == "administrator", agent.c.active)
        .order_by(agent.c.id)
        .with_for_update(key_share=True)
    )
    return list(connection.execute(statement).scalars())


def has_administrator(connection: Connection) -> bool:
    """Whether there is an active one."""
    statement = select(agent.c.id).where(agent.c.role == "administrator", agent.c.active).limit(1)
    return connection.execute(statement).first() is not None


def insert_agent(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(agent).values(**values))


def update_agent(connection: Connection, agent_id: int, values: Mapping[str, Any]) -> None:
    connection.execute(update(agent).where(agent.c.id == agent_id).values(**values))


def all_agents(connection: Connection) -> list[Agent]:
    """Everybody, active or not, by name."""
    grants: dict[int, list[int]] = {}
    for row in connection.execute(select(agent_channel).order_by(agent_channel.c.channel_id)):
        grants.setdefault(row.agent_id, []).append(row.channel_id)
    rows = connection.execute(select(agent).order_by(func.lower(agent.c.name), agent.c.id)).mappings()
    return [_agent_view(row, grants.get(row["id"], ())) for row in rows]


def agents_by_id(connection: Connection, ids: Sequence[int]) -> dict[int, Agent]:
    grants = grants_of(connection, ids)
    rows = connection.execute(select(agent).where(agent.c.id.in_(ids))).mappings()
    return {row["id"]: _agent_view(row, sorted(grants.get(row["id"], ()))) for row in rows}


def _agent_view(row: RowMapping, channel_ids: Iterable[int]) -> Agent:
    return Agent(
        id=str(row["id"]),
        seq=str(row["seq"]),
        name=row["name"],
        email=row["email"],
        role=row["role"],
        active=row["active"],
        channel_ids=tuple(str(channel_id) for channel_id in channel_ids),
    )


# ------------------------------------------------------------------------------------------ grants


def grants_of(connection: Connection, agent_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    statement = select(agent_channel).where(agent_channel.c.agent_id.in_(agent_ids))
    for row in connection.execute(statement):
        found.setdefault(row.agent_id, set()).add(row.channel_id)
    return {agent_id: frozenset(channel_ids) for agent_id, channel_ids in found.items()}


def set_grants(connection: Connection, agent_id: int, channel_ids: Iterable[int]) -> None:
    """Make the grants of an agent exactly these."""
    connection.execute(delete(agent_channel).where(agent_channel.c.agent_id == agent_id))
    rows = [{"agent_id": agent_id, "channel_id": channel_id} for channel_id in sorted(set(channel_ids))]
    if rows:
        connection.execute(insert(agent_channel), rows)


def existing_channels(connection: Connection, among: Sequence[int] | None) -> frozenset[int]:
    """Ids of all channels (None), or of those among the given ones that exist."""
    statement = select(channel.c.id)
    if among is not None:
        statement = statement.where(channel.c.id.in_(among))
    return frozenset(connection.execute(statement).scalars())


# ------------------------------------------------------------------------------------------ access


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a session or a token stands for, as the database has it now."""

    access: Access
    email: str
    locale: str
    csrf_token: str = ""
    seen_at: int = 0


def principal_of_session(
    connection: Connection, token_hash: str, *, now_ms: int, seen_after: int, config: Config
) -> Principal | None:
    """Whom a living session belongs to, in one statement: not expired, seen recently enough, its agent active."""
    statement = (
        _with_grants(session.c.csrf_token, session.c.seen_at)
        .join(session, session.c.agent_id == agent.c.id)
        .where(
            session.c.token_hash == token_hash,
            session.c.expires_at > now_ms,
            session.c.seen_at > seen_after,
            agent.c.active,
        )
    )
    rows = connection.execute(statement).all()
    if not rows:
        return None
    return _principal(rows, config, csrf_token=rows[0].csrf_token, seen_at=rows[0].seen_at)


def principal_of_token(
    connection: Connection, token_hash: str, *, now_ms: int, config: Config
) -> Principal | None:
    statement = (
        _with_grants(api_token.c.used_at)
        .join(api_token, api_token.c.agent_id == agent.c.id)
        .where(
            api_token.c.token_hash == token_hash,
            api_token.c.expires_at.is_(None) | (api_token.c.expires_at > now_ms),
            agent.c.active,
        )
    )
    rows = connection.execute(statement).all()
    return _principal(rows, config, seen_at=rows[0].used_at or 0) if rows else None


def _with_grants(*columns: Any) -> Select[Any]:
    """One row per grant (or one without), so that agent and grants are of one moment and one round trip."""
    return (
        select(
            agent.c.id,
            agent.c.name,
            agent.c.role,
            agent.c.email,
            agent.c.locale,
            agent_channel.c.channel_id,
            *columns,
        )
        .select_from(agent)
        .outerjoin(agent_channel, agent_channel.c.agent_id == agent.c.id)
    )


def _principal(rows: Sequence[Row[Any]], config: Config, **more: Any) -> Principal | None:
    if not rows:
        return None
    first = rows[0]
    access = Access(
        agent_id=first.id,
        name=first.name,
        role=first.role,
        channel_ids=frozenset(row.channel_id for row in rows if row.channel_id is not None),
        sees_team=config.dialogs.agents_see == "team",
    )
    return Principal(access=access, email=first.email, locale=first.locale, **more)


# ------------------------------------------------------------------------------------------ sessions


def insert_session(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(session).values(**values))


def touch_session(connection: Connection, token_hash: str, now_ms: int) -> None:
    connection.execute(update(session).where(session.c.token_hash == token_hash).values(seen_at=now_ms))


def delete_session(connection: Connection, token_hash: str) -> int | None:
    """End one session; the agent's id, or None when there was no such session."""
    statement = delete(session).where(session.c.token_hash == token_hash).returning(session.c.agent_id)
    agent_id: int | None = connection.execute(statement).scalar_one_or_none()
    return agent_id


def delete_sessions_of(connection: Connection, agent_id: int) -> None:
    connection.execute(delete(session).where(session.c.agent_id == agent_id))


def delete_dead_sessions(connection: Connection, *, now_ms: int, seen_after: int) -> None:
    connection.execute(
        delete(session).where((session.c.expires_at <= now_ms) | (session.c.seen_at <= seen_after))
    )


# ------------------------------------------------------------------------------------------ throttle


def count_attempt(connection: Connection, key: str, *, now_ms: int, window_ms: int) -> tuple[int, int]:
    """Count one attempt, atomically; how many the window holds now, and when the window began."""
    old = throttle.c.window_start <= now_ms - window_ms
    statement = insert_for(connection, throttle).values(key=key, window_start=now_ms, count=1)
    statement = statement.on_conflict_do_update(
        index_elements=[throttle.c.key],
        set_={
            "count": case((old, 1), else_=throttle.c.count + 1),
            "window_start": case((old, now_ms), else_=throttle.c.window_start),
        },
    ).returning(throttle.c.count, throttle.c.window_start)
    row = connection.execute(statement).one()
    return row[0], row[1]


def take_back_attempt(connection: Connection, key: str) -> None:
    connection.execute(
        update(throttle).where(throttle.c.key == key, throttle.c.count > 0).values(count=throttle.c.count - 1)
    )


def forget_attempts(connection: Connection, keys: Sequence[str], *, before_ms: int) -> None:
    """Delete these counters, and all whose window is long over."""
    connection.execute(
        delete(throttle).where(throttle.c.key.in_(keys) | (throttle.c.window_start < before_ms))
    )


# ------------------------------------------------------------------------------------------ audit


def add_audit(
    connection: Connection,
    *,
    audit_id: int,
    at_ms: int,
    agent_id: int | None,
    action: str,
    detail: Mapping[str, Any],
) -> None:
    """Record an act; ``detail`` never holds a secret."""
    connection.execute(
        insert(audit).values(
            id=audit_id,
            at=at_ms,
            agent_id=agent_id,
            action=action,
            detail=msgspec.json.encode(detail).decode(),
        )
    )
