import random
from typing import Any

import pytest
from sqlalchemy import select, update

from server.agents.access import Access
from server.db import schema
from server.dialogs.model import Order, Selection
from server.dialogs.parameters import Filters
from server.dialogs.search_query import parse_query
from server.errors import Malformed
from server.folding import fold
from tests.support.world import World


async def _ids(world: World, access: Access, selection: Selection, limit: int = 7) -> list[int]:
    """All pages of a list."""
    found: list[int] = []
    cursor = None
    while True:
        page = await world.dialogs.list(access, selection, cursor=cursor, limit=limit)
        found += [int(item.id) for item in page.items]
        if page.cursor is None:
            return found
        cursor = page.cursor


async def _rows(world: World) -> list[Any]:
    return await world.backend.database.read(
        lambda c: c.execute(
            select(schema.dialog, schema.agent.c.name.label("agent_name")).outerjoin(
                schema.agent, schema.agent.c.id == schema.dialog.c.assignee_id
            )
        ).all()
    )


def _expected(rows: list[Any], access: Access, selection: Selection) -> list[int]:
    """What a list must hold, in plain Python."""

    def wanted(row: Any) -> bool:
        return (
            access.sees(row.channel_id, row.assignee_id)
            and selection.status in ("all", row.status)
            and selection.channel_id in (None, row.channel_id)
            and (selection.agent_id is None
                 or row.assignee_id == (None if selection.agent_id == "nobody" else selection.agent_id))
            and (selection.view == "all"
                 or row.assignee_id == (access.agent_id if selection.view == "mine" else None))
            and (selection.created_from is None or row.created_at >= selection.created_from)
            and (selection.created_to is None or row.created_at < selection.created_to)
        )  # fmt: skip

    found = [row for row in rows if wanted(row)]
    match selection.order:
        case Order.ACTIVITY:
            found.sort(
                key=lambda r: (r.last_message_at is not None, r.last_message_at or 0, r.id), reverse=True
            )
        case Order.CREATED_ASC:
            found.sort(key=lambda r: (r.created_at, r.number))
        case _:
            found.sort(key=lambda r: (r.created_at, r.number), reverse=True)
    if selection.order in (Order.AGENT_ASC, Order.AGENT_DESC):
        names = sorted({(r.agent_name is None, fold(r.agent_name or ""), r.assignee_id or 0) for r in found},
                       reverse=selection.order is Order.AGENT_DESC)  # fmt: skip
        found.sort(
            key=lambda r: names.index((r.agent_name is None, fold(r.agent_name or ""), r.assignee_id or 0))
        )
    return [row.id for row in found]


async def _populate(world: World, count: int = 60) -> tuple[list[int], list[Access]]:
    random_ = random.Random(7)
    channels = [await world.backend.add_channel(name=name) for name in ("A", "B", "C")]
    both = (channels[0], channels[1])
    agents = [
        await world.agent("Żaneta", channels=both),
        await world.agent("Adam", channels=both),
        await world.agent("Ludwik", channels=both, sees_team=True),
        await world.agent("Ewa", "supervisor", both),
        await world.agent("Adm", "administrator"),
    ]
    start = 1_760_000_000_000
    for number in range(count):
        await world.dialog(
            random_.choice(channels),
            "dzień dobry" if number % 3 else "reklamacja",
            status=random_.choice(("open", "closed", "snoozed")),
            assignee=random_.choice((None, *agents[:3])),
            at_ms=start + random_.randrange(6) * 1000,
        )
    silent = await world.dialog(channels[0], at_ms=start)
    await world.units.run(
        lambda tx: tx.connection.execute(
            update(schema.dialog).where(schema.dialog.c.id == silent).values(last_message_at=None)
        )
    )
    await world.reindex()
    return channels, agents


async def test_every_list_is_what_plain_python_says_and_pages_lose_and_repeat_nothing(world: World) -> None:
    channels, agents = await _populate(world)
    rows = await _rows(world)
    random_ = random.Random(11)
    for access in agents:
        for order in Order:
            for _ in range(6):
                selection = Selection(
                    order=order,
                    status=random_.choice(("all", "open", "closed", "snoozed")),
                    view=random_.choice(("all", "all", "mine", "unassigned")),
                    channel_id=random_.choice((None, None, *channels)),
                    agent_id=random_.choice((None, None, "nobody", agents[0].agent_id)),
                    created_from=random_.choice((None, 1_760_000_001_000)),
                    created_to=random_.choice((None, 1_760_000_004_000)),
                )
                assert await _ids(world, access, selection) == _expected(rows, access, selection), selection


