"""Which contacts a query means: by name, telephone number, address or record number."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from server.db.schema import contact, dialog, identity
from server.db.sql import one_of
from server.dialogs.search_query import SearchQuery, Term

FEW = 4000


class Contacts:
    """``by_words(limit)`` looks the words up in the database's own index."""

    def __init__(
        self, connection: Connection, query: SearchQuery, by_words: Callable[[int], Sequence[int]]
    ) -> None:
        self._connection = connection
        self._query = query
        found = set(by_words(FEW + 1)) | self._exactly()
        self._number = query.number
        self.few: set[int] | None = found if len(found) <= FEW else None
        """Their ids, when they are few."""

    def dialogs(self, column: ColumnElement[int]) -> set[int]:
        """A column of the dialogs of the few contacts, and of the one whose number was asked for."""
        condition = one_of(self._connection, dialog.c.contact_id, self.few or ())
        found = set(self._connection.execute(select(column).where(condition)).scalars())
        if self._number is not None:
            found |= set(
                self._connection.execute(select(column).where(dialog.c.number == self._number)).scalars()
            )
        return found

    def among(self, rows: Sequence[Row[Any]]) -> set[int]:
        contacts = self.few if self.few is not None else self._named([row.contact_id for row in rows])
        return {row.id for row in rows if row.contact_id in contacts or row.number == self._number}

    def _exactly(self) -> set[int]:
        found: set[int] = set()
        if self._query.addresses:
            statement = select(identity.c.contact_id).where(identity.c.address.in_(self._query.addresses))
            found |= set(self._connection.execute(statement.limit(FEW)).scalars())
        if self._query.number is not None:
            statement = select(contact.c.id).where(contact.c.number == self._query.number)
            found |= set(self._connection.execute(statement).scalars())
        return found

    def _named(self, contact_ids: Sequence[int]) -> set[int]:
        """When very many contacts have such a name: those of these that do."""
        condition = one_of(self._connection, contact.c.id, contact_ids)
        rows = self._connection.execute(select(contact.c.id, contact.c.folded).where(condition))
        return {row.id for row in rows if _matches(self._query, row.folded)}


def _matches(query: SearchQuery, folded: str) -> bool:
    words = folded.split()
    return bool(query.groups) and all(any(_occurs(term, words) for term in group) for group in query.groups)


def _occurs(term: Term, words: list[str]) -> bool:
    wanted, length = list(term.words), len(term.words)
    for start in range(len(words) - length + 1):
        part = words[start : start + length]
        if part[:-1] == wanted[:-1] and (
            part[-1].startswith(wanted[-1]) if term.prefix else part[-1] == wanted[-1]
        ):
            return True
    return False
