"""How attempts end: from a connector's word to the next state of a delivery."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.contract import Attempt
from connectors.errors import STOPPED, Failure, NotAccepted, Refused, SendError
from server.delivery import blocked, moves, queries
from server.delivery.model import RetryPolicy
from server.delivery.moves import Move, Teller, encode_failure, forward
from server.delivery.queries import Delivery, DialogKey
from server.delivery.receipts import settled
from server.entities import DeliveryState
from server.unit_of_work import Transaction

_EXTERNAL_LENGTH = 255
_VANISHED = Failure(
    code="interrupted",
    text="Sending was interrupted; the message may or may not have been sent.",
)
_UNCLEAR = Failure(
    code="no_clear_answer",
    text="Sending failed in an unexpected way; the message may or may not have been sent.",
)
_OPTED_OUT = Failure(
    code="consent_withdrawn", text="The contact opted out before the message was sent; it stayed here."
)
_NUMBER_OFF = Failure(
    code="number_off",
    text="SMS was switched off for this number before the message was sent; it stayed here.",
)
_NOT_NEEDED = Failure(code="not_needed", text="An earlier attempt turned out to have been accepted.")


class _Ending(msgspec.Struct, kw_only=True):
    """What one attempt came to, before anything else that is known of the delivery."""

    state: DeliveryState
    failure: str | None = None
    external_ids: tuple[str, ...] = ()
    values: dict[str, Any] = {}


def record(
    tx: Transaction,
    attempts: Sequence[Attempt],
    dialogs: Mapping[int, DialogKey],
    policy: RetryPolicy,
) -> None:
    """Write how these attempts ended; the dialogs of their deliveries are locked."""
    deliveries = queries.deliveries_by_id(tx.connection, [int(a.delivery_id) for a in attempts])
    made: list[Move] = []
    for attempt in attempts:
        of = deliveries.pop(int(attempt.delivery_id), None)
        ending = None if of is None else _ending(tx, of, attempt, policy)
        if of is not None and ending is not None:
            made.append(_move(tx, of, ending, "worker"))
    moves.make(tx, made, dialogs)
    blocked.note(tx, made, dialogs)


def abandon(tx: Transaction, deliveries: Sequence[Delivery], dialogs: Mapping[int, DialogKey]) -> None:
    """The sender of these vanished in the middle: unknown, unless a report already told."""
    ending = _Ending(state="unknown", failure=encode_failure(_VANISHED))
    moves.make(tx, [_move(tx, of, ending, "recovery") for of in deliveries], dialogs)


def settle_again(tx: Transaction, deliveries: Sequence[Delivery], dialogs: Mapping[int, DialogKey]) -> None:
    """Apply what is parked for deliveries whose attempt ended long ago."""
    known = queries.external_ids_of(tx.connection, [of.id for of in deliveries])
    made = []
    for of in deliveries:
        state, failure, times = settled(tx, of, of.state, known.get(of.id, ()), of.failure)
        made.append(Move(of=of, state=state, teller="receipt", at=tx.now_ms, failure=failure, values=times))
    moves.make(tx, made, dialogs)


def not_needed(tx: Transaction, deliveries: Sequence[Delivery], dialogs: Mapping[int, DialogKey]) -> None:
    """These were queued by hand, and then an earlier delivery of the message turned out to be accepted."""
    failure = encode_failure(_NOT_NEEDED)
    made = [Move(of=of, state="failed", teller="worker", at=tx.now_ms, failure=failure) for of in deliveries]
    moves.make(tx, made, dialogs)


def opted_out(tx: Transaction, deliveries: Sequence[Delivery], dialogs: Mapping[int, DialogKey]) -> None:
    """These are not answers, and their contacts opted out of the rest while they waited."""
    failure = encode_failure(_OPTED_OUT)
    made = [Move(of=of, state="failed", teller="worker", at=tx.now_ms, failure=failure) for of in deliveries]
    moves.make(tx, made, dialogs)


def number_off(tx: Transaction, deliveries: Sequence[Delivery], dialogs: Mapping[int, DialogKey]) -> None:
    """SMS was switched off for the number of these while they waited."""
    failure = encode_failure(_NUMBER_OFF)
    made = [Move(of=of, state="failed", teller="worker", at=tx.now_ms, failure=failure) for of in deliveries]
    moves.make(tx, made, dialogs)


def _ending(tx: Transaction, of: Delivery, attempt: Attempt, policy: RetryPolicy) -> _Ending | None:
    """None when the result changes nothing: it is of another attempt, or the delivery is further already."""
    if attempt.sent is not None:
        ids = tuple(id_[:_EXTERNAL_LENGTH] for id_ in attempt.sent.external_ids)
        return _Ending(state="sent", external_ids=ids)
    if attempt.attempt != of.attempt or of.state not in ("sending", "unknown"):
        return None
    ending = _failed(tx, of, attempt.error, policy)
    if of.state == "unknown":
        # Its lease had run out and it no longer holds back later messages: it may not go back to the queue.
        return (
            None if ending.state == "unknown" else msgspec.structs.replace(ending, state="failed", values={})
        )
    return ending


def _failed(tx: Transaction, of: Delivery, error: object, policy: RetryPolicy) -> _Ending:
    if not isinstance(error, SendError):
        return _Ending(state="unknown", failure=encode_failure(_UNCLEAR))
    failure = encode_failure(error.failure)
    ids = tuple(id_[:_EXTERNAL_LENGTH] for id_ in error.accepted)
    if isinstance(error, Refused):
        return _Ending(state="failed", failure=failure, external_ids=ids)
    if isinstance(error, NotAccepted) and error.failure.code == STOPPED:
        values = {"next_attempt_at": tx.now_ms, "attempt": of.attempt - 1}
        return _Ending(state="queued", failure=failure, external_ids=ids, values=values)
    if isinstance(error, NotAccepted):
        delay = policy.delay_ms(of.attempt, error.retry_after)
        if delay is None:
            return _Ending(state="failed", failure=failure, external_ids=ids)
        values = {"next_attempt_at": tx.now_ms + delay}
        return _Ending(state="queued", failure=failure, external_ids=ids, values=values)
    return _Ending(state="unknown", failure=failure, external_ids=ids)


def _move(tx: Transaction, of: Delivery, ending: _Ending, teller: Teller) -> Move:
    """The ending together with what was reported meanwhile."""
    connection = tx.connection
    known = queries.external_ids_of(connection, [of.id]).get(of.id, [])
    new = [id_ for id_ in ending.external_ids if id_ not in known]
    queries.add_external_ids(connection, [(of.channel_id, id_, of.id) for id_ in new])
    if ending.external_ids:
        queries.set_external_id(connection, of.message_id, ending.external_ids[0])
    if ending.state == "sent":
        keys = [*known, *new]
    else:
        # A report about a part that was accepted says nothing about the rest.
        keys = [id_ for id_ in known if id_ not in ending.external_ids]
    # The end of the present attempt always counts; anything else only when it leads forward.
    counts = of.state == "sending" or forward(of.state, ending.state)
    state, failure = (ending.state, ending.failure) if counts else (of.state, of.failure)
    state, failure, times = settled(tx, of, state, keys, failure)
    return Move(
        of=of, state=state, teller=teller, at=tx.now_ms, failure=failure, values={**ending.values, **times}
    )
