"""On PostgreSQL the list by activity is walked in a table that triggers keep."""

from sqlalchemy import select, update

from server.db.schema import dialog, dialog_place
from tests.support.world import World


async def test_whatever_changes_in_a_dialog_its_place_follows(world: World) -> None:
    if world.backend.database.dialect == "sqlite":
        return  # its lists are walked in the table itself
    channel_id = await world.backend.add_channel()
    access = await world.agent("Żaneta", channels=(channel_id,))
    first = await world.dialog(channel_id)
    await world.dialog(channel_id, assignee=access, status="closed")
    visited = await world.dialog(channel_id, source="google")
    d, place = dialog.c, dialog_place.c
    other = select(d.contact_id, d.visit_id).where(d.id == visited)
    contact_id, visit_id = await world.backend.database.read(lambda c: c.execute(other).one())
    changed = {
        "status": "snoozed", "assignee_id": access.agent_id, "last_message_at": 5, "visit_id": visit_id,
        "contact_id": contact_id,
    }  # fmt: skip
    await world.backend.database.write(
        lambda c: c.execute(update(dialog).where(d.id == first).values(changed)).close()
    )
    said, stands = await world.backend.database.read(
        lambda c: (
            set(c.execute(select(*(d[column.name] for column in place))).all()),
            set(c.execute(select(*place)).all()),
        )
    )
    assert stands == said
    assert len(stands) == 3
