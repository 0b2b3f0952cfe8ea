"""The whole console without a mouse: every way in, every way out, and the focus always somewhere that can be seen."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.journeys.demo import PASSWORD
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones

pytestmark = pytest.mark.asyncio(loop_scope="module")

_SEEN = """() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return "the focus is lost";
  const box = element.getBoundingClientRect(), style = getComputedStyle(element);
  if (box.width < 2 || box.bottom < 0 || box.top > innerHeight) return `out of sight: ${element.outerHTML}`;
  const around = element.closest(".composer, .search, .menu-search") ?? element;
  const drawn = [style, getComputedStyle(element, "::after"), getComputedStyle(around)];
  const ring = drawn.some((each) => each.outlineStyle !== "none" || each.boxShadow !== "none");
  return ring || around !== element ? null : `no ring: ${element.outerHTML.slice(0, 200)}`;
}"""


class Keys:
    """Presses keys; after each, the focus has to be on something that can be seen to have it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self._page.keyboard.press(key)
            assert await self._page.evaluate(_SEEN) is None, key

    async def type(self, text: str) -> None:
        await self._page.keyboard.type(text)

    async def tab_to(self, target: Locator, *, back: bool = False) -> None:
        """With Tab alone, in no more steps than a patient person takes."""
        for _ in range(40):
            if await target.count() and await target.first.evaluate(
                "(each) => each === document.activeElement"
            ):
                return
            await self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"Tab does not lead to {target}")

    async def is_on(self, target: Locator) -> None:
        await expect(target).to_be_focused()
        assert await self._page.evaluate(_SEEN) is None


