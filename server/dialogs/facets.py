"""SQL of what the log can be narrowed by."""

from sqlalchemy import Connection, func, select

from server.agents.access import Access, visible
from server.db.schema import channel, dialog, visit
from server.dialogs.lists import agents_with_dialogs
from server.dialogs.model import FacetAgent, Facets
from server.entities import ChannelRef


def facets(connection: Connection, access: Access) -> Facets:
    agents = tuple(
        FacetAgent(id=str(row.id), name=row.name, active=bool(row.active))
        for row in agents_with_dialogs(connection, access)
    )
    source = func.coalesce(visit.c.utm_source, "")
    statement = (
        select(source.label("source"))
        .join(dialog, dialog.c.visit_id == visit.c.id)
        .where(visible(access), source != "")
        .distinct()
    )
    sources = sorted(connection.execute(statement).scalars())
    c = channel.c
    rows = connection.execute(select(c.id, c.kind, c.name).order_by(func.lower(c.name), c.id))
    channels = tuple(
        ChannelRef(id=str(row.id), kind=row.kind, name=row.name)
        for row in rows
        if access.sees_channel(row.id)
    )
    return Facets(agents=agents, sources=tuple(sources), channels=channels)
