"""Leases: work that only one process may do at a time.

A lease is a row with an owner and an end.  Whoever does not renew it loses it, so a process that died holds nobody up.
"""

from sqlalchemy import Connection, delete, or_, select

from server.db.schema import lease
from server.db.sql import insert_for


def acquire(connection: Connection, name: str, owner: str, until: int, now: int) -> bool:
    """Take or renew a lease until ``until``; whether ``owner`` holds it now.  Times are epoch milliseconds."""
    statement = insert_for(connection, lease).values(name=name, owner=owner, until=until)
    statement = statement.on_conflict_do_update(
        index_elements=[lease.c.name],
        set_={"owner": owner, "until": until},
        where=or_(lease.c.owner == owner, lease.c.until <= now),
    ).returning(lease.c.owner)
    return connection.execute(statement).scalar_one_or_none() is not None


def holds(connection: Connection, name: str, owner: str, now: int) -> bool:
    """Whether ``owner`` holds the lease now; nobody can take it until this transaction has ended."""
    statement = select(lease.c.name).where(lease.c.name == name, lease.c.owner == owner, lease.c.until > now)
    return connection.execute(statement.with_for_update()).scalar_one_or_none() is not None


def release(connection: Connection, name: str, owner: str) -> None:
    """Give a lease back before its end."""
    connection.execute(delete(lease).where(lease.c.name == name, lease.c.owner == owner))
