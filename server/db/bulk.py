"""Many rows in one statement: inserted, or given new values by their id."""

from collections.abc import Iterable, Sequence
from operator import attrgetter, itemgetter
from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Integer,
    Table,
    Text,
    Update,
    bindparam,
    column,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from server.db.drivers import execute_many, fetch
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
        self._compiled: dict[str, _Each | _AllInOne] = {}

    def run(self, connection: Connection, rows: Iterable[Any]) -> None:
        compiled = self._on(connection)
        if values := [compiled.values(row) for row in rows]:
            compiled.execute(connection, values)

    def run_tuples(self, connection: Connection, rows: list[tuple[Any, ...]]) -> None:
        """The same for rows that are the values of all columns, in the table's order."""
        if not rows:
            return
        compiled = self._on(connection)
        convert = compiled.values.convert
        compiled.execute(connection, [convert(row) for row in rows] if convert else rows)

    def _on(self, connection: Connection) -> "_Each | _AllInOne":
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            names = self._names if self._updates is None else (*self._updates, "id")
            made = _AllInOne if connection.dialect.name == "postgresql" else _Each
            compiled = made(self._table, names, self._updates is None, connection.dialect, self._getter)
            self._compiled[connection.dialect.name] = compiled
        return compiled


class _Each:
    """The statement is executed for each row: cheap where no network or protocol is in between."""

    def __init__(
        self, table: Table, names: Sequence[str], inserts: bool, dialect: Dialect, getter: Getter
    ) -> None:
        # What is searched is a column on PostgreSQL only.
        kept = [name for name in names if not isinstance(table.c[name].type, SearchText)]
        given = {name: bindparam(_NEW + name, type_=table.c[name].type) for name in kept}
        statement: Insert | Update
        if inserts:
            statement = insert(table).values(given)
        else:
            statement = update(table).where(table.c.id == given.pop("id")).values(given)
        compiled = statement.compile(dialect=dialect)
        keys = [name.removeprefix(_NEW) for name in compiled.positiontup or ()]
        self._sql = str(compiled)
        self.values = Picker(keys, [table.c[key].type for key in keys], dialect, getter)

    def execute(self, connection: Connection, values: list[tuple[Any, ...]]) -> None:
        execute_many(connection, self._sql, values)


class _AllInOne:
    """One execution for all rows, each column an array: a row of its own costs PostgreSQL several times as much."""

    def __init__(
        self, table: Table, names: Sequence[str], inserts: bool, dialect: Dialect, getter: Getter
    ) -> None:
        columns = [table.c[name] for name in names]
        arrays = [bindparam(_NEW + c.name, type_=ARRAY(_element(c.type))) for c in columns]
        rows = func.unnest(*arrays).table_valued(*(column(c.name, _element(c.type)) for c in columns))
        new = rows.render_derived(name="new").c
        statement: Insert | Update
        if inserts:
            statement = insert(table).from_select(columns, select(*(_value(c, new[c.name]) for c in columns)))
        else:
            values = {c.name: _value(c, new[c.name]) for c in columns if c.name != "id"}
            ids = arrays[names.index("id")]
            statement = update(table).where(table.c.id == new.id, table.c.id == func.any(ids)).values(values)
        compiled = statement.compile(dialect=dialect)
        keys = [name.removeprefix(_NEW) for name in compiled.positiontup or ()]
        self._sql = str(compiled)
        self.values = Picker(keys, [table.c[key].type for key in keys], dialect, getter)

    def execute(self, connection: Connection, values: list[tuple[Any, ...]]) -> None:
        fetch(connection, self._sql, tuple(zip(*values, strict=True)))


def _element(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Texts without a length, as a cast to one with a length would cut them instead of refusing them."""
    return kind if isinstance(kind, Integer | Boolean) else Text()


def _value(of: Column[Any], given: ColumnElement[Any]) -> ColumnElement[Any]:
    expression: ColumnElement[Any] | None = of.type.bind_expression(given)  # type: ignore[arg-type]
    return given if expression is None else expression
