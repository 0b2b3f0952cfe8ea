"""Dialogs for what a colleague sent elsewhere, so that nobody's words are lost: found, reopened or made.

Whoever writes to a customer in the provider's own app begins a dialog as the customer would: with the person who has
none; again, by the rule for messages, with the one whose dialog was closed.  It is open for all to see, nobody waits in
it, and only a reopened one has an agent.  What was sent before the dialog was closed, and is only told now, belongs into it
as it is.

Two steps keep the order of locks: people before dialogs, dialogs before counters.
"""

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import insert

from connectors.contract import Echo
from server.db.schema import activity
from server.delivery.echoes import AUTHOR
from server.delivery.moves import scope_of
from server.delivery.queries import DialogKey
from server.delivery.receipts import sent_elsewhere
from server.dialogs.views import activity_view, dialog_view
from server.events.model import DialogCreated, DialogReopened, DialogScope
from server.intake import ownership, telling
from server.intake.board import Board, Placed
from server.intake.keys import Entry
from server.intake.people import address_of, find_or_make
from server.intake.rows import Row, activity_row
from server.unit_of_work import Transaction

_SECOND_MS = 1_000


class Openings:
    """Of one batch of reports; a fixed number of statements, whatever its size, beside what is opened."""

    def __init__(self, tx: Transaction, by_channel: Mapping[int, Sequence[Entry]]) -> None:
        """Find the people to whom something was sent elsewhere that is not stored yet, or make them; they are locked."""
        self._tx = tx
        self._echoes: dict[int, list[Echo]] = {}
        for channel_id, entries in by_channel.items():
            echoes = [entry.item for entry in entries if isinstance(entry.item, Echo)]
            if found := sent_elsewhere(tx, channel_id, echoes):
                self._echoes[channel_id] = found
        peers = {
            address_of(channel_id, echo.peer): echo.peer
            for channel_id, echoes in self._echoes.items()
            for echo in echoes
        }
        self._people = find_or_make(tx, peers) if peers else {}

    def open(self, reopen_within_hours: int) -> dict[int, DialogKey]:
        """Open what is needed and tell of it; the batch's dialogs are locked.  Returns those that were made."""
        if not self._people:
            return {}
        board = Board(self._tx, self._people, reopen_within_hours)
        opened = [
            placed
            for channel_id, echoes in self._echoes.items()
            # Once more: who stored one of them meanwhile had the lock of its person.
            for echo in sent_elsewhere(self._tx, channel_id, echoes)
            if (placed := self._opened(board, channel_id, echo)) is not None
        ]
        renamed = [person.contact_id for person in self._people.values() if person.renamed]
        others = telling.lock_newest(self._tx, renamed, without=[placed.row["id"] for placed in opened])
        board.number_new()
        activities = self._tell(opened) if opened else []
        board.write()
        self._tx.rows.run(self._tx.connection)
        if activities:
            self._tx.connection.execute(insert(activity), activities)
        telling.tell(self._tx, others)
        return {each.row["id"]: _key(each.row) for each in opened if each.created}

    def _opened(self, board: Board, channel_id: int, echo: Echo) -> Placed | None:
        address = address_of(channel_id, echo.peer)
        row = board.current(address)
        is_there = row is not None and (row["status"] != "closed" or _is_older(echo, row))
        if is_there and not echo.standby:
            return None
        placed = board.present(address) if is_there else board.place(address)
        if placed is not None and echo.standby:  # the event of the message tells it
            ownership.of_control(placed.row, echo.at_ms, ours=False, now_ms=self._tx.now_ms)
        return None if is_there else placed

    def _tell(self, opened: Sequence[Placed]) -> list[Row]:
        """Returns the lines of the dialogs' histories."""
        seq = self._tx.seq(len(opened))
        activities: list[Row] = []
        for placed in opened:
            row = placed.row
            row["seq"] = seq
            row["reopen_count"] += int(placed.reopened)
            kind, made = ("created", DialogCreated) if placed.created else ("reopened", DialogReopened)
            happened = activity_row(self._tx, row["id"], kind, AUTHOR) | {"seq": seq}
            activities.append(happened)
            event = made(dialog=dialog_view(row), activity=activity_view(happened))
            self._tx.emit(seq, _scope(placed), event)
            seq += 1
        return activities


def _is_older(echo: Echo, closed: Row) -> bool:
    """Sent before the dialog was closed, for sure: some tell whole seconds."""
    return echo.at_ms is not None and 0 < echo.at_ms < closed["closed_at"] - _SECOND_MS


def _key(row: Row) -> DialogKey:
    return DialogKey(row["channel_id"], row["assignee_id"])


def _scope(placed: Placed) -> DialogScope:
    scope = scope_of(placed.row["id"], _key(placed.row))
    return msgspec.structs.replace(scope, is_new=placed.created)
