"""From the company's website through a messenger to the agent's screen: where the customer came from."""

import csv
import io
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.e2e.journeys.console import Console
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import KIND_NAMES, Phones
from tests.e2e.journeys.site import Site, Visitor, running_site

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOM = b"\xef\xbb\xbf"
TOKEN_IN = {"messenger": "ref", "telegram": "start", "viber": "context"}
LINK = {
    "messenger": "https://m.me/102938475610293",
    "telegram": "https://t.me/centrala_demo_bot",
    "viber": "viber://pa",
}


@pytest_asyncio.fixture(loop_scope="module")
async def site(desk: Desk) -> AsyncIterator[Site]:
    async with running_site(desk) as site:
        yield site


@pytest.mark.parametrize("kind", TOKEN_IN)
async def test_a_new_customer_comes_with_where_they_came_from(
    desk: Desk, site: Site, phones: Phones, kind: str
) -> None:
    token = await come_by(site, kind, f"shop-{kind}")
    await phones[kind].start_by_link(token)
    await phones[kind].write(f"Dzień dobry ze strony ({kind})")

    console = await desk.console("ala")
    await console.open(phones[kind].owner)
    await expect(console.facts).to_contain_text(f"shop-{kind} / cpc")
    await expect(console.facts).to_contain_text("wiosna 2026")
    await expect(console.facts).to_contain_text(f"{urlsplit(site.url).netloc}/oferta")
    await expect(console.facts).not_to_contain_text("secret")

    leader = await desk.console("sonia")
    await show_only(leader, f"shop-{kind}")
    await expect(leader.log_rows).to_have_count(1)
    await expect(leader.log_rows).to_contain_text(phones[kind].owner)
    [row] = rows(await leader.download("Dialogs as CSV"))
    assert (row["contact_name"], row["channel"]) == (phones[kind].owner, kind)
    assert (row["source"], row["medium"], row["campaign"]) == (f"shop-{kind}", "cpc", "wiosna 2026")
    assert row["landing_page"] == f"{site.url}/oferta"


async def come_by(site: Site, kind: str, source: str) -> str:
    """Land with a campaign, read on, choose the messenger on another page; the token of the link."""
    visitor = await site.visit(
        f"/oferta?utm_source={source}&utm_medium=cpc&utm_campaign=wiosna%202026&gclid=X&email=secret"
    )
    await expect(visitor.button).to_be_visible()
    await visitor.page.get_by_role("link", name="Kontakt").click()
    await visitor.page.wait_for_url("**/kontakt")
    await expect(visitor.button).to_be_visible()
    assert await visitor.stored() == 0, "nothing is kept before the visitor uses it"
    await visitor.button.click()
    address = await visitor.choose(KIND_NAMES[kind])
    assert address.startswith(LINK[kind])
    [token] = parse_qs(urlsplit(address).query)[TOKEN_IN[kind]]
    return token


async def show_only(console: Console, source: str) -> None:
    await console.open_log()
    await console.choose_filter("Status", "All")
    await console.choose_filter("Source", source)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.removeprefix(BOM).decode())))


# --------------------------------------------------------------------------------------------- the widget itself


async def test_keyboard_and_screen_reader(site: Site) -> None:
    visitor = await site.visit("/")
    await visitor.button.focus()
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.panel).to_be_visible()
    await expect(visitor.panel.get_by_role("link")).to_have_count(3)
    await expect(visitor.channel("Messenger")).to_be_focused()
    await expect(visitor.channel("Messenger")).to_have_accessible_name(
        "Messenger Sklep Zielony Liść (opens in a new tab)"
    )
    await expect(visitor.page.get_by_role("button", name="Close")).to_have_attribute("aria-expanded", "true")
    await visitor.page.keyboard.press("Tab")
    await expect(visitor.channel("Telegram")).to_be_focused()
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.panel).to_be_hidden()
    await expect(visitor.button).to_be_focused()
    await visitor.button.click()
    await visitor.page.mouse.click(5, 5)
    await expect(visitor.panel).to_be_hidden()


