"""The pictures of docs/images: five customers write, one of them is answered; taken of a demo, so that they are true."""

import asyncio
import io
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.e2e.journeys.console import Console
from tests.e2e.journeys.demo import Demo
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones
from tests.support.browser import launch_chromium

IMAGES = Path(__file__).resolve().parent.parent / "docs/images"
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 780}, "is_mobile": True, "has_touch": True}
PHONES: dict[str, Any] = {"viewport": {"width": 1360, "height": 900}, "color_scheme": "light"}


async def take_phones(browser: Browser, demo: Demo) -> None:
    """As a newcomer finds them: the customers have written by themselves."""
    desk = Desk(browser, demo)
    phones = Phones(await desk.page(demo.phones_url, **PHONES), demo.url)
    await expect(phones["messenger"].sent("Zieloną")).to_be_visible()
    await expect(phones["whatsapp"].root.locator("img")).to_be_visible()
    await _keep(phones.page, "phones.png")
    await desk.close()


async def take_console(browser: Browser, demo: Demo) -> None:
    desk = Desk(browser, demo)
    phones = await desk.phones()
    await _write(phones)
    console = await desk.console("ala", **DESK)
    await _answer(console, phones)
    await console.reply_field.focus()
    await _keep(console.page, "console.png")
    pocket = await desk.console("ala", **PHONE)
    await pocket.open(phones["messenger"].owner)
    await expect(pocket.message("Super, dziękuję")).to_be_visible()
    await _keep(pocket.page, "console-phone.png")
    await desk.close()


async def _write(phones: Phones) -> None:
    await phones["viber"].write("Proszę o fakturę do zamówienia 4711")
    await phones["telegram"].write("Доброго дня, чи є знижка на каву?")
    await phones["sms"].write("Czy jutro otwarte?")
    await phones["whatsapp"].write("Hi, can I still return the lamp?")
    await phones["messenger"].write("Cześć! Gdzie jest moja paczka?")
    await phones["messenger"].send_picture()


async def _answer(console: Console, phones: Phones) -> None:
    for kind, answer in (
        ("sms", "Tak, od 9 do 17."),
        ("whatsapp", "Yes, within 30 days. Keep the box, please."),
    ):
        await console.open(phones[kind].owner)
        await console.reply(answer)
        await console.expect_tick(answer, "Delivered")
    phone = phones["messenger"]
    await phone.turn("Reads the thread", on=True)
    await console.open(phone.owner)
    await expect(console.thread.locator(".picture img")).to_be_visible()
    await console.reply("Już sprawdzam, chwileczkę.")
    await console.expect_tick("Już sprawdzam", "Read")
    await console.add_note("Kurier obiecał dostawę na jutro rano.")
    question = console.message("Gdzie jest moja paczka?").first
    await question.hover()
    await question.get_by_role("button", name="Reply to this message").click()
    await console.reply("Paczka będzie jutro do południa.")
    await console.expect_tick("Paczka będzie", "Read")
    await phone.write("Super, dziękuję! 😊")
    await expect(console.message("Super, dziękuję")).to_be_visible()


async def _keep(page: Page, name: str) -> None:
    await page.mouse.move(0, 0)
    await page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))")
    picture = Image.open(io.BytesIO(await page.screenshot())).convert("RGB")
    # A third of the size; without the rounds of kmeans the small marks of the channels lose their colours.
    picture = picture.quantize(256, method=Image.Quantize.MEDIANCUT, kmeans=3, dither=Image.Dither.NONE)
    picture.save(IMAGES / name, optimize=True)
    print(IMAGES / name)


async def main() -> None:
    async with launch_chromium() as browser:
        for take, story in ((take_phones, True), (take_console, False)):
            with tempfile.TemporaryDirectory() as folder:
                demo = Demo(Path(folder), story=story)
                demo.process.start()
                try:
                    await take(browser, demo)
                finally:
                    demo.process.stop()


if __name__ == "__main__":
    asyncio.run(main())
