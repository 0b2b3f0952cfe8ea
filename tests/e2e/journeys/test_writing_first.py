"""Who writes first: an agent to a new number, and a visitor of the website who leaves theirs."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.site import Site, running_site

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def site(desk: Desk) -> AsyncIterator[Site]:
    async with running_site(desk) as site:
        yield site


async def test_an_agent_writes_to_a_number_nobody_knew(desk: Desk) -> None:
    console = await desk.console("ala", viewport={"width": 360, "height": 740})
    await console.page.get_by_role("button", name="New message").click()
    modal = console.modal
    await expect(modal).to_be_visible()
    send = modal.get_by_role("button", name="Send")
    await modal.get_by_label("To (phone number)").fill("nonsense")
    await expect(modal).to_contain_text("This is no phone number")
    await modal.get_by_label("To (phone number)").fill("601 555 123")
    await expect(send).to_be_disabled()
    await modal.get_by_label("Message").fill("Dzień dobry, żółwie już są")
    await expect(modal).to_contain_text("1 SMS part")
    box = await modal.bounding_box()
    assert box is not None
    assert box["width"] <= 360
    await send.press("Enter")
    await expect(console.message("Dzień dobry, żółwie już są")).to_be_visible()
    await expect(console.thread).to_contain_text("Ala Kowalska began the dialog")


async def test_a_visitor_leaves_a_number_and_agents_find_it(desk: Desk, site: Site) -> None:
    desk.expect(r"status of 422")
    visitor = await site.visit("/oferta?utm_source=form-test&utm_medium=cpc")
    await visitor.button.click()
    form = visitor.panel.get_by_role("form", name="Leave your number")
    await form.get_by_label("Phone number").fill("12")
    await form.get_by_role("button", name="Ask for an answer").click()
    await expect(form.get_by_role("status")).to_contain_text("does not look like a phone number")
    await form.get_by_label("Phone number").fill("601 555 777")
    await form.get_by_label("Your name").fill("Anna")
    await form.get_by_label("Your question").fill("Czy jutro otwarte?")
    await form.get_by_role("button", name="Ask for an answer").press("Enter")
    await expect(form.get_by_role("status")).to_contain_text("Thank you")
    assert await visitor.page.context.cookies() == []

    console = await desk.console("ala")
    await console.open("+48601555777", view="Unassigned")
    await expect(console.message("Czy jutro otwarte?")).to_contain_text("Call-back asked for")
    await expect(console.facts).to_contain_text("form-test / cpc")
