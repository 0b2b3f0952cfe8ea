"""For paths that run all the time: statements whose text never changes, and many rows without work per row.

SQLAlchemy builds, looks up and binds a statement anew at each execution, and each row once more.  Here a statement is a
module's constant: :func:`among` makes a list of any length one parameter of it, :class:`Bulk` compiles it once for each
database and hands the driver plain tuples.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Text,
    Update,
    bindparam,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

_encode = msgspec.json.Encoder().encode


class _Listed(TypeDecorator[Any]):
    """A list as one parameter: an array on PostgreSQL, JSON text on SQLite."""

    impl = Text
    item: type[TypeEngine[Any]]

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.ARRAY(self.item))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Iterable[Any] | None, dialect: Dialect) -> Any:
        items = list(value or ())
        return items if dialect.name == "postgresql" else _encode(items).decode()


class _Numbers(_Listed):
    cache_ok = True
    item = BigInteger


class _Texts(_Listed):
    cache_ok = True
    item = Text


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True


@compiles(_Among, "postgresql")
def _among_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    value, listed = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{value} = ANY({listed})"


@compiles(_Among)
def _among_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    value, listed = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{value} IN (SELECT value FROM json_each({listed}))"  # noqa: S608 - compiled SQL, no values


def among(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """``column IN (...)`` of a list of numbers or texts that is given as a parameter when the statement is executed."""
    kind = _Numbers if isinstance(column.type, BigInteger) else _Texts
    return _Among(column, bindparam(parameter, type_=kind()))


class _Compiled:
    def __init__(self, statement: Insert | Update, columns: Sequence[str] | None, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=None if columns is None else list(columns))
        self.sql = str(compiled)
        self.names: list[str] = list(compiled.positiontup or ())
        self.converted: dict[int, Callable[[Any], Any]] = {}
        for place, name in enumerate(self.names):
            convert = compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)
            if convert is not None:
                self.converted[place] = convert

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        values = [row[name] for name in self.names]
        for place, convert in self.converted.items():
            values[place] = convert(values[place])
        return tuple(values)


class Bulk:
    """One INSERT or UPDATE for many rows.  Each row names all parameters; Python-side defaults of columns don't apply."""

    def __init__(self, statement: Insert | Update, columns: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._columns = columns
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, rows: Iterable[Mapping[str, Any]]) -> None:
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            compiled = _Compiled(self._statement, self._columns, connection.dialect)
            self._compiled[connection.dialect.name] = compiled
        values = [compiled.values(row) for row in rows]
        if values:
            connection.exec_driver_sql(compiled.sql, values)
