"""The dialogs that a batch touches, as they change while the batch is worked through.

Two passes: :meth:`Board.place` decides for each item, in order, which dialog it belongs to (the open one, a reopened
one, a new one); when the event numbers are known and the batch has changed the rows, :meth:`Board.write` writes them.
In between nothing is asked of the database but the numbers of new dialogs.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import exists, func, literal_column, select

from server.db.bulk import Bulk
from server.db.prepared import Query, among
from server.db.schema import alteration, dialog
from server.dialogs.queries import NO_AGENT_AND_VISIT, with_agent_and_visit
from server.intake.people import Address, Person
from server.unit_of_work import Transaction

_HOUR_MS = 3_600_000

_BY_MESSAGE = (
    "last_message_at", "last_inbound_at", "waiting_since", "last_replied_type", "last_replied_name",
    "last_replied_agent_id", "inbound_count", "message_count", "reply_allowed", "preview_direction", "preview_text",
    "preview_attachment", "seq",
)  # fmt: skip
_SELDOM = (
    "status",
    "closed_at",
    "closed_by",
    "reopen_count",
    "visit_id",
    "entry_ref",
    "reachable",
    "opted_out",
    "elsewhere",
    "control_at",
)
_COLUMNS = tuple(column.name for column in dialog.c)
_seldom = itemgetter(*_SELDOM)

# Two: a column that is named makes the database write all its indexes anew, changed or not.
_UPDATE_BY_MESSAGE = Bulk(dialog, _BY_MESSAGE)
_UPDATE_ALL = Bulk(dialog, _BY_MESSAGE + _SELDOM)
_INSERT = Bulk(dialog)
# The word stands in the text, so that the partial index of what is not closed serves.
_IS_OPEN = among(dialog.c.identity_id, "identities") & (dialog.c.status != literal_column("'closed'"))
_IS_NEWEST = dialog.c.id.in_(
    select(func.max(dialog.c.id))
    .where(among(dialog.c.identity_id, "identities"))
    .group_by(dialog.c.identity_id)
    .correlate(None)
)
# What ``queries.DIALOG`` joins besides is known of the person and the channel.  Whether something is parked is asked here,
# as a statement of its own would be one more to wait for.
_IS_PARKED = exists().where(among(alteration.c.target, "targets")).label("is_parked")
_HELD = with_agent_and_visit(select(dialog, _IS_PARKED))
_OPEN = Query(_HELD.where(_IS_OPEN))
_NEWEST = Query(_HELD.where(_IS_NEWEST))
# Locked by a statement of its own: one that waited for a lock and joins would see the other tables as they were before.
_LOCK = select(dialog.c.id).order_by(dialog.c.id).with_for_update(key_share=True)
_LOCK_OPEN = Query(_LOCK.where(_IS_OPEN))
_LOCK_NEWEST = Query(_LOCK.where(_IS_NEWEST))


class Placed(msgspec.Struct, kw_only=True):
    """Where an item belongs, and what had to happen to the dialog for it."""

    row: dict[str, Any]
    created: bool = False
    reopened: bool = False


class Board:
    def __init__(
        self,
        tx: Transaction,
        people: dict[Address, Person],
        reopen_within_hours: int,
        messages: Sequence[str] = (),
    ) -> None:
        """``messages``: the provider's ids of those that will be stored."""
        self._tx = tx
        self._messages = messages
        self.has_parked = False
        """Whether something may be parked that names one of the messages; that it does is not certain."""
        self._default_reopen_ms = reopen_within_hours * _HOUR_MS
        self._people = people
        identities = [person.identity_id for person in people.values()]
        self._current = self._load(identities)
        self._before = {row["id"]: _seldom(row) for row in self._current.values()}
        for person in people.values():
            row = self._current.get(person.identity_id)
            if row is not None:
                row |= _names(person)
        self._created: list[dict[str, Any]] = []
        self._touched: dict[int, dict[str, Any]] = {}

    def place(self, address: Address) -> Placed:
        """The dialog that something from this address belongs to now."""
        person = self._people[address]
        row = self._current.get(person.identity_id)
        if row is None or (row["status"] == "closed" and not self._reopens(row, person)):
            placed = Placed(row=self._new(address, person, previous=row), created=True)
        else:
            placed = Placed(row=row, reopened=row["status"] == "closed")
        if placed.reopened:
            placed.row |= {"status": "open", "closed_at": None, "closed_by": None}
        self._current[person.identity_id] = placed.row
        placed.row["contact_name"] = person.contact_name
        self._touched[placed.row["id"]] = placed.row
        return placed

    def current(self, address: Address) -> dict[str, Any] | None:
        """The row of the dialog there is, open or not, to look at only."""
        return self._current.get(self._people[address].identity_id)

    def present(self, address: Address) -> Placed | None:
        """The dialog there is, open or not; for what begins and reopens none."""
        row = self.current(address)
        if row is None:
            return None
        self._touched[row["id"]] = row
        return Placed(row=row)

    def number_new(self) -> None:
        """Give the new dialogs their numbers; before the event head is locked."""
        if self._created:
            first = self._tx.number("dialog", len(self._created))
            for offset, row in enumerate(self._created):
                row["number"] = first + offset

    def write(self) -> None:
        """Let the dialogs be inserted and updated at the end, as they stand then."""
        new = {row["id"] for row in self._created}
        self._tx.rows.add(_INSERT, self._created)
        written: list[dict[str, Any]] = []
        altered: list[dict[str, Any]] = []
        for dialog_id, row in self._touched.items():
            if dialog_id not in new:
                more_happened = self._before[dialog_id] != _seldom(row)
                (altered if more_happened else written).append(row)
        self._tx.rows.add(_UPDATE_BY_MESSAGE, written)
        self._tx.rows.add(_UPDATE_ALL, altered)

    def _reopens(self, row: dict[str, Any], person: Person) -> bool:
        within = person.reopen_within_hours
        within_ms = self._default_reopen_ms if within is None else within * _HOUR_MS
        return bool(self._tx.now_ms - row["closed_at"] < within_ms)

    def _load(self, identities: list[int]) -> dict[int, dict[str, Any]]:
        """Each identity's dialog that is not closed, else its newest closed one; rows locked."""
        found = self._locked(_LOCK_OPEN, _OPEN, identities)
        rest = [identity_id for identity_id in identities if identity_id not in found]
        if rest:
            found |= self._locked(_LOCK_NEWEST, _NEWEST, rest)
        return found

    def _locked(self, lock: Query, read: Query, identities: list[int]) -> dict[int, dict[str, Any]]:
        if self._tx.connection.dialect.name == "postgresql":  # SQLite has locked everything
            lock.tuples(self._tx.connection, identities=identities)
        rows = read.rows(self._tx.connection, identities=identities, targets=self._messages)
        self.has_parked |= not rows or rows[0]["is_parked"]
        return {row["identity_id"]: row for row in rows}

    def _new(self, address: Address, person: Person, previous: dict[str, Any] | None) -> dict[str, Any]:
        row: dict[str, Any] = dict.fromkeys(_COLUMNS)
        row |= {
            "id": self._tx.ids.new(),
            "identity_id": person.identity_id,
            "contact_id": person.contact_id,
            "channel_id": address.channel_id,
            "status": "open",
            "created_at": self._tx.now_ms,
            "inbound_count": 0,
            "message_count": 0,
            "reopen_count": 0,
            "reply_allowed": True,
            "elsewhere": False,
            "reachable": person.reachable,
            "opted_out": person.opted_out,
            "preview_text": "",
            "previous_id": previous["id"] if previous else None,
            **_names(person),
            **NO_AGENT_AND_VISIT,
        }
        self._created.append(row)
        return row


def _names(person: Person) -> dict[str, Any]:
    """What the view of a dialog shows of its channel and its contact."""
    return {
        "channel_kind": person.channel_kind,
        "channel_name": person.channel_name,
        "reply_window_hours": person.reply_window_hours,
        "contact_number": person.contact_number,
        "contact_name": person.contact_name,
        "address": person.address,
        "contact_picture": person.picture,
    }
