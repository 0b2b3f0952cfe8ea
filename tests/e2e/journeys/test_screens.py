"""A phone's screen, the Polish texts, the dark colours."""

import sqlite3
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.e2e.journeys.console import Console
from tests.e2e.journeys.demo import PASSWORD
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones

pytestmark = pytest.mark.asyncio(loop_scope="module")

PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
LONG = "Nr-przesyłki-" + "0123456789" * 12 + " dla pani Śliwy"


async def test_a_phone_shows_the_list_then_the_thread_and_goes_back(desk: Desk, phones: Phones) -> None:
    console, phone = await desk.console(None, **PHONE), phones["viber"]
    await fits(console.page)
    await console.sign_in("bartek")
    await phone.write(LONG)
    await console.page.get_by_role("navigation", name="Views").get_by_role("link", name="Unassigned").tap()
    await expect(console.row(phone.owner)).to_have_count(1)
    await expect(console.thread).to_have_count(0)
    await fits(console.page)

    await console.row(phone.owner).tap()
    await expect(console.message(LONG)).to_be_visible()
    await expect(console.rows).to_have_count(0)
    await fits(console.page)
    await takes_a_finger(console)
    await console.reply_field.fill("Jest w drodze\n" + LONG)
    await fits(console.page)
    await console.page.get_by_test_id("send").tap()
    await console.expect_tick("Jest w drodze", "Delivered")
    await expect(phone.received("Jest w drodze")).to_have_count(1)
    await expect(console.message("Jest w drodze")).to_be_in_viewport()
    await fits(console.page)

    await console.page.get_by_role("button", name="Show contact").tap()
    await expect(console.page.get_by_role("complementary", name="Contact")).to_be_visible()
    await fits(console.page)
    await console.page.get_by_role("button", name="Back").tap()
    await expect(console.message(LONG).first).to_be_visible()
    await console.page.get_by_role("button", name="Back").tap()
    await expect(console.page.get_by_text("Nobody is waiting")).to_be_visible()
    await expect(console.thread).to_have_count(0)
    await console.page.get_by_role("navigation", name="Views").get_by_role("link", name="Mine").tap()
    await expect(console.row(phone.owner)).to_have_count(1)
    await fits(console.page)

    for place in ("Log", "More", "Inbox"):
        await console.page.get_by_role("link", name=place, exact=True).tap()
        await expect(console.page.get_by_role("link", name=place, exact=True)).to_have_attribute(
            "aria-current", "page"
        )
        await fits(console.page)


async def test_a_polish_browser_gets_polish_texts(desk: Desk, phones: Phones) -> None:
    page = (await desk.console(None, locale="pl-PL")).page
    await expect(page.get_by_role("heading", name="Zaloguj się do Centrali")).to_be_visible()
    await page.get_by_label("E-mail").fill("ala@demo.local")
    await page.get_by_label("Hasło").fill(PASSWORD)
    await page.get_by_role("button", name="Zaloguj się").click()
    await phones["sms"].write("Czy jest kawa?")
    await page.get_by_role("navigation", name="Widoki").get_by_role("link", name="Wolne").click()
    row = page.get_by_role("listbox", name="Dialogi").get_by_role("option")
    await expect(row.filter(has_text="Czy jest kawa?")).to_contain_text("1 nieprzeczytana wiadomość")
    await row.filter(has_text="Czy jest kawa?").click()
    await page.get_by_role("button", name="Weź", exact=True).click()
    await expect(page.get_by_test_id("thread")).to_contain_text("Dialog bierze Ala Kowalska")
    field = page.get_by_role("textbox", name="Napisz odpowiedź")
    # Single keys are shortcuts, and AltGr types these letters.
    await field.press_sequentially("Jest, źdźbło żółtej też; jkrne?")
    await field.press("Enter")
    await expect(phones["sms"].received("Jest, źdźbło żółtej też; jkrne?")).to_have_count(1)
    await expect(page.get_by_test_id("thread").get_by_role("img", name="Dostarczono")).to_be_visible()
    await page.get_by_role("link", name="Rejestr", exact=True).click()
    await expect(page.get_by_role("heading", name="Rejestr")).to_be_visible()
    await expect(page.locator("html")).to_have_attribute("lang", "pl")


async def test_polish_words_fit_on_a_phone(desk: Desk, phones: Phones) -> None:
    """They are longer: the composer with all its buttons, the dialog in the log, and why nothing was delivered."""
    page, phone = (await desk.console(None, locale="pl-PL", **PHONE)).page, phones["messenger"]
    await page.get_by_label("E-mail").fill("ala@demo.local")
    await page.get_by_label("Hasło").fill(PASSWORD)
    await page.get_by_role("button", name="Zaloguj się").click()
    await phone.write("Gdzie paczka?")
    await page.get_by_role("navigation", name="Widoki").get_by_role("link", name="Wolne").click()
    await page.get_by_role("option").filter(has_text=phone.owner).click()
    field, send = page.get_by_role("textbox", name="Napisz odpowiedź"), page.get_by_test_id("send")
    await field.fill("W drodze")  # taking and sending has the longest words
    await fits(page)
    await page.get_by_role("button", name="Weź", exact=True).click()
    await expect(send).to_have_accessible_name("Wyślij")
    await expect(send).to_be_in_viewport(ratio=1)
    await fits(page)
    await page.get_by_role("button", name="Dodaj do wiadomości").click()
    await page.get_by_role("menuitem", name="Zaproponuj szybkie odpowiedzi").click()
    reply = page.get_by_role("textbox", name="Szybka odpowiedź 1")
    await reply.fill("Poproszę o telefon")
    assert await reply.evaluate("field => field.scrollWidth <= field.clientWidth")
    await fits(page)

    await phone.root.get_by_role("switch", name="Blocked").set_checked(True)
    await send.click()
    await expect(page.get_by_test_id("thread")).to_contain_text("Nie dostarczono. Klient nas zablokował")
    dialog_id = page.url.rsplit("/", 1)[-1].split("?")[0]
    await page.goto(f"{desk.demo.url}/log/{dialog_id}?status=all")
    modal = page.get_by_role("dialog")
    await expect(modal.get_by_role("button", name="Otwórz w skrzynce")).to_be_visible()
    name = modal.get_by_text(phone.owner, exact=True).first
    assert await name.evaluate("name => name.scrollWidth <= name.clientWidth")


