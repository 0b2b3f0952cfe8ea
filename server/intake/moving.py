"""A contact who has another address at the provider: a new number, or a new id of theirs (WhatsApp tells so).

Where the new address is unknown yet, the identity gets it and keeps its dialogs.  Where it is known already, as the
person wrote from there first, both addresses become the same contact's: that of the old address, which has the
history.  The old address leads nowhere any more, so its identity is not reachable; no dialog is closed or lost.  If the
newest that they said about marketing was no, from the old address, it holds for the new one too.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from connectors.contract import PeerChanged
from server.db.schema import consent, contact, delivery, delivery_part, dialog, identity
from server.db.sql import insert_ignoring
from server.delivery.moves import scope_of
from server.delivery.queries import DialogKey, dialogs_of_identities
from server.dialogs.queries import add_activity, dialog_now, set_dialog
from server.events.model import ContactChanged
from server.intake import telling
from server.intake.keys import Entry, unseen
from server.unit_of_work import Transaction

_ADDRESS_LENGTH = 255
_PROOF = 200

Row = dict[str, Any]


def move(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Apply them in their order; the same news again changes nothing."""
    for channel_id, item in unseen(tx, entries):
        if isinstance(item, PeerChanged):
            _move(tx, channel_id, item)


def _move(tx: Transaction, channel_id: int, item: PeerChanged) -> None:
    old, new = item.old[:_ADDRESS_LENGTH], item.new[:_ADDRESS_LENGTH]
    people = _locked(tx, channel_id, {old, new})
    if old == new or old not in people:
        return  # nobody we know
    was, now = people[old], people.get(new)
    state: Row = {"reachable": now is None}
    values = state if now is not None else {**state, "address": new}
    tx.connection.execute(update(identity).where(identity.c.id == was["id"]).values(**values))
    if now is not None and now["contact_id"] != was["contact_id"]:
        _join(tx, now, was)
    dialogs = telling.lock_newest(tx, [was["contact_id"]])
    changes: list[tuple[Row, str, Row]] = [(was, "moved", state)]
    if now is not None and _opt_out_too(tx, was, now, item.key):
        changes.append((now, "opted_out", {"opted_out": True}))
    present = dialogs_of_identities(tx.connection, [person["id"] for person, _, _ in changes])
    for person, kind, values in changes:
        if person["id"] in present:
            _tell(tx, was, present[person["id"]], kind, values)
    told = set(present.values())
    telling.tell(tx, [dialog_id for dialog_id in dialogs if dialog_id not in told])


def name(tx: Transaction, channel_id: int, typed: str, told: str) -> None:
    """Somebody we wrote to first, of whom we had a number only, is known to the provider under another id.

    Nothing changes for who has written to us: their own messages said who they are.  A known person's open dialog stays
    the one that they answer in; both are one contact's then.
    """
    old, new = typed[:_ADDRESS_LENGTH], told[:_ADDRESS_LENGTH]
    people = _locked(tx, channel_id, {old, new})
    if old == new or old not in people or _has_written(tx, people[old]["id"]):
        return
    was, now = people[old], people.get(new)
    if now is None:
        tx.connection.execute(update(identity).where(identity.c.id == was["id"]).values(address=new))
    else:
        _join(tx, was, now)
        if not _has_open(tx, now["id"]):
            _give_dialogs(tx, was["id"], now["id"])
    telling.tell(tx, telling.lock_newest(tx, [(now or was)["contact_id"]]))


def _has_written(tx: Transaction, identity_id: int) -> bool:
    there = dialog.c.identity_id == identity_id, dialog.c.last_inbound_at.is_not(None)
    return tx.connection.execute(select(dialog.c.id).where(*there).limit(1)).first() is not None


def _has_open(tx: Transaction, identity_id: int) -> bool:
    there = dialog.c.identity_id == identity_id, dialog.c.status != "closed"
    return tx.connection.execute(select(dialog.c.id).where(*there).limit(1)).first() is not None


def _give_dialogs(tx: Transaction, giver: int, receiver: int) -> None:
    """What the person answers goes on in them."""
    of_giver = select(delivery.c.id).where(delivery.c.identity_id == giver)
    parts = update(delivery_part).where(delivery_part.c.delivery_id.in_(of_giver))
    tx.connection.execute(parts.values(identity_id=receiver))
    for table in (dialog, delivery):
        statement = update(table).where(table.c.identity_id == giver).values(identity_id=receiver)
        tx.connection.execute(statement)


def _join(tx: Transaction, other: Row, owner: Row) -> None:
    """Give the other identity and its dialogs to the contact who has the history."""
    for table, condition in (
        (identity, identity.c.id == other["id"]),
        (dialog, dialog.c.identity_id == other["id"]),
    ):
        tx.connection.execute(update(table).where(condition).values(contact_id=owner["contact_id"]))
    left = select(identity.c.id).where(identity.c.contact_id == other["contact_id"]).limit(1)
    if tx.connection.execute(left).one_or_none() is None:
        # Nobody is behind it any more; its number stays its own, and whoever has its address finds the other.
        for former in (contact.c.id, contact.c.merged_into):
            same = update(contact).where(former == other["contact_id"])
            tx.connection.execute(same.values(merged_into=owner["contact_id"]))


def _opt_out_too(tx: Transaction, was: Row, now: Row, key: str) -> bool:
    """Let the new address be opted out as the old one, unless something newer was said from it; whether it is now."""
    c = consent.c
    newest = tx.connection.execute(
        select(c.identity_id, c.granted, c.wording)
        .where(c.identity_id.in_([was["id"], now["id"]]), c.purpose == "marketing")
        .order_by(c.id.desc())
        .limit(1)
    ).one_or_none()
    if newest is None or newest.granted or newest.identity_id != was["id"]:
        return False
    said = {
        "id": tx.ids.new(),
        "identity_id": now["id"],
        "purpose": "marketing",
        "granted": False,
        "source": "moved",
        "wording": newest.wording,
        "proof": key[:_PROOF],
        "at": tx.now_ms,
    }
    insert_ignoring(tx.connection, consent, [said], c.id)
    tx.connection.execute(update(identity).where(identity.c.id == now["id"]).values(opted_out=True))
    return True


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


def _tell(tx: Transaction, owner: Row, dialog_id: int, kind: str, state: Row) -> None:
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
            "type": kind,
            "actor_type": "contact",
            "actor_id": owner["contact_id"],
            "actor_name": owner["name"],
            "at": tx.now_ms,
        },
    )
    changed = ContactChanged(dialog=dialog_now(tx.connection, dialog_id), activity=activity)
    tx.emit(seq, scope_of(dialog_id, DialogKey(*row)), changed)
