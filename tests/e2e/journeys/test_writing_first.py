"""Who writes first: an agent to a new number, and a visitor of the website who leaves theirs."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from connectors.simulator.demo import CREDENTIALS
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones
from tests.e2e.journeys.site import Site, running_site

CANNOT_ANSWER = "Customers cannot answer this number"

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
    await expect(console.reply_field).to_be_focused()
    await expect(console.thread).to_contain_text("Ala Kowalska began the dialog")
    # Room for one of them: the sender, and the dialog's number in the contact's pane.
    about = console.page.locator(".thread-about")
    assert (await about.inner_text()).strip() == "SMS · +48732001002"
    await console.page.get_by_role("button", name="Show contact").click()
    await expect(console.facts).to_contain_text(re.compile(r"Dialog #\d+.*Through SMS · \+48732001002"))


async def test_a_sender_that_cannot_be_answered_is_told_before_and_shown_as_a_text(desk: Desk) -> None:
    await _add_send_only_channel(desk)
    console = await desk.console("ala")
    await console.page.get_by_role("button", name="New message").click()
    modal = console.modal
    await modal.get_by_label("To (phone number)").fill("601 555 321")
    await modal.get_by_label("Message").fill("Is anybody there?")
    await modal.get_by_label("From").select_option("SMS +48 732 001 002")
    await expect(modal).not_to_contain_text(CANNOT_ANSWER)
    await modal.get_by_role("button", name="Send").click()
    await expect(console.message("Is anybody there?")).to_be_visible()
    header = console.page.locator(".thread-about")
    await expect(header).to_contain_text("SMS · +48732001002 ·")

    await console.facts.get_by_role("button", name="Write to this contact").click()
    await expect(modal.get_by_label("To (phone number)")).to_have_value("+48601555321")
    # Not the number that the dialog is on.
    await expect(modal.get_by_label("From").get_by_role("option")).to_have_text(
        ["Codes", "Zielony Liść (WhatsApp)"]
    )
    await modal.get_by_label("From").select_option("Codes")
    await expect(modal).to_contain_text(CANNOT_ANSWER)
    await modal.get_by_label("Message").fill("Your code is 1234")
    await modal.get_by_role("button", name="Send").click()
    await expect(console.message("Your code is 1234")).to_be_visible()
    await expect(console.reply_field).to_be_focused()
    await expect(header).to_have_text(re.compile(r"^SMS · Dialog #\d+$"))
    await expect(console.composer).to_contain_text(CANNOT_ANSWER)


async def _add_send_only_channel(desk: Desk) -> None:
    page = (await desk.console("adam")).page
    more = {"number": "48799", "send_only": True, "api_base": desk.demo.phones_url}
    body = {"kind": "sms", "provider": "twilio", "name": "Codes", "settings": {**CREDENTIALS["sms"], **more}}
    session = await (await page.request.get(f"{desk.demo.url}/api/v1/session")).json()
    headers = {"X-CSRF-Token": session["csrfToken"], "Origin": desk.demo.url}
    answer = await page.request.post(f"{desk.demo.url}/api/v1/channels", data=body, headers=headers)
    assert answer.status == 201, await answer.text()


async def test_a_number_is_switched_off_and_everybody_is_told_why(desk: Desk, phones: Phones) -> None:
    phone = phones["sms"]
    await phone.write("Dzień dobry, tu klient")
    agent = await desk.console("ala", viewport={"width": 360, "height": 740})
    await agent.open(phone.owner)
    await expect(agent.message("Dzień dobry, tu klient")).to_be_visible()

    settings = await desk.console("adam", viewport={"width": 360, "height": 740})
    await settings.page.goto(f"{desk.demo.url}/settings")
    row = settings.page.locator(".channel", has_text="SMS +48 732 001 002")
    await row.get_by_role("button", name="Switch SMS off for SMS +48 732 001 002").press("Enter")
    await expect(row).to_contain_text("SMS off")
    await expect(agent.composer).to_contain_text("SMS is off for this number: nothing can be sent on it.")
    await phone.write("Czy ktoś tam jest?")
    await settings.page.reload()
    await expect(row).to_contain_text("1 new thing is in quarantine")
    kept = settings.page.locator(".quarantined", has_text="SMS is off for this number")
    await kept.locator("summary").click()
    await expect(kept).to_contain_text("jest")
    await expect(agent.message("Czy ktoś tam jest?")).to_have_count(0)

    # What is left to choose from is offered, and what is not is said.
    await agent.page.get_by_role("button", name="Back").click()
    await agent.page.get_by_role("button", name="New message").click()
    await expect(agent.modal).to_contain_text("Not offered, as SMS is off for them: SMS +48 732 001 002")
    sender = agent.modal.get_by_label("From")
    await expect(sender.get_by_role("option", name="Codes")).to_have_count(1)
    await expect(sender.get_by_role("option", name="SMS +48 732 001 002")).to_have_count(0)
    await agent.page.keyboard.press("Escape")

    await row.get_by_role("link", name="Edit SMS +48 732 001 002").click()
    await expect(settings.page.locator("main")).to_contain_text(
        "Nothing is sent; what customers write makes no dialog"
    )
    await settings.page.get_by_role("button", name="Switch SMS on for").click()
    await settings.page.locator(".toasts").get_by_role("button", name="Undo").click()
    await expect(settings.page.locator("main")).to_contain_text("Nothing is sent; what customers write")
    await settings.page.get_by_role("button", name="Switch SMS on for").click()
    await agent.open(phone.owner)
    await expect(agent.reply_field).to_be_visible()


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
    await expect(form.get_by_role("status")).to_be_in_viewport()
    await expect(form.get_by_role("textbox")).to_have_count(0)
    assert await visitor.page.context.cookies() == []

    console = await desk.console("ala")
    await console.open("Anna", view="Unassigned")
    await expect(console.facts.get_by_role("heading", name="Anna")).to_be_visible()
    await expect(console.message("Czy jutro otwarte?")).to_contain_text("Call-back asked for")
    await expect(console.facts).to_contain_text("form-test / cpc")
