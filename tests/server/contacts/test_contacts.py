import pytest
from sqlalchemy import select, update

from server.contacts.service import Contacts
from server.db import schema
from server.dialogs.queries import dialogs_of_contact
from server.errors import NotFound
from server.unit_of_work import Transaction
from tests.support.world import World


async def test_a_contact_shows_only_what_visible_dialogs_show(world: World) -> None:
    contacts = Contacts(world.backend.database, dialogs_of_contact)
    channel, other = await world.backend.add_channel(), await world.backend.add_channel(name="Inny")
    ala, bartek = (
        await world.agent("Ala", channels=(channel,)),
        await world.agent("Bartek", channels=(channel,)),
    )
    admin = await world.agent("Adm", "administrator")
    mine = await world.dialog(channel, "hej", assignee=ala, address="A1")
    theirs = await world.dialog(channel, "hej", assignee=bartek, address="A2")
    elsewhere = await world.dialog(other, "hej", address="A3")
    rows = await world.backend.database.read(lambda c: {r.id: r for r in c.execute(select(schema.dialog))})
    contact = rows[mine].contact_id

    def merge(tx: Transaction) -> None:
        connection = tx.connection
        connection.execute(update(schema.dialog).values(contact_id=contact))
        connection.execute(update(schema.identity).values(contact_id=contact))

    await world.units.run(merge)
    page = await contacts.page(ala, contact)
    assert [dialog.id for dialog in page.dialogs] == [str(mine)]
    assert [identity.address for identity in page.identities] == ["A1"]
    page = await contacts.page(admin, contact)
    assert [dialog.id for dialog in page.dialogs] == [str(elsewhere), str(theirs), str(mine)]
    assert [identity.address for identity in page.identities] == ["A1", "A2", "A3"]
    stranger = await world.agent("Obcy", channels=())
    for access, contact_id in ((stranger, contact), (ala, 42), (ala, rows[theirs].contact_id)):
        with pytest.raises(NotFound) as caught:
            await contacts.page(access, contact_id)
        assert caught.value.detail == "There is no such contact."
    former = rows[elsewhere].contact_id
    gone = update(schema.contact).where(schema.contact.c.id == former).values(merged_into=contact)
    await world.units.run(lambda tx: tx.connection.execute(gone))
    assert await contacts.page(admin, former) == page, "an old link leads to whom it was merged into"


async def test_only_the_newest_twenty_dialogs_are_shown(world: World) -> None:
    contacts = Contacts(world.backend.database, dialogs_of_contact)
    channel = await world.backend.add_channel()
    ala = await world.agent("Ala", channels=(channel,))
    dialogs = [await world.dialog(channel, "hej", status="closed") for _ in range(23)]
    contact = await world.backend.database.read(
        lambda c: c.execute(
            select(schema.dialog.c.contact_id).where(schema.dialog.c.id == dialogs[0])
        ).scalar_one()
    )
    await world.units.run(lambda tx: tx.connection.execute(update(schema.dialog).values(contact_id=contact)))
    page = await contacts.page(ala, contact)
    assert [dialog.id for dialog in page.dialogs] == [str(d) for d in sorted(dialogs, reverse=True)[:20]]
