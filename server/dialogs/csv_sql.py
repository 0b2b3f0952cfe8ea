"""Rows as CSV lines, made by the database itself: several times faster than making them here.

Expressions only, without a parameter: what they contain is ours.  Both dialects give the same bytes.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

Profile = Literal["spreadsheet", "data"]

_SQLITE_TRIGGERS = "'=','+','-','@',char(9),char(10),char(13),'＝','＋','－','＠'"
_POSTGRESQL_TRIGGERS = "'=','+','-','@',E'\\t',E'\\n',E'\\r','＝','＋','－','＠'"
_FIRST_YEAR, _LAST_YEAR = 2015, 2045
_QUOTE = "'\"'"
_GUARDED = "'\"'''"


class Dialect:
    """How the database in use spells things; ``zone`` is in which the plain time columns tell the time."""

    def __init__(self, name: str, profile: Profile, zone: str) -> None:
        self._sqlite = name == "sqlite"
        self._guarded = profile == "spreadsheet"
        self._zone = zone

    def text(self, value: str) -> str:
        """A quoted text.  In the spreadsheet profile nothing in it can run as a formula."""
        if not self._guarded:
            return self.quoted(value)
        triggers = _SQLITE_TRIGGERS if self._sqlite else _POSTGRESQL_TRIGGERS
        begin = f"CASE WHEN substr({value}, 1, 1) IN ({triggers}) THEN {_GUARDED} ELSE {_QUOTE} END"
        return f"{begin} || {_inside(value)} || {_QUOTE}"

    def quoted(self, value: str) -> str:
        """A quoted text that surely begins with a letter of ours."""
        return f"{_QUOTE} || {_inside(value)} || {_QUOTE}"

    def number(self, value: str) -> str:
        return f"coalesce(CAST({value} AS TEXT), '')"

    def word(self, value: str) -> str:
        """One of our own words: a status, a kind."""
        return f"coalesce({value}, '')"

    def time(self, value: str) -> str:
        """Wall-clock time in the zone; epoch milliseconds in."""
        if self._sqlite:
            local = f"{value} / 1000 + {_offset_case(self._zone, value)}"
            return f"coalesce(strftime('%Y-%m-%d %H:%M:%S', {local}, 'unixepoch'), '')"
        local = f"to_timestamp({value} / 1000) AT TIME ZONE '{self._zone}'"
        return f"coalesce(to_char({local}, 'YYYY-MM-DD HH24:MI:SS'), '')"

    def time_utc(self, value: str) -> str:
        """The same moment, without any doubt about the zone."""
        if self._sqlite:
            return f"coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', {value} / 1000, 'unixepoch'), '')"
        moment = f"to_timestamp({value} / 1000) AT TIME ZONE 'UTC'"
        return f"""coalesce(to_char({moment}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '')"""

    def zone(self) -> str:
        return f"'{self._zone}'"

    def json_text(self, value: str, key: str) -> str:
        if self._sqlite:
            return f"json_extract({value}, '$.{key}')"
        return f"(CAST({value} AS JSON) ->> '{key}')"

    def joined(self, value: str, order: str) -> str:
        """An aggregate: several texts as one."""
        if self._sqlite:
            return f"group_concat({value}, '; ')"
        return f"string_agg({value}, '; ' ORDER BY {order})"

    def document(self, fields: list[str], rows: str, order: str) -> str:
        """A whole piece of a file and how many rows it has."""
        line = " || ',' || ".join(fields)
        newline = "char(13) || char(10)" if self._sqlite else "E'\\r\\n'"
        if self._sqlite:
            # LIMIT keeps the planner from undoing the order.
            return (
                f"SELECT group_concat(line, ''), count(*) FROM (SELECT {line} || {newline} AS line"  # noqa: S608
                f" FROM {rows} ORDER BY {order} LIMIT -1)"
            )
        return f"SELECT string_agg({line} || {newline}, '' ORDER BY {order}), count(*) FROM {rows}"  # noqa: S608

    def listed(self) -> str:
        """The parameter ``ids`` as a table ``listed(place, id)``."""
        if self._sqlite:
            return "(SELECT key AS place, value AS id FROM json_each(:ids)) AS listed"
        return "unnest(:ids) WITH ORDINALITY AS listed(id, place)"


@lru_cache(maxsize=64)
def _offset_case(zone: str, value: str) -> str:
    """Seconds to add to UTC, as the zone had and will have them."""
    return _search(_changes(zone), value)


def _search(changes: list[tuple[int, int]], value: str) -> str:
    """A binary search as nested CASEs: a long chain of them would be felt on every row."""
    if len(changes) == 1:
        return str(changes[0][1])
    middle = len(changes) // 2
    earlier, later = _search(changes[:middle], value), _search(changes[middle:], value)
    return f"CASE WHEN {value} < {changes[middle][0]} THEN {earlier} ELSE {later} END"


@lru_cache(maxsize=64)
def _changes(zone: str) -> list[tuple[int, int]]:
    """``(from epoch ms, offset in seconds)``, oldest first."""
    info = ZoneInfo(zone)

    def offset(seconds: int) -> int:
        return int((datetime.fromtimestamp(seconds, info).utcoffset() or timedelta()).total_seconds())

    step = 7 * 86_400
    at = int(datetime(_FIRST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(_LAST_YEAR, 1, 1, tzinfo=UTC).timestamp())
    found = [(0, offset(at))]
    while at < end:
        if offset(at) != offset(at + step):
            low, high = at, at + step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == offset(at) else (low, middle)
            found.append((high * 1000, offset(high)))
        at += step
    return found


def _inside(value: str) -> str:
    """What stands between the quotes."""
    return f"replace(coalesce({value}, ''), {_QUOTE}, {_QUOTE} || {_QUOTE})"
