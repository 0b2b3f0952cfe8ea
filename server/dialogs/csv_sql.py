"""Rows as CSV lines, made by the database itself: several times faster than making them here.

Expressions only, without a parameter: what they contain is ours.  Both dialects give the same bytes.  A line is one
call of one function (``printf``, ``concat``), because a chain of ``||`` copies the line once for every field.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Profile = Literal["spreadsheet", "data"]

_TRIGGERS = "=+-@\t\n\r\x00＝＋－＠"
"""What a spreadsheet may take for the beginning of a formula."""
_FIRST_YEAR, _LAST_YEAR = 2015, 2045


class Field(NamedTuple):
    """A field of a line: for ``printf`` its format and arguments, for ``concat`` its pieces."""

    format: str
    arguments: tuple[str, ...]
    pieces: tuple[str, ...]


class Dialect:
    """How the database in use spells things; ``zone`` is in which the plain time columns tell the time."""

    def __init__(self, name: str, profile: Profile, zone: str) -> None:
        self._sqlite = name == "sqlite"
        self._guarded = profile == "spreadsheet"
        self._zone = zone

    def text(self, value: str) -> Field:
        """A quoted text.  In the spreadsheet profile nothing in it can run as a formula."""
        if not self._guarded:
            return self.quoted(value)
        triggers = ",".join(str(ord(c)) for c in _TRIGGERS)
        first = f"unicode({value})" if self._sqlite else f"ascii({value})"
        guard = f"CASE WHEN {first} IN ({triggers}) THEN {_APOSTROPHE} END"
        bare = self.quoted(value)
        quote, inside, end = bare.pieces
        if not self._sqlite:
            guard = f"CASE WHEN {value} <> '' AND {first} IN ({triggers}) THEN {_APOSTROPHE} END"
        return Field('"%s%w"', (guard, *bare.arguments), (quote, guard, inside, end))

    def quoted(self, value: str) -> Field:
        """A quoted text that surely begins with a letter of ours."""
        inside = f"replace({value}, {_QUOTE}, {_QUOTE} || {_QUOTE})"
        return Field('"%w"', (f"coalesce({value}, '')",), (_QUOTE, inside, _QUOTE))

    def plain(self, value: str) -> Field:
        """A number, or one of our own words; NULL is empty."""
        return Field("%s", (value,), (value,))

    def time(self, value: str) -> Field:
        """Wall-clock time in the zone; epoch milliseconds in."""
        if self._sqlite:
            return self.plain(
                f"strftime('%Y-%m-%d %H:%M:%S', {value} / 1000 + {_offset(self._zone, value)}, 'unixepoch')"
            )
        return self.plain(_postgresql_time(value, self._zone, "YYYY-MM-DD HH24:MI:SS"))

    def time_utc(self, value: str) -> Field:
        """The same moment, without any doubt about the zone."""
        if self._sqlite:
            return self.plain(f"strftime('%Y-%m-%dT%H:%M:%SZ', {value} / 1000, 'unixepoch')")
        return self.plain(_postgresql_time(value, "UTC", 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))

    def zone(self) -> Field:
        return self.plain(f"'{self._zone}'")

    def json_text(self, value: str, key: str) -> str:
        if self._sqlite:
            return f"json_extract({value}, '$.{key}')"
        return f"(CAST({value} AS JSON) ->> '{key}')"

    def joined(self, value: str, order: str) -> str:
        """An aggregate: several texts as one."""
        if self._sqlite:
            return f"group_concat({value}, '; ')"
        return f"string_agg({value}, '; ' ORDER BY {order})"

    def document(self, fields: list[Field], rows: str, order: str) -> str:
        """A whole piece of a file, as bytes, and how many rows it has."""
        if self._sqlite:
            line = ",".join(field.format for field in fields)
            arguments = ", ".join(argument for field in fields for argument in field.arguments)
            # LIMIT keeps the planner from undoing the order.
            return (
                f"SELECT CAST(group_concat(line, '') AS BLOB), count(*) FROM (SELECT printf('{line}' || char(13, 10), {arguments})"  # noqa: S608 - expressions of ours, no values
                f" AS line FROM {rows} ORDER BY {order} LIMIT -1)"
            )
        line = ", ',', ".join(", ".join(field.pieces) for field in fields)
        lines = f"string_agg(concat({line}, E'\\r\\n'), '' ORDER BY {order})"
        return f"SELECT convert_to({lines}, 'UTF8'), count(*) FROM {rows}"  # noqa: S608 - the same

    def listed(self) -> str:
        """The parameter ``ids`` as a table ``listed(place, id)``."""
        if self._sqlite:
            return "(SELECT key AS place, value AS id FROM json_each(:ids)) AS listed"
        return "unnest(:ids) WITH ORDINALITY AS listed(id, place)"

    def their_messages(self) -> str:
        """The join of ``message`` to the dialogs that are listed: by the index, dialog by dialog.

        PostgreSQL left to itself reads the whole table once for each dialog while it has no statistics, as after a
        restore.  A subquery with an order of its own is one that its planner can't dissolve.
        """
        if self._sqlite:
            return "JOIN message ON message.dialog_id = listed.id"
        return (
            "JOIN LATERAL (SELECT * FROM message WHERE message.dialog_id = listed.id"
            " ORDER BY message.at, message.id) AS message ON true"
        )


_QUOTE, _APOSTROPHE = "'\"'", "''''"


def _postgresql_time(value: str, zone: str, form: str) -> str:
    return f"to_char(to_timestamp({value} / 1000) AT TIME ZONE '{zone}', '{form}')"


@lru_cache(maxsize=64)
def _offset(zone: str, value: str) -> str:
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
