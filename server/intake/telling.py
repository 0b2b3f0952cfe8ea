"""What changed about a contact (name, picture, address) is told in all their dialogs: the newest at once, others soon.

Every dialog shows its contact, and carries the number of the event that last changed what it shows.  So that no
transaction grows with a person's history, the one that makes the change tells of :data:`AT_ONCE` dialogs at most.  Where
there are more, the contact's row says which are still to be told, and a task does so in pages.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from sqlalchemy import select, update

from server.bus.base import Bus, Topic
from server.db.schema import contact, dialog
from server.dialogs.queries import dialogs_by_id, set_dialog
from server.dialogs.views import dialog_view
from server.events.model import DialogScope, DialogUpdated
from server.supervisor import Supervisor, is_woken
from server.unit_of_work import Transaction, UnitOfWork

AT_ONCE: Final = 20
PAGE: Final = 50
_LOOK_SECONDS: Final = 2.0


def lock_newest(tx: Transaction, contact_ids: Iterable[int], without: Collection[int] = ()) -> list[int]:
    """The newest dialogs of these contacts, to be told of; their rows are locked.  The rest is left for the task.

    ``without``: dialogs that are told of anyway.
    """
    found: set[int] = set()
    for contact_id in sorted(set(contact_ids)):
        ids = _newest(tx, contact_id, None, AT_ONCE + 1)
        found.update(ids[:AT_ONCE])
        if len(ids) > AT_ONCE:
            _leave(tx, contact_id, below=ids[AT_ONCE - 1])
            tx.wake(Topic.MEDIA)
    return _locked(tx, found - set(without))


def tell(tx: Transaction, dialog_ids: Sequence[int]) -> None:
    """Tell whoever sees these dialogs."""
    if not dialog_ids:
        return
    first = tx.seq(len(dialog_ids))
    for offset, dialog_id in enumerate(dialog_ids):
        set_dialog(tx.connection, dialog_id, {"seq": first + offset})
    rows = dialogs_by_id(tx.connection, dialog_ids)
    for offset, dialog_id in enumerate(dialog_ids):
        row = rows[dialog_id]
        scope = DialogScope(
            dialog_id=dialog_id,
            channel_id=row["channel_id"],
            assignee_before=row["assignee_id"],
            assignee_after=row["assignee_id"],
        )
        tx.emit(first + offset, scope, DialogUpdated(dialog=dialog_view(row)))


class ContactTeller:
    """Tells of the dialogs that were left.  Several processes may run one each: a contact is one's at a time."""

    def __init__(self, units: UnitOfWork, bus: Bus) -> None:
        self._units = units
        self._woken = asyncio.Event()
        bus.subscribe(Topic.MEDIA, lambda _: self._woken.set())

    def start(self, supervisor: Supervisor) -> None:
        supervisor.keep("contacts told", self._for_ever)

    async def _for_ever(self) -> None:
        while True:
            self._woken.clear()
            await self.tell_left()
            await is_woken(self._woken, _LOOK_SECONDS)

    async def tell_left(self) -> int:
        """A page in each transaction until nothing is left; how many dialogs there were."""
        left = select(contact.c.id).where(contact.c.tell_below.is_not(None)).limit(1)
        count = 0
        while await self._units.database.read(lambda c: c.execute(left).one_or_none()) is not None:
            told = await self._units.run(_tell_page)
            if told is None:
                break  # it is another process's just now
            count += told
        return count


def _tell_page(tx: Transaction) -> int | None:
    """How many dialogs of a contact it told of; None when no contact is free."""
    c = contact.c
    row = tx.connection.execute(
        select(c.id, c.tell_below)
        .where(c.tell_below.is_not(None))
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
    ).one_or_none()
    if row is None:
        return None
    ids = _newest(tx, row.id, row.tell_below, PAGE)
    _leave(tx, row.id, below=ids[-1] if len(ids) == PAGE else None)
    tell(tx, _locked(tx, ids))
    return len(ids)


def _newest(tx: Transaction, contact_id: int, below: int | None, limit: int) -> list[int]:
    statement = select(dialog.c.id).where(dialog.c.contact_id == contact_id)
    if below is not None:
        statement = statement.where(dialog.c.id < below)
    return list(tx.connection.execute(statement.order_by(dialog.c.id.desc()).limit(limit)).scalars())


def _leave(tx: Transaction, contact_id: int, *, below: int | None) -> None:
    """Dialogs with smaller ids are still to be told of; None: none is."""
    tx.connection.execute(update(contact).where(contact.c.id == contact_id).values(tell_below=below))


def _locked(tx: Transaction, dialog_ids: Collection[int]) -> list[int]:
    if not dialog_ids:
        return []
    statement = select(dialog.c.id).where(dialog.c.id.in_(dialog_ids)).order_by(dialog.c.id)
    return list(tx.connection.execute(statement.with_for_update(key_share=True)).scalars())
