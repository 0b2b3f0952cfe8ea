"""``/api/v1/log``: the complete history of dialogs, read-only, and its export."""

from typing import Annotated, Any

from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.params import QueryParameter

from server.agents.access import Access
from server.config import Config
from server.dialogs.model import Facets, Order, Total
from server.dialogs.parameters import Filters, provide_filters
from server.dialogs.service import Dialogs
from server.entities import Dialog, Entity

_FILTERS = {"filters": Provide(provide_filters, sync_to_thread=False)}


class LogPage(Entity, frozen=True, kw_only=True):
    items: list[Dialog]
    cursor: str | None
    seq: str
    total: Total | None
    """As it was when the first page was read."""
    time_zone: str
    """In which days were meant."""


@get("/api/v1/log", operation_id="readLog", tags=["log"], dependencies=_FILTERS)
async def read_log(
    access: NamedDependency[Access],
    dialogs: NamedDependency[Dialogs],
    config: NamedDependency[Config],
    filters: NamedDependency[Filters],
    cursor: Annotated[str | None, QueryParameter(max_length=500)] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 50,
) -> LogPage:
    """A page of the log, by default closed dialogs, newest first.  Marks nothing as read and changes nothing."""
    selection = filters.selection(config.workspace.time_zone, status="closed", order=Order.CREATED_DESC)
    page = await dialogs.list(access, selection, cursor=cursor, limit=limit, with_total=True)
    return LogPage(
        items=page.items,
        cursor=page.cursor,
        seq=str(page.seq),
        total=page.total,
        time_zone=selection.time_zone,
    )


@get("/api/v1/log/facets", operation_id="getLogFacets", tags=["log"])
async def get_facets(access: NamedDependency[Access], dialogs: NamedDependency[Dialogs]) -> Facets:
    return await dialogs.facets(access)


ROUTES: list[Any] = [read_log, get_facets]
