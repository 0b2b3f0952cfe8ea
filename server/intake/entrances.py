"""Where customers came from: the entry tokens that a batch holds, and the visits to the website behind them."""

from collections.abc import Sequence
from typing import Any

from connectors.contract import AnyItem, InboundMessage, Start
from server.intake.keys import Entry
from server.unit_of_work import Transaction
from server.visits.model import may_be_token
from server.visits.queries import by_tokens

_REF_LENGTH = 255


class Entrances:
    """The visits that the entries of a batch name, read once."""

    def __init__(self, tx: Transaction, entries: Sequence[Entry]) -> None:
        tokens = {token for _, item in entries if (token := _token(item)) and may_be_token(token)}
        rows = by_tokens(tx.connection, tokens) if tokens else []
        self._visits = {
            row["token"]: {
                "visit_id": row["id"],
                "visit_source": row["utm_source"],
                "visit_medium": row["utm_medium"],
                "visit_campaign": row["utm_campaign"],
                "visit_page": row["page"],
                "visit_referrer": row["referrer"],
            }
            for row in rows
        }

    def tell(self, dialog: dict[str, Any], item: AnyItem) -> None:
        """Let the dialog know where its customer came from, unless it already does.

        A link's reference is kept even when no visit is known by it.  What a message carries counts only when it is one
        of our tokens: Viber brings back our own mark of the message that the customer answers.
        """
        token = _token(item)
        if token is None or dialog["entry_ref"] is not None:
            return
        found = self._visits.get(token)
        if found is not None or isinstance(item, Start):
            dialog["entry_ref"] = token[:_REF_LENGTH]
            dialog |= found or {}


def _token(item: AnyItem) -> str | None:
    match item:
        case Start():
            return item.ref
        case InboundMessage():
            return item.tracking
    return None
