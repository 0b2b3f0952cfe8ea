"""The choke-point: who sees which dialog.

Lists, search, the log, exports, the socket and its replay all ask here, either for one dialog (:meth:`Access.sees`)
or for a condition on rows of ``dialog`` (:func:`visible`).  The two stand side by side so that they cannot differ.
"""

import msgspec
from sqlalchemy import ColumnElement, and_, false, or_, true
from sqlalchemy.sql import ColumnCollection

from server import reasons
from server.db.schema import dialog
from server.entities import Role
from server.errors import Forbidden


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What one agent may see and do, as it stands in the database now."""

    agent_id: int
    name: str
    role: Role
    channel_ids: frozenset[int]
    """Channels granted; of no meaning for administrators."""
    sees_team: bool = False
    """Whether an agent sees dialogs that others are responsible for (the setting ``dialogs.agents_see``)."""

    def sees_channel(self, channel_id: int) -> bool:
        return self.role == "administrator" or channel_id in self.channel_ids

    def sees(self, channel_id: int, assignee_id: int | None) -> bool:
        """Whether a dialog on this channel with this responsible agent is visible."""
        if self.role == "administrator":
            return True
        if channel_id not in self.channel_ids:
            return False
        if self.role == "supervisor" or self.sees_team:
            return True
        return assignee_id is None or assignee_id == self.agent_id

    @property
    def leads(self) -> bool:
        """Supervisors and administrators: may assign to anybody, export, and read all of their channels."""
        return self.role != "agent"

    def require_lead(self) -> None:
        if not self.leads:
            raise Forbidden(reasons.SUPERVISORS_ONLY)

    def require_administrator(self) -> None:
        if self.role != "administrator":
            raise Forbidden(reasons.ADMINISTRATORS_ONLY)


def visible(
    access: Access, columns: "ColumnCollection[str, ColumnElement[object]] | None" = None
) -> ColumnElement[bool]:
    """The condition under which a row of ``dialog`` (or of an alias, given its columns) is visible."""
    c = dialog.c if columns is None else columns
    if access.role == "administrator":
        return true()
    if not access.channel_ids:
        return false()
    granted = c.channel_id.in_(sorted(access.channel_ids))
    if access.role == "supervisor" or access.sees_team:
        return granted
    return and_(granted, or_(c.assignee_id.is_(None), c.assignee_id == access.agent_id))
