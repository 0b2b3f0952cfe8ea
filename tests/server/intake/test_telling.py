"""A contact's change is told in all their dialogs, and no transaction grows with how many there are."""

import asyncio
import json
from collections import Counter

import pytest
from sqlalchemy import insert

from connectors.contract import AnyItem, InboundMessage, Peer, PeerChanged
from server.config import Config
from server.db import schema
from server.errors import NotFound
from server.intake.keys import Entry
from server.intake.keywords import Keywords
from server.intake.store import UnitStore, Work
from server.intake.telling import AT_ONCE, PAGE, ContactTeller
from server.unit_of_work import Transaction
from tests.support.backend import Backend
from tests.support.delivery import Desk
from tests.support.waiting import until

MANY = AT_ONCE + 2 * PAGE + 7
"""Closed dialogs of one person: what is told at once, two whole pages, and some."""


async def told(desk: Desk, *items: AnyItem) -> None:
    entries = [Entry(desk.channel_id, item) for item in items]
    await UnitStore(desk.units, 24, Keywords.of(Config().consent)).write(Work(entries=entries))


def wrote(key: str, name: str, peer: str = "77") -> InboundMessage:
    return InboundMessage(key=key, external_id=key, text="Halo", peer=Peer(id=peer, name=name))


async def with_history(desk: Desk, count: int) -> int:
    """A customer with one open dialog and so many closed ones; the contact's id."""
    await told(desk, wrote("1", "Zofia"))
    [row] = await desk.rows(schema.dialog)

    def work(tx: Transaction) -> None:
        first = tx.number("dialog", count)
        past = {**row, "status": "closed", "closed_at": tx.now_ms, "visit_id": None}
        # Ids follow time: these were before the open one.
        rows = [{**past, "id": row["id"] - 1 - n, "number": first + n} for n in range(count)]
        tx.connection.execute(insert(schema.dialog), rows)

    await desk.units.run(work)
    return int(row["contact_id"])


async def named(desk: Desk, after: int) -> Counter[tuple[str, str]]:
    """Which dialogs later events told of, and the name they gave."""
    found: Counter[tuple[str, str]] = Counter()
    for event in (await desk.events())[after:]:
        dialog = json.loads(event.data)["dialog"]
        found[dialog["id"], dialog["contact"]["name"]] += 1
    return found


def teller(desk: Desk) -> ContactTeller:
    return ContactTeller(desk.units, desk.backend.inbox.bus)


async def test_a_new_name_is_told_in_all_dialogs_some_at_once_and_the_rest_in_pages(desk: Desk) -> None:
    await with_history(desk, MANY)
    before = len(await desk.events())
    await told(desk, wrote("2", "Zosia"))
    assert len(await named(desk, before)) == AT_ONCE, "the one that was written, and the newest closed ones"
    # Another one meanwhile: nobody is left with the name between, and nobody is told twice of the last one.
    await told(desk, wrote("3", "Zosieńka"))
    between = len(await desk.events())
    assert await teller(desk).tell_left() == MANY + 1 - AT_ONCE
    last = await named(desk, before)
    dialogs = await desk.rows(schema.dialog)
    assert {each for each in last if each[1] == "Zosieńka"} == {
        (str(row["id"]), "Zosieńka") for row in dialogs
    }
    assert set((await named(desk, between)).values()) == {1}
    assert all(row["seq"] > before for row in dialogs)
    assert await teller(desk).tell_left() == 0


async def test_who_has_few_dialogs_is_told_of_in_the_same_transaction(desk: Desk) -> None:
    await with_history(desk, AT_ONCE - 1)
    before = len(await desk.events())
    await told(desk, wrote("2", "Zosia"))
    assert len(await named(desk, before)) == AT_ONCE
    assert await teller(desk).tell_left() == 0


async def test_two_processes_tell_together_and_of_each_dialog_once(desk: Desk) -> None:
    await with_history(desk, MANY)
    await told(desk, wrote("2", "Zosia"))
    before = len(await desk.events())
    counts = await asyncio.gather(*(teller(desk).tell_left() for _ in range(3)))
    assert sum(counts) == MANY + 1 - AT_ONCE
    assert set((await named(desk, before)).values()) == {1}


async def test_a_running_server_tells_by_itself(backend: Backend) -> None:
    desk = await Desk.make(backend)
    await desk.set(schema.channel, desk.channel_id, active=False)  # it polls; nobody is there to be asked
    async with backend.live():
        await with_history(desk, MANY)
        before = len(await desk.events())
        await told(desk, wrote("2", "Zosia"))

        async def is_told() -> bool:
            return (await desk.rows(schema.contact))[0]["tell_below"] is None

        await until(is_told)
        dialogs = await desk.rows(schema.dialog)
        assert await named(desk, before) == {(str(row["id"]), "Zosia"): 1 for row in dialogs}


async def test_who_was_merged_is_found_under_the_contact_with_the_history(desk: Desk) -> None:
    """Twice: A's new address had written as B, and that one's new address as C."""
    await told(desk, *(wrote(f"w{peer}", f"Zofia {peer}", peer) for peer in ("1", "2", "3")))
    contact_of = {row["address"]: row["contact_id"] for row in await desk.rows(schema.identity)}
    await told(desk, PeerChanged(key="b", old="2", new="3"))
    await told(desk, PeerChanged(key="a", old="1", new="2"))
    page = desk.backend.inbox.contacts.page
    owner = await page(desk.access, contact_of["1"])
    assert owner.contact.id == str(contact_of["1"])
    # The third address belongs to the second contact still, who has it beside the one that was given away.
    assert [each.address for each in owner.identities] == ["1", "2"]
    second = await page(desk.access, contact_of["2"])
    assert [each.address for each in second.identities] == ["3"]
    assert (await page(desk.access, contact_of["3"])).contact.id == str(contact_of["2"])
    await told(desk, PeerChanged(key="c", old="1", new="3"))
    for address in ("1", "2", "3"):
        shown = await page(desk.access, contact_of[address])
        assert shown.contact.id == str(contact_of["1"])
        assert [each.address for each in shown.identities] == ["1", "2", "3"]
    numbers = {row["number"] for row in await desk.rows(schema.contact)}
    assert len(numbers) == 3, "a number stays its contact's for ever"
    stranger = desk.backend.access(desk.access.agent_id, channels=())
    with pytest.raises(NotFound):
        await page(stranger, contact_of["3"])
