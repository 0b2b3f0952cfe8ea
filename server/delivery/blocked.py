"""A contact whom a provider refuses to reach: they blocked us, left, or opted out of everything.

Their dialog is locked until they write or come back, so that nobody writes into the void.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from sqlalchemy import select, update

from server.db.schema import contact, identity, message
from server.delivery.moves import Move, scope_of
from server.delivery.queries import DialogKey
from server.dialogs.queries import add_activity, dialog_now, set_dialog
from server.entities import FailureView
from server.events.model import ContactChanged
from server.unit_of_work import Transaction

CODES: Final = frozenset({"blocked", "opted_out"})
"""Of a failure of a service message; of a marketing message they say nothing about answers."""


def note(tx: Transaction, moves: Sequence[Move], dialogs: Mapping[int, DialogKey]) -> None:
    """Lock the dialogs of the contacts who cannot be reached; ``dialogs`` are locked rows."""
    refused = {move.of.message_id: move for move in moves if _is_blocked(move)}
    if not refused:
        return
    service = select(message.c.id).where(message.c.id.in_(refused), message.c.purpose == "service")
    for message_id in sorted(tx.connection.execute(service).scalars()):
        of = refused[message_id].of
        lock_out(tx, of.identity_id, of.dialog_id, dialogs[of.dialog_id])


def _is_blocked(move: Move) -> bool:
    if move.state != "failed" or move.of.state == "failed" or move.failure is None:
        return False
    return msgspec.json.decode(move.failure, type=FailureView).code in CODES


def lock_out(tx: Transaction, identity_id: int, dialog_id: int, key: DialogKey) -> None:
    """Lock the dialog of a contact who can't be reached, and tell it there; its row is locked."""
    c = identity.c
    # Intake locks people before dialogs, we come the other way: who is being written about just now is left alone.
    found = tx.connection.execute(
        select(c.contact_id)
        .where(c.id == identity_id, c.reachable)
        .with_for_update(key_share=True, skip_locked=True)
    ).scalar_one_or_none()
    if found is None:
        return
    tx.connection.execute(update(identity).where(c.id == identity_id).values(reachable=False))
    name = tx.connection.execute(select(contact.c.name).where(contact.c.id == found)).scalar_one()
    seq = tx.seq()
    set_dialog(tx.connection, dialog_id, {"reachable": False, "seq": seq})
    activity = add_activity(
        tx.connection,
        {
            **dict.fromkeys(("subject_id", "subject_name", "previous_id", "previous_name")),
            "id": tx.ids.new(),
            "seq": seq,
            "dialog_id": dialog_id,
            "type": "blocked",
            "actor_type": "contact",
            "actor_id": found,
            "actor_name": name,
            "at": tx.now_ms,
        },
    )
    changed = ContactChanged(dialog=dialog_now(tx.connection, dialog_id), activity=activity)
    tx.emit(seq, scope_of(dialog_id, key), changed)
