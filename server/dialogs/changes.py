"""What people do to dialogs: who is responsible, closing, reopening, having read."""

from typing import Any

from server import reasons
from server.agents.access import Access
from server.dialogs import change_queries, queries
from server.dialogs.model import check_may_assign, check_may_write
from server.dialogs.views import dialog_view
from server.entities import Activity, AgentRef, Dialog
from server.errors import Conflict, Invalid, NotFound
from server.events.model import (
    AgentScope,
    DialogAssigned,
    DialogClosed,
    DialogRead,
    DialogReopened,
    DialogScope,
)
from server.unit_of_work import Transaction, UnitOfWork

_TOLD_MS = 600_000
"""How long somebody who just lost sight of a dialog is still told who took it."""


class DialogChanges:
    """Each is one transaction: two people at once end in one defined state, and the loser is told."""

    def __init__(self, units: UnitOfWork) -> None:
        self._units = units

    async def assign(
        self, access: Access, dialog_id: int, agent_id: int | None, expected: int | None
    ) -> Dialog:
        """Make ``agent_id`` (or nobody) responsible, provided that ``expected`` still is.

        Raises ``already_assigned`` with the present agent when somebody else was faster.
        """
        return await self._units.run(lambda tx: _assign(tx, access, dialog_id, agent_id, expected))

    async def close(self, access: Access, dialog_id: int) -> Dialog:
        """End a dialog; its agent stays responsible."""
        return await self._units.run(lambda tx: _close(tx, access, dialog_id))

    async def reopen(self, access: Access, dialog_id: int) -> Dialog:
        """Take a closed dialog up again, unless the customer already has a newer open one."""
        return await self._units.run(lambda tx: _reopen(tx, access, dialog_id))

    async def read(self, access: Access, dialog_id: int, inbound_count: int) -> None:
        """Move the agent's read marker forward; it never goes back."""
        await self._units.run(lambda tx: _read(tx, access, dialog_id, inbound_count))


def _assign(
    tx: Transaction, access: Access, dialog_id: int, agent_id: int | None, expected: int | None
) -> Dialog:
    try:
        row = queries.lock_visible(tx.connection, access, dialog_id)
    except NotFound:
        _tell_winner(tx, access, dialog_id, expected)
        raise
    before: int | None = row["assignee_id"]
    if before == agent_id and expected != before:
        return dialog_view(row)  # a repeated request, or both wanted the same
    if before != expected:
        raise _already_assigned(before, row["assignee_name"], dialog_view(row))
    check_may_assign(access, before, agent_id)
    if before == agent_id:
        return dialog_view(row)
    name = _check_assignee(tx, row["channel_id"], agent_id)
    return _hand(tx, access, row, agent_id, name)


def _hand(
    tx: Transaction, access: Access, row: dict[str, Any], agent_id: int | None, name: str | None
) -> Dialog:
    dialog_id: int = row["id"]
    seq = tx.seq()
    queries.set_dialog(tx.connection, dialog_id, {"assignee_id": agent_id, "seq": seq})
    activity = record_activity(
        tx,
        access,
        dialog_id,
        seq,
        "unassigned" if agent_id is None else "assigned",
        subject_id=agent_id,
        subject_name=name,
        previous_id=row["assignee_id"],
        previous_name=row["assignee_name"],
    )
    dialog = queries.dialog_now(tx.connection, dialog_id)
    tx.emit(seq, _scope(row, agent_id), DialogAssigned(dialog=dialog, activity=activity))
    return dialog


def _check_assignee(tx: Transaction, channel_id: int, agent_id: int | None) -> str | None:
    """The name of an agent who may be given a dialog on this channel."""
    if agent_id is None:
        return None
    found = change_queries.assignable(tx.connection, agent_id, channel_id)
    if found is None:
        raise Invalid(reasons.AGENT_CANNOT_HAVE_IT, field="agentId")
    return found


def _tell_winner(tx: Transaction, access: Access, dialog_id: int, expected: int | None) -> None:
    """Who just took away a dialog that this agent saw a moment ago; nothing about any other."""
    lost = change_queries.just_taken(tx.connection, dialog_id, tx.now_ms - _TOLD_MS)
    if lost is None or not access.sees_channel(lost.channel_id):
        return
    if lost.previous_id not in (None, access.agent_id) or lost.previous_id != expected:
        return
    raise _already_assigned(lost.assignee_id, lost.assignee_name, None)


