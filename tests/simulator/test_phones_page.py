"""The page with the phones in a real browser."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from connectors.simulator import Simulator

pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def opened(
    browser: Browser, width: int = 1360, locale: str = "pl-PL"
) -> AsyncIterator[tuple[Simulator, Page]]:
    """A simulator with five phones and its page; anything on the browser's console fails the test."""
    async with Simulator() as sim:
        # Nobody listens there: the strip shows that.
        gone = {"webhook_url": "http://127.0.0.1:9/webhooks/01J9"}
        sim.add_account("sms", account_sid="AC1", auth_token="t", number="+48732001002", **gone)
        sim.add_account("messenger", page_id="1", app_secret="s", page_token="t", **gone)
        sim.add_account("telegram", token="1:a")
        sim.add_account("viber", auth_token="t", **gone)
        sim.add_account("whatsapp", phone_number_id="1", app_secret="s", access_token="t", **gone)
        sim.add_demo_customers()
        context = await browser.new_context(viewport={"width": width, "height": 800}, locale=locale)
        page = await context.new_page()
        trouble: list[str] = []
        page.on("console", lambda message: trouble.append(message.text))
        page.on("pageerror", lambda error: trouble.append(str(error)))
        await page.goto(sim.base_url)
        yield sim, page
        await context.close()
    assert trouble == []


async def test_writing_sending_a_picture_and_the_answer_of_the_server(browser: Browser) -> None:
    async with opened(browser) as (sim, page):
        await expect(page).to_have_title("Telefony klientów")
        await expect(page.get_by_role("region")).to_have_count(5)
        phone = page.get_by_role("region", name="Viber: Łucja Śliwa")
        field = phone.get_by_role("textbox", name="Wiadomość")
        await field.fill("<b>Zażółć</b> 🐢")
        await field.press("Enter")
        await expect(phone.get_by_text("<b>Zażółć</b> 🐢")).to_be_visible()
        await expect(field).to_have_value("")
        await expect(phone.get_by_text("brak odpowiedzi")).to_be_visible()
        await expect(phone.get_by_text("POST /webhooks/01J9")).to_be_visible()
        await phone.get_by_role("button", name="Wyślij przykładowy obraz").click()
        await expect(phone.get_by_role("img", name="sample.jpg")).to_be_visible()
        await phone.get_by_label("Wyślij obraz z pliku").set_input_files(
            {"name": "zażółć.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"}
        )
        await expect(phone.get_by_role("img", name="zażółć.png")).to_have_count(1)
        assert [entry.outgoing for entry in sim.customer("viber", name="Łucja Śliwa").thread] == [True] * 3


async def test_switches_burst_and_deep_link(browser: Browser) -> None:
    async with opened(browser, locale="en-GB") as (sim, page):
        phone = page.get_by_role("region", name="Telegram")
        customer = sim.customer("telegram", name="Їжак Олена")
        await phone.get_by_role("textbox", name="Reference in the link").fill("abc_1")
        await phone.get_by_role("button", name="Start by link").click()
        await expect(phone.get_by_text("/start abc_1")).to_be_visible()
        await phone.get_by_role("button", name="Write 20 at once").click()
        await expect(phone.get_by_text("Message 20 of 20")).to_be_visible()
        assert len(customer.thread) == 21
        await phone.get_by_role("switch", name="Reads the thread").check()
        await phone.get_by_role("switch", name="Out of coverage").check()
        await expect(phone.get_by_role("textbox", name="Message", exact=True)).to_be_disabled()
        assert (customer.is_reading, customer.is_online) == (True, False)
        await phone.get_by_role("switch", name="Out of coverage").uncheck()
        await phone.get_by_role("switch", name="Blocked").check()
        await expect(phone.get_by_text("You blocked this business.")).to_be_visible()
        sms = page.get_by_role("region", name="SMS: +48 601 234 567")
        await expect(sms.get_by_role("button", name="Start by link")).to_be_hidden()


async def test_a_message_of_the_business_arrives_when_the_phone_is_back(browser: Browser) -> None:
    async with opened(browser, locale="en-GB") as (sim, page):
        customer = sim.customer("telegram", name="Їжак Олена")
        await customer.start()
        await customer.go_offline()
        body = {"chat_id": customer.address, "text": "Cześć"}
        await page.context.request.post(f"{sim.base_url}/bot1:a/sendMessage", data=body)
        phone = page.get_by_role("region", name="Telegram")
        await expect(phone.get_by_text("out of coverage", exact=True)).to_be_visible()
        await expect(phone.get_by_text("Cześć")).to_have_count(0)
        await customer.online()
        await expect(phone.get_by_text("Cześć")).to_be_visible()


async def test_one_phone_at_a_time_on_a_narrow_screen(browser: Browser) -> None:
    async with opened(browser, width=360) as (_, page):
        await expect(page.get_by_role("region")).to_have_count(1)
        await page.get_by_role("tab", name="SMS").press("ArrowRight")
        await expect(page.get_by_role("region", name="Messenger: Zofia Żółw")).to_be_visible()
        await expect(page.get_by_role("tab", name="Messenger")).to_be_focused()
        await page.get_by_role("tab", name="Viber").click()
        await expect(page.get_by_role("region", name="Viber: Łucja Śliwa")).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") == 360


async def test_answers_are_pressed_files_are_named_and_quotes_shown(browser: Browser) -> None:
    async with opened(browser, width=360, locale="pl-PL") as (sim, page):
        customer = sim.customer("messenger", name="Zofia Żółw")
        asked = await customer.write("Czy mogę prosić o umowę?")
        await page.get_by_role("tab", name="Messenger").click()
        phone = page.get_by_role("region", name="Messenger")
        url = f"{sim.base_url}/v26.0/me/messages?access_token=t"
        to = {"recipient": {"id": customer.address}, "messaging_type": "RESPONSE"}
        filedata = {"name": "umowa.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
        message = json.dumps({"attachment": {"type": "file", "payload": {}}})
        form = {"recipient": json.dumps(to["recipient"]), "messaging_type": "RESPONSE", "message": message}
        await page.context.request.post(url, multipart={**form, "filedata": filedata})
        await expect(phone.get_by_role("link", name="Plik umowa.pdf")).to_be_visible()
        replies = [{"content_type": "text", "title": title, "payload": title} for title in ("Tak", "Nie")]
        question = {"text": "Pasuje?", "quick_replies": replies}
        await page.context.request.post(url, data={**to, "message": question, "reply_to": {"mid": asked.id}})
        bubble = phone.locator(".bubble", has_text="Pasuje?")
        await expect(bubble.get_by_role("blockquote")).to_have_text("Czy mogę prosić o umowę?")
        answers = phone.get_by_role("group", name="Odpowiedzi do wyboru")
        await answers.get_by_role("button", name="Nie").press("Enter")
        await expect(phone.locator(".bubble.mine", has_text="Nie")).to_be_visible()
        await expect(answers).to_have_count(0)
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        foreign = await page.context.request.post(
            f"{sim.base_url}/phones/{customer.id}/press", data={"message": asked.id, "title": "Nie"}
        )
        assert foreign.status == 400
