"""The connection breaks and comes back: nothing is lost, nothing is there twice."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.e2e.journeys.cable import Cable
from tests.e2e.journeys.demo import Demo
from tests.e2e.journeys.desk import OFFLINE, Desk
from tests.e2e.journeys.phones import Phones
from tests.e2e.journeys.test_channels import is_drawn, png

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOT_LIVE = re.compile("^(reconnecting|offline)$")


@pytest_asyncio.fixture(loop_scope="module")
async def cable(demo: Demo) -> AsyncIterator[Cable]:
    """The agent's way to the server; the phones have their own."""
    cable = Cable(urlsplit(demo.url).port or 0)
    await cable.plug_in()
    yield cable
    await cable.pull_out()


async def test_what_both_wrote_while_the_agent_was_offline_arrives_once(
    desk: Desk, phones: Phones, cable: Cable
) -> None:
    desk.expect(OFFLINE)
    console, viber, telegram = await desk.console("ala", base=cable.url), phones["viber"], phones["telegram"]
    await telegram.write("Halo, to ja")
    await viber.write("Przed przerwą")
    await console.open("Halo, to ja")
    await expect(console.row("Przed przerwą")).to_have_count(1)
    await console.take_button.click()
    await expect(console.take_button).to_have_count(0)

    await cable.pull_out()
    await expect(console.connection).to_have_attribute("data-state", NOT_LIVE)
    await viber.write("W czasie przerwy")
    await console.reply("Odpowiedź bez sieci")
    await expect(console.pending).to_contain_text("Waiting for the connection")
    await expect(telegram.received("Odpowiedź bez sieci")).to_have_count(0)

    await cable.plug_in()
    await console.is_live()
    await expect(telegram.received("Odpowiedź bez sieci")).to_have_count(1)
    await expect(console.pending).to_have_count(0)
    await console.expect_tick("Odpowiedź bez sieci", "Sent")
    await console.open("W czasie przerwy")
    await expect(console.message("W czasie przerwy")).to_have_count(1)

    # Whatever would repeat one of them has come before these.
    await viber.write("Po przerwie")
    await expect(console.message("Po przerwie")).to_have_count(1)
    await expect(console.message("W czasie przerwy")).to_have_count(1)
    await console.open(telegram.owner)
    await console.reply("Druga odpowiedź")
    await expect(telegram.received("Druga odpowiedź")).to_have_count(1)
    await expect(telegram.received("Odpowiedź bez sieci")).to_have_count(1)
    await expect(console.message("Odpowiedź bez sieci")).to_have_count(1)
    await console.was_not_reloaded()


async def test_an_answer_written_offline_does_not_pass_over_what_the_customer_added(
    desk: Desk, phones: Phones, cable: Cable
) -> None:
    desk.expect(OFFLINE)
    desk.expect(r"status of 409 .*/messages$")
    console, phone = await desk.console("ala", base=cable.url), phones["messenger"]
    await phone.write("Poproszę czerwony")
    await console.open("Poproszę czerwony")
    await console.take_button.click()
    await expect(console.take_button).to_have_count(0)

    await cable.pull_out()
    await expect(console.connection).to_have_attribute("data-state", NOT_LIVE)
    await console.reply("Czerwony już pakujemy")
    await phone.write("Albo jednak niebieski")
    await cable.plug_in()

    question = console.page.get_by_test_id("moved-on")
    await expect(question).to_contain_text("A new message came while you were writing")
    await expect(question).to_contain_text("Albo jednak niebieski")
    await expect(phone.received("Czerwony już pakujemy")).to_have_count(0)
    await question.get_by_role("button", name="Send anyway").click()
    await expect(phone.received("Czerwony już pakujemy")).to_have_count(1)
    await expect(console.message("Czerwony już pakujemy")).to_have_count(1)
    await expect(console.pending).to_have_count(0)

    # Written again it has its file and what it answers still.
    await console.page.get_by_test_id("file-picker").set_input_files(
        {"name": "kubek.png", "mimeType": "image/png", "buffer": png(48, 32)}
    )
    await expect(console.composer.locator(".upload img")).to_be_visible()
    asked = console.message("Albo jednak niebieski")
    await asked.hover()
    await asked.get_by_role("button", name="Reply to this message").click()
    await cable.pull_out()
    await expect(console.connection).to_have_attribute("data-state", NOT_LIVE)
    await console.reply("Taki?")
    await phone.write("Halo?")
    await cable.plug_in()
    await expect(question).to_contain_text("Halo?")
    await question.get_by_role("button", name="Edit").click()
    await expect(console.pending).to_have_count(0)
    await expect(console.reply_field).to_have_value("Taki?")
    await expect(console.composer.locator(".composer-quote")).to_contain_text("Albo jednak niebieski")
    await console.reply("Taki niebieski?")
    await expect(phone.received("Taki niebieski?")).to_have_count(1)
    await is_drawn(phone.received_pictures, (48, 32))
    await expect(console.message("Taki niebieski?").get_by_role("blockquote")).to_contain_text("niebieski")


async def test_an_answer_outlives_a_restart_of_the_server(desk: Desk, phones: Phones, demo: Demo) -> None:
    desk.expect(OFFLINE)
    console, phone = await desk.console("ala"), phones["sms"]
    await phone.write("Jesteście tam?")
    await console.open("Jesteście tam?")
    await console.take_button.click()
    await expect(console.take_button).to_have_count(0)

    demo.process.stop()
    try:
        await expect(console.connection).to_have_attribute("data-state", NOT_LIVE)
        await console.reply_field.fill("Jesteśmy")
        await console.reply_field.press("Enter")
    finally:
        demo.process.start()

    await console.is_live()
    # The phones were switched off with the server; theirs is a new page now.
    phone = (await desk.phones())["sms"]
    await expect(phone.received("Jesteśmy")).to_have_count(1)
    await expect(console.pending).to_have_count(0)
    await expect(console.message("Jesteśmy")).to_have_count(1)
    await expect(console.message("Jesteście tam?")).to_have_count(1)
    await console.was_not_reloaded()