async def test_beside_a_list_with_little_room_nothing_sticks_out_of_the_dialog(
    desk: Desk, phones: Phones
) -> None:
    """An upright tablet, and a desk whose page is shown at 200 %: the composer's bar is one line, the name is read."""
    phone = phones["whatsapp"]
    await phone.write("Czy jest na miejscu?")
    await phone.send("Video")
    tablet: dict[str, Any] = {
        "viewport": {"width": 768, "height": 1024},
        "is_mobile": True,
        "has_touch": True,
    }
    for options in (tablet, {"viewport": {"width": 720, "height": 450}}):
        console = await desk.console("bartek", **options)
        await console.open(phone.owner)
        await console.reply_field.fill("Tak")
        assert await console.composer.evaluate(
            """(form) => { const right = form.getBoundingClientRect().right;
              return [...form.querySelectorAll("button")].every((one) => one.getBoundingClientRect().right < right) }"""
        )
        assert await console.composer.locator(".composer-bar").evaluate(
            "bar => bar.clientHeight < 2 * bar.querySelector('[type=submit]').offsetHeight"
        ), "its buttons stand on two lines"
        name = console.page.locator(".thread-name")
        assert await name.evaluate("name => name.scrollWidth <= name.clientWidth && name.clientWidth > 60")
        video = console.thread.locator("video")
        assert await video.evaluate(
            """video => video.getBoundingClientRect().right <= video.closest(".bubble").getBoundingClientRect().right"""
        )


async def test_colours_follow_the_system(desk: Desk) -> None:
    for scheme, is_dark in (("dark", True), ("light", False)):
        console = await desk.console(None, color_scheme=scheme)
        assert (await lightness(console.page.locator("body"), "background-color") < 0.2) is is_dark
        await console.sign_in("ala")
        assert (await lightness(console.page.locator("body"), "background-color") < 0.2) is is_dark
        heading = console.page.get_by_role("heading", name="Inbox")
        assert (await lightness(heading, "color") > 0.6) is is_dark


async def fits(page: Page) -> None:
    """Nothing sticks out or scrolls sideways, but the log's filters: those are a strip to swipe."""
    wide: list[str] = await page.evaluate(
        """() => [document.documentElement, ...document.body.querySelectorAll("*")]
            .filter((element) => element === document.documentElement
              || ["auto", "scroll"].includes(getComputedStyle(element).overflowX))
            .filter((element) => !element.matches(".log-chips"))
            .filter((element) => element.scrollWidth > element.clientWidth + 1)
            .map((element) => `${element.tagName} ${element.className} ${element.scrollWidth} > ${element.clientWidth}`)"""
    )
    assert wide == []
    assert await page.evaluate("innerWidth") == 360


async def takes_a_finger(console: Console) -> None:
    """The whole composer is on the screen and its buttons are big enough to hit."""
    for part in (console.reply_field, console.page.get_by_test_id("send"), console.close_button):
        await expect(part).to_be_in_viewport(ratio=1)
        box = await part.bounding_box()
        assert box is not None
        assert box["height"] >= 44, f"{part} is {box['height']} px high"


async def lightness(element: Locator, name: str) -> float:
    """0 for black to 1 for white."""
    colour: str = await element.evaluate(
        "(element, name) => getComputedStyle(element).getPropertyValue(name)", name
    )
    red, green, blue = (float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


async def test_a_failed_message_can_be_sent_again_unless_the_contact_left(desk: Desk, phones: Phones) -> None:
    phone = phones["telegram"]
    await phone.write("Чи є черепахи?")
    console = await desk.console("ala")
    await console.open(phone.owner)
    await console.reply("Są, od jutra")
    await console.expect_tick("Są, od jutra", "Sent")
    _lose(desk, "Są, od jutra")
    await console.page.reload()
    retry = console.message("Są, od jutra").get_by_role("button", name="Retry")
    await expect(retry).to_be_visible()
    blocked = phone.root.get_by_label("Blocked")
    await blocked.check()
    await expect(retry).to_be_hidden()
    await expect(console.composer).to_contain_text("blocked us or left")
    await blocked.uncheck()
    await expect(retry).to_be_visible()


def _lose(desk: Desk, text: str) -> None:
    """As if the provider had refused it; the demo keeps its dialogs in SQLite."""
    [file] = desk.demo.data.rglob("centrala.db")
    with sqlite3.connect(file, timeout=10) as database:
        database.execute("UPDATE message SET state = 'failed' WHERE text = ?", [text])
    database.close()
