"""From a customer's phone to an agent's screen and back, in a real browser: what a newcomer sees in the demo."""

import asyncio
import csv
import io
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, Route, expect

from connectors.simulator import KINDS, sample_picture
from tests.e2e.conftest import SECONDS, Demo, answer, close, message, open_dialog, view

pytestmark = pytest.mark.asyncio(loop_scope="module")

TICKS = {
    "sms": ["Delivered"],
    "messenger": ["Delivered", "Read"],
    "telegram": ["Sent"],
    "viber": ["Delivered", "Read"],
}
"""How far each channel reports while the phone is on, and once its owner looks."""


@pytest.mark.parametrize("kind", KINDS)
async def test_a_conversation(demo: Demo, kind: str) -> None:
    """Phone → screen → take → answer → phone → ticks → pictures both ways → note → close."""
    ala = await demo.sign_in("ala")
    await view(ala, "Unassigned")
    question = f"Dzień dobry, czy są żółwie? ({kind})"
    await demo.write(kind, question)
    row = ala.get_by_test_id("dialog-list").get_by_role("option").filter(has_text=question)
    await expect(row).to_be_visible(timeout=SECONDS * 1000)
    await row.click()
    await ala.get_by_role("button", name="Take", exact=True).click()
    await expect(ala.get_by_role("button", name="Take", exact=True)).to_be_hidden()

    reply = f"Są, trzy sztuki 🐢 ({kind})"
    await answer(ala, reply)
    phone = demo.phone(kind)
    await expect(phone.get_by_text(reply)).to_be_visible()
    for number, tick in enumerate(TICKS[kind]):
        if number == 1:
            await phone.locator("[data-switch=reading]").check()
        await expect(message(ala, reply).get_by_role("img", name=tick, exact=True)).to_be_visible()

    await _pictures(demo, ala, kind)
    secret = f"stała klientka ({kind})"
    await ala.get_by_role("form", name="Answer").get_by_role("button", name="Note", exact=True).click()
    await ala.get_by_role("textbox", name="Write a note for your team").fill(secret)
    await ala.get_by_test_id("send").click()
    await expect(message(ala, secret)).to_be_visible()

    await ala.get_by_role("button", name="Close dialog").click()
    await ala.get_by_role("link", name="Log").first.click()
    await ala.get_by_role("searchbox", name="Search names, numbers, texts").fill(f"zolwie {kind}")
    found = ala.get_by_test_id("log-table").locator("[data-log-row]")
    await expect(found).to_have_count(1)
    await found.click()
    await expect(ala.get_by_role("dialog").get_by_text(question)).to_be_visible()
    await expect(ala.get_by_role("dialog").get_by_text(reply)).to_be_visible()
    await expect(phone.get_by_text(secret)).to_have_count(0)
    await close(ala)
    assert demo.trouble == []


async def _pictures(demo: Demo, ala: Page, kind: str) -> None:
    thread = ala.get_by_test_id("thread")
    pictures = thread.locator("[data-message] img[src*=attachments]")
    await demo.phone(kind).locator("button.sample").click()
    await expect(pictures).to_have_count(1)
    await _is_drawn(ala, "[data-testid=thread] [data-message] img[src*=attachments]")
    if kind == "sms":  # a Polish number takes none
        return
    file = {"name": "zolw.jpg", "mimeType": "image/jpeg", "buffer": sample_picture()}
    await ala.get_by_role("form", name="Answer").get_by_role("button", name="Reply", exact=True).click()
    await ala.get_by_test_id("file-picker").set_input_files(file)  # type: ignore[arg-type]
    await expect(ala.get_by_text("Uploading…")).to_be_hidden()
    await ala.get_by_test_id("send").click()
    await expect(pictures).to_have_count(2)
    await expect(demo.phone(kind).locator(".thread .bubble img")).to_have_count(2)


async def _is_drawn(page: Page, selector: str) -> None:
    await page.wait_for_function(
        "(s) => { const i = document.querySelector(s); return i && i.complete && i.naturalWidth > 0 }",
        arg=selector,
    )


async def test_the_log_as_a_file(demo: Demo, tmp_path: Path) -> None:
    sonia = await demo.sign_in("sonia")
    await sonia.get_by_role("link", name="Log").first.click()
    await sonia.get_by_role("searchbox", name="Search names, numbers, texts").fill("zolwie")
    await expect(sonia.get_by_test_id("log-table").locator("[data-log-row]")).to_have_count(4)
    for item, column in (("Dialogs as CSV", "responsible_agent"), ("Messages as CSV", "text")):
        await sonia.get_by_role("button", name="Export").click()
        async with sonia.expect_download() as download:
            await sonia.get_by_role("menuitem", name=item).click()
        path = tmp_path / "file.csv"
        await (await download.value).save_as(path)
        file = path.read_bytes()
        assert file.startswith(b"\xef\xbb\xbf")
        values = [row[column] for row in csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline=""))]
        if column == "text":
            assert "Są, trzy sztuki 🐢 (viber)" in values
            assert not any("stała klientka" in value for value in values)
        else:
            assert values == ["Ala Kowalska"] * 4
    await close(sonia)
    assert demo.trouble == []