async def test_paging_while_rows_arrive_loses_and_repeats_nothing(world: World) -> None:
    channels, agents = await _populate(world, 30)
    selection = Selection(order=Order.CREATED_DESC)
    before = await _ids(world, agents[4], selection)
    seen: list[int] = []
    cursor = None
    while True:
        page = await world.dialogs.list(agents[4], selection, cursor=cursor, limit=4, with_total=True)
        assert page.total is not None
        assert page.total.count == len(before)
        seen += [int(item.id) for item in page.items]
        await world.dialog(channels[0], "nowy")
        if page.cursor is None:
            break
        cursor = page.cursor
    assert seen == before


async def test_counts_are_of_what_the_agent_sees(world: World) -> None:
    _, agents = await _populate(world)
    rows = await _rows(world)
    for access in agents:
        page = await world.dialogs.list(
            access, Selection(status="open", order=Order.ACTIVITY), cursor=None, limit=5, with_counts=True
        )
        assert page.counts is not None
        for view in ("mine", "unassigned", "all"):
            selection = Selection(status="open", view=view, order=Order.ACTIVITY)
            assert getattr(page.counts, view) == len(_expected(rows, access, selection))


async def test_what_an_agent_does_not_see_changes_nothing_for_them(world: World) -> None:
    channels, agents = await _populate(world)
    ala, others = agents[0], agents[1]

    async def surface() -> list[Any]:
        found: list[Any] = [await world.dialogs.facets(ala)]
        for selection in (
            Selection(order=Order.ACTIVITY),
            Selection(order=Order.AGENT_ASC),
            Selection(query=parse_query("reklamacja")),
            Selection(query=parse_query("dzien dobry")),
            Selection(query=parse_query("tajne")),
            Selection(query=parse_query("Obcy")),
        ):
            page = await world.dialogs.list(
                ala, selection, cursor=None, limit=100, with_total=True, with_counts=True
            )
            found.append((page.items, page.reads, page.total, page.counts))
        return found

    before = await surface()
    await world.dialog(channels[2], "tajne reklamacja", name="Obcy Człowiek", source="tajne")
    await world.dialog(
        channels[0], "tajne dzień dobry", name="Obcy Człowiek", assignee=others, source="tajne"
    )
    assert await surface() == before


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "!!", "ÿ", "WzFd", "e30", "bnVsbA", "W10", "WyJjcmVhdGVkX2Rlc2MiLCJhbGwiLC0xLDJd", "A" * 500,
     "WyJjcmVhdGVkX2Rlc2MiLCJub3NlZ21lbnQiLDEsMl0", "WyJhY3Rpdml0eV9kZXNjIiwiYWxsIiwxLDJd",
     "WyJjcmVhdGVkX2Rlc2MiLCJhbGwiLDk5OTk5OTk5OTk5OTk5OTk5OTk5OSwyXQ", "\x00", "' OR 1=1 --"],
)  # fmt: skip
async def test_a_broken_cursor_is_refused(world: World, cursor: str) -> None:
    admin = await world.agent("Adm", "administrator")
    with pytest.raises(Malformed):
        await world.dialogs.list(admin, Selection(order=Order.CREATED_DESC), cursor=cursor, limit=5)


async def test_messages_and_activities_page_newest_first(world: World) -> None:
    channel = await world.backend.add_channel()
    ala = await world.agent("Ala", channels=(channel,))
    dialog = await world.dialog(channel, *(f"nr {n}" for n in range(23)))
    for _ in range(6):
        await world.changes.assign(ala, dialog, ala.agent_id, None)
        await world.changes.assign(ala, dialog, None, ala.agent_id)
    texts: list[str] = []
    cursor = None
    while True:
        page = await world.dialogs.messages(ala, dialog, cursor=cursor, limit=5)
        texts += [message.text for message in page.items]
        if page.cursor is None:
            break
        cursor = page.cursor
    assert texts == [f"nr {n}" for n in reversed(range(23))]
    first = await world.dialogs.activities(ala, dialog, cursor=None, limit=7)
    rest = await world.dialogs.activities(ala, dialog, cursor=first.cursor, limit=7)
    assert [a.type for a in (*first.items, *rest.items)] == ["unassigned", "assigned"] * 6
    assert rest.cursor is None


