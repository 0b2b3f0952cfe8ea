"""What a colleague sent outside of Centrala (in the page's own inbox, say) joins the dialog as a message."""

from collections.abc import Sequence
from typing import Any

from connectors.contract import Echo
from server.bus.base import Topic
from server.delivery import outgoing, part_queries, queries
from server.delivery.model import told_at
from server.delivery.outgoing import Outgoing
from server.delivery.parts import EXTERNAL_LENGTH
from server.dialogs.queries import dialogs_by_id
from server.entities import Author
from server.media.rows import attachment_row
from server.unit_of_work import Transaction

_TEXT_LENGTH = 200_000
AUTHOR = Author(type="agent", name="Sent elsewhere")


def add_sent_elsewhere(tx: Transaction, channel_id: int, echoes: Sequence[Echo]) -> None:
    """Add these echoes to the dialogs of their peers, which are there and locked: see ``server.intake.openings``."""
    if not echoes:
        return
    connection = tx.connection
    identities = queries.identities_by_address(connection, channel_id, {echo.peer.id for echo in echoes})
    dialogs = queries.dialogs_of_identities(connection, identities.values())
    queries.lock_dialogs(connection, dialogs.values())
    ids = [echo.external_id[:EXTERNAL_LENGTH] for echo in echoes]
    known = set(part_queries.by_external_ids(connection, channel_id, ids))
    for echo, external_id in zip(echoes, ids, strict=True):
        dialog_id = dialogs.get(identities.get(echo.peer.id, 0))
        if dialog_id is not None and external_id not in known:
            known.add(external_id)
            _add_one(tx, dialogs_by_id(connection, [dialog_id])[dialog_id], echo, external_id)


def _add_one(tx: Transaction, dialog: dict[str, Any], echo: Echo, external_id: str) -> None:
    new = Outgoing(
        kind="message",
        author=AUTHOR,
        text=echo.text[:_TEXT_LENGTH],
        at=told_at(echo.at_ms, tx.now_ms),
        state="sent",
        teller="echo",
        external_id=external_id,
        first_attachment=str(echo.attachments[0].kind) if echo.attachments else None,
    )
    rows = [attachment_row(tx, dialog["id"], i, a) for i, a in enumerate(echo.attachments)]
    outgoing.tell(tx, dialog, new, outgoing.add(tx, dialog, new, rows))
    if any(row["state"] == "pending" for row in rows):
        tx.wake(Topic.MEDIA)
