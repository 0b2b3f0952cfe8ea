"""SQL of ``centrala doctor``."""

from sqlalchemy import Connection, func, select

from server.db.schema import agent


def active_administrators(connection: Connection) -> int:
    statement = select(func.count()).select_from(agent).where(agent.c.role == "administrator", agent.c.active)
    return connection.execute(statement).scalar_one()
