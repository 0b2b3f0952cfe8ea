"""An agent reacts to customers' messages: by pointing, by keyboard, and with a thumb on a small screen."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.journeys.console import Console
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phone, Phones

pytestmark = pytest.mark.asyncio(loop_scope="module")


def choices(page: Page) -> Locator:
    return page.get_by_role("menu", name="Reactions").get_by_role("menuitemradio")


def ours(console: Console, text: str) -> Locator:
    return console.message(text).locator(".reaction-own")


def on_the_phone(phone: Phone, text: str) -> Locator:
    return phone.sent(text).get_by_label("The business reacted:")


async def open_menu(console: Console, text: str) -> None:
    await console.message(text).hover()
    await console.message(text).get_by_role("button", name="React", exact=True).click()


async def write_another(page: Page, emoji: str) -> None:
    await page.get_by_role("textbox", name="Another emoji").fill(emoji)
    await expect(
        page.get_by_role("button", name="Put it on the message")
    ).to_be_enabled()  # no form is sent before
    await page.keyboard.press("Enter")


@pytest.mark.parametrize("kind", ["telegram", "whatsapp", "messenger"])
async def test_a_reaction_reaches_the_phone_and_is_taken_back(desk: Desk, phones: Phones, kind: str) -> None:
    """Another agent's screen shows it too; of Telegram's list what it lacks is not offered."""
    console, colleague, phone = await desk.console("ala"), await desk.console("adam"), phones[kind]
    text = f"Dziękuję ({kind})"
    await phone.write(text)
    for each in (console, colleague):
        await each.open(phone.owner)
    await open_menu(console, text)
    await expect(choices(console.page)).to_have_count(6)
    await expect(choices(console.page).filter(has_text="😂")).to_have_count(0 if kind == "telegram" else 1)
    await choices(console.page).filter(has_text="❤️").click()
    for each in (console, colleague):
        await expect(ours(each, text)).to_have_text("❤️")
        await expect(ours(each, text)).to_have_accessible_name("Ala Kowalska reacted: ❤️. Take ❤️ back")
    await expect(on_the_phone(phone, text)).to_have_text(["❤"] if kind == "telegram" else ["❤️"])
    await expect(phone.root.locator(".bubble.theirs")).to_have_count(0)
    await ours(console, text).click()
    for each in (console, colleague):
        await expect(ours(each, text)).to_have_count(0)
    await expect(on_the_phone(phone, text)).to_have_count(0)


async def test_channels_without_reactions_offer_none(desk: Desk, phones: Phones) -> None:
    console = await desk.console("ala")
    for kind in ("viber", "sms"):
        await phones[kind].write(f"Halo ({kind})")
        await console.open(phones[kind].owner)
        await expect(console.message(f"Halo ({kind})")).to_be_visible()
        await expect(console.thread.get_by_role("button", name="React", exact=True)).to_have_count(0)


async def test_by_keyboard_with_any_emoji(desk: Desk, phones: Phones) -> None:
    console, phone = await desk.console("ala"), phones["whatsapp"]
    page, text = console.page, "Czy to działa z klawiatury?"
    await phone.write(text)
    await console.open(phone.owner)
    button = console.message(text).get_by_role("button", name="React", exact=True)
    await button.focus()
    await button.press("Enter")
    await expect(choices(page).nth(0)).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(choices(page).nth(1)).to_be_focused()
    more = page.get_by_role("menuitem", name="More emoji")
    await page.keyboard.press("ArrowDown")
    await expect(more).to_be_focused()
    await page.keyboard.press("Home")
    await expect(choices(page).nth(0)).to_be_focused()
    await page.keyboard.press("End")
    await expect(more).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(choices(page)).to_have_count(0)
    await expect(button).to_be_focused()
    await expect(ours(console, text)).to_have_count(0)
    await button.press("Enter")
    await expect(choices(page).nth(0)).to_be_focused()
    await page.keyboard.press("End")
    await page.keyboard.press("Enter")
    await expect(choices(page).nth(6)).to_be_focused()
    await write_another(page, "🦔")
    await expect(ours(console, text)).to_have_text("🦔")
    await expect(on_the_phone(phone, text)).to_have_text("🦔")
    await expect(button).to_be_focused()
    # The one that is there is checked, and takes itself back.
    await ours(console, text).focus()
    await page.keyboard.press("Enter")
    await expect(ours(console, text)).to_have_count(0)
    desk.expect("status of 422")
    await button.press("Enter")
    await page.get_by_role("menuitem", name="More emoji").click()
    await write_another(page, "tak")
    await expect(console.notices).to_contain_text("Expected one emoji")


async def test_what_the_provider_refuses_is_told_on_the_message(desk: Desk, phones: Phones) -> None:
    """Messenger tells nobody that it was blocked; the first thing that is sent there learns it."""
    console, phone = await desk.console("ala"), phones["messenger"]
    text = "Ostatnia wiadomość"
    await phone.write(text)
    await console.open(phone.owner)
    await expect(console.message(text)).to_be_visible()
    await phone.root.get_by_role("switch", name="Blocked").set_checked(True)
    await open_menu(console, text)
    await choices(console.page).filter(has_text="👍").click()
    trouble = console.message(text).locator(".trouble")
    await expect(trouble).to_contain_text("The reaction 👍 was not sent. The customer cannot be reached")
    await expect(console.page.get_by_test_id("announcer")).to_contain_text("The reaction 👍 was not sent")
    await trouble.get_by_role("button", name="Discard").click()
    await expect(trouble).to_have_count(0)
    await expect(ours(console, text)).to_have_count(0)


async def test_with_a_thumb_at_360_pixels(desk: Desk, phones: Phones) -> None:
    """One button beside the message, with everything that can be done with it."""
    phone, text = (
        phones["telegram"],
        "Długa wiadomość, która na małym ekranie zajmuje całą szerokość dymka i jeszcze więcej",
    )
    await phone.write(text)
    console = await desk.console(
        "ala", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True
    )
    await console.open(phone.owner)
    await console.message(text).get_by_role("button", name="With this message…").tap()
    menu = console.page.get_by_role("menu", name="Reactions")
    await expect(menu.get_by_role("menuitem", name="Reply to this message")).to_be_visible()
    box = await menu.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    for choice in await choices(console.page).all():
        size = await choice.bounding_box()
        assert size is not None
        assert min(size["width"], size["height"]) >= 40
    await menu.get_by_role("menuitem", name="More emoji").tap()
    await choices(console.page).filter(has_text="🗿").tap()
    await expect(ours(console, text)).to_have_text("🗿")
    assert await console.page.evaluate("document.documentElement.scrollWidth") <= 360
    await console.message(text).get_by_role("button", name="With this message…").tap()
    await menu.get_by_role("menuitem", name="Reply to this message").tap()
    await expect(console.page.get_by_test_id("composer-quote")).to_be_visible()
