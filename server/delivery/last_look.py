"""The last look before deliveries go out: what is not needed or not allowed any more ends here."""

from collections.abc import Mapping, Sequence

from connectors.errors import Failure
from server.delivery import claims, endings, queries
from server.delivery.model import Progress, arrived
from server.delivery.parts import Parts
from server.unit_of_work import Transaction

_OPTED_OUT = Failure(
    code="consent_withdrawn", text="The contact opted out before the message was sent; it stayed here."
)
_NUMBER_OFF = Failure(
    code="number_off",
    text="SMS was switched off for this number before the message was sent; it stayed here.",
)
_NOT_NEEDED = Failure(code="not_needed", text="An earlier attempt turned out to have been accepted.")


def needed(
    tx: Transaction, claimed: list[queries.Delivery], dialogs: dict[int, queries.DialogKey]
) -> tuple[list[queries.Delivery], dict[int, list[Progress]]]:
    """Without those whose message was accepted meanwhile by earlier deliveries; and how far the messages are."""
    progress = queries.progress_of_messages(tx.connection, [of.message_id for of in claimed])
    over = {id_ for id_, deliveries in progress.items() if arrived(deliveries)}
    endings.end_unsent(tx, [of for of in claimed if of.message_id in over], dialogs, progress, _NOT_NEEDED)
    return _allowed(tx, [of for of in claimed if of.message_id not in over], dialogs, progress), progress


def begin(
    tx: Transaction, claimed: Sequence[queries.Delivery], progress: Mapping[int, list[Progress]]
) -> None:
    """The first part that is to be sent goes out now; of what has no parts yet the delivery's state says it."""
    found = [of for of in claimed if any(each.parts for each in progress[of.message_id])]
    if found:
        parts = Parts(tx, found)
        for of in found:
            part = parts.next_of(of, progress[of.message_id])
            parts.goes_out(of, None if part is None else part.number)
        parts.write()


def _allowed(
    tx: Transaction,
    claimed: list[queries.Delivery],
    dialogs: dict[int, queries.DialogKey],
    progress: dict[int, list[Progress]],
) -> list[queries.Delivery]:
    """Without those that need a consent which was withdrawn, and those on a number for which SMS is off: decided at the
    last moment before sending.
    """
    if not claimed:
        return []
    off = claims.of_numbers_off(tx.connection, [of.id for of in claimed])
    endings.end_unsent(tx, [of for of in claimed if of.id in off], dialogs, progress, _NUMBER_OFF)
    claimed = [of for of in claimed if of.id not in off]
    refused = claims.without_consent(tx.connection, [of.id for of in claimed])
    endings.end_unsent(tx, [of for of in claimed if of.id in refused], dialogs, progress, _OPTED_OUT)
    return [of for of in claimed if of.id not in refused]