async def test_the_pages_words_rules_and_calls_are_followed(site: Site) -> None:
    site.attributes, site.lang = 'data-hide-on="/kasa, /koszyk*"', "pl-PL"
    visitor = await site.visit("/koszyk/2")
    await visitor.page.wait_for_function("window.centrala !== undefined")
    await visitor.page.evaluate("window.centrala.open()")
    panel = visitor.page.get_by_role("dialog", name="Napisz do nas")
    await expect(panel).to_contain_text("Wybierz, gdzie chcesz napisać.")
    button = visitor.page.get_by_role("button", name="Zamknij")
    await expect(button).to_have_count(0)
    await visitor.page.evaluate("history.pushState({}, '', '/oferta')")
    await expect(button).to_be_visible()

    site.attributes = 'data-lang="uk" data-show-on="/kontakt"'
    visitor = await site.visit("/kontakt")
    await expect(visitor.page.get_by_role("button", name="Напишіть нам")).to_be_visible()


async def test_it_looks_its_part_whatever_the_site_and_the_visitors_settings_are(site: Site) -> None:
    visitor = await site.visit("/", color_scheme="dark", reduced_motion="reduce")
    await visitor.button.click()
    assert await style_of(visitor, "backgroundColor") == "rgb(21, 27, 29)"
    assert await style_of(visitor, "animationName") == "none"
    visitor = await site.visit("/", color_scheme="light", viewport={"width": 320, "height": 480})
    await visitor.button.click()
    assert await style_of(visitor, "backgroundColor") == "rgb(255, 255, 255)"
    box = await visitor.panel.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 320
    assert box["y"] >= 0


async def style_of(visitor: Visitor, name: str) -> str:
    value: str = await visitor.panel.evaluate("(element, name) => getComputedStyle(element)[name]", name)
    return value


async def test_the_chat_opens_also_when_the_visit_can_not_be_recorded(desk: Desk, site: Site) -> None:
    desk.expect(r"status of 503|net::ERR_FAILED")
    visitor = await site.visit("/")
    await visitor.button.click()
    await visitor.page.route("**/api/v1/widget/visits", lambda route: route.fulfill(status=503))
    async with visitor.page.expect_popup() as opened:
        await visitor.channel("Telegram").click()
    tab = await opened.value
    await tab.wait_for_url("https://t.me/centrala_demo_bot")


async def test_where_nothing_is_offered_there_is_no_button(site: Site) -> None:
    site.attributes = 'data-channels="1" data-call-back="off"'
    visitor = await site.visit("/")
    async with visitor.page.expect_response("**/api/v1/widget/config"):
        await visitor.page.reload()
    await visitor.page.wait_for_load_state("networkidle")
    await expect(visitor.button).to_have_count(0)


async def test_an_administrator_copies_the_line_for_the_website(desk: Desk) -> None:
    console = await desk.console("adam", permissions=["clipboard-read", "clipboard-write"])
    await console.page.get_by_role("link", name="Settings").click()
    field = console.page.get_by_role("textbox", name="Line for your website")
    line = f'<script src="{desk.demo.url}/widget.js" async></script>'
    await expect(field).to_have_value(line)
    offers = console.page.get_by_text("It offers: ")
    await expect(offers).to_contain_text("Sklep Zielony Liść (Messenger), Zielony Liść (Telegram), ")
    await console.page.get_by_role("button", name="Copy").click()
    await expect(console.notices).to_contain_text("Copied")
    assert await console.page.evaluate("navigator.clipboard.readText()") == line

    agent = await desk.console("ala")
    await agent.page.get_by_role("link", name="Settings").click()
    await expect(agent.page.get_by_role("heading", name="Channels")).to_be_visible()
    await expect(agent.page.get_by_role("heading", name="Site widget")).to_have_count(0)
