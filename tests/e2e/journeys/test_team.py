"""Two agents and one dialog."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Route, expect

from tests.e2e.journeys.console import Console
from tests.e2e.journeys.demo import AGENTS
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones

pytestmark = pytest.mark.asyncio(loop_scope="module")

# The loser's request is refused, and Chromium says so by itself.
REFUSED = r"status of 409 .*/assignment$"


async def test_who_takes_a_dialog_too_late_reads_who_has_it(desk: Desk, phones: Phones) -> None:
    desk.expect(REFUSED)
    ala, bartek = await desk.console("ala"), await desk.console("bartek")
    await phones["viber"].write("Kto pierwszy?")
    for console in (ala, bartek):
        await console.open("Kto pierwszy?", view="Unassigned")

    async with held_back(bartek, "**/assignment") as asked:
        await bartek.take_button.click()
        await asyncio.wait_for(asked.wait(), 15)
        await ala.take_button.click()
        await expect(ala.page.get_by_role("button", name="Responsible agent: Ala Kowalska")).to_be_visible()

    await expect(bartek.notices).to_contain_text("Ala Kowalska was quicker: the dialog is theirs now.")
    await expect(bartek.take_button).to_have_count(0)
    await expect(bartek.row("Kto pierwszy?")).to_have_count(0)


async def test_of_two_who_take_at_once_one_wins_and_both_see_who(desk: Desk, phones: Phones) -> None:
    desk.expect(REFUSED)
    consoles = {name: await desk.console(name) for name in ("ala", "bartek")}
    await phones["messenger"].write("Kto weźmie?")
    for console in consoles.values():
        await console.open("Kto weźmie?", view="Unassigned")
        await expect(console.take_button).to_be_visible()

    # Neither request reaches the server before both were made, or the slower browser would have no button left.
    async with (
        held_back(consoles["ala"], "**/assignment") as first,
        held_back(consoles["bartek"], "**/assignment") as second,
    ):
        for console in consoles.values():
            await console.take_button.click()
        for asked in (first, second):
            await asyncio.wait_for(asked.wait(), 15)

    leader = await desk.console("sonia")
    await leader.open("Kto weźmie?")
    owner = leader.page.get_by_role("button", name="Responsible agent: ")
    await expect(owner).not_to_contain_text("Nobody")
    winner = await owner.inner_text()
    for name, console in consoles.items():
        await expect(console.take_button).to_have_count(0)
        await console.show("Mine")
        await expect(console.row("Kto weźmie?")).to_have_count(int(AGENTS[name] in winner))
    assert sum(name in winner for name in AGENTS.values()) == 1


@asynccontextmanager
async def held_back(console: Console, pattern: str) -> AsyncIterator[asyncio.Event]:
    """A slow network: this browser's requests reach the server only after the block.  Set once one was made."""
    asked, released = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await released.wait()
        await route.continue_()

    await console.page.route(pattern, hold)
    try:
        yield asked
    finally:
        released.set()
