"""``/api/v1/log``: the complete history of dialogs, read-only, and its export."""

import re
from typing import Annotated, Any

from litestar import get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream

from server.agents.access import Access
from server.config import Config
from server.dialogs.csv_sql import Profile
from server.dialogs.export import Exports, Kind
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


@get("/api/v1/log/dialogs.csv", operation_id="exportDialogs", tags=["log"], dependencies=_FILTERS)
async def export_dialogs(
    access: NamedDependency[Access],
    exports: NamedDependency[Exports],
    config: NamedDependency[Config],
    filters: NamedDependency[Filters],
    profile: FromQuery[Profile] = "spreadsheet",
) -> Stream:
    """One row per dialog that the filters select.  For supervisors and administrators; recorded."""
    return await _export("dialogs", access, exports, config, filters, profile)


@get("/api/v1/log/messages.csv", operation_id="exportMessages", tags=["log"], dependencies=_FILTERS)
async def export_messages(
    access: NamedDependency[Access],
    exports: NamedDependency[Exports],
    config: NamedDependency[Config],
    filters: NamedDependency[Filters],
    profile: FromQuery[Profile] = "spreadsheet",
) -> Stream:
    """One row per message of the dialogs that the filters select, without notes."""
    return await _export("messages", access, exports, config, filters, profile)


async def _export(
    kind: Kind, access: Access, exports: Exports, config: Config, filters: Filters, profile: Profile
) -> Stream:
    access.require_lead()
    selection = filters.selection(config.workspace.time_zone, status="closed", order=Order.CREATED_DESC)
    # Times are UTC unless a zone was asked for; the days of the filters are the workspace's then.
    zone = selection.time_zone if filters.tz else "UTC"
    content = await exports.start(access, kind, selection, profile, zone)
    name = "_".join((kind, *(part for part in (filters.since, filters.until, zone) if part)))
    name = re.sub(r"[^0-9A-Za-z._-]", "-", name) + ".csv"
    return Stream(
        content,
        media_type="text/csv; charset=utf-8; header=present",
        headers={
            "Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


ROUTES: list[Any] = [read_log, get_facets, export_dialogs, export_messages]
