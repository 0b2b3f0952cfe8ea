"""WhatsApp's templates in a real browser: the way to write first, and when the time for replies is over."""

import sqlite3

import pytest
from playwright.async_api import expect

from connectors.simulator import sample_picture
from connectors.simulator.app import DEMO_CUSTOMERS
from connectors.simulator.provider import digits_of
from tests.e2e.journeys.console import Console
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones

HELLO = "Dzień dobry! Czy możemy wrócić do naszej rozmowy?"
PHONE = {"width": 360, "height": 740}

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_number_nobody_knew_gets_a_template_and_answers(desk: Desk, phones: Phones) -> None:
    phone = phones["whatsapp"]
    number = "+48 " + digits_of("whatsapp" + DEMO_CUSTOMERS["whatsapp"][0], 9)
    console = await desk.console("ala")
    await console.page.get_by_role("button", name="New message").press("Enter")
    modal = console.modal
    await modal.get_by_label("From").select_option("Zielony Liść (WhatsApp)")
    await modal.get_by_label("To (phone number)").fill(number)
    await expect(modal.get_by_label("Message")).to_have_count(0)
    which = modal.get_by_label("Template", exact=True)
    send = modal.get_by_role("button", name="Send", exact=True)
    # What can't be sent is there, with the reason, and is not sent.
    await which.select_option("winter (pl) – paused")
    await expect(modal).to_contain_text("paused this template because customers disliked it")
    await expect(send).to_be_disabled()
    # An open choice hears of the channel's changes, those of its templates are among them.
    channel = await modal.get_by_label("From").input_value()
    async with console.page.expect_response(f"**/channels/{channel}/templates"):
        await _as_adam(desk, "PATCH", f"channels/{channel}", {"name": "Zielony Liść (WhatsApp)"})
    # Enter takes the first that is found, and sends nothing yet.
    search = modal.get_by_label("Search templates")
    await search.fill("come back")
    await search.press("Enter")
    await expect(which).to_have_value("hello en_US")
    await search.fill("wrócić")
    await search.press("Enter")
    await expect(modal.get_by_test_id("template-preview")).to_have_text(HELLO)
    await send.press("Enter")
    await expect(modal).to_be_hidden()
    await expect(console.message(HELLO)).to_be_visible()
    await expect(phone.received(HELLO)).to_be_visible()
    await expect(console.composer).to_contain_text("only an approved template can be sent here")
    await phone.write("Tak, proszę")
    await expect(console.message("Tak, proszę")).to_be_visible()
    await console.reply("Świetnie")
    await expect(phone.received("Świetnie")).to_be_visible()


async def test_a_template_with_a_picture_goes_when_the_time_for_replies_is_over(
    desk: Desk, phones: Phones
) -> None:
    phone = phones["whatsapp"]
    await phone.write("Czy oferta jest aktualna?")
    console = await desk.console("ala", viewport=PHONE)
    await console.open(phone.owner)
    await expect(console.message("Czy oferta jest aktualna?")).to_be_visible()
    # Two days pass.
    _change_dialogs(desk, "last_inbound_at = last_inbound_at - 172800000")
    await console.page.reload()
    await console.is_live()
    await expect(console.composer).to_contain_text("24 h for replies are over")
    offer = console.page.get_by_role("button", name="Send a template")
    await offer.press("Enter")
    modal = console.modal
    send = modal.get_by_role("button", name="Send", exact=True)
    await modal.get_by_label("Template", exact=True).select_option("new_offer (pl)")
    first, second = modal.get_by_label("Variable 1"), modal.get_by_label("Variable 2")
    await first.fill("Żaneto")
    preview = modal.get_by_test_id("template-preview")
    await expect(preview).to_contain_text("Dzień dobry Żaneto, nowa oferta jest ważna do {{2}}")
    await second.fill("a     b")
    await expect(modal).to_contain_text("no more than four spaces in a row")
    await second.fill("piątku")
    await expect(send).to_be_disabled()
    picker = modal.get_by_test_id("template-file")
    await picker.set_input_files({"name": "o.txt", "mimeType": "text/plain", "buffer": b"words"})
    await expect(modal).to_contain_text("“o.txt” can't be used here")
    await picker.set_input_files({"name": "o.jpg", "mimeType": "image/jpeg", "buffer": sample_picture()})
    await expect(preview.get_by_role("img", name="o.jpg")).to_be_visible()
    box = await modal.bounding_box()
    assert box is not None
    assert (box["x"] >= 0, box["x"] + box["width"] <= PHONE["width"]) == (True, True)
    assert not await modal.evaluate("(modal) => modal.scrollWidth > modal.clientWidth")
    await second.press("Enter")
    await expect(modal).to_be_hidden()
    text = "Dzień dobry Żaneto, nowa oferta jest ważna do piątku."
    await expect(phone.received(text).get_by_role("img", name="o.jpg")).to_be_visible()
    await console.expect_tick(text, "Delivered")
    # It is no reply of the customer's: the time is still over.
    await expect(offer).to_be_focused()

    # The choice goes when nothing can be sent any more, and does not come back by itself when something can.
    await offer.press("Enter")
    await expect(modal).to_be_visible()
    _change_dialogs(desk, "reachable = 0")
    await _note(desk, console)
    await expect(modal).to_be_hidden()
    _change_dialogs(desk, "reachable = 1")
    await _note(desk, console)
    await expect(offer).to_be_visible()
    await expect(modal).to_be_hidden()
    await phone.write("Biorę")
    await expect(console.message("Biorę")).to_be_visible()
    await expect(console.reply_field).to_be_enabled()
    await expect(offer).to_have_count(0)


async def _note(desk: Desk, console: Console) -> None:
    """An administrator leaves a note; everybody is told what the dialog is like now."""
    dialog = console.page.url.partition("?")[0].rpartition("/")[2]
    await _as_adam(desk, "POST", f"dialogs/{dialog}/messages", {"kind": "note", "text": "zajrzę"})


async def _as_adam(desk: Desk, method: str, path: str, body: dict[str, str]) -> None:
    page = (await desk.console("adam")).page
    api = f"{desk.demo.url}/api/v1"
    session = await (await page.request.get(f"{api}/session")).json()
    headers = {"X-CSRF-Token": session["csrfToken"], "Origin": desk.demo.url}
    answer = await page.request.fetch(f"{api}/{path}", method=method, data=body, headers=headers)
    assert answer.ok, await answer.text()


def _change_dialogs(desk: Desk, change: str) -> None:
    """Behind the server's back; the demo keeps its dialogs in SQLite."""
    [file] = desk.demo.data.rglob("centrala.db")
    with sqlite3.connect(file, timeout=10) as database:
        database.execute(f"UPDATE dialog SET {change}")
    database.close()
