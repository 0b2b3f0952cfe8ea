"""Migrated databases for tests, made once and copied: a migration costs more than most tests."""

import tempfile
from pathlib import Path

from server.db.migrate import migrate

_template: list[bytes] = []


async def make_sqlite(url: str) -> None:
    """What ``migrate(url)`` makes of nothing, copied; all copies of one run have the same epoch."""
    file = Path(url.split("///", 1)[1])
    file.parent.mkdir(parents=True, exist_ok=True)
    if not _template:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder, "template.db")
            await migrate(f"sqlite+aiosqlite:///{made}")
            _template.append(made.read_bytes())
    file.write_bytes(_template[0])
