"""SQL about bearer tokens."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from server.agents.model import ApiToken
from server.clock import rfc3339, rfc3339_or_none
from server.db.schema import api_token


def insert_token(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(api_token).values(**values))


def tokens_of(connection: Connection, agent_id: int) -> list[ApiToken]:
    """An agent's tokens, newest first; also those that have expired."""
    statement = select(api_token).where(api_token.c.agent_id == agent_id).order_by(api_token.c.id.desc())
    return [
        ApiToken(
            id=str(row.id),
            created_at=rfc3339(row.created_at),
            expires_at=rfc3339_or_none(row.expires_at),
            last_used_at=rfc3339_or_none(row.used_at),
        )
        for row in connection.execute(statement)
    ]


def touch_token(connection: Connection, token_hash: str, now_ms: int) -> None:
    connection.execute(update(api_token).where(api_token.c.token_hash == token_hash).values(used_at=now_ms))


def delete_token(connection: Connection, token_id: int, agent_id: int | None) -> int | None:
    """End one token, of this agent if one is named; whose it was, or None when there was no such token."""
    statement = delete(api_token).where(api_token.c.id == token_id).returning(api_token.c.agent_id)
    if agent_id is not None:
        statement = statement.where(api_token.c.agent_id == agent_id)
    found: int | None = connection.execute(statement).scalar_one_or_none()
    return found


def delete_tokens_of(connection: Connection, agent_id: int) -> None:
    connection.execute(delete(api_token).where(api_token.c.agent_id == agent_id))
