"""A contact who has another address at the provider: a new number, or a new id of theirs (WhatsApp tells so).

Where the new address is unknown yet, the identity gets it and keeps its dialogs.  Where it is known already, as the
person wrote from there first, both addresses become the same contact's: that of the old address, which has the
history.  The old address leads nowhere any more, so its identity is not reachable; no dialog is closed or lost.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from connectors.contract import PeerChanged
from server.db.schema import contact, dialog, identity
from server.delivery.moves import scope_of
from server.delivery.queries import DialogKey, dialogs_of_identities
from server.dialogs.queries import add_activity, dialog_now, set_dialog
from server.events.model import ContactChanged
from server.intake import renaming
from server.intake.keys import Entry, unseen
from server.unit_of_work import Transaction

_ADDRESS_LENGTH = 255

Row = dict[str, Any]


def move(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Apply them in their order; the same news again changes nothing."""
    for channel_id, item in unseen(tx, entries):
        if isinstance(item, PeerChanged):
            _move(tx, channel_id, item.old[:_ADDRESS_LENGTH], item.new[:_ADDRESS_LENGTH])


def _move(tx: Transaction, channel_id: int, old: str, new: str) -> None:
    people = _locked(tx, channel_id, {old, new})
    if old == new or old not in people:
        return  # nobody we know
    was, now = people[old], people.get(new)
    state: Row = {"reachable": now is None}
    values = state if now is not None else {**state, "address": new}
    dialogs = _lock_dialogs(tx, [person["id"] for person in people.values()])
    tx.connection.execute(update(identity).where(identity.c.id == was["id"]).values(**values))
    if now is not None and now["contact_id"] != was["contact_id"]:
        _join(tx, now, was)
    present = dialogs_of_identities(tx.connection, [was["id"]]).get(was["id"])
    if present is not None:
        _tell(tx, was, present, state)
    renaming.tell(tx, [dialog_id for dialog_id in dialogs if dialog_id != present])


def _join(tx: Transaction, now: Row, owner: Row) -> None:
    """Give the other identity and its dialogs to the contact who has the history."""
    for table, condition in (
        (identity, identity.c.id == now["id"]),
        (dialog, dialog.c.identity_id == now["id"]),
    ):
        tx.connection.execute(update(table).where(condition).values(contact_id=owner["contact_id"]))


def _locked(tx: Transaction, channel_id: int, addresses: set[str]) -> dict[str, Row]:
    c = identity.c
    here = c.channel_id == channel_id, c.address.in_(addresses)
    tx.connection.execute(select(c.id).where(*here).order_by(c.id).with_for_update())
    statement = (
        select(c.id, c.contact_id, c.address, contact.c.name)
        .join(contact, contact.c.id == c.contact_id)
        .where(*here)
    )
    return {row["address"]: dict(row) for row in tx.connection.execute(statement).mappings()}


def _lock_dialogs(tx: Transaction, identity_ids: list[int]) -> list[int]:
    """All that show the address or the contact."""
    statement = select(dialog.c.id).where(dialog.c.identity_id.in_(identity_ids)).order_by(dialog.c.id)
    return list(tx.connection.execute(statement.with_for_update(key_share=True)).scalars())


def _tell(tx: Transaction, owner: Row, dialog_id: int, state: Row) -> None:
    row = tx.connection.execute(
        select(dialog.c.channel_id, dialog.c.assignee_id).where(dialog.c.id == dialog_id)
    ).one()
    seq = tx.seq()
    set_dialog(tx.connection, dialog_id, {**state, "seq": seq})
    activity = add_activity(
        tx.connection,
        {
            **dict.fromkeys(("subject_id", "subject_name", "previous_id", "previous_name")),
            "id": tx.ids.new(),
            "seq": seq,
            "dialog_id": dialog_id,
            "type": "moved",
            "actor_type": "contact",
            "actor_id": owner["contact_id"],
            "actor_name": owner["name"],
            "at": tx.now_ms,
        },
    )
    changed = ContactChanged(dialog=dialog_now(tx.connection, dialog_id), activity=activity)
    tx.emit(seq, scope_of(dialog_id, DialogKey(*row)), changed)
