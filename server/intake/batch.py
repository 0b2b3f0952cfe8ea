"""One batch of what providers told us, written as one transaction.

The work is set-oriented: a fixed number of statements whatever the size of the batch.  Order of steps (and of locks):
keys, parts, identities, dialogs, counters, event head, rows.
"""

from collections.abc import Callable, Sequence

import msgspec
from sqlalchemy import insert

from connectors.contract import Attachment, Consent, Control, InboundMessage, Part, Peer, Postback, Start
from server.bus.base import Topic
from server.db.bulk import Bulk
from server.db.schema import activity, attachment, message
from server.delivery.queries import DialogKey
from server.dialogs.views import activity_view, dialog_view, preview_text
from server.entities import Author
from server.events.model import (
    ContactChanged,
    DialogCreated,
    DialogReopened,
    DialogScope,
    DialogUpdated,
    EventData,
    MessageReceived,
)
from server.intake import alterations, answering, ownership, parked, parts, telling
from server.intake.board import Board, Placed
from server.intake.consents import Change, Consents
from server.intake.entrances import Entrances
from server.intake.keys import Entry, unseen
from server.intake.keywords import Keywords
from server.intake.people import Address, Person, address_of, find_or_make
from server.intake.rows import IN_ALL_NEW, NewMessage, Row, activity_row, pressed
from server.media.rows import attachment_row
from server.unit_of_work import Transaction
from server.visits.model import CALL_BACK

_INSERT_MESSAGE = Bulk(message, fields=NewMessage, constants=IN_ALL_NEW)
_INSERT_ACTIVITY = Bulk(activity)

_NO_KEYWORDS = Keywords((), ())

CONTENT = (InboundMessage, Part, Start, Postback, Consent, Control)
"""The kinds of item that a batch works through."""


class _Step(msgspec.Struct, kw_only=True):
    """One event to come: what changes in the dialog's row, and the event made of the result."""

    placed: Placed
    apply: Callable[[Row], None]
    event: Callable[[Row, int], EventData]
    is_new: bool = False


