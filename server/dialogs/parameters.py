"""Query parameters as a selection.  What can't be meant is a 400 that names the parameter."""

import re
from datetime import date, datetime, timedelta
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

import msgspec
from litestar.params import FromQuery, QueryParameter

from server import reasons
from server.dialogs.model import Nobody, Order, Selection, StatusFilter, View
from server.dialogs.search_query import parse_query
from server.errors import Malformed
from server.ids import parse_id

_MAX_MS = (1 << 53) - 1
_MOST_TEXT = 2000  # characters; a whole page that somebody pasted is searched for by its beginning
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What the lists, the log and its export can be narrowed by, as it was written in the address."""

    view: View = "all"
    status: StatusFilter | None = None
    channel: str | None = None
    agent: str | None = None
    """An id, or ``nobody``."""
    source: str | None = None
    since: str | None = None
    """An instant, or a day of the zone."""
    until: str | None = None
    """An instant, not included; or a day of the zone, included."""
    tz: str | None = None
    q: str | None = None
    order: Order | None = None

    def selection(self, default_zone: str, *, status: StatusFilter, order: Order) -> Selection:
        """What they mean; ``status`` and ``order`` are for where nothing is said."""
        zone = zone_of(self.tz or default_zone)
        text = (self.q or "")[:_MOST_TEXT].strip()
        return Selection(
            status=self.status or status,
            view=self.view,
            order=self.order or order,
            channel_id=_id(self.channel, "channel") if self.channel else None,
            agent_id=_agent(self.agent) if self.agent else None,
            source=self.source.replace("\x00", "") if self.source else None,
            created_from=_instant(self.since, zone, "from") if self.since else None,
            created_to=_instant(self.until, zone, "to", days=1) if self.until else None,
            query=parse_query(text) if text else None,
            time_zone=zone.key,
            text=text,
        )


Short = Annotated[str | None, QueryParameter(max_length=64)]


def provide_filters(
    view: FromQuery[View] = "all",
    status: FromQuery[StatusFilter | None] = None,
    channel: Short = None,
    agent: Short = None,
    source: Annotated[str | None, QueryParameter(max_length=500)] = None,
    from_: Annotated[str | None, QueryParameter(name="from", max_length=64)] = None,
    to: Short = None,
    tz: Short = None,
    q: FromQuery[str | None] = None,
    order: FromQuery[Order | None] = None,
) -> Filters:
    return Filters(
        view=view,
        status=status,
        channel=channel,
        agent=agent,
        source=source,
        since=from_,
        until=to,
        tz=tz,
        q=q,
        order=order,
    )


def zone_of(name: str) -> ZoneInfo:
    """A zone by its IANA name; Python's further ones (``localtime``, ``posix/…``) are unknown to PostgreSQL."""
    if name not in _zone_names():
        raise Malformed(reasons.BAD_TIME_ZONE, field="tz")
    return ZoneInfo(name)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime"}


def _id(text: str, field: str) -> int:
    found = parse_id(text)
    if found is None:
        raise Malformed(reasons.BAD_ID, field=field)
    return found


def _agent(text: str) -> int | Nobody:
    return "nobody" if text == "nobody" else _id(text, "agent")


def _instant(text: str, zone: ZoneInfo, field: str, days: int = 0) -> int:
    """Epoch milliseconds.  A day begins when its zone's clocks say so, which is not always 24 h after the last."""
    try:
        if _DAY.fullmatch(text):
            day = date.fromisoformat(text)
            if days and day == date.max:
                return _MAX_MS
            day += timedelta(days=days)
            moment = datetime(day.year, day.month, day.day, tzinfo=zone)
        else:
            moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError(text)
        found = round(moment.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Malformed(
            reasons.BAD_MOMENT,
            field=field,
        ) from None
    return min(max(found, 0), _MAX_MS)
