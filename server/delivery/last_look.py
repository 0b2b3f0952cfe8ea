"""The last look before deliveries go out: what is not needed or not allowed any more ends here."""

from collections.abc import Mapping, Sequence

from server.delivery import claims, endings, queries
from server.delivery.model import Progress, arrived, not_to_send
from server.delivery.parts import Parts
from server.unit_of_work import Transaction


def needed(
    tx: Transaction, claimed: list[queries.Delivery], dialogs: dict[int, queries.DialogKey]
) -> tuple[list[queries.Delivery], dict[int, list[Progress]]]:
    """Without those whose message was accepted meanwhile by earlier deliveries; and how far the messages are."""
    progress = queries.progress_of_messages(tx.connection, [of.message_id for of in claimed])
    over = {id_ for id_, deliveries in progress.items() if arrived(deliveries)}
    endings.not_needed(tx, [of for of in claimed if of.message_id in over], dialogs)
    return _wanted(tx, [of for of in claimed if of.message_id not in over], dialogs), progress


def begin(
    tx: Transaction, claimed: Sequence[queries.Delivery], progress: Mapping[int, list[Progress]]
) -> None:
    """The first part that is to be sent goes out now; of what has no parts yet the delivery's state says it."""
    found = [of for of in claimed if any(each.parts for each in progress[of.message_id])]
    if found:
        parts = Parts(tx, found)
        for of in found:
            done = not_to_send(progress[of.message_id], of.id)
            parts.goes_out(of, next((number for number in parts.of(of.id) if number not in done), None))
        parts.write()


def _wanted(
    tx: Transaction, claimed: list[queries.Delivery], dialogs: dict[int, queries.DialogKey]
) -> list[queries.Delivery]:
    """Without those that need a consent which was withdrawn, and those on a number for which SMS is off: decided at the
    last moment before sending.
    """
    if not claimed:
        return []
    off = claims.of_numbers_off(tx.connection, [of.id for of in claimed])
    endings.number_off(tx, [of for of in claimed if of.id in off], dialogs)
    claimed = [of for of in claimed if of.id not in off]
    refused = claims.without_consent(tx.connection, [of.id for of in claimed])
    endings.opted_out(tx, [of for of in claimed if of.id in refused], dialogs)
    return [of for of in claimed if of.id not in refused]
