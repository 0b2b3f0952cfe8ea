"""What an edit replaces is kept: a text, and files with it, as an earlier version of the message.

Providers send the whole message again when any of it was edited, so a file that is the same as before is left alone:
told by the provider's id of its bytes, else by all that we know of it.  A live location moves every few seconds for hours;
of such a message the first place is kept and the present one shown.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from connectors.contract import Attachment, AttachmentKind
from server.bus.base import Topic
from server.db.schema import attachment, message_version
from server.media.rows import attachment_row
from server.unit_of_work import Transaction

_DESCRIBED: Final = ("source", "name", "title", "latitude", "longitude", "phone", "url", "sticker_id")

Row = dict[str, Any]


class Files:
    """The attachments of a message before and after an edit."""

    def __init__(self, tx: Transaction, message: Mapping[str, Any], items: Sequence[Attachment]) -> None:
        """``items``: as the edit has them."""
        self._tx = tx
        self._message_id = message["id"]
        self._before = _present(tx, message["id"])
        self._after: list[Row] = [
            attachment_row(tx, message["dialog_id"], position, item) | {"message_id": message["id"]}
            for position, item in enumerate(items)
        ]
        self.are_changed = [_key(row) for row in self._before] != [_key(row) for row in self._after]

    @property
    def first_kind(self) -> str | None:
        """Of the first from now on, for lists."""
        now = self._after if self.are_changed else self._before
        return now[0]["kind"] if now else None

    @property
    def is_a_move(self) -> bool:
        """Nothing but where something is has changed."""
        rows = [*self._before, *self._after]
        return self.are_changed and all(row["kind"] == AttachmentKind.LOCATION for row in rows)

    def replace(self, version_id: int | None) -> None:
        """Put the new ones in the place of the old ones, which are the version's now; those of a mere move go."""
        c = attachment.c
        if version_id is None:
            here = c.message_id == self._message_id, c.version_id.is_(None)
            self._tx.connection.execute(delete(attachment).where(*here))
        else:
            former = update(attachment).where(c.message_id == self._message_id, c.version_id.is_(None))
            self._tx.connection.execute(former.values(version_id=version_id))
        if self._after:
            self._tx.connection.execute(insert(attachment), self._after)
        if any(row["state"] == "pending" for row in self._after):
            self._tx.wake(Topic.MEDIA)


def keep(tx: Transaction, message: Mapping[str, Any]) -> int:
    """Keep what the message says now as a version, to which its files may be given; returns its id."""
    version_id = tx.ids.new()
    tx.connection.execute(
        insert(message_version).values(
            id=version_id,
            message_id=message["id"],
            text=message["text"],
            written_at=message["edited_at"] or message["at"],
        )
    )
    return version_id


def has_any(tx: Transaction, message_id: int) -> bool:
    """Whether the message was changed before."""
    c = message_version.c
    found = tx.connection.execute(select(c.id).where(c.message_id == message_id).limit(1))
    return found.first() is not None


def _present(tx: Transaction, message_id: int) -> list[Row]:
    c = attachment.c
    columns = (c.kind, c.unique_id, *(c[name] for name in _DESCRIBED))
    statement = select(*columns).where(c.message_id == message_id, c.version_id.is_(None))
    return [dict(row) for row in tx.connection.execute(statement.order_by(c.position)).mappings()]


def _key(row: Row) -> tuple[Any, ...]:
    """The same for the same thing."""
    if row["unique_id"] is not None:
        return row["kind"], row["unique_id"]
    return row["kind"], *(row[name] for name in _DESCRIBED)
