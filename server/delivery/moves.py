"""Moving deliveries to another state: the one place where a delivery changes.

A move updates the delivery and its history, then the message that people see, and tells them.  All moves of a
transaction are made at once: a fixed number of statements whatever their number.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from connectors.errors import Failure
from server.delivery import queries
from server.delivery.model import (
    ACCEPTED,
    RETRYABLE,
    PartState,
    Progress,
    Shown,
    best,
    count_of,
    message_state,
)
from server.delivery.queries import Delivery, DialogKey
from server.entities import DeliveryState, FailureView, PartView
from server.events.model import DialogScope, MessageUpdated
from server.unit_of_work import Transaction

Teller = Literal["agent", "worker", "receipt", "echo", "recovery"]

_TEXT_LENGTH = 1000
_failures = msgspec.json.Decoder(FailureView)


class Move(msgspec.Struct, kw_only=True):
    """One delivery's next state, and who said so.

    ``values`` are further columns to set.  A move to the present state only sets those.
    """

    of: Delivery
    state: DeliveryState
    teller: Teller
    at: int
    failure: str | None = None
    detail: str | None = None
    values: dict[str, Any] = {}


def encode_failure(failure: Failure) -> str:
    """As it is kept and shown."""
    view = FailureView(
        code=failure.code, text=failure.text[:_TEXT_LENGTH], provider_code=failure.provider_code
    )
    return msgspec.json.encode(view).decode()


def named(failure: str, number: int) -> str:
    """The failure, said to be that of this part."""
    return msgspec.json.encode(msgspec.structs.replace(_failures.decode(failure), part=number)).decode()


def make(
    tx: Transaction,
    moves: Sequence[Move],
    dialogs: Mapping[int, DialogKey],
    *,
    also: Mapping[int, int] | None = None,
) -> None:
    """Make these moves, at most one per delivery; ``dialogs`` are their dialogs, locked by this transaction.

    ``also`` are further messages to show anew, with their dialogs: of some only parts moved.
    """
    if not moves and not also:
        return
    rows = [_row(move) for move in moves]
    queries.update_deliveries(tx.connection, rows)
    queries.add_history(tx.connection, [_history(tx, move) for move in moves if move.state != move.of.state])
    messages = dict(also or {}) | {move.of.message_id: move.of.dialog_id for move in moves}
    show(tx, messages, dialogs)


def _row(move: Move) -> dict[str, Any]:
    """All columns that any move may set, so that one statement serves them all."""
    of, at = move.of, move.at
    row: dict[str, Any] = {
        "id": of.id,
        "state": move.state,
        "attempt": of.attempt,
        "tries": of.tries,
        "owner": None,
        "lease_until": None,
        "next_attempt_at": of.next_attempt_at,
        "failure": move.failure if move.state in ("failed", "unknown", "queued") else None,
        "sent_at": of.sent_at,
        "delivered_at": of.delivered_at,
        "read_at": of.read_at,
        "failed_at": of.failed_at,
        "parts": of.parts,
    }
    if move.state in ACCEPTED and of.sent_at is None:
        row["sent_at"] = at
    if move.state in ("delivered", "read"):
        row["delivered_at"] = _earliest(of.delivered_at, at)
    if move.state == "read":
        row["read_at"] = _earliest(of.read_at, at)
    if move.state == "failed":
        row["failed_at"] = _earliest(of.failed_at, at)
    return row | move.values


def _earliest(known: int | None, at: int) -> int:
    return at if known is None else min(known, at)


def _history(tx: Transaction, move: Move) -> dict[str, Any]:
    return {
        "id": tx.ids.new(),
        "delivery_id": move.of.id,
        "state": move.state,
        "attempt": move.values.get("attempt", move.of.attempt),
        "source": move.teller,
        "detail": move.detail or move.failure,
        "at": move.at,
    }


def show(tx: Transaction, messages: Mapping[int, int], dialogs: Mapping[int, DialogKey]) -> None:
    """Give the messages the state that their deliveries have now, and tell of those that changed."""
    ids = sorted(messages)
    deliveries = queries.progress_of_messages(tx.connection, ids)
    shown = queries.shown(tx.connection, ids)
    changed: list[dict[str, Any]] = []
    for message_id in ids:
        now = to_show(deliveries[message_id])
        if shown[message_id] != now:
            changed.append({"id": message_id, **now._asdict()})
    if not changed:
        return
    first = tx.seq(len(changed))
    for seq, row in enumerate(changed, first):
        row["seq"] = seq
    queries.update_messages(tx.connection, changed)
    views = queries.messages_now(tx.connection, [row["id"] for row in changed])
    for row in changed:
        dialog_id = messages[row["id"]]
        tx.emit(row["seq"], scope_of(dialog_id, dialogs[dialog_id]), MessageUpdated(message=views[row["id"]]))


def to_show(deliveries: Sequence[Progress]) -> Shown:
    """What people see of a message with these deliveries, oldest first."""
    state, parts = message_state(deliveries), best(deliveries)
    return Shown(state, _failure(deliveries, state, parts), _views(parts, count_of(deliveries)))


def _failure(
    deliveries: Sequence[Progress], state: DeliveryState, parts: Mapping[int, PartState]
) -> str | None:
    """Why: of the first part that is in this state, else of the last delivery."""
    if state not in RETRYABLE:
        return None
    for number, part in parts.items():
        if part.state == state and part.failure is not None:
            return named(part.failure, number) if len(parts) > 1 else part.failure
    return deliveries[-1].failure


def _views(parts: Mapping[int, PartState], count: int | None) -> str | None:
    """JSON of the parts of a message that is known to be several."""
    if max(count or 1, len(parts)) < 2:
        return None
    views = [
        PartView(
            number=number,
            kind=part.kind,
            state=part.state,
            failure=None if part.failure is None else _failures.decode(part.failure),
        )
        for number, part in parts.items()
    ]
    return msgspec.json.encode(views).decode()


def scope_of(dialog_id: int, key: DialogKey) -> DialogScope:
    """An event that changes nothing about who is responsible."""
    return DialogScope(
        dialog_id=dialog_id,
        channel_id=key.channel_id,
        assignee_before=key.assignee_id,
        assignee_after=key.assignee_id,
    )
