"""The few statements that SQLite and PostgreSQL spell differently."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Row, Table, bindparam, false, func, select
from sqlalchemy.dialects import postgresql, sqlite


def insert_for(connection: Connection, table: Table) -> Any:
    """``INSERT`` with ``on_conflict_do_…`` of the dialect in use; both spell those the same."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_ignoring(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *returning: ColumnElement[Any]
) -> list[Row[Any]]:
    """Insert the rows that don't exist yet; the ``returning`` columns of each row that was really inserted."""
    if not rows:
        return []
    statement = insert_for(connection, table).on_conflict_do_nothing().returning(*returning)
    return list(connection.execute(statement, list(rows)))


def one_of(connection: Connection, value: ColumnElement[Any], numbers: Iterable[int]) -> ColumnElement[bool]:
    """``value IN numbers`` as one parameter, however many they are."""
    numbers = sorted(set(numbers))
    if not numbers:
        return false()
    if connection.dialect.name == "postgresql":
        return value == func.any(bindparam(None, numbers, type_=postgresql.ARRAY(BigInteger), unique=True))
    listed = func.json_each(str(numbers)).table_valued("value")
    return value.in_(select(listed.c.value))