class Batch:
    """Works through entries that came from people: messages, starts, button presses, consents."""

    def __init__(self, tx: Transaction, reopen_within_hours: int, keywords: Keywords | None = None) -> None:
        self._tx = tx
        self._keywords = keywords or _NO_KEYWORDS
        self._consents = Consents(tx)
        self._reopen_within_hours = reopen_within_hours
        self._steps: list[_Step] = []
        self._messages: list[NewMessage] = []
        self._attachments: list[Row] = []
        self._activities: list[Row] = []

    def write(self, entries: Sequence[Entry]) -> None:
        self.write_new(parts.joined(self._tx, unseen(self._tx, entries)))

    def write_new(self, fresh: Sequence[Entry]) -> None:
        """The same for entries whose keys are taken already."""
        if not fresh:
            return
        peers: dict[Address, Peer] = {}
        only_named: dict[Address, Peer] = {}
        for channel_id, item in fresh:
            if isinstance(item, CONTENT) and item.peer is not None:
                of = only_named if type(item) is Control else peers
                of[address_of(channel_id, item.peer)] = item.peer
        self._people = find_or_make(self._tx, peers, only_named)
        if not self._people:
            return
        board = Board(self._tx, self._people, self._reopen_within_hours, parked.targets(fresh))
        self._answered = answering.find(
            self._tx.connection, fresh, [person.identity_id for person in self._people.values()]
        )
        self._entrances = Entrances(self._tx, fresh)
        for entry in fresh:
            self._plan(board, entry)
        written = [step.placed.row["id"] for step in self._steps]
        renamed = [person.contact_id for person in self._people.values() if person.renamed]
        others = telling.lock_newest(self._tx, renamed, without=written)
        overtaking = self._take_parked() if board.has_parked else []
        board.number_new()
        self._emit()
        board.write()
        self._consents.write()
        telling.tell(self._tx, others)
        self._tx.rows.add(_INSERT_MESSAGE, self._messages)
        self._tx.rows.add(_INSERT_ACTIVITY, self._activities)
        if self._attachments or overtaking:
            self._tx.rows.run(self._tx.connection)
        if self._attachments:
            self._tx.connection.execute(insert(attachment), self._attachments)
        for channel_id, item in overtaking:
            alterations.apply(self._tx, channel_id, item, self._keys())
        self._steps.clear()  # they hold this batch: without the cycle all of it is freed at once, not by the collector

    # ------------------------------------------------------------------------------------- what each item means

    def _plan(self, board: Board, entry: Entry) -> None:
        match entry.item:
            case InboundMessage() as item:
                self._plan_message(board, entry.channel_id, item)
            case Postback() as item:
                self._plan_message(board, entry.channel_id, pressed(item))
            case Start() as item:
                if item.ref is not None:
                    self._plan_start(board, entry.channel_id, item)
            case Consent() as item:
                address = address_of(entry.channel_id, item.peer)
                self._tell_change(board, address, self._consents.reported(self._people[address], item))
            case Control() as item:
                self._plan_control(board, entry.channel_id, item)

    def _plan_message(self, board: Board, channel_id: int, item: InboundMessage) -> None:
        address = address_of(channel_id, item.peer)
        person = self._people[address]
        placed = self._place(board, address)
        row = NewMessage.of(
            item,
            id_=self._tx.ids.new(),
            dialog=placed.row,
            author_name=person.contact_name or person.address,
            answer=self._answered.by(person.identity_id, item),
            now_ms=self._tx.now_ms,
        )
        attachments = self._attach(row, item.attachments) if item.attachments else ()
        self._messages.append(row)

        def apply(of: Row) -> None:
            self._entrances.tell(of, item)
            ownership.of_message(of, row.at, standby=item.standby)
            of["inbound_count"] += 1
            of["message_count"] += 1
            of["last_message_at"] = max(of["last_message_at"] or 0, row.received_at)
            of["last_inbound_at"] = max(of["last_inbound_at"] or 0, row.at)
            of["waiting_since"] = of["waiting_since"] or row.received_at
            of["last_replied_type"] = "contact"
            of["last_replied_name"] = person.contact_name
            of["last_replied_agent_id"] = None
            of["reply_allowed"] = item.reply_allowed
            of["preview_direction"] = "inbound"
            of["preview_text"] = preview_text(item.text)
            of["preview_attachment"] = str(item.attachments[0].kind) if item.attachments else None

        def event(of: Row, seq: int) -> EventData:
            row.seq = row.created_seq = seq
            return MessageReceived(dialog=dialog_view(of), message=row.view(attachments))

        self._steps.append(_Step(placed=placed, apply=apply, event=event))
        if item.note == CALL_BACK:
            return  # anybody may leave any number: it says nothing about what its owner wants
        self._tell_change(board, address, self._consents.came_back(person))
        granted = self._keywords.decision(item.text)
        if granted is not None:
            change = self._consents.wrote(person, granted, text=item.text, key=item.key, at_ms=item.at_ms)
            self._tell_change(board, address, change)

    def _plan_start(self, board: Board, channel_id: int, item: Start) -> None:
        """A deep link: the dialog learns where the customer came from, unless it already knows."""
        placed = self._place(board, address_of(channel_id, item.peer))

        def apply(of: Row) -> None:
            self._entrances.tell(of, item)
            if item.subscribed is False and of["inbound_count"] == 0:
                of["reply_allowed"] = False  # they only looked: the channel lets us write once they do

        def event(of: Row, _seq: int) -> EventData:
            return DialogUpdated(dialog=dialog_view(of))

        self._steps.append(_Step(placed=placed, apply=apply, event=event))

    def _plan_control(self, board: Board, channel_id: int, item: Control) -> None:
        """Who has the thread is shown at once in the dialog there is; nothing begins with it."""
        address = address_of(channel_id, item.peer) if item.peer is not None else None
        if address is None or item.ours is None or address not in self._people:
            return
        placed, ours = board.present(address), item.ours
        if placed is None:
            return

        def apply(of: Row) -> None:
            ownership.of_control(of, item.at_ms, ours=ours, now_ms=self._tx.now_ms)

        def event(of: Row, _seq: int) -> EventData:
            return DialogUpdated(dialog=dialog_view(of))

        self._steps.append(_Step(placed=placed, apply=apply, event=event))

    def _place(self, board: Board, address: Address) -> Placed:
        placed = board.place(address)
        if placed.created or placed.reopened:
            self._steps.append(self._opening(placed, self._people[address]))
        return placed

    def _opening(self, placed: Placed, person: Person) -> _Step:
        kind, made = ("created", DialogCreated) if placed.created else ("reopened", DialogReopened)
        row = self._activity_row(placed, person, kind)

        def apply(of: Row) -> None:
            of["reopen_count"] += int(placed.reopened)

        def event(of: Row, seq: int) -> EventData:
            row["seq"] = seq
            return made(dialog=dialog_view(of), activity=activity_view(row))

        return _Step(placed=placed, apply=apply, event=event, is_new=placed.created)

    def _tell_change(self, board: Board, address: Address, change: Change | None) -> None:
        """Let the present dialog show what its contact did, if anything changed and there is one."""
        placed = board.present(address) if change is not None else None
        if change is None or placed is None:
            return
        person = self._people[address]
        row = self._activity_row(placed, person, change)
        now = {"reachable": person.reachable, "opted_out": person.opted_out}

        def apply(of: Row) -> None:
            of |= now

        def event(of: Row, seq: int) -> EventData:
            row["seq"] = seq
            return ContactChanged(dialog=dialog_view(of), activity=activity_view(row))

        self._steps.append(_Step(placed=placed, apply=apply, event=event))

    # ------------------------------------------------------------------------------------- rows

    def _attach(self, row: NewMessage, items: Sequence[Attachment]) -> list[Row]:
        rows = [
            attachment_row(self._tx, row.dialog_id, position, item) | {"message_id": row.id}
            for position, item in enumerate(items)
        ]
        self._attachments += rows
        if any(each["state"] == "pending" for each in rows):
            self._tx.wake(Topic.MEDIA)
        return rows

    def _activity_row(self, placed: Placed, person: Person, kind: str) -> Row:
        actor = Author(type="contact", id=str(person.contact_id), name=person.contact_name)
        row = activity_row(self._tx, placed.row["id"], kind, actor)
        self._activities.append(row)
        return row

    def _emit(self) -> None:
        if not self._steps:
            return
        seq = self._tx.seq(len(self._steps))
        for step in self._steps:
            row = step.placed.row
            step.apply(row)
            row["seq"] = seq
            scope = DialogScope(
                dialog_id=row["id"],
                channel_id=row["channel_id"],
                assignee_before=row["assignee_id"],
                assignee_after=row["assignee_id"],
                is_new=step.is_new,
            )
            self._tx.emit(seq, scope, step.event(row, seq))
            seq += 1

    def _keys(self) -> dict[int, DialogKey]:
        rows = (step.placed.row for step in self._steps)
        return {row["id"]: DialogKey(row["channel_id"], row["assignee_id"]) for row in rows}

    # ------------------------------------------------------------------------------------- looked up once

    def _take_parked(self) -> list[parked.Waiting]:
        """Edits, deletions and reactions that came before the messages they are about."""
        rows = (step.placed.row for step in self._steps)
        return parked.of_messages(self._tx, self._messages, {row["id"]: row["address"] for row in rows})
