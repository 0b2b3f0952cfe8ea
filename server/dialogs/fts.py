"""Searching on SQLite: FTS5 over entries whose numbers begin with their dialog's number.

Because entries stand in the order of dialogs, a stretch of the list of dialogs is a stretch of the index, read in one
go.  A prefix longer than those FTS5 keeps an index for would make it merge all entries of all such words before the
first one comes out; so it is replaced by the words themselves, of which the index keeps a list.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, text

from server.db.schema import dialog
from server.db.sql import one_of
from server.db.word_index import ENTRY_SHIFT, LONGEST_PREFIX
from server.dialogs.contact_matching import FEW, Contacts
from server.dialogs.search_query import SearchQuery, Term

_MAX_WORDS = 64
_MERGE_COST = 100
# Measured: finding a term costs as much as reading the entries of about 60 dialogs.
_SEEK_DIALOGS = 60


class OnSQLite:
    """See :class:`server.dialogs.matching.Matches`."""

    def __init__(self, connection: Connection, query: SearchQuery) -> None:
        self._connection = connection
        self._match, self._terms = self._expression(query)
        by_name = expression(query)
        self._contacts = Contacts(connection, query, lambda limit: self._named(by_name, limit))
        numbers = self._few_numbers()
        self.few: ColumnElement[bool] | None = None
        if numbers is not None and self._contacts.few is not None:
            numbers |= self._contacts.dialogs(dialog.c.number)
            self.few = one_of(connection, dialog.c.number, numbers)

    def among(self, rows: Sequence[Row[Any]]) -> set[int]:
        found = self._contacts.among(rows)
        ids = {row.number: row.id for row in rows if row.id not in found}
        if not ids or not self._match:
            return found
        stretches = _stretches(sorted(ids), self._terms)
        return found | {ids[number] for number in self._in(stretches) if number in ids}

    def _few_numbers(self) -> set[int] | None:
        if not self._match:
            return set()
        statement = text("SELECT rowid FROM message_search WHERE message_search MATCH :match LIMIT :limit")
        rows = self._connection.execute(statement, {"match": self._match, "limit": FEW + 1}).scalars().all()
        return None if len(rows) > FEW else {entry >> ENTRY_SHIFT for entry in rows}

    def _in(self, stretches: list[tuple[int, int]]) -> Iterable[int]:
        statement = text(
            "SELECT DISTINCT rowid >> :shift FROM message_search"
            " WHERE message_search MATCH :match AND rowid >= :low AND rowid < :high"
        )
        for low, high in stretches:
            bounds = {"low": low << ENTRY_SHIFT, "high": (high + 1) << ENTRY_SHIFT, "shift": ENTRY_SHIFT}
            yield from self._connection.execute(statement, {"match": self._match, **bounds}).scalars()

    def _named(self, match: str, limit: int) -> Sequence[int]:
        if not match:
            return []
        statement = text("SELECT rowid FROM contact_search WHERE contact_search MATCH :match LIMIT :limit")
        return self._connection.execute(statement, {"match": match, "limit": limit}).scalars().all()

    def _expression(self, query: SearchQuery) -> tuple[str, int]:
        """The query for the messages' index, and how many look-ups one use of it costs."""
        groups, cost = [], 0
        for group in query.groups:
            parts: list[str] = []
            for term in group:
                words = self._words(term)
                parts += [_quoted(term)] if words is None else [f'"{word}"' for word in words]
                cost += _MERGE_COST if words is None and _is_long(term) else max(1, len(words or ()))
            if not parts:
                return "", 0
            groups.append(f"({' OR '.join(parts)})")
        return " AND ".join(groups), cost

    def _words(self, term: Term) -> list[str] | None:
        """The words that begin like this one; None where FTS5 should look for itself."""
        if not _is_long(term) or len(term.words) > 1:
            return None
        first = term.words[0]
        statement = text("SELECT word FROM search_word WHERE word >= :first AND word < :last LIMIT :limit")
        bounds = {"first": first, "last": first + "\U0010ffff", "limit": _MAX_WORDS + 1}
        found = list(self._connection.execute(statement, bounds).scalars())
        return found if len(found) <= _MAX_WORDS else None


def _is_long(term: Term) -> bool:
    return term.prefix and len(term.words[-1]) > LONGEST_PREFIX


def expression(query: SearchQuery) -> str:
    """An FTS5 expression.  Words are letters and digits only, and quoted: nothing in them is syntax."""
    return " AND ".join(f"({' OR '.join(_quoted(term) for term in group)})" for group in query.groups)


def _quoted(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")


def _stretches(numbers: list[int], terms: int) -> list[tuple[int, int]]:
    """Numbers as few ranges: a gap is read through where that is cheaper than another look-up."""
    gap = _SEEK_DIALOGS * max(1, terms)
    found = [(numbers[0], numbers[0])]
    for number in numbers[1:]:
        low, high = found[-1]
        if number - high <= gap:
            found[-1] = (low, number)
        else:
            found.append((number, number))
    return found
