import asyncio

import pytest
from sqlalchemy import select, update

from server.agents.access import Access
from server.db import schema
from server.entities import AgentRef
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.events import store
from server.events.model import DialogScope
from server.unit_of_work import Transaction
from tests.support.world import World


async def _events(world: World) -> list[str]:
    return [e.name for e in await world.backend.database.read(lambda c: store.read_after(c, 0, 100))]


async def test_of_two_who_take_at_once_one_wins_and_the_other_is_told_who(world: World) -> None:
    channel = await world.backend.add_channel()
    agents = [await world.agent(name, channels=(channel,)) for name in ("Ala", "Bartek", "Celina")]
    for _ in range(10):
        dialog = await world.dialog(channel, "dzień dobry")
        outcomes = await asyncio.gather(
            *(world.changes.assign(each, dialog, each.agent_id, None) for each in agents),
            return_exceptions=True,
        )
        won = [o for o in outcomes if not isinstance(o, BaseException)]
        lost = [o for o in outcomes if isinstance(o, Conflict)]
        assert len(won) == 1
        assert len(lost) == 2
        for conflict in lost:
            assert conflict.code == "already_assigned"
            assert conflict.extra["assignee"] == won[0].assignee
            assert conflict.extra["dialog"] is None  # no longer theirs to see


async def test_who_sees_the_dialog_gets_it_with_the_conflict(world: World) -> None:
    channel = await world.backend.add_channel()
    ala, ewa = (
        await world.agent("Ala", channels=(channel,)),
        await world.agent("Ewa", "supervisor", (channel,)),
    )
    dialog = await world.dialog(channel, "hej")
    await world.changes.assign(ala, dialog, ala.agent_id, None)
    with pytest.raises(Conflict) as caught:
        await world.changes.assign(ewa, dialog, ewa.agent_id, None)
    assert caught.value.extra["assignee"] == AgentRef(id=str(ala.agent_id), name="Ala")
    assert caught.value.extra["dialog"].id == str(dialog)


async def test_a_repeated_take_is_not_a_conflict_and_no_second_event(world: World) -> None:
    channel = await world.backend.add_channel()
    ala = await world.agent("Ala", channels=(channel,))
    dialog = await world.dialog(channel, "hej")
    first = await world.changes.assign(ala, dialog, ala.agent_id, None)
    again = await world.changes.assign(ala, dialog, ala.agent_id, None)
    assert again == first
    assert await _events(world) == ["dialog.assigned"]


async def test_the_event_says_who_had_it_and_the_dialog_carries_its_number(world: World) -> None:
    channel = await world.backend.add_channel()
    ala, ewa = (
        await world.agent("Ala", channels=(channel,)),
        await world.agent("Ewa", "supervisor", (channel,)),
    )
    dialog = await world.dialog(channel, "hej", assignee=ala)
    done = await world.changes.assign(ewa, dialog, ewa.agent_id, ala.agent_id)
    (event,) = await world.backend.database.read(lambda c: store.read_after(c, 0, 10))
    assert event.scope == DialogScope(
        dialog_id=dialog, channel_id=channel, assignee_before=ala.agent_id, assignee_after=ewa.agent_id
    )
    assert done.seq == str(event.seq)
    page = await world.dialogs.activities(ewa, dialog, cursor=None, limit=10)
    (activity,) = page.items
    assert (activity.type, activity.actor.name, activity.seq) == ("assigned", "Ewa", str(event.seq))
    assert activity.subject is not None
    assert activity.subject.name == "Ewa"
    assert activity.previous is not None
    assert activity.previous.name == "Ala"


