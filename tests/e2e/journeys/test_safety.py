"""What a hostile customer writes is shown and does nothing; the keyboard is enough for everything."""

from itertools import count

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.journeys.demo import PASSWORD, Demo
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones
from tests.support.posting import text_message

pytestmark = pytest.mark.asyncio(loop_scope="module")

IMAGE = "<img src=x onerror=alert(1)>"
SCRIPT = '"><script>document.title="owned"</script><svg onload=alert(2)>'
RIGHT_TO_LEFT = "\u202egnp.exe\u202c faktura"
LINKS = "javascript:alert(3) data:text/html,<script>alert(4)</script> https://example.pl/a?b=<i>"
LONG = "ŹdźbłoBezOdstępu" * 250

_numbers = count(1)


@pytest.mark.parametrize("width", [1360, 360])
async def test_hostile_names_and_messages_are_only_text(
    desk: Desk, phones: Phones, demo: Demo, width: int
) -> None:
    await phones["viber"].write("Pokaż drogę")
    console = await desk.console("ala", viewport={"width": width, "height": 740})
    for text in (SCRIPT, RIGHT_TO_LEFT, LINKS, LONG, IMAGE):
        name = f"{IMAGE}{RIGHT_TO_LEFT} {width}"  # which no phone of the page has
        body = text_message("viber", next(_numbers), text, peer=width, name=name)
        await phones["viber"].provider_posts(body)

    await console.show("All")
    row = console.row(f"faktura {width}")
    await expect(row).to_contain_text(IMAGE)
    await expect(row).to_have_count(1)
    await row.click()
    for text in (IMAGE, SCRIPT, RIGHT_TO_LEFT, LONG):
        await expect(console.thread.get_by_text(text, exact=True)).to_have_count(1)
    assert len(LONG) == 4000
    links = console.message("javascript:alert(3)").get_by_role("link")
    assert [await link.get_attribute("href") for link in await links.all()] == ["https://example.pl/a?b="]
    await expect(console.thread.locator("img, script, iframe")).to_have_count(0)
    assert "owned" not in await console.page.title()
    assert await console.page.evaluate("document.documentElement.scrollWidth") <= width

    await console.page.goto(f"{demo.url}/log?status=all")
    await expect(console.log_rows.filter(has_text=f"faktura {width}")).to_contain_text(IMAGE)
    await console.log_rows.filter(has_text=f"faktura {width}").get_by_role("link").click()
    await expect(console.modal.locator("[data-message]").filter(has_text=IMAGE).first).to_be_visible()
    # Alerts and refused scripts would be among what `desk` heard.


async def test_the_keyboard_is_enough(desk: Desk, phones: Phones) -> None:
    console, phone = await desk.console(None), phones["messenger"]
    page, keys = console.page, console.page.keyboard
    await phone.write("Da się bez myszy?")

    await expect(page.get_by_label("E-mail")).to_be_focused()
    await keys.type("ala@demo.local")
    await keys.press("Tab")
    await keys.type(PASSWORD)
    await keys.press("Enter")
    await console.is_live()

    views = page.get_by_role("navigation", name="Views")
    await tab_to(page, views.get_by_role("link", name="Unassigned"))
    await keys.press("Enter")
    await expect(console.rows.first).to_contain_text("Da się bez myszy?")
    await keys.press("j")
    await expect(console.message("Da się bez myszy?")).to_be_visible()
    await expect(console.rows.first).to_have_attribute("aria-selected", "true")

    await keys.press("r")
    await expect(console.reply_field).to_be_focused()
    await keys.type("Tak, rejk ne")
    await keys.press("Enter")
    await expect(phone.received("Tak, rejk ne")).to_have_count(1)
    await expect(console.reply_field).to_have_value("")
    await keys.press("Escape")
    await keys.press("e")
    await expect(console.notices).to_contain_text("closed")
    await keys.press("g")
    await keys.press("l")
    await expect(console.log_rows.filter(has_text=phone.owner)).to_have_count(1)


async def test_a_row_that_has_focus_opens_by_enter(desk: Desk, phones: Phones) -> None:
    console = await desk.console("bartek")
    keys = console.page.keyboard
    await phones["sms"].write("Ten będzie drugi")
    await console.show("Unassigned")
    await expect(console.rows.first).to_contain_text("Ten będzie drugi")
    await phones["telegram"].write("Ten będzie pierwszy")
    await expect(console.rows.first).to_contain_text("Ten będzie pierwszy")
    await tab_to(console.page, console.rows.first)
    await keys.press("ArrowDown")
    await expect(console.rows.nth(1)).to_be_focused()
    await keys.press("Enter")
    await expect(console.message("Ten będzie drugi")).to_be_visible()


async def tab_to(page: Page, target: Locator) -> None:
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await target.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {target}")
