"""What a provider tells of a reaction after it had accepted it (WhatsApp: a status of the message that carried it)."""

from collections.abc import Iterable, Mapping, Sequence

from connectors.contract import Receipt, ReceiptState
from connectors.errors import Failure
from server.delivery.moves import encode_failure
from server.delivery.queries import DialogKey
from server.delivery.reactions import model, queries
from server.delivery.reactions.box import marked
from server.unit_of_work import Transaction

_UNSAID = Failure(code="not_delivered", text="The provider reported that the reaction was not delivered.")


def of_reactions(receipts: Iterable[Receipt]) -> list[Receipt]:
    """Those that carry our mark on a reaction; no delivery is meant by them."""
    return [receipt for receipt in receipts if marked(receipt.tracker) is not None]


def messages_of(receipts: Iterable[Receipt]) -> set[int]:
    """The customers' messages that these are about."""
    return {mark[0] for receipt in receipts if (mark := marked(receipt.tracker)) is not None}


def apply(
    tx: Transaction, channel_id: int, receipts: Sequence[Receipt], dialogs: Mapping[int, DialogKey]
) -> None:
    """Apply them; ``dialogs`` are those that this transaction has locked."""
    rows = queries.of_messages(tx.connection, messages_of(receipts))
    changed = set()
    for receipt in receipts:
        mark = marked(receipt.tracker)
        row = None if mark is None else rows.get(mark[0])
        if mark is None or row is None or row.channel_id != channel_id or row.dialog_id not in dialogs:
            continue
        failed = receipt.state is ReceiptState.FAILED
        failure = encode_failure(receipt.failure or _UNSAID) if failed else None
        if model.report(row, mark[1], failure, tx.now_ms):
            changed.add(row.message_id)
    queries.write(tx, [rows[message_id] for message_id in sorted(changed)], dialogs)