async def test_what_agents_may_do_and_what_only_those_who_lead(world: World) -> None:
    channel = await world.backend.add_channel()
    ala, bartek = (
        await world.agent("Ala", channels=(channel,)),
        await world.agent("Bartek", channels=(channel,)),
    )
    ewa = await world.agent("Ewa", "supervisor", (channel,))
    free = await world.dialog(channel, "hej")
    with pytest.raises(Forbidden):
        await world.changes.assign(ala, free, bartek.agent_id, None)
    await world.changes.assign(ala, free, ala.agent_id, None)
    handed = await world.changes.assign(ala, free, bartek.agent_id, ala.agent_id)
    assert handed.assignee == AgentRef(id=str(bartek.agent_id), name="Bartek")
    back = await world.changes.assign(bartek, free, None, bartek.agent_id)
    assert back.assignee is None
    moved = await world.changes.assign(ewa, free, ala.agent_id, None)
    assert moved.assignee is not None
    assert moved.assignee.name == "Ala"
    team = Access(agent_id=bartek.agent_id, name="Bartek", role="agent",
                  channel_ids=bartek.channel_ids, sees_team=True)  # fmt: skip
    with pytest.raises(Forbidden):
        await world.changes.assign(team, free, bartek.agent_id, ala.agent_id)


async def test_nobody_is_given_a_dialog_on_a_channel_they_do_not_have(world: World) -> None:
    channel, other = await world.backend.add_channel(), await world.backend.add_channel(name="Inny")
    ewa = await world.agent("Ewa", "supervisor", (channel,))
    stranger = await world.agent("Obcy", channels=(other,))
    gone = await world.agent("Dawny", channels=(channel,))
    await world.units.run(
        lambda tx: tx.connection.execute(
            update(schema.agent).where(schema.agent.c.id == gone.agent_id).values(active=False)
        )
    )
    administrator = await world.agent("Adm", "administrator")
    dialog = await world.dialog(channel, "hej")
    for agent_id in (stranger.agent_id, gone.agent_id, 42):
        with pytest.raises(Invalid) as caught:
            await world.changes.assign(ewa, dialog, agent_id, None)
        assert caught.value.extra["errors"][0]["field"] == "agentId"
    await world.changes.assign(ewa, dialog, administrator.agent_id, None)


async def test_a_dialog_that_was_never_seen_does_not_exist(world: World) -> None:
    channel, other = await world.backend.add_channel(), await world.backend.add_channel(name="Inny")
    ala, bartek = (
        await world.agent("Ala", channels=(channel,)),
        await world.agent("Bartek", channels=(channel,)),
    )
    elsewhere = await world.dialog(other, "hej")
    theirs = await world.dialog(channel, "hej", assignee=bartek)
    texts = set()
    for dialog in (elsewhere, theirs, 42):
        for attempt in (
            world.changes.assign(ala, dialog, ala.agent_id, None),
            world.changes.assign(ala, dialog, ala.agent_id, bartek.agent_id),
            world.changes.close(ala, dialog),
            world.changes.reopen(ala, dialog),
            world.changes.read(ala, dialog, 1),
            world.dialogs.get(ala, dialog),
            world.dialogs.messages(ala, dialog, cursor=None, limit=5),
            world.dialogs.activities(ala, dialog, cursor=None, limit=5),
        ):
            with pytest.raises(NotFound) as caught:
                await attempt
            texts.add(caught.value.detail)
    assert len(texts) == 1


async def test_who_took_it_is_told_for_ten_minutes_and_only_to_who_saw_it(world: World) -> None:
    channel = await world.backend.add_channel()
    ala, bartek = (
        await world.agent("Ala", channels=(channel,)),
        await world.agent("Bartek", channels=(channel,)),
    )
    dialog = await world.dialog(channel, "hej")
    await world.changes.assign(bartek, dialog, bartek.agent_id, None)
    with pytest.raises(Conflict):
        await world.changes.assign(ala, dialog, ala.agent_id, None)
    # What was Ala's until now is news to Ala, and nothing to Celina, whatever Celina claims to have seen.
    celina = await world.agent("Celina", channels=(channel,))
    ewa = await world.agent("Ewa", "supervisor", (channel,))
    handed = await world.dialog(channel, "hej", assignee=ala)
    await world.changes.assign(ewa, handed, bartek.agent_id, ala.agent_id)
    with pytest.raises(Conflict):
        await world.changes.assign(ala, handed, None, ala.agent_id)
    for claimed in (None, ala.agent_id, celina.agent_id):
        with pytest.raises(NotFound):
            await world.changes.assign(celina, handed, celina.agent_id, claimed)
    world.backend.clock.move(seconds=601)
    with pytest.raises(NotFound):
        await world.changes.assign(ala, dialog, ala.agent_id, None)


