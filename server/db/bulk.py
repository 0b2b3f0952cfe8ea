"""Many rows in one statement: inserted, or given new values by their id."""

from collections.abc import Iterable, Sequence
from operator import attrgetter, itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, Dialect, Insert, Table, Update, bindparam, insert, update

from server.db.drivers import execute_many
from server.db.prepared import Getter, Picker
from server.db.schema import SearchText

_NEW = "new_"  # SQLAlchemy keeps a column's bare name as a parameter's for itself


class Bulk:
    """Inserts rows into a table, or with ``updates`` writes these columns of the rows with the same ``id``.

    A row is a mapping that has all the columns, or with ``fields`` a struct whose fields are columns (those that it has
    not stay null); Python-side defaults of columns don't apply.
    """

    def __init__(
        self,
        table: Table,
        updates: Sequence[str] | None = None,
        *,
        fields: type[msgspec.Struct] | None = None,
    ) -> None:
        self._table = table
        self._updates = updates
        self._getter: Getter = attrgetter if fields else itemgetter
        self._names = fields.__struct_fields__ if fields else tuple(table.c.keys())
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, rows: Iterable[Any]) -> None:
        compiled = self._on(connection)
        if values := [compiled.values(row) for row in rows]:
            execute_many(connection, compiled.sql, values)

    def run_tuples(self, connection: Connection, rows: list[tuple[Any, ...]]) -> None:
        """The same for rows that are the values of all columns, in the table's order."""
        if not rows:
            return
        compiled = self._on(connection)
        convert = compiled.values.convert
        execute_many(connection, compiled.sql, [convert(row) for row in rows] if convert else rows)

    def _on(self, connection: Connection) -> "_Compiled":
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            names = self._names if self._updates is None else (*self._updates, "id")
            compiled = _Compiled(self._table, names, self._updates is None, connection.dialect, self._getter)
            self._compiled[connection.dialect.name] = compiled
        return compiled


class _Compiled:
    def __init__(
        self, table: Table, names: Sequence[str], inserts: bool, dialect: Dialect, getter: Getter
    ) -> None:
        # What only PostgreSQL keeps is no parameter elsewhere.
        kept = [name for name in names if not (_is_search(table, name) and dialect.name != "postgresql")]
        given = {name: bindparam(_NEW + name, type_=table.c[name].type) for name in kept}
        statement: Insert | Update
        if inserts:
            statement = insert(table).values(given)
        else:
            statement = update(table).where(table.c.id == given.pop("id")).values(given)
        compiled = statement.compile(dialect=dialect)
        keys = [name.removeprefix(_NEW) for name in compiled.positiontup or ()]
        self.sql = str(compiled)
        self.values = Picker(keys, [table.c[key].type for key in keys], dialect, getter)


def _is_search(table: Table, name: str) -> bool:
    return isinstance(table.c[name].type, SearchText)
