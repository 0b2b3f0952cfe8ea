"""Sending again by hand: a new delivery of what is missing of a message."""

from collections.abc import Mapping
from typing import Any

from server import reasons
from server.delivery import model, outgoing, part_queries, queries
from server.delivery.model import ACCEPTED, PartState
from server.delivery.part_queries import Part
from server.errors import Conflict
from server.unit_of_work import Transaction


def again(tx: Transaction, dialog: Mapping[str, Any], message_id: int, *, may_repeat: bool) -> None:
    """Queue a delivery of the parts that were not accepted.

    Those that may have been are among them only with ``may_repeat``: the agent was shown that the message may arrive
    twice.  Raises Conflict when nothing is left.
    """
    deliveries = queries.progress_of_messages(tx.connection, [message_id])[message_id]
    known = model.best(deliveries)
    wanted = {n: part for n, part in known.items() if _is_wanted(part, may_repeat=may_repeat)}
    if known and not wanted:
        raise Conflict("not_retryable", reasons.NOT_RETRYABLE)
    delivery_id = tx.ids.new()
    outgoing.add_delivery(tx, dialog, message_id, delivery_id, state="queued", teller="agent")
    count = model.count_of(deliveries)
    if max(count or 1, len(known)) > 1:
        rows = [
            Part(
                delivery_id=delivery_id,
                number=number,
                channel_id=dialog["channel_id"],
                identity_id=dialog["identity_id"],
                kind=part.kind,
                state="queued",
            )
            for number, part in wanted.items()
        ]
        part_queries.insert(tx.connection, rows)
        if count is not None:
            queries.set_count(tx.connection, delivery_id, count)


def _is_wanted(part: PartState, *, may_repeat: bool) -> bool:
    return part.state not in ACCEPTED and (may_repeat or part.state != "unknown")
