"""Many rows in one statement: inserted, or given new values by their id."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, Table, Update, bindparam, insert, update

from server.db.prepared import Picker, driver_of

_NEW = "new_"  # SQLAlchemy keeps a column's bare name as a parameter's for itself


class Bulk:
    """Inserts rows into a table, or with ``updates`` writes these columns of the rows with the same ``id``.

    A row is a mapping that has all the columns; Python-side defaults of columns don't apply.
    """

    def __init__(self, table: Table, updates: Sequence[str] | None = None) -> None:
        self._table = table
        self._updates = updates
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        compiled = self._on(connection)
        _execute(connection, compiled, [compiled.values(row) for row in rows])

    def run_tuples(self, connection: Connection, rows: list[tuple[Any, ...]]) -> None:
        """The same for rows that are the values of all columns, in the table's order."""
        compiled = self._on(connection)
        convert = compiled.values.convert
        _execute(connection, compiled, [convert(row) for row in rows] if convert else rows)

    def _on(self, connection: Connection) -> "_Compiled":
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            compiled = _Compiled(self._statement(), self._table, connection.dialect)
            self._compiled[connection.dialect.name] = compiled
        return compiled

    def _statement(self) -> Insert | Update:
        table = self._table
        names = table.c.keys() if self._updates is None else self._updates
        given = {name: bindparam(_NEW + name, type_=table.c[name].type) for name in names}
        if self._updates is None:
            return insert(table).values(given)
        return update(table).where(table.c.id == bindparam(f"{_NEW}id", type_=table.c.id.type)).values(given)


def _execute(connection: Connection, compiled: "_Compiled", values: list[tuple[Any, ...]]) -> None:
    if not values:
        return
    if (driver := driver_of(connection)) is not None:
        driver.executemany(compiled.sql, values)
    else:
        connection.exec_driver_sql(compiled.sql, values)


class _Compiled:
    def __init__(self, statement: Insert | Update, table: Table, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        keys = [name.removeprefix(_NEW) for name in compiled.positiontup or ()]
        self.sql = str(compiled)
        self.values = Picker(keys, [table.c[key].type for key in keys], dialect)
