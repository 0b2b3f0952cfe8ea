"""Customers' messages as the sink is given them, and what the tables have then."""

from typing import Any

from sqlalchemy import select

from connectors.contract import InboundMessage, Peer
from tests.support.backend import Backend


def message(
    key: str, text: str = "Dzień dobry", *, peer: str = "77", name: str | None = "Zofia Żółw", **more: Any
) -> InboundMessage:
    return InboundMessage(key=key, external_id=key, text=text, peer=Peer(id=peer, name=name), **more)


async def rows(backend: Backend, table: Any, *order: Any) -> list[dict[str, Any]]:
    statement = select(table).order_by(*(order or (table.c.id,)))
    return await backend.database.read(lambda c: [dict(r) for r in c.execute(statement).mappings()])
