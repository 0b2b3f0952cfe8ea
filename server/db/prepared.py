"""For paths that run all the time: statements whose text never changes.

SQLAlchemy looks up and binds a statement anew at each execution.  Here a statement is a module's constant:
:func:`among` makes a list of any length one parameter of it, :class:`Query` compiles it once for each database and hands
the driver plain tuples.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any, cast

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    ClauseElement,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Select,
    Text,
    Update,
    bindparam,
    func,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from server.db.drivers import fetch

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

    def self_group(self, against: Any = None) -> Any:
        """As it is: compared with 1, as SQLite's dialect spells booleans, no index would serve."""
        return self


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


def each(dialect: str, parameter: str) -> ColumnElement[str]:
    """The texts of a list that is given as a parameter, as a column to select from."""
    texts = bindparam(parameter, type_=_Texts())
    if dialect == "postgresql":
        return func.unnest(texts).table_valued("value").render_derived().c.value
    return func.json_each(texts).table_valued("value").c.value


Statement = Select[Any] | Insert | Update


Getter = Callable[..., Callable[[Any], Any]]
"""``itemgetter`` for rows that are mappings, ``attrgetter`` for structs."""


class Picker:
    """Picks the values of a statement's parameters out of a row, converted as their types want."""

    def __init__(
        self,
        keys: Sequence[str],
        types: Sequence[TypeEngine[Any]],
        dialect: Dialect,
        getter: Getter = itemgetter,
    ) -> None:
        self._pick: Callable[[Any], tuple[Any, ...]] = (
            getter(*keys) if len(keys) > 1 else lambda row: tuple(getter(key)(row) for key in keys)
        )
        self._converted = [
            (place, convert)
            for place, kind in enumerate(types)
            if (convert := _converter(kind, dialect)) is not None
        ]
        self.convert = self._convert if self._converted else None
        """Converts values that are picked already; None where there is nothing to convert."""

    def __call__(self, row: Any) -> tuple[Any, ...]:
        values = self._pick(row)
        return values if self.convert is None else self.convert(values)

    def _convert(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        listed = list(values)
        for place, convert in self._converted:
            listed[place] = convert(listed[place])
        return tuple(listed)


def _converter(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(kind, Boolean):
        return None  # drivers take True and False as they are
    return kind.dialect_impl(dialect).bind_processor(dialect)


class _Compiled:
    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        names = list(compiled.positiontup or ())
        self.sql = str(compiled)
        self.given: dict[str, Any] = {k: v for k, v in compiled.params.items() if v is not None}
        self.values = Picker(names, [compiled.binds[name].type for name in names], dialect)
        self.columns = tuple(str(column.key) for column in statement.exported_columns)
        processors = (
            c.type.dialect_impl(dialect).result_processor(dialect, None) for c in statement.exported_columns
        )
        self.read = [(place, convert) for place, convert in enumerate(processors) if convert is not None]
        self.read_by_name = [(self.columns[place], convert) for place, convert in self.read]


def _fetch(connection: Connection, compiled: _Compiled, parameters: dict[str, Any]) -> list[Sequence[Any]]:
    return fetch(connection, compiled.sql, compiled.values(compiled.given | parameters))


class Query:
    """One SELECT, or one INSERT or UPDATE that returns; given as it is, or by the name of the dialect."""

    def __init__(self, statement: Statement | Callable[[str], Statement]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def tuples(self, connection: Connection, **parameters: Any) -> list[Sequence[Any]]:
        """The rows, their values in the statement's order."""
        compiled = self._on(connection)
        rows = _fetch(connection, compiled, parameters)
        if not compiled.read:
            return rows
        converted = [list(row) for row in rows]
        for values in converted:
            for place, convert in compiled.read:
                values[place] = convert(values[place])
        return cast(list[Sequence[Any]], converted)

    def rows(self, connection: Connection, **parameters: Any) -> list[dict[str, Any]]:
        """The rows, their values by the columns' names."""
        compiled = self._on(connection)
        names = compiled.columns
        rows = [dict(zip(names, row, strict=True)) for row in _fetch(connection, compiled, parameters)]
        for row in rows:
            for name, convert in compiled.read_by_name:
                row[name] = convert(row[name])
        return rows

    def _on(self, connection: Connection) -> _Compiled:
        compiled = self._compiled.get(connection.dialect.name)
        if compiled is None:
            statement = self._statement
            if not isinstance(statement, ClauseElement):
                statement = statement(connection.dialect.name)
            compiled = _Compiled(statement, connection.dialect)
            self._compiled[connection.dialect.name] = compiled
        return compiled