def _already_assigned(assignee_id: int | None, name: str | None, dialog: Dialog | None) -> Conflict:
    if assignee_id is None:
        return Conflict(
            "already_assigned",
            reasons.ASSIGNED_TO_NOBODY,
            assignee=None,
            dialog=dialog,
        )
    assignee = AgentRef(id=str(assignee_id), name=name or "")
    return Conflict(
        "already_assigned", reasons.ASSIGNED_TO.of(name=assignee.name), assignee=assignee, dialog=dialog
    )


def _close(tx: Transaction, access: Access, dialog_id: int) -> Dialog:
    row = queries.lock_visible(tx.connection, access, dialog_id)
    check_may_write(access, row["assignee_id"])
    if row["status"] == "closed":
        raise Conflict("already_closed", reasons.ALREADY_CLOSED, dialog=dialog_view(row))
    seq = tx.seq()
    values = {"status": "closed", "closed_at": tx.now_ms, "closed_by": access.agent_id, "seq": seq}
    queries.set_dialog(tx.connection, dialog_id, values)
    activity = record_activity(tx, access, dialog_id, seq, "closed")
    dialog = queries.dialog_now(tx.connection, dialog_id)
    tx.emit(seq, _scope(row, row["assignee_id"]), DialogClosed(dialog=dialog, activity=activity))
    return dialog


def _reopen(tx: Transaction, access: Access, dialog_id: int) -> Dialog:
    row = queries.lock_visible(tx.connection, access, dialog_id)
    check_may_write(access, row["assignee_id"])
    if row["status"] != "closed":
        raise Conflict("not_closed", reasons.NOT_CLOSED, dialog=dialog_view(row))
    newer = change_queries.not_closed_of(tx.connection, row["identity_id"])
    if newer is not None:
        shown = access.sees(newer.channel_id, newer.assignee_id)
        raise Conflict(
            "newer_dialog_open",
            reasons.NEWER_DIALOG_OPEN,
            dialogId=str(newer.id) if shown else None,
            number=newer.number if shown else None,
        )
    seq = tx.seq()
    values = {
        "status": "open",
        "closed_at": None,
        "closed_by": None,
        "reopen_count": row["reopen_count"] + 1,
        # An old dialog was not told what its contact did since.
        **change_queries.contact_state(tx.connection, row["identity_id"]),
        "seq": seq,
    }
    queries.set_dialog(tx.connection, dialog_id, values)
    activity = record_activity(tx, access, dialog_id, seq, "reopened")
    dialog = queries.dialog_now(tx.connection, dialog_id)
    tx.emit(seq, _scope(row, row["assignee_id"]), DialogReopened(dialog=dialog, activity=activity))
    return dialog


def _read(tx: Transaction, access: Access, dialog_id: int, inbound_count: int) -> None:
    row = queries.visible_row(tx.connection, access, dialog_id)
    count = min(inbound_count, row["inbound_count"])
    if change_queries.advance_read(tx.connection, access.agent_id, dialog_id, count):
        scope = AgentScope(agent_id=access.agent_id)
        tx.emit(tx.seq(), scope, DialogRead(dialog_id=str(dialog_id), inbound_count=count))


def _scope(row: dict[str, Any], after: int | None) -> DialogScope:
    return DialogScope(
        dialog_id=row["id"],
        channel_id=row["channel_id"],
        assignee_before=row["assignee_id"],
        assignee_after=after,
    )


def take(tx: Transaction, access: Access, row: dict[str, Any]) -> None:
    """Make the agent responsible for a dialog that nobody has; its row is locked."""
    _hand(tx, access, row, access.agent_id, access.name)


def record_activity(
    tx: Transaction, access: Access, dialog_id: int, seq: int, kind: str, **subject: Any
) -> Activity:
    values = dict.fromkeys(("subject_id", "subject_name", "previous_id", "previous_name")) | subject
    return queries.add_activity(
        tx.connection,
        values
        | {
            "id": tx.ids.new(),
            "seq": seq,
            "dialog_id": dialog_id,
            "type": kind,
            "actor_type": "agent",
            "actor_id": access.agent_id,
            "actor_name": access.name,
            "at": tx.now_ms,
        },
    )