async def test_everything_can_be_done_by_keyboard(desk: Desk, phones: Phones) -> None:
    for kind in ("sms", "viber"):
        await phones[kind].write(f"Pytanie z {kind}")
    console = await desk.console(None)
    page, keys = console.page, Keys(console.page)

    # Signing in.
    await keys.is_on(page.get_by_label("E-mail"))
    await keys.type("adam@demo.local")
    await keys.press("Tab")
    await keys.type(PASSWORD)
    await page.keyboard.press("Enter")
    await console.is_live()

    # The list: a view, the rows with arrows, one opened; typing begins with r and Escape ends it.
    await keys.tab_to(page.get_by_role("navigation", name="Views").get_by_role("link", name="Unassigned"))
    await page.keyboard.press("Enter")
    row = console.row(phones["sms"].owner)
    await expect(console.rows).to_have_count(2)
    await keys.tab_to(page.get_by_test_id("dialog-list").locator("[data-position='0']"))
    await keys.press("ArrowDown", "ArrowUp", "End", "Home")
    if not await row.evaluate("(each) => each === document.activeElement"):
        await keys.press("ArrowDown")
    await keys.is_on(row)
    await page.keyboard.press("Enter")
    await expect(console.thread).to_be_visible()
    await page.keyboard.press("r")
    await keys.is_on(console.reply_field)
    await keys.type("Już ")
    await page.keyboard.press("Escape")
    await expect(console.reply_field).not_to_be_focused()

    # Taking it: the button goes away, and the focus stays beside it.
    await page.keyboard.press("r")
    await keys.tab_to(console.take_button, back=True)
    await page.keyboard.press("Enter")
    assign = page.get_by_role("button", name="Responsible agent: Adam Lis")
    await keys.is_on(assign)

    # A menu: opened, walked, searched, left with Escape and with a choice; the focus comes back.
    await page.keyboard.press("Enter")
    find = page.get_by_role("searchbox", name="Find an agent")
    await keys.is_on(find)
    await keys.press("ArrowDown", "ArrowDown", "ArrowUp")
    await expect(page.get_by_role("menuitemradio").first).to_be_focused()
    await page.keyboard.press("Escape")
    await keys.is_on(assign)
    await page.keyboard.press("Enter")
    await keys.is_on(find)
    await keys.type("adam")
    await expect(page.get_by_role("menuitemradio")).to_have_count(1)
    await keys.press("ArrowDown")
    await page.keyboard.press("Enter")
    await keys.is_on(assign)

    # The composer: written, sent, a note and back.
    await page.keyboard.press("n")
    await keys.is_on(page.get_by_role("textbox", name="Write a note for your team"))
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")
    await keys.is_on(console.reply_field)
    await expect(console.reply_field).to_have_value("Już ")
    await keys.type("sprawdzam")
    await page.keyboard.press("Enter")
    await expect(console.message("Już sprawdzam")).to_be_visible()
    await keys.is_on(console.reply_field)

    # The thread scrolls with the arrows, and the way out of it is Tab.
    await keys.tab_to(page.get_by_label("Messages", exact=True), back=True)
    await keys.press("ArrowUp", "Tab")

    # A new message: the modal holds the focus, Escape gives it back, sending takes it into the new dialog.
    start = page.get_by_role("button", name="New message")
    await keys.tab_to(start, back=True)
    await page.keyboard.press("Enter")
    await expect(console.modal).to_be_visible()
    for _ in range(8):
        await page.keyboard.press("Tab")
        assert await page.evaluate(
            "document.activeElement.closest('dialog') !== null || document.activeElement === document.body"
        )
    await page.keyboard.press("Escape")
    await keys.is_on(start)
    await page.keyboard.press("Enter")
    await keys.is_on(console.modal.get_by_label("To (phone number)"))
    await keys.type("601 555 900")
    await keys.press("Tab")
    await keys.type("Dzień dobry")
    await keys.press("Tab")
    await page.keyboard.press("Enter")
    await expect(console.message("Dzień dobry")).to_be_visible()
    await keys.is_on(console.reply_field)

    # Closing: the composer is gone, and so is the button.
    await keys.tab_to(console.close_button, back=True)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Reopen").first).to_be_visible()
    assert await page.evaluate(_SEEN) is None

    # All keys, by a key.
    await page.keyboard.press("?")
    await expect(console.modal).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(console.modal).to_have_count(0)
    assert await page.evaluate(_SEEN) is None

    # The log: a filter, the days within a menu, a row opened and left.
    await page.keyboard.press("g")
    await page.keyboard.press("l")
    await expect(console.log_rows).to_have_count(1)
    status = page.get_by_role("search", name="Filters").get_by_role("button", name="Status")
    await keys.tab_to(status)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitemradio").first).to_be_focused()
    await keys.press("End")
    await page.keyboard.press("Enter")
    await keys.is_on(status)
    await expect(console.log_rows).to_have_count(3)
    started = page.get_by_role("search", name="Filters").get_by_role("button", name="Started")
    await keys.tab_to(started)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitemradio", name="Any time")).to_be_focused()
    await keys.press("Tab")
    await keys.is_on(page.get_by_label("From", exact=True))
    await page.keyboard.press("Escape")
    await keys.is_on(started)
    opener = console.log_rows.first.get_by_role("link")
    await keys.tab_to(opener)
    await page.keyboard.press("Enter")
    await expect(console.modal).to_be_visible()
    await page.keyboard.press("j")
    await page.keyboard.press("Escape")
    await expect(console.modal).to_have_count(0)
    await keys.is_on(console.log_rows.nth(1).get_by_role("link"))

    # Settings: pausing says so and can be undone; the notice goes, the focus does not.
    settings = page.get_by_role("link", name="Settings", exact=True)
    await keys.tab_to(settings, back=True)
    await page.keyboard.press("Enter")
    pause = page.get_by_role("button", name="Pause Zielony Liść (Viber)")
    await keys.tab_to(pause)
    await page.keyboard.press("Enter")
    resume = page.get_by_role("button", name="Resume Zielony Liść (Viber)")
    await keys.is_on(resume)
    undo = console.notices.get_by_role("button", name="Undo")
    await keys.tab_to(undo)
    await page.keyboard.press("Enter")
    await keys.is_on(pause)

    # Connecting: from the settings into a form, a mistake takes the focus to its field.
    await keys.tab_to(page.get_by_role("link", name="Add channel"), back=True)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Which channel?")).to_be_visible()
    await keys.tab_to(page.get_by_role("link", name="Telegram"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Connect Telegram")).to_be_visible()
    more = page.get_by_text("More settings")
    await keys.tab_to(more)
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("API address")).to_be_visible()
    await keys.tab_to(page.get_by_role("button", name="Connect", exact=True))
    await page.keyboard.press("Enter")
    await keys.is_on(page.get_by_label("Bot token"))
    await page.go_back()
    await expect(page.get_by_role("heading", name="Which channel?")).to_be_visible()
    assert await page.evaluate(_SEEN) is None


async def test_quick_replies_are_written_one_after_another_by_keyboard(desk: Desk, phones: Phones) -> None:
    await phones["telegram"].write("Kiedy paczka?")
    console = await desk.console("ala")
    await console.open("Kiedy paczka?")
    page, keys = console.page, Keys(console.page)
    await page.keyboard.press("r")
    await keys.type("Rano czy po południu?")
    await keys.tab_to(page.get_by_role("button", name="Offer quick replies"))
    await page.keyboard.press("Enter")
    first, second = (page.get_by_role("textbox", name=f"Quick reply {number}") for number in (1, 2))
    await keys.is_on(first)
    await keys.press("Enter")  # nothing written yet: nothing comes of it
    await expect(second).to_have_count(0)
    await keys.type("Rano")
    await keys.press("Enter")  # goes on, and sends nothing
    await keys.is_on(second)
    await keys.type("Po południu")
    await keys.tab_to(page.get_by_test_id("send"))
    await page.keyboard.press("Enter")
    await expect(phones["telegram"].received("Rano czy po południu?")).to_have_count(1)
    await phones["telegram"].press("Rano czy po południu?", "Po południu")


async def test_buttons_are_written_and_taken_away_by_keyboard(desk: Desk, phones: Phones) -> None:
    await phones["telegram"].write("Gdzie zapłacić?")
    console = await desk.console("ala")
    await console.open("Gdzie zapłacić?")
    page, keys = console.page, Keys(console.page)
    await page.keyboard.press("r")
    await keys.type("Tutaj:")
    await keys.tab_to(page.get_by_role("button", name="Add link buttons"))
    await page.keyboard.press("Enter")
    first, second = (page.get_by_role("textbox", name=f"Title of link button {number}") for number in (1, 2))
    await keys.is_on(first)
    await keys.type("Koszyk")
    await keys.press("Enter")
    await keys.is_on(page.get_by_role("textbox", name="Address of link button 1"))
    await keys.type("sklep")
    await expect(page.get_by_test_id("send")).to_be_disabled()
    await keys.press("Enter")  # no address yet: nothing comes of it
    await expect(second).to_have_count(0)
    await keys.type(".example.pl/koszyk")
    await page.keyboard.press("Enter")
    await keys.is_on(second)
    await expect(page.get_by_test_id("send")).to_be_enabled()
    # Taken away, the focus stays beside it, and where nothing is left it goes to the text.
    await keys.tab_to(page.get_by_role("button", name="Remove link button 2"))
    await page.keyboard.press("Enter")
    await keys.is_on(first)
    await keys.tab_to(page.get_by_role("button", name="Remove link button 1"))
    await page.keyboard.press("Enter")
    await keys.is_on(console.reply_field)