async def test_the_source_filter_and_the_facets(world: World) -> None:
    channel, other = await world.backend.add_channel(name="Ż"), await world.backend.add_channel(name="A")
    gone, ewa = (
        await world.agent("Dawny", channels=(channel,)),
        await world.agent("Ewa", "supervisor", (channel,)),
    )
    one = await world.dialog(channel, "raz", source="google", assignee=gone)
    await world.dialog(channel, "dwa", source="olx")
    await world.dialog(other, "trzy", source="allegro")
    await world.units.run(
        lambda tx: tx.connection.execute(
            update(schema.agent).where(schema.agent.c.id == gone.agent_id).values(active=False)
        )
    )
    assert await _ids(world, ewa, Selection(source="google")) == [one]
    assert await _ids(world, ewa, Selection(source="allegro")) == []
    facets = await world.dialogs.facets(ewa)
    assert [(a.name, a.active) for a in facets.agents] == [("Dawny", False)]
    assert facets.sources == ("google", "olx")
    assert [c.name for c in facets.channels] == ["Ż"]


def _days(from_: str | None, to: str | None, tz: str) -> tuple[int | None, int | None]:
    selection = Filters(since=from_, until=to, tz=tz).selection("UTC", status="all", order=Order.CREATED_DESC)
    return selection.created_from, selection.created_to


@pytest.mark.parametrize(
    ("day", "zone", "hours", "begin"),
    [
        ("2026-03-29", "Europe/Warsaw", 23, "2026-03-28T23:00:00Z"),
        ("2026-10-25", "Europe/Warsaw", 25, "2026-10-24T22:00:00Z"),
        ("2026-07-01", "Europe/Warsaw", 24, "2026-06-30T22:00:00Z"),
        ("2026-03-29", "UTC", 24, "2026-03-29T00:00:00Z"),
        ("2026-03-29", "Europe/Kyiv", 23, "2026-03-28T22:00:00Z"),
        # Clocks there go from 24:00 straight to 01:00: the day begins at 01:00.
        ("2018-11-04", "America/Sao_Paulo", 23, "2018-11-04T03:00:00Z"),
        ("2026-01-01", "Asia/Kathmandu", 24, "2025-12-31T18:15:00Z"),
    ],
)
def test_a_day_is_as_long_as_it_is_in_its_zone(day: str, zone: str, hours: int, begin: str) -> None:
    since, until = _days(day, day, zone)
    assert since is not None
    assert until is not None
    assert until - since == hours * 3_600_000
    assert since == _days(begin, None, "UTC")[0]


def test_instants_are_half_open() -> None:
    assert _days("2026-03-29T12:00:00Z", "2026-03-29T12:00:00.001+00:00", "UTC") == (
        1774785600000,
        1774785600001,
    )


def test_the_ends_of_the_calendar_are_days_too() -> None:
    for zone in ("UTC", "Pacific/Kiritimati", "America/New_York"):
        begin, end = _days("0001-01-01", "9999-12-31", zone)
        assert (begin, end) == (0, 2**53 - 1)


def test_a_page_that_was_pasted_is_searched_for_by_its_beginning() -> None:
    selection = Filters(q="żółw " * 5_000).selection("UTC", status="all", order=Order.CREATED_DESC)
    assert selection.text == ("żółw " * 400).strip()


@pytest.mark.parametrize(
    "field",
    [{"since": "yesterday"}, {"until": "2026-02-30"}, {"since": "2026-03-29T12:00:00"}, {"until": "10000-01-01"},
     {"tz": "Mars/Olympus"}, {"tz": "../etc/passwd"}, {"tz": "\x00"}, {"tz": "a" * 60}, {"tz": "/usr"}, {"tz": "Europe"},
     {"channel": "x"}, {"agent": "-1"}, {"agent": "9" * 30}, {"since": "0000-00-00"}, {"since": "２０２６-01-01"}],
)  # fmt: skip
def test_what_can_not_be_meant_is_refused(field: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        Filters(**field).selection("Europe/Warsaw", status="all", order=Order.CREATED_DESC)
