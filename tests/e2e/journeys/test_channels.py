"""From each of the phones to an agent's screen and back."""

import struct
import zlib

import pytest
from playwright.async_api import Locator, expect

from connectors.simulator import sample_picture
from connectors.simulator.images import dimensions
from tests.e2e.journeys.console import Tick
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones

pytestmark = pytest.mark.asyncio(loop_scope="module")

LAST_TICK: dict[str, Tick] = {
    "sms": "Delivered",
    "messenger": "Read",
    "telegram": "Sent",
    "viber": "Read",
    "whatsapp": "Read",
}
"""How far each channel's provider tells us of a message that was read."""


@pytest.mark.parametrize("kind", LAST_TICK)
async def test_a_message_is_answered_and_its_ticks_say_what_the_channel_reports(
    desk: Desk, phones: Phones, kind: str
) -> None:
    console, phone = await desk.console("ala"), phones[kind]
    await console.show("Unassigned")
    question, answer = f"Zażółć gęślą jaźń przez {kind}", f"Dzień dobry, już sprawdzam ({kind})"

    await phone.write(question)
    row = console.row(question)
    await expect(row).to_contain_text(phone.owner)
    await expect(row).to_contain_text("1 unread message")
    await row.click()
    await expect(console.message(question)).to_be_visible()

    await console.take_button.click()
    await expect(console.page.get_by_role("button", name="Responsible agent: Ala Kowalska")).to_be_visible()
    await expect(row).to_have_count(0)
    await console.open(question, view="Mine")

    # Out of coverage: the provider has accepted the message, the phone has not got it.
    await phone.turn("Out of coverage", on=True)
    await console.reply_field.press_sequentially(answer)
    await console.reply_field.press("Enter")
    await console.expect_tick(answer, "Sent")
    await expect(phone.received(answer)).to_have_count(0)

    await phone.turn("Out of coverage", on=False)
    await expect(phone.received(answer)).to_have_count(1)
    await console.expect_tick(answer, "Sent" if kind == "telegram" else "Delivered")

    await phone.turn("Reads the thread", on=True)
    await console.expect_tick(answer, LAST_TICK[kind])
    # What the customer does next arrives after any receipt: none is still to come.
    await phone.write(f"Dziękuję ({kind})")
    await expect(console.message(f"Dziękuję ({kind})")).to_be_visible()
    await console.expect_tick(answer, LAST_TICK[kind])
    await expect(console.message(question)).to_have_count(1)
    await console.was_not_reloaded()


@pytest.mark.parametrize("kind", ["messenger", "telegram", "viber", "whatsapp"])
async def test_pictures_go_both_ways(desk: Desk, phones: Phones, kind: str) -> None:
    console, phone = await desk.console("ala"), phones[kind]
    await phone.write("Proszę, oto zdjęcie")
    await console.open(phone.owner)
    await phone.send_picture()
    picture = console.thread.get_by_role("button", name="Open ")
    await is_drawn(picture.locator("img"), dimensions(sample_picture()))
    # The size was known before the picture came, and what came is the small copy.
    await expect(picture.locator("img[width][height][src$='/thumbnail']")).to_have_count(1)
    await picture.click()
    lightbox = console.modal.locator("img")
    await is_drawn(lightbox, dimensions(sample_picture()))
    await console.page.keyboard.press("Escape")
    await expect(lightbox).to_have_count(0)
    await expect(picture).to_be_focused()

    await console.send_picture("łódź.png", png(48, 32))
    await is_drawn(phone.received_pictures, (48, 32))


@pytest.mark.parametrize("kind", ["messenger", "telegram", "viber", "whatsapp"])
async def test_a_document_a_question_whose_answer_is_pressed_and_a_link(
    desk: Desk, phones: Phones, kind: str
) -> None:
    console, phone = await desk.console("ala"), phones[kind]
    question, answer = f"Czy umowa się zgadza ({kind})?", f"Tak, {kind}"
    await phone.write("Poproszę umowę")
    await console.open(phone.owner)
    await console.send_file("umowa.pdf", "application/pdf", PDF)
    await expect(phone.received_file("umowa.pdf")).to_be_visible()

    await console.ask(question, [answer, "Nie"])
    offered = phone.received(question).get_by_role("group", name="Answers to choose from")
    await expect(offered.get_by_role("button")).to_have_text([answer, "Nie"])
    await phone.press(question, answer)
    said = console.message(answer).and_(console.page.locator(":not(:has(.quick-replies))"))
    await expect(said).to_have_count(1)
    await expect(said.get_by_role("blockquote")).to_have_text(question)

    await console.send_link(f"Umowa jest tutaj ({kind})", "Umowa online", "umowy.example.pl/41")
    for shown in (
        phone.received(f"Umowa jest tutaj ({kind})"),
        console.message(f"Umowa jest tutaj ({kind})"),
    ):
        link = shown.get_by_role("link", name="Umowa online")
        await expect(link).to_have_attribute("href", "https://umowy.example.pl/41")
        await expect(link).to_have_attribute("rel", "noopener noreferrer")


async def test_an_sms_takes_no_picture_and_a_note_stays_in_the_team(desk: Desk, phones: Phones) -> None:
    console, phone = await desk.console("ala"), phones["sms"]
    colleague = await desk.console("sonia")
    await phone.write("Czy to dojdzie?")
    await console.open("Czy to dojdzie?")
    await expect(console.page.get_by_role("button", name="Attach a file")).to_have_count(0)

    await console.add_note("Uwaga, stały klient")
    await expect(console.message("Uwaga, stały klient").get_by_role("img")).to_have_count(0)
    # The list's last line is what customers and agents said to each other.
    await colleague.open("Czy to dojdzie?")
    await expect(colleague.message("Uwaga, stały klient")).to_be_visible()

    # Messages of a dialog go out in order: the answer comes after anything that was to be sent before it.
    await console.reply("Tak, dojdzie")
    await expect(phone.received("Tak, dojdzie")).to_have_count(1)
    await expect(phone.root).not_to_contain_text("Uwaga")


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


async def is_drawn(image: Locator, size: tuple[int, int]) -> None:
    """The bytes came and the browser could read them."""
    width, height = size
    await expect(image).to_have_js_property("naturalWidth", width)
    await expect(image).to_have_js_property("naturalHeight", height)


def png(width: int, height: int) -> bytes:
    """A plain teal picture."""

    def chunk(name: bytes, data: bytes) -> bytes:
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    lines = (b"\x00" + b"\x15\x77\x79" * width) * height
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
