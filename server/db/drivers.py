"""Statements by the drivers themselves, in SQLAlchemy's transaction.

SQLAlchemy's part of a statement costs more than SQLite's and about as much as asyncpg's.
"""

import sqlite3
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlalchemy.util import await_only

T = TypeVar("T")

Values = tuple[Any, ...]


def fetch(connection: Connection, sql: str, values: Values) -> list[Sequence[Any]]:
    """The rows that a statement returns, if it does.  Raises the driver's own errors, or SQLAlchemy's."""
    driver: Any = _driver(connection)
    match connection.dialect.driver:
        case "pysqlite":
            return cast(sqlite3.Connection, driver).execute(sql, values).fetchall()
        case "asyncpg" if driver.is_in_transaction():  # SQLAlchemy begins it with its first statement
            return _wait(driver, driver.fetch(sql, *values))
    result = connection.exec_driver_sql(sql, values)
    return list(result.fetchall()) if result.returns_rows else []


def execute_many(connection: Connection, sql: str, rows: list[Values]) -> None:
    """A statement for each of these rows."""
    if connection.dialect.driver == "pysqlite":
        cast(sqlite3.Connection, _driver(connection)).executemany(sql, rows)
    else:
        connection.exec_driver_sql(sql, rows)


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _wait(driver: Any, doing: Awaitable[T]) -> T:
    """In the greenlet in which SQLAlchemy runs a write."""
    try:
        return await_only(doing)
    except Exception as error:
        if driver.is_closed():
            raise ConnectionError("the connection to the database broke") from error
        raise
