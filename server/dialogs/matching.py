"""Which dialogs a query means: by the words of their messages, by their contact, by their number.

There are two ways to find them.  A text that occurs rarely is looked up, and its dialogs are known (*few*).  A text
that occurs often is not: the list is walked in its own order, and each slice of it is asked which of its dialogs
match (*among*).  So a page costs what it shows, not what could be found, whatever else the list is narrowed by.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from msgspec import json
from sqlalchemy import BigInteger, ColumnElement, Connection, Row, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from server.db.schema import dialog
from server.db.sql import one_of
from server.dialogs.contact_matching import Contacts
from server.dialogs.fts import OnSQLite
from server.dialogs.search_query import SearchQuery, Term

_RARE_ROWS = 20_000


class Matches(Protocol):
    """What a query finds."""

    few: ColumnElement[bool] | None
    """The condition on ``dialog`` that holds for exactly the dialogs found, when they are few enough to know."""

    def among(self, rows: Sequence[Row[Any]]) -> set[int]:
        """Ids of those among some dialogs (``id``, ``number``, ``contact_id``) that are found."""
        ...


def matches_for(connection: Connection, query: SearchQuery) -> Matches:
    if connection.dialect.name == "postgresql":
        return _OnPostgreSQL(connection, query)
    return OnSQLite(connection, query)


def tsquery_expression(query: SearchQuery) -> str:
    """For ``to_tsquery``.  Words are letters and digits only, and quoted: nothing in them is syntax."""
    return " & ".join(f"({' | '.join(_ts_term(term) for term in group)})" for group in query.groups)


def _ts_term(term: Term) -> str:
    words = [f"'{word}'" for word in term.words]
    if term.prefix:
        words[-1] += ":*"
    return f"({' <-> '.join(words)})"


class _OnPostgreSQL:
    def __init__(self, connection: Connection, query: SearchQuery) -> None:
        self._connection = connection
        self._match = tsquery_expression(query)
        self._contacts = Contacts(connection, query, self._ts_contacts)
        self.few: ColumnElement[bool] | None = None
        if self._contacts.few is not None and self._is_rare():
            ids = self._dialogs() | self._contacts.dialogs(dialog.c.id)
            self.few = one_of(connection, dialog.c.id, ids)

    def among(self, rows: Sequence[Row[Any]]) -> set[int]:
        if not rows:
            return set()
        found = self._contacts.among(rows)
        ids = [row.id for row in rows if row.id not in found]
        if not ids or not self._match:
            return found
        # One look-up per dialog, whatever the planner thinks of the word.
        statement = text(
            "SELECT d.id FROM unnest(:ids) AS d(id) CROSS JOIN LATERAL (SELECT 1 FROM message"
            " WHERE message.dialog_id = d.id AND message.search @@ to_tsquery('simple', :match)"
            " AND message.deleted_at IS NULL LIMIT 1) AS found"
        ).bindparams(bindparam("ids", ids, type_=ARRAY(BigInteger)), bindparam("match", self._match))
        return found | set(self._connection.execute(statement).scalars())

    def _is_rare(self) -> bool:
        """By the planner's own statistics, which cost nothing to ask."""
        if not self._match:
            return True
        statement = text(
            "EXPLAIN (FORMAT JSON) SELECT 1 FROM message WHERE search @@ to_tsquery('simple', :match)"
        )
        plan: Any = self._connection.execute(statement, {"match": self._match}).scalar_one()
        plan = json.decode(plan) if isinstance(plan, str) else plan
        return bool(plan[0]["Plan"]["Plan Rows"] <= _RARE_ROWS)

    def _dialogs(self) -> set[int]:
        if not self._match:
            return set()
        statement = text(
            "SELECT DISTINCT dialog_id FROM message WHERE search @@ to_tsquery('simple', :match)"
            " AND deleted_at IS NULL"
        )
        return set(self._connection.execute(statement, {"match": self._match}).scalars())

    def _ts_contacts(self, limit: int) -> Sequence[int]:
        if not self._match:
            return []
        statement = text(
            "SELECT id FROM contact WHERE to_tsvector('simple', folded) @@ to_tsquery('simple', :match) LIMIT :limit"
        )
        return self._connection.execute(statement, {"match": self._match, "limit": limit}).scalars().all()
