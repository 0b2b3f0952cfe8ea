"""SQLite's write-ahead log as a file: when what was committed to it is on the disk."""

import os
from pathlib import Path

# Where the system has nothing better, the file's times are written with it.
_flush = getattr(os, "fdatasync", os.fsync)


class WriteAheadLog:
    """Of a connection that keeps it open and commits without waiting for the disk (``synchronous=NORMAL``).

    SQLite itself keeps the database sound whatever is lost of the log, and flushes it before it is carried into the
    database; only that the last commits are there after a loss of power is up to :meth:`flush`.
    """

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(database.name + "-wal")
        self._file: int | None = None

    def flush(self) -> None:
        """Return when all that was committed before is on the disk.  Raises OSError."""
        try:
            now = self._path.stat()
        except FileNotFoundError:
            return  # nothing was committed
        if self._file is not None and not os.path.samestat(now, os.fstat(self._file)):
            self.close()  # it was another's, who had the database alone and took it away before we had it open
        if self._file is None:
            self._file = os.open(self._path, os.O_RDONLY)
        _flush(self._file)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