async def test_who_is_slower_reads_who_was_quicker(demo: Demo) -> None:
    ala, bartek, sonia = await asyncio.gather(*(demo.sign_in(who) for who in ("ala", "bartek", "sonia")))
    await demo.write("viber", "Ktoś tu jest?")
    await open_dialog(sonia, "Ktoś tu jest?")
    await sonia.locator("[data-shortcut=assign]").click()
    await (
        sonia.get_by_role("menuitem", name="Give back to unassigned")
        .or_(sonia.get_by_role("menuitemradio", name="Give back to unassigned"))
        .click()
    )
    await open_dialog(ala, "Ktoś tu jest?", "Unassigned")
    await open_dialog(bartek, "Ktoś tu jest?", "Unassigned")
    taken = asyncio.Event()

    async def hold(route: Route) -> None:
        await taken.wait()
        await route.continue_()

    await bartek.route(re.compile("/assignment$"), hold)
    await bartek.get_by_role("button", name="Take", exact=True).click()
    await ala.get_by_role("button", name="Take", exact=True).click()
    await expect(ala.get_by_role("button", name="Take", exact=True)).to_be_hidden()
    await expect(ala.get_by_role("textbox", name="Write a reply")).to_be_visible()
    taken.set()
    await expect(bartek.get_by_text("Ala Kowalska was quicker: the dialog is theirs now.")).to_be_visible()
    await close(ala, bartek, sonia)
    assert demo.trouble == []


async def test_a_cut_connection_is_shown_and_nothing_is_missed(demo: Demo) -> None:
    ala = await demo.sign_in("ala")
    await demo.write("telegram", "Przed przerwą")
    await open_dialog(ala, "Przed przerwą")
    await ala.context.set_offline(True)
    pill = ala.get_by_test_id("connection")
    await expect(pill).not_to_have_attribute("data-state", "live")
    await demo.write("telegram", "W czasie przerwy")
    await expect(demo.phone("telegram").get_by_text("W czasie przerwy")).to_be_visible()
    assert await message(ala, "W czasie przerwy").count() == 0
    await ala.context.set_offline(False)
    await expect(message(ala, "W czasie przerwy")).to_be_visible()
    await expect(pill).to_have_attribute("data-state", "live")
    await expect(message(ala, "W czasie przerwy")).to_have_count(1)
    await close(ala)
    # Chromium itself reports every attempt to connect.
    demo.trouble[:] = [
        line for line in demo.trouble if "WebSocket connection to" not in line and "net::" not in line
    ]
    assert demo.trouble == []


async def test_on_a_small_phone(demo: Demo) -> None:
    await demo.write("messenger", "Piszę z telefonu")
    ala = await demo.sign_in("ala", viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    await open_dialog(ala, "Piszę z telefonu")
    await expect(ala.get_by_test_id("dialog-list")).to_be_hidden()
    assert await ala.evaluate("document.documentElement.scrollWidth") <= 360
    await ala.get_by_role("button", name="Back").or_(ala.get_by_role("link", name="Back")).first.click()
    await expect(ala.get_by_test_id("dialog-list")).to_be_visible()
    await expect(ala.get_by_test_id("thread")).to_be_hidden()
    assert await ala.evaluate("document.documentElement.scrollWidth") <= 360
    await close(ala)
    assert demo.trouble == []


async def test_in_polish(demo: Demo) -> None:
    page = await demo.page(demo.url, locale="pl-PL")
    await page.get_by_label("E-mail").fill("ala@demo.local")
    await page.get_by_label("Hasło").fill("nie to hasło")
    await page.get_by_role("button", name="Zaloguj się").click()
    await expect(page.get_by_role("alert")).to_have_text("Niewłaściwy e-mail lub hasło.")
    await page.get_by_label("Hasło").fill("centrala-demo")
    await page.get_by_role("button", name="Zaloguj się").click()
    await expect(page.get_by_role("link", name="Rejestr").first).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == "pl"
    await close(page)
    assert demo.trouble == []


async def test_a_killed_server_comes_back_with_everything(demo: Demo) -> None:
    ala = await demo.sign_in("ala")
    await demo.write("telegram", "Zanim padło")
    await open_dialog(ala, "Zanim padło")
    demo.server.kill()
    pill = ala.get_by_test_id("connection")
    await expect(pill).not_to_have_attribute("data-state", "live")
    await demo.server.start()
    await expect(pill).to_have_attribute("data-state", "live")
    await expect(demo.phones.get_by_role("region")).to_have_count(4)
    await demo.phones.reload()
    await demo.write("telegram", "Już działa")
    await expect(message(ala, "Już działa")).to_be_visible()
    await expect(message(ala, "Zanim padło")).to_have_count(1)
    await close(ala)
