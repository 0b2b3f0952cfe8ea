"""How attempts end: from a connector's word to the next state of a delivery."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.contract import Attempt
from connectors.errors import STOPPED, Failure, NotAccepted, Refused, SendError
from server.delivery import blocked, moves, queries
from server.delivery.model import ACCEPTED, RETRYABLE, Progress, RetryPolicy
from server.delivery.moves import Move, Teller, encode_failure
from server.delivery.parts import REST, Parts, move_to_parts, next_move, whole
from server.delivery.queries import Delivery, DialogKey
from server.entities import DeliveryState
from server.unit_of_work import Transaction

_VANISHED = Failure(
    code="interrupted",
    text="Sending was interrupted; the message may or may not have been sent.",
)
_UNCLEAR = Failure(
    code="no_clear_answer",
    text="Sending failed in an unexpected way; the message may or may not have been sent.",
)


class _Ending(msgspec.Struct, kw_only=True):
    """What one attempt came to, before anything else that is known of the delivery."""

    state: DeliveryState
    failure: str | None = None
    values: dict[str, Any] = {}


def record(
    tx: Transaction,
    attempts: Sequence[Attempt],
    dialogs: Mapping[int, DialogKey],
    policy: RetryPolicy,
) -> None:
    """Write how these attempts ended; the dialogs of their deliveries are locked."""
    deliveries = queries.deliveries_by_id(tx.connection, [int(a.delivery_id) for a in attempts])
    parts = Parts(tx, deliveries.values())
    ended = []
    for attempt in attempts:
        of = deliveries.pop(int(attempt.delivery_id), None)
        if of is not None:
            ended.append((of, _noted(tx, parts, of, attempt, policy)))
    made = _finish(tx, parts, ended, dialogs, "worker")
    blocked.note(tx, made, dialogs)


def abandon(tx: Transaction, deliveries: Sequence[Delivery], dialogs: Mapping[int, DialogKey]) -> None:
    """The sender of these vanished in the middle: what it was sending is unknown, unless a report already told.

    A message of which no part was on its way just then is queued again, for its rest.
    """
    parts = Parts(tx, deliveries)
    ending = _Ending(state="unknown", failure=encode_failure(_VANISHED))
    for of in deliveries:
        for part in parts.of(of.id).values():
            if part.state == "sending":
                part.state, part.failure = ending.state, ending.failure
    _finish(tx, parts, [(of, ending) for of in deliveries], dialogs, "recovery")


def settle_again(tx: Transaction, deliveries: Sequence[Delivery], dialogs: Mapping[int, DialogKey]) -> None:
    """Apply what is parked for parts that were accepted long ago."""
    parts = Parts(tx, deliveries)
    parts.look_again()
    _finish(tx, parts, [(of, None) for of in deliveries], dialogs, "receipt")


def end_unsent(
    tx: Transaction,
    deliveries: Sequence[Delivery],
    dialogs: Mapping[int, DialogKey],
    progress: Mapping[int, Sequence[Progress]],
    why: Failure,
) -> None:
    """End these before they go out; where there are parts, the next one is what failed.

    ``progress`` is that of all deliveries of their messages.
    """
    if not deliveries:
        return
    parts = Parts(tx, deliveries)
    ending = _Ending(state="failed", failure=encode_failure(why))
    for of in deliveries:
        if (part := parts.next_of(of, progress[of.message_id])) is not None:
            part.state, part.failure = ending.state, ending.failure
    _finish(tx, parts, [(of, ending) for of in deliveries], dialogs, "worker")


def _noted(
    tx: Transaction, parts: Parts, of: Delivery, attempt: Attempt, policy: RetryPolicy
) -> _Ending | None:
    """Note what became of its parts.  None: the delivery's own state only follows from theirs."""
    accepted, stood_at = attempt.parts()
    for number, external_id in accepted.items():
        parts.accept(of, number, external_id, tx.now_ms)
    if attempt.sent is not None:
        for part in parts.of(of.id).values():
            parts.accept(of, part.number, None, tx.now_ms)
        return _Ending(state="sent")
    if attempt.attempt != of.attempt or of.state not in ("sending", "unknown"):
        return None  # it is of another attempt, or the delivery is further already
    # An attempt that got a part accepted got on: however slow the provider is, that is no reason to give up.
    ending = _failed(tx, attempt.error, policy, tries=1 if attempt.accepted else of.tries + 1)
    if of.state == "unknown":
        if ending.state == "unknown":
            return None
        if (standing := parts.of(of.id).get(stood_at)) is not None and standing.state == "queued":
            return None  # what was in doubt was accepted, and this part was never begun
        # Its lease had run out and it no longer holds back later messages: it may not go back to the queue.
        ending = _Ending(state="failed", failure=ending.failure)
    if parts.of(of.id):
        part = parts.add(of, stood_at, "sending")
        if part.sent_at is None:
            part.state, part.failure = ending.state, ending.failure if ending.state in RETRYABLE else None
    return ending


def _failed(tx: Transaction, error: object, policy: RetryPolicy, *, tries: int) -> _Ending:
    if not isinstance(error, SendError):
        return _Ending(state="unknown", failure=encode_failure(_UNCLEAR))
    failure = encode_failure(error.failure)
    if isinstance(error, Refused):
        return _Ending(state="failed", failure=failure)
    if isinstance(error, NotAccepted) and error.failure.code == STOPPED:
        return _Ending(state="queued", failure=failure, values={"next_attempt_at": tx.now_ms})
    if isinstance(error, NotAccepted):
        delay = policy.delay_ms(tries, error.retry_after)
        if delay is None:
            return _Ending(state="failed", failure=failure)
        values = {"next_attempt_at": tx.now_ms + delay, "tries": tries}
        return _Ending(state="queued", failure=failure, values=values)
    return _Ending(state="unknown", failure=failure)


def _finish(
    tx: Transaction,
    parts: Parts,
    ended: Sequence[tuple[Delivery, _Ending | None]],
    dialogs: Mapping[int, DialogKey],
    teller: Teller,
) -> list[Move]:
    """Take along what was reported meanwhile, and write it all."""
    parts.settle()
    made = [move for of, ending in ended if (move := _move(tx, parts, of, ending, teller)) is not None]
    parts.write()
    moves.make(tx, made, dialogs, also={of.message_id: of.dialog_id for of, _ in ended})
    return made


def _move(tx: Transaction, parts: Parts, of: Delivery, ending: _Ending | None, teller: Teller) -> Move | None:
    if ending is None:
        return next_move(of, parts, teller, tx.now_ms)
    found = parts.of(of.id)
    if not found:
        return Move(
            of=of,
            state=ending.state,
            teller=teller,
            at=tx.now_ms,
            failure=ending.failure,
            values=ending.values,
        )
    state = whole(part.state for part in found.values())
    unfinished = state not in ACCEPTED and (ending.state == "queued" or state is None)
    if of.state == "sending" and unfinished:
        # What was on its way either certainly was not accepted, or turned out to have been: the rest goes out.
        waits = ending if ending.state == "queued" else _Ending(state="queued", failure=encode_failure(REST))
        values = {"next_attempt_at": tx.now_ms} | waits.values
        return Move(of=of, state="queued", teller=teller, at=tx.now_ms, failure=waits.failure, values=values)
    return move_to_parts(of, found, teller, tx.now_ms)
