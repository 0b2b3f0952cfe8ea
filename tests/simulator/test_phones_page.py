"""The page with the phones in a real browser."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Locator, Page, expect

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


async def choose(at: Locator, opener: str, item: str) -> None:
    """By keyboard: open the menu of this button, go to the item, take it; the focus is back on the button then."""
    button = at.get_by_role("button", name=opener)
    await button.press("Enter")
    menu = at.page.locator(".menu")
    await expect(menu.get_by_role("button").first).to_be_focused()
    items = await menu.get_by_role("button").all()
    names = [await each.get_attribute("aria-label") or await each.inner_text() for each in items]
    for _ in range(names.index(item)):
        await at.page.keyboard.press("ArrowDown")
    await at.page.keyboard.press("Enter")
    await expect(menu).to_be_hidden()


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
        await choose(phone, "Wyślij coś innego", "Obraz")
        await expect(phone.get_by_role("img", name="sample.jpg")).to_be_visible()
        async with page.expect_file_chooser() as chosen:
            await choose(phone, "Wyślij coś innego", "Z pliku…")
        await (await chosen.value).set_files(
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
        await expect(bubble.get_by_role("img", name="Firma dowiaduje się: doręczono")).to_be_visible()
        await phone.get_by_role("switch", name="Czyta wątek").check()
        await expect(bubble.get_by_role("img", name="Firma dowiaduje się: przeczytano")).to_be_visible()
        answers = phone.get_by_role("group", name="Odpowiedzi do wyboru")
        await answers.get_by_role("button", name="Nie").press("Enter")
        await expect(phone.locator(".bubble.mine", has_text="Nie")).to_be_visible()
        await expect(answers).to_have_count(0)
        assert await page.evaluate("document.documentElement.scrollWidth") == 360
        foreign = await page.context.request.post(
            f"{sim.base_url}/phones/{customer.id}/press", data={"message": asked.id, "title": "Nie"}
        )
        assert foreign.status == 400


async def test_a_link_opens_in_a_tab_of_its_own(browser: Browser) -> None:
    async with opened(browser, width=360, locale="pl-PL") as (sim, page):
        customer, url = sim.customer("viber", name="Łucja Śliwa"), "https://sklep.example.pl/paczka?id=1"
        await customer.write("Gdzie jest paczka?")
        button = {"ActionType": "open-url", "ActionBody": url, "Text": "Śledź paczkę"}
        body = {"receiver": customer.address, "type": "text", "text": "W drodze", "sender": {"name": "Sklep"}}
        body["keyboard"] = {"Type": "keyboard", "Buttons": [button]}
        to, token = f"{sim.base_url}/pa/send_message", {"X-Viber-Auth-Token": "t"}
        await page.context.request.post(to, data=body, headers=token)
        await page.get_by_role("tab", name="Viber").click()
        link = page.get_by_role("group", name="Linki").get_by_role("link", name="Śledź paczkę")
        await expect(link).to_have_attribute("rel", "noopener noreferrer")
        await page.context.route("https://sklep.example.pl/**", lambda route: route.fulfill(body="ok"))
        async with page.expect_popup() as popup:
            await link.press("Enter")
        tab = await popup.value
        await expect(tab).to_have_url(url)
        assert await tab.evaluate("window.opener") is None
        # Viber's app sends the address too.
        await expect(page.locator(".bubble.mine", has_text=url)).to_be_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") == 360


async def test_messages_of_every_kind_are_shown_changed_quoted_and_reacted_to(browser: Browser) -> None:
    async with opened(browser, locale="en-GB") as (sim, page):
        customer = sim.customer("telegram", name="Їжак Олена")
        phone = page.get_by_role("region", name="Telegram")
        field = phone.get_by_role("textbox", name="Message", exact=True)
        for item in ("Voice message", "Video", "PDF", "Sticker", "Location", "My contact card"):
            await choose(phone, "Send something else", item)
        mine = phone.locator(".bubble.mine")
        await expect(mine).to_have_count(6)
        for shown in (
            "audio[aria-label='Voice message voice.ogg']",
            "video",
            "a[download='order.pdf']",
            "img.sticker",
        ):
            await expect(mine.locator(shown)).to_have_count(1)
        await expect(mine.nth(4)).to_contain_text("Nowy Świat 41")
        await expect(mine.nth(5)).to_contain_text(customer.name)
        playing = (
            "audio => new Promise(done => { audio.onplaying = () => done(audio.duration); audio.play(); })"
        )
        assert await mine.locator("audio").evaluate(playing) > 3

        body = {"chat_id": customer.address, "text": "Which colour?"}
        await page.context.request.post(f"{sim.base_url}/bot1:a/sendMessage", data=body)
        asked = phone.locator(".bubble.theirs")
        await expect(asked.locator("time")).not_to_contain_text("✓")  # bots are told nothing
        await choose(asked, "With this message…", "React with ❤️")
        await expect(asked.get_by_role("img", name="Reaction: ❤️")).to_be_visible()
        await expect(asked.get_by_role("button", name="With this message…")).to_be_focused()
        await choose(asked, "With this message…", "Take back ❤️")
        await expect(asked.get_by_role("img")).to_have_count(0)
        await choose(asked, "With this message…", "Answer it")
        await expect(phone.get_by_text("In answer to: Which colour?")).to_be_visible()
        await page.keyboard.type("Gren")
        await page.keyboard.press("Enter")
        await expect(mine.last.get_by_role("blockquote")).to_have_text("Which colour?")
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Shift+Tab")
        await expect(mine.last.get_by_role("button")).to_be_focused()
        await expect(phone.locator(".more[tabindex='0']")).to_have_count(1)
        await page.keyboard.press("ArrowUp")
        await expect(asked.get_by_role("button")).to_be_focused()
        await choose(mine.last, "With this message…", "Change it")
        await expect(field).to_have_value("Gren")
        await page.keyboard.press("Escape")
        await expect(field).to_have_value("")
        await choose(mine.last, "With this message…", "Change it")
        await field.fill("Green")
        await field.press("Enter")
        await expect(mine.last).to_contain_text("edited")
        assert [(entry.text, entry.edits) for entry in customer.thread[-1:]] == [("Green", 1)]


async def test_a_phone_offers_what_its_channel_has(browser: Browser) -> None:
    async with opened(browser, locale="en-GB") as (sim, page):
        viber, whatsapp = (page.get_by_role("region", name=name) for name in ("Viber", "WhatsApp"))
        await sim.customer("viber", name="Łucja Śliwa").write("Hello")
        await expect(viber.locator(".bubble")).to_have_count(1)
        await expect(viber.locator(".more")).to_be_hidden()
        await viber.get_by_role("button", name="Send something else").click()
        offered = page.locator(".menu").get_by_role("button")
        await expect(offered).to_have_text(
            ["Picture", "Video", "PDF", "Sticker", "Location", "Somebody's contact card", "From a file…"]
        )
        await page.keyboard.press("Escape")
        await sim.customer("whatsapp", name="Żaneta Ćwik").write("Hello")
        await choose(whatsapp.locator(".bubble"), "With this message…", "Delete it")
        await expect(whatsapp.get_by_text("You deleted this message.")).to_be_visible()
        await expect(whatsapp.locator(".more")).to_be_hidden()
