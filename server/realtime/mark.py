"""The high-water mark: how far the event log was once seen, kept in a file beside the data.

When a database is put back from a backup its log ends before the mark.  Numbers would then be given out a second time
for other events, and a screen that was further ahead could not tell: so the log gets a new epoch, and every cursor of
the old one is reset.
"""

import contextlib
import json
import logging
import os
from pathlib import Path

from server.events.store import Head

log = logging.getLogger(__name__)


class HighWaterMark:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: Head | None = None

    def read(self) -> Head | None:
        """The mark of an earlier run (or of another process here); None when there is none to read."""
        try:
            found = json.loads(self._path.read_bytes())
            return Head(str(found["epoch"]), int(found["seq"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            log.warning("%s can't be read; a restored backup would go unnoticed once", self._path)
            return None

    def write(self, head: Head) -> None:
        """Move the mark; called about once a second, and cheap when nothing moved."""
        if head == self._written:
            return
        beside = self._path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):  # a full disk must not stop the feed
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps({"epoch": head.epoch, "seq": head.seq}), encoding="utf-8")
            beside.replace(self._path)
            self._written = head
