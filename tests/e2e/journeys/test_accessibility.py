"""Every main screen as assistive technology finds it: by axe-core, in both languages and themes, on a desk and a phone."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.e2e.journeys.console import Console
from tests.e2e.journeys.demo import PASSWORD
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones

pytestmark = pytest.mark.asyncio(loop_scope="module")

AXE = Path(__file__).resolve().parents[3] / "web/node_modules/axe-core/axe.min.js"
_RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter(({impact}) => impact === "serious" || impact === "critical")
  .flatMap(({id, nodes}) => nodes.map(({html, any, all, none}) =>
    `${id}: ${html.slice(0, 200)} (${[...any, ...all, ...none].map(({message}) => message).join("; ")})`))"""
_DRAG = """(element) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["x"], "a.png", {type: "image/png"}));
  element.dispatchEvent(new DragEvent("dragover", {bubbles: true, cancelable: true, dataTransfer}));
}"""
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


class Checked:
    """A console whose screens are looked at; what is wrong is told of all of them at once."""

    def __init__(self, console: Console, tag: str) -> None:
        self.console = console
        self.found: list[str] = []
        self._tag = tag

    async def look(self, screen: str) -> None:
        page = self.console.page
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(AXE.read_text())
        self.found += [f"{self._tag} {screen}: {each}" for each in await page.evaluate(_RUN)]


async def _in(desk: Desk, *, language: str, scheme: str, **options: Any) -> Checked:
    page = await desk.page(desk.demo.url, locale=language, color_scheme=scheme, **options)
    checked = Checked(Console(page), f"{language} {scheme} {options.get('viewport', {}).get('width', '')}")
    await expect(page.locator("input[type=email]")).to_be_visible()
    await page.locator("input[type=email]").fill("nobody@demo.local")
    await page.locator("input[type=password]").fill("wrong")
    await page.locator("button[type=submit]").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.locator("input[type=password]")).to_be_focused()
    await checked.look("sign-in")
    await page.locator("input[type=email]").fill("adam@demo.local")
    await page.locator("input[type=password]").fill(PASSWORD)
    await page.locator("button[type=submit]").click()
    await checked.console.is_live()
    return checked


async def test_no_screen_shuts_anybody_out(desk: Desk, phones: Phones) -> None:
    for kind in ("sms", "messenger"):
        await phones[kind].write("Czy to działa?")
    found: list[str] = []
    for language, scheme in (("en-GB", "light"), ("pl-PL", "dark")):
        checked = await _in(desk, language=language, scheme=scheme)
        await _walk_a_desk(desk, phones, checked)
        found += checked.found
    checked = await _in(desk, language="pl-PL", scheme="light", **PHONE)
    await _walk_a_phone(desk, checked)
    assert found + checked.found == []


async def _walk_a_desk(desk: Desk, phones: Phones, checked: Checked) -> None:
    console, page = checked.console, checked.console.page
    await _go(page, desk, "/inbox?view=all")
    await console.row(phones["messenger"].owner).click()
    await expect(console.thread.locator("[data-message]").first).to_be_visible()
    await checked.look("inbox")
    for _each in ("links", "quick replies"):
        await page.locator(".composer-bar .icon-button").last.click()
    await expect(page.locator(".button-field")).to_have_count(2)
    await page.locator(".link-button-address").fill("http://example.pl")
    await checked.look("buttons")
    await page.locator(".thread-content").evaluate(_DRAG)
    await expect(page.locator(".drop-here")).to_be_visible()
    await checked.look("files over the dialog")
    await page.locator(".dialog-pane").dispatch_event("dragleave")
    await page.locator("[data-shortcut=assign]").click()
    await expect(page.get_by_role("menuitemradio").first).to_be_visible()
    await checked.look("menu")
    await page.keyboard.press("Escape")
    await _react(checked)
    await page.locator(".list-title .icon-button").first.click()
    await expect(console.modal).to_be_visible()
    await checked.look("new message")
    await page.keyboard.press("Escape")
    await _go(page, desk, "/log?status=all")
    await checked.look("log")
    await console.log_rows.first.get_by_role("link").click()
    await expect(console.modal.locator("[data-message]").first).to_be_visible()
    await checked.look("log's modal")
    await page.goto(f"{desk.demo.url}/settings/channels")
    await expect(page.locator("[data-channel]").first).to_be_visible()
    await checked.look("settings")
    await page.locator("[data-channel] a").first.click()
    await expect(page.locator("form.channel-form")).to_be_visible()
    await checked.look("channel")
    await page.goto(f"{desk.demo.url}/settings/channels/new/messenger")
    await expect(page.locator("svg.drawing").first).to_be_visible()
    await checked.look("connecting")


