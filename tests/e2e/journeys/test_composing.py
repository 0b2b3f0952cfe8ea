"""Files on their way into a message, and a search that looks at a part of the dialogs only."""

import pytest
from playwright.async_api import expect

from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones
from tests.e2e.journeys.test_channels import png

pytestmark = pytest.mark.asyncio(loop_scope="module")

_DRAG = """({selector, kind, bytes}) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([new Uint8Array(bytes)], "półka.png", {type: "image/png"}));
  const event = new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer});
  return !document.querySelector(selector).dispatchEvent(event);
}"""

_GROW = """async (list) => {
  // Ends in a task of its own: what is done then is seen by the scroll event before the sizes are.
  const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))));
  list.scrollTop = list.scrollHeight - list.clientHeight - 30;
  await frames();
  list.scrollTop = list.scrollHeight;
  [...list.querySelectorAll("[data-message], .thread > li")].at(-1).style.minHeight = "600px";
  await frames();
  return list.scrollHeight - list.scrollTop - list.clientHeight;
}"""


async def test_files_are_dropped_on_the_dialog_and_wait_there_like_a_draft(
    desk: Desk, phones: Phones
) -> None:
    asked, other = phones["whatsapp"], phones["viber"]
    for phone in (asked, other):
        await phone.write("Jak wygląda półka?")
    console = await desk.console("ala")
    page, picture = console.page, list(png(48, 32))

    async def drag(kind: str, selector: str) -> bool:
        return bool(await page.evaluate(_DRAG, {"selector": selector, "kind": kind, "bytes": picture}))

    await console.open(asked.owner)
    await expect(console.message("półka")).to_be_visible()
    hint, waiting = page.get_by_text("Drop to attach"), page.get_by_role("button", name="Remove półka.png")
    assert await drag("dragover", ".thread-content")
    await expect(hint).to_be_visible()
    assert await drag("drop", ".thread-content")
    await expect(hint).to_have_count(0)
    await expect(waiting).to_be_visible()
    assert await drag("drop", ".list-pane"), "the browser would have opened the file instead of the inbox"
    await expect(waiting).to_have_count(1)

    await console.open(other.owner)
    await expect(waiting).to_have_count(0)
    await console.open(asked.owner)
    await expect(waiting).to_be_visible()
    await page.get_by_test_id("send").click()
    await expect(asked.received_pictures).to_have_count(1)
    await expect(waiting).to_have_count(0)


async def test_a_search_says_that_it_looked_at_this_list_only(desk: Desk, phones: Phones) -> None:
    await phones["messenger"].write("Czy są jeszcze lilie?")
    console = await desk.console("bartek")
    await console.show("Mine")
    await console.page.get_by_role("searchbox", name="Search dialogs").fill("lilie")
    await expect(console.page.get_by_text("No dialog in this list matches")).to_be_visible()
    await console.page.get_by_role("link", name="Search all open dialogs").click()
    await expect(console.row("lilie")).to_have_count(1)
    await console.page.get_by_role("button", name="Clear search").click()
    await expect(console.page.get_by_role("searchbox", name="Search dialogs")).to_be_focused()
    await console.page.get_by_role("searchbox", name="Search dialogs").fill("nigdzietegoniema")
    await expect(console.page.get_by_text("No open dialog matches")).to_be_visible()


async def test_what_was_begun_and_what_came_meanwhile_is_told(desk: Desk, phones: Phones) -> None:
    """A draft in its row; who reads further up is not moved, and is told how much is new at the end."""
    phone, other = phones["telegram"], phones["sms"]
    await other.write("Inna sprawa")
    for part in range(4):
        await phone.write(f"Część {part}: " + "bardzo długi opis sprawy, " * 12)
    console = await desk.console("bartek", viewport={"width": 1280, "height": 480})
    page = console.page
    await console.open(phone.owner)
    await console.reply_field.fill("Już patrzę")
    await console.open(other.owner)
    await expect(console.row(phone.owner)).to_contain_text("Draft: Już patrzę")
    await console.open(phone.owner)
    await expect(console.row(phone.owner)).not_to_contain_text("Draft:")
    await expect(console.reply_field).to_have_value("Już patrzę")

    scroller = page.locator(".thread-scroller")
    await expect(console.message("Część 3")).to_be_in_viewport()
    await scroller.evaluate("element => element.scrollTop = 40")
    await expect(page.get_by_role("button", name="Newest messages")).to_be_visible()
    await phone.write("Halo?")
    await page.get_by_role("button", name="1 new message").click(trial=True)
    assert await scroller.evaluate("element => element.scrollTop") == 40
    await page.get_by_role("button", name="1 new message").click()
    await expect(console.message("Halo?")).to_be_in_viewport()
    await expect(page.locator(".jump")).to_have_count(0)

    await console.open(other.owner)
    await phone.write("I jeszcze jedno")
    await console.open(phone.owner)
    newest = console.thread.get_by_text("New messages", exact=True)
    await expect(newest).to_have_count(1)
    assert await newest.evaluate(
        """line => line.previousElementSibling.textContent.includes("Halo?")
          && line.nextElementSibling.textContent.includes("I jeszcze jedno")"""
    )

    # Both threads stay at their end when a picture or a film is as large as it is only after they were scrolled there.
    phone_thread = phone.root.locator(".thread")
    await phones.page.set_viewport_size({"width": 1200, "height": 480})
    for thread in (scroller, phone_thread):
        await expect(thread.get_by_text("I jeszcze jedno")).to_be_visible()
        assert await thread.evaluate(_GROW) < 2
