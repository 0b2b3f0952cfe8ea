"""SQL for changing dialogs."""

from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select

from server.db.schema import activity, agent, agent_channel, dialog, dialog_read, identity
from server.db.sql import insert_for


def assignable(connection: Connection, agent_id: int, channel_id: int) -> str | None:
    """The name of an active agent who sees this channel; None when there is no such agent."""
    granted = (
        select(agent_channel.c.agent_id)
        .where(agent_channel.c.agent_id == agent.c.id, agent_channel.c.channel_id == channel_id)
        .exists()
    )
    statement = select(agent.c.name).where(
        agent.c.id == agent_id, agent.c.active, or_(agent.c.role == "administrator", granted)
    )
    found: str | None = connection.execute(statement).scalar_one_or_none()
    return found


def just_taken(connection: Connection, dialog_id: int, since: int) -> Row[Any] | None:
    """The last change of who is responsible for a dialog, if it is not older than ``since``."""
    statement: Select[Any] = (
        select(
            dialog.c.channel_id,
            dialog.c.assignee_id,
            agent.c.name.label("assignee_name"),
            activity.c.previous_id,
        )
        .join(activity, activity.c.dialog_id == dialog.c.id)
        .outerjoin(agent, agent.c.id == dialog.c.assignee_id)
        .where(
            dialog.c.id == dialog_id, activity.c.type.in_(("assigned", "unassigned")), activity.c.at >= since
        )
        .order_by(activity.c.id.desc())
        .limit(1)
    )
    found: Row[Any] | None = connection.execute(statement).one_or_none()
    return found


def not_closed_of(connection: Connection, identity_id: int) -> Row[Any] | None:
    """The identity's dialog that is not closed; there is at most one."""
    c = dialog.c
    statement: Select[Any] = select(c.id, c.number, c.channel_id, c.assignee_id).where(
        c.identity_id == identity_id, c.status != "closed"
    )
    found: Row[Any] | None = connection.execute(statement).one_or_none()
    return found


def newest_of(connection: Connection, identity_id: int) -> int | None:
    """The identity's newest dialog."""
    statement = select(func.max(dialog.c.id)).where(dialog.c.identity_id == identity_id)
    found: int | None = connection.execute(statement).scalar_one_or_none()
    return found


def contact_state(connection: Connection, identity_id: int) -> dict[str, bool]:
    """What the identity's present dialog repeats of it: whether we may write, and whether they opted out."""
    statement = select(identity.c.reachable, identity.c.opted_out).where(identity.c.id == identity_id)
    return dict(connection.execute(statement).mappings().one())


def advance_read(connection: Connection, agent_id: int, dialog_id: int, count: int) -> bool:
    """Set the read marker unless it stands as far already; whether it moved."""
    statement = insert_for(connection, dialog_read).values(
        agent_id=agent_id, dialog_id=dialog_id, inbound_count=count
    )
    statement = statement.on_conflict_do_update(
        index_elements=[dialog_read.c.agent_id, dialog_read.c.dialog_id],
        set_={"inbound_count": count},
        where=dialog_read.c.inbound_count < count,
    ).returning(dialog_read.c.inbound_count)
    return connection.execute(statement).scalar_one_or_none() is not None