async def test_closing_keeps_the_agent_and_happens_once(world: World) -> None:
    channel = await world.backend.add_channel()
    ala = await world.agent("Ala", channels=(channel,))
    dialog = await world.dialog(channel, "hej", assignee=ala)
    outcomes = await asyncio.gather(
        *(world.changes.close(ala, dialog) for _ in range(4)), return_exceptions=True
    )
    codes = sorted(o.code if isinstance(o, Conflict) else "closed" for o in outcomes)
    assert codes == ["already_closed"] * 3 + ["closed"]
    shown = await world.dialogs.get(ala, dialog)
    assert (shown.status, shown.assignee and shown.assignee.name) == ("closed", "Ala")
    assert shown.closed_at is not None
    assert await _events(world) == ["dialog.closed"]


async def test_reopening_counts_and_is_refused_while_a_newer_dialog_is_open(world: World) -> None:
    channel = await world.backend.add_channel()
    ala = await world.agent("Ala", channels=(channel,))
    dialog = await world.dialog(channel, "hej", assignee=ala)
    with pytest.raises(Conflict) as caught:
        await world.changes.reopen(ala, dialog)
    assert caught.value.code == "not_closed"
    await world.changes.close(ala, dialog)
    # What its contact does meanwhile, a closed dialog is not told.
    said = update(schema.identity).values(reachable=False, opted_out=True)
    await world.units.run(lambda tx: tx.connection.execute(said))
    opened = await world.changes.reopen(ala, dialog)
    assert (opened.status, opened.reopen_count, opened.closed_at) == ("open", 1, None)
    assert (opened.reachable, opened.opted_out) == (False, True)
    await world.changes.close(ala, dialog)
    newer = await world.dialog(channel, "znowu ja")

    def same_identity(tx: Transaction) -> None:
        connection = tx.connection
        identity = select(schema.dialog.c.identity_id).where(schema.dialog.c.id == dialog).scalar_subquery()
        connection.execute(
            update(schema.dialog).where(schema.dialog.c.id == newer).values(identity_id=identity)
        )

    await world.units.run(same_identity)
    with pytest.raises(Conflict) as caught:
        await world.changes.reopen(ala, dialog)
    assert caught.value.code == "newer_dialog_open"
    assert caught.value.extra["dialogId"] == str(newer)


async def test_another_agents_dialog_can_be_read_but_not_closed_where_the_team_is_open(world: World) -> None:
    channel = await world.backend.add_channel()
    ala = await world.agent("Ala", channels=(channel,), sees_team=True)
    bartek = await world.agent("Bartek", channels=(channel,))
    dialog = await world.dialog(channel, "hej", assignee=bartek)
    assert (await world.dialogs.get(ala, dialog)).id == str(dialog)
    with pytest.raises(Forbidden):
        await world.changes.close(ala, dialog)


async def test_the_read_marker_never_goes_back_nor_beyond_what_is_there(world: World) -> None:
    channel = await world.backend.add_channel()
    ala = await world.agent("Ala", channels=(channel,))
    dialog = await world.dialog(channel, "raz", "dwa", "trzy")
    for count, expected in ((2, 2), (1, 2), (0, 2), (99, 3), (3, 3)):
        await world.changes.read(ala, dialog, count)
        assert (await world.dialogs.get(ala, dialog)).inbound_read == expected
    assert await _events(world) == ["dialog.read", "dialog.read"]