async def _walk_a_phone(desk: Desk, checked: Checked) -> None:
    console, page = checked.console, checked.console.page
    await _go(page, desk, "/inbox?view=all")
    await checked.look("list")
    await console.rows.first.tap()
    await expect(console.thread.locator("[data-message]").first).to_be_visible()
    await checked.look("dialog")
    await page.locator(".composer-bar [aria-haspopup=menu]").first.tap()
    await expect(page.get_by_role("menuitem").first).to_be_visible()
    await checked.look("what can be added")
    await page.keyboard.press("Escape")
    await page.goto(f"{page.url.split('?')[0]}?details=1")
    await expect(console.facts).to_be_visible()
    await checked.look("contact")
    for path in ("/log?status=all", "/more"):
        await page.goto(f"{desk.demo.url}{path}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await checked.look(path)


async def _react(checked: Checked) -> None:
    """The picker with all of its emoji, and the one that was put."""
    console, page = checked.console, checked.console.page
    message = console.thread.locator(".group-inbound [data-message]").last
    await message.hover()
    await message.locator(".bubble-actions [aria-haspopup=menu]").click()
    await page.locator(".emoji-grid + .menu-item").click()
    await expect(page.locator(".emoji-other input")).to_be_visible()
    await checked.look("reactions")
    await page.locator(".emoji-grid .menu-item").first.click()
    await expect(message.locator(".reaction-own")).to_be_visible()
    await checked.look("a reaction")
    await message.locator(".reaction-own").click()
    await expect(message.locator(".reaction-own")).to_have_count(0)


async def _go(page: Page, desk: Desk, path: str) -> None:
    await page.goto(f"{desk.demo.url}{path}")
    await expect(page.locator("[data-dialog], [data-log-row]").first).to_be_visible()


async def test_what_is_new_is_announced_once_each_time_and_not_with_the_whole_list(
    desk: Desk, phones: Phones
) -> None:
    console, phone = await desk.console("ala"), phones["viber"]
    announcer = console.page.get_by_test_id("announcer")
    await phone.write("Pierwsza")
    await expect(announcer).to_have_text(f"New dialog from {phone.owner}")
    await console.open(phone.owner)
    await expect(console.message("Pierwsza")).to_be_visible()
    await console.page.evaluate("""() => {
      window.heard = [];
      const live = [...document.querySelectorAll("[aria-live], [role=status], [role=alert], [role=log]")]
        .filter((each) => each.getAttribute("aria-live") !== "off");
      const observer = new MutationObserver((changes) => window.heard.push(
        ...new Set(changes.map(({target}) => (target.parentElement ?? target).textContent))));
      for (const each of live) observer.observe(each, {childList: true, characterData: true, subtree: true});
    }""")
    for heard, text in enumerate(("Druga", "Trzecia"), start=1):
        await phone.write(text)
        await expect(console.message(text)).to_be_visible()
        await console.page.wait_for_function("n => window.heard.filter(Boolean).length === n", arg=heard)
    said = [each for each in await console.page.evaluate("window.heard") if each]
    assert said == [f"New message from {phone.owner}"] * 2
