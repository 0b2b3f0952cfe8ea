"""What an error of either database means: worth another try, or the database is away."""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_STILL_IN_THE_WAY = frozenset({"40001", "40P01"})  # after all the tries
_RETRYABLE_SQLSTATES = frozenset({"40001", "40P01", "23505"})  # serialization, deadlock, unique race


def is_retryable(error: Exception) -> bool:
    """Whether the same transaction, run again, may well succeed: a deadlock, or a race two inserts lost and won."""
    original = _original(error)
    if getattr(original, "sqlstate", None) in _RETRYABLE_SQLSTATES:
        return True
    return isinstance(original, sqlite3.IntegrityError) and "UNIQUE constraint failed" in str(original)


def is_outage(error: Exception) -> bool:
    """Whether the database is away, too busy, or can't write now (the caller should come again later)."""
    if isinstance(error, OSError | TimeoutError | PoolTimeout | sqlite3.OperationalError):
        return True
    if isinstance(error, OperationalError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        return True
    sqlstate = getattr(_original(error), "sqlstate", None) or ""
    return sqlstate[:2] in ("08", "53", "57") or sqlstate in _STILL_IN_THE_WAY


def _original(error: Exception) -> BaseException | None:
    """The driver's own error."""
    return error.orig if isinstance(error, DBAPIError) else error
