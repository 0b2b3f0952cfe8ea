"""Many rows in one statement: inserted, or given new values by their id."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any, cast

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
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from server.db.drivers import execute_many, fetch
from server.db.prepared import Getter, Picker
from server.db.schema import SearchText

_COMBINATIONS = 64  # that are remembered; there are fewer
_PARAMETER = re.compile(r"\$(\d+)")
_NEW = "new_"  # SQLAlchemy keeps a column's bare name as a parameter's for itself

Constants = dict[str, ColumnElement[Any]]


class Bulk:
    """Inserts rows into a table, or with ``updates`` writes these columns of the rows with the same ``id``.

    A row is a mapping that has all the columns, or with ``fields`` a struct whose fields are columns (those that it has
    not stay null, or have what ``constants`` say); Python-side defaults of columns don't apply.
    """

    def __init__(
        self,
        table: Table,
        updates: Sequence[str] | None = None,
        *,
        fields: type[msgspec.Struct] | None = None,
        constants: Mapping[str, str] = {},
    ) -> None:
        self._table = table
        self._constants: Constants = {
            name: literal_column("'" + text.replace("'", "''") + "'") for name, text in constants.items()
        }
        self._updates = updates
        self._getter: Getter = attrgetter if fields else itemgetter
        self._names = fields.__struct_fields__ if fields else tuple(table.c.keys())
        self._compiled: dict[str, _Each | _AllInOne] = {}

    def run(self, connection: Connection, rows: Iterable[Any]) -> None:
        together = Together()
        together.add(self, rows)
        together.run(connection)

    def on(self, connection: Connection) -> "_Each | _AllInOne":
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            names = self._names if self._updates is None else (*self._updates, "id")
            made = _AllInOne if connection.dialect.name == "postgresql" else _Each
            constants = self._constants if self._updates is None else None
            compiled = made(self._table, names, constants, connection.dialect, self._getter)
            self._compiled[connection.dialect.name] = compiled
        return compiled


class Together:
    """Rows for several tables, written when all are known: on PostgreSQL by one statement, as each is waited for.

    In it foreign keys are looked up when all rows are there, but a row can be written once only.
    """

    def __init__(self) -> None:
        self._rows: list[tuple[Bulk, Iterable[Any], bool]] = []

    def add(self, bulk: Bulk, rows: Iterable[Any]) -> None:
        """Write these rows, as they are at :meth:`run`."""
        self._rows.append((bulk, rows, False))

    def add_tuples(self, bulk: Bulk, rows: list[tuple[Any, ...]]) -> None:
        """The same for rows that are the values of all columns, in the table's order."""
        self._rows.append((bulk, rows, True))

    def run(self, connection: Connection) -> None:
        """Write what was added since the last time."""
        writes: list[tuple[_Each | _AllInOne, list[tuple[Any, ...]]]] = []
        for bulk, rows, is_picked in self._rows:
            compiled = bulk.on(connection)
            pick = compiled.values.convert if is_picked else compiled.values
            if values := [pick(row) for row in rows] if pick else list(rows):
                writes.append((compiled, values))
        self._rows.clear()
        if not writes:
            return
        if connection.dialect.name == "postgresql":
            _run_as_one(connection, cast(Any, writes))
        else:
            for each, values in writes:
                execute_many(connection, each.sql, values)


def _run_as_one(connection: Connection, writes: "list[tuple[_AllInOne, list[tuple[Any, ...]]]]") -> None:
    parameters = [column for of, values in writes for column in of.arrays(values)]
    fetch(connection, _as_one(*(of for of, _ in writes)), tuple(parameters))


@lru_cache(_COMBINATIONS)
def _as_one(*all_: "_AllInOne") -> str:
    """All of them in one statement, which takes their parameters one after the other."""
    texts: list[str] = []
    before = 0
    for each in all_:
        texts.append(_PARAMETER.sub(lambda m, n=before: f"${int(m[1]) + n}", each.sql))  # type: ignore[misc]
        before += each.count
    *others, last = texts
    listed = ", ".join(f"write_{number} AS ({text})" for number, text in enumerate(others))
    return f"WITH {listed} {last}" if listed else last


class _Each:
    """The statement is executed for each row: cheap where no network or protocol is in between."""

    def __init__(
        self,
        table: Table,
        names: Sequence[str],
        constants: Constants | None,
        dialect: Dialect,
        getter: Getter,
    ) -> None:
        # What is searched is a column on PostgreSQL only.
        kept = [name for name in names if not isinstance(table.c[name].type, SearchText)]
        given: Constants = {name: bindparam(_NEW + name, type_=table.c[name].type) for name in kept}
        statement: Insert | Update
        if constants is not None:
            statement = insert(table).values(given | constants)
        else:
            statement = update(table).where(table.c.id == given.pop("id")).values(given)
        compiled = statement.compile(dialect=dialect)
        keys = [name.removeprefix(_NEW) for name in compiled.positiontup or ()]
        self.sql = str(compiled)
        self.values = Picker(keys, [table.c[key].type for key in keys], dialect, getter)


class _AllInOne:
    """One execution for all rows, each column an array: a row of its own costs PostgreSQL several times as much."""

    def __init__(
        self,
        table: Table,
        names: Sequence[str],
        constants: Constants | None,
        dialect: Dialect,
        getter: Getter,
    ) -> None:
        columns = [table.c[name] for name in names]
        arrays = [bindparam(_NEW + c.name, type_=ARRAY(_element(c.type))) for c in columns]
        rows = func.unnest(*arrays).table_valued(*(column(c.name, _element(c.type)) for c in columns))
        new = rows.render_derived(name="new").c
        statement: Insert | Update
        if constants is not None:
            given = {c.name: _value(c, new[c.name]) for c in columns} | constants
            statement = insert(table).from_select(list(given), select(*given.values()))
        else:
            values = {c.name: _value(c, new[c.name]) for c in columns if c.name != "id"}
            ids = arrays[names.index("id")]
            statement = update(table).where(table.c.id == new.id, table.c.id == func.any(ids)).values(values)
        compiled = statement.compile(dialect=dialect)
        keys = [name.removeprefix(_NEW) for name in compiled.positiontup or ()]
        self.sql = str(compiled)
        self.count = len(keys)
        self.values = Picker(keys, [table.c[key].type for key in keys], dialect, getter)

    def arrays(self, rows: list[tuple[Any, ...]]) -> Iterator[tuple[Any, ...] | None]:
        """The statement's parameters.  Where all are null, none: ``unnest`` fills up, and the driver looks at each element."""
        for column_ in zip(*rows, strict=True):
            is_null = column_[0] is None and column_.count(None) == len(column_)
            yield None if is_null else column_


def _element(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Texts without a length, as a cast to one with a length would cut them instead of refusing them."""
    return kind if isinstance(kind, Integer | Boolean) else Text()


def _value(of: Column[Any], given: ColumnElement[Any]) -> ColumnElement[Any]:
    expression: ColumnElement[Any] | None = of.type.bind_expression(given)  # type: ignore[arg-type]
    return given if expression is None else expression
