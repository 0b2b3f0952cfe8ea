"""SQL about visits to the company's website."""

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, exists, insert, select

from server.db.prepared import Query, among
from server.db.schema import dialog, visit
from server.ids import first_id_at
from server.visits.model import Visit

_BY_TOKENS = Query(select(visit).where(among(visit.c.token, "tokens")))


def add(connection: Connection, visit_id: int, token: str, made: Visit, *, at_ms: int) -> None:
    connection.execute(
        insert(visit).values(
            id=visit_id,
            token=token,
            page=made.page,
            referrer=made.referrer,
            utm_source=made.source,
            utm_medium=made.medium,
            utm_campaign=made.campaign,
            click_ids=msgspec.json.encode(made.click_ids).decode(),
            created_at=at_ms,
        )
    )


def by_tokens(connection: Connection, tokens: Collection[str]) -> list[dict[str, Any]]:
    return list(_BY_TOKENS.rows(connection, tokens=list(tokens)))


def forget(connection: Connection, *, after_ms: int, before_ms: int) -> None:
    """Delete the visits of this time that no dialog came from."""
    led_somewhere = exists().where(dialog.c.visit_id == visit.c.id)
    of_that_time = visit.c.id.between(first_id_at(after_ms), first_id_at(before_ms) - 1)
    connection.execute(delete(visit).where(of_that_time, ~led_somewhere))
