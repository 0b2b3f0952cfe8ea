"""Reactions on their way: claimed by one process, sent, and brought in line with what is wanted by then."""

from collections.abc import Sequence
from typing import Final

from connectors.contract import OutboundReaction, ReactionAttempt
from connectors.errors import Failure, Refused, Uncertain
from server.bus.base import Bus, Topic
from server.delivery import blocked
from server.delivery.channel_health import ChannelHealth, note_ends
from server.delivery.model import RetryPolicy
from server.delivery.queries import lock_dialogs
from server.delivery.reactions import model, queries
from server.delivery.reactions.model import OwnReaction
from server.delivery.wakes import Wakes
from server.unit_of_work import Transaction, UnitOfWork

_LOOK_SECONDS: Final = 2.0
_MARK: Final = "centrala:reaction"
_VANISHED: Final = Uncertain(
    Failure(code="interrupted", text="Sending was interrupted; the customer may or may not see the reaction.")
)


def mark_of(message_id: int, attempt: int) -> str:
    """Our mark on one call, which a report of some providers brings back."""
    return f"{_MARK}:{message_id}:{attempt}"


def marked(mark: str | None) -> tuple[int, int] | None:
    """The message and the number of the call of a mark that :func:`mark_of` made; None: it is none."""
    if mark is None or not mark.startswith(_MARK):
        return None
    message_id, _, attempt = mark[len(_MARK) + 1 :].partition(":")
    both = message_id, attempt
    if not all(each.isascii() and each.isdecimal() and len(each) < 19 for each in both):
        return None
    return int(message_id), int(attempt)


class DatabaseReactions:
    """The server's side of the port ``connectors.contract.ReactionBox``."""

    def __init__(
        self,
        units: UnitOfWork,
        bus: Bus,
        *,
        policy: RetryPolicy,
        lease_seconds: float,
        health: ChannelHealth,
    ) -> None:
        """A lease is longer than any call."""
        self._units = units
        self._policy = policy
        self._lease_ms = int(lease_seconds * 1000)
        self._health = health
        self._wakes = Wakes(bus, Topic.REACTIONS, _LOOK_SECONDS)

    async def claim(self, channel_id: str, limit: int, resting: Sequence[str] = ()) -> list[OutboundReaction]:
        self._wakes.listen(channel_id)
        channel, now = int(channel_id), self._units.clock.now_ms()
        found = await self._units.database.read(lambda c: queries.due(c, channel, now, resting))
        if not found:
            return []
        return await self._units.run(lambda tx: self._claim(tx, channel, limit, resting))

    async def record(self, channel_id: str, attempts: Sequence[ReactionAttempt]) -> None:
        pause = await self._units.run(lambda tx: self._record(tx, attempts))
        if pause is not None and pause < _LOOK_SECONDS:
            self._wakes.wake_in(pause, channel_id)
        note_ends(self._health, int(channel_id), [attempt.error for attempt in attempts])

    async def wait(self, channel_id: str) -> None:
        await self._wakes.wait(channel_id)

    # ------------------------------------------------------------------------------------- inside transactions

    def _claim(
        self, tx: Transaction, channel_id: int, limit: int, resting: Sequence[str]
    ) -> list[OutboundReaction]:
        found = queries.due(tx.connection, channel_id, tx.now_ms, resting)
        dialogs = lock_dialogs(tx.connection, found.values(), skip_locked=True)
        ids = [message_id for message_id, dialog_id in found.items() if dialog_id in dialogs]
        rows = queries.still_due(tx.connection, ids, tx.now_ms)
        changed: list[OwnReaction] = []
        claimed: list[OwnReaction] = []
        for row in rows:
            if row.state == "sending":  # its sender vanished, and the call is made again after a pause
                model.end(row, _VANISHED, self._policy, tx.now_ms)
                changed.append(row)
            elif len(claimed) < limit:
                model.goes_out(row, tx.now_ms + self._lease_ms)
                claimed.append(row)
        queries.write(tx, [*changed, *claimed], dialogs)
        return _outbound(tx, claimed)

    def _record(self, tx: Transaction, attempts: Sequence[ReactionAttempt]) -> float | None:
        """Returns in how many seconds the first of them is due again."""
        ended = {int(attempt.of.id): attempt for attempt in attempts}
        dialogs = lock_dialogs(tx.connection, queries.dialogs_of(tx.connection, ended).values())
        changed: list[OwnReaction] = []
        for message_id, row in queries.of_messages(tx.connection, ended).items():
            attempt = ended[message_id]
            # Else its lease ran out, or a report told how it ended before the answer did.
            if row.state == "sending" and row.attempt == attempt.of.attempt:
                model.end(row, attempt.error, self._policy, tx.now_ms)
                changed.append(row)
        queries.write(tx, changed, dialogs)
        gone = [row for row in changed if _says_blocked(ended[row.message_id].error)]
        where = queries.wheres(tx.connection, [row.message_id for row in gone])
        for row in gone:
            blocked.lock_out(tx, where[row.message_id].identity_id, row.dialog_id, dialogs[row.dialog_id])
        again = [row.next_attempt_at - tx.now_ms for row in changed if row.state == "queued"]
        return max(0.0, min(again) / 1000) if again else None


def _says_blocked(error: object) -> bool:
    return isinstance(error, Refused) and error.failure.code in blocked.CODES


def _outbound(tx: Transaction, rows: Sequence[OwnReaction]) -> list[OutboundReaction]:
    where = queries.wheres(tx.connection, [row.message_id for row in rows])
    return [
        OutboundReaction(
            id=str(row.message_id),
            attempt=row.attempt,
            peer_id=where[row.message_id].address,
            target=where[row.message_id].external_id,
            emoji=row.emoji,
            tracker=mark_of(row.message_id, row.attempt),
        )
        for row in rows
    ]
