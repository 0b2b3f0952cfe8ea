"""An administrator connects an account from the console, and customers' messages arrive."""

import pytest
from playwright.async_api import Page, expect

from connectors.simulator import Simulator
from tests.e2e.journeys.console import Console
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.test_screens import PHONE, fits

pytestmark = pytest.mark.asyncio(loop_scope="module")

TOKEN = "7104822905:AAE-the-token-of-the-bot"


async def test_a_bot_is_checked_connected_and_answers_customers(desk: Desk) -> None:
    async with Simulator() as simulator:
        simulator.add_account("telegram", token=TOKEN, name="Kwiaciarnia Róża")
        console = await desk.console("adam")
        page = console.page
        await open_form(page, simulator)

        await page.get_by_role("button", name="Connect", exact=True).click()
        token = page.get_by_label("Bot token")
        await expect(token).to_be_focused()
        await expect(token).to_have_accessible_description("Needed.")

        await token.fill(TOKEN.replace("AAE", "AAA"))
        await page.get_by_role("button", name="Check", exact=True).click()
        await expect(token).to_have_accessible_description(
            "Telegram knows no bot with this token. Copy it once more from @BotFather."
        )
        await expect(token).to_have_attribute("aria-invalid", "true")
        await expect(token).to_be_focused()

        await token.fill(TOKEN)
        await page.get_by_role("button", name="Check", exact=True).click()
        result = page.get_by_test_id("channel-result")
        await expect(result).to_contain_text("It works. The account is Kwiaciarnia Róża (@")
        await expect(token).to_have_attribute("aria-invalid", "false")

        await page.get_by_label("Name in Centrala").fill("Bot kwiaciarni")
        await page.get_by_role("button", name="Connect", exact=True).click()
        await expect(page.get_by_role("heading", name="Bot kwiaciarni")).to_be_focused()
        await expect(page.get_by_role("link", name="Settings", exact=True)).to_have_attribute(
            "aria-current", "page"
        )
        await expect(page.get_by_test_id("webhook-result")).to_contain_text("messages are fetched")
        # Never prefilled, and nothing of it anywhere on the page.
        await expect(page.get_by_label("Bot token")).to_have_value("")
        assert TOKEN not in await page.content()

        customer = simulator.customer("telegram", name="Hanna Źrebak")
        await customer.write("Czy są tulipany?")
        await page.get_by_role("link", name="Inbox", exact=True).click()
        await console.open("Hanna Źrebak", view="Unassigned")
        await expect(console.message("Czy są tulipany?")).to_be_visible()
        await console.reply("Tak, żółte")
        await console.expect_tick("Tak, żółte", "Sent")
        assert [entry.text for entry in customer.thread][-1] == "Tak, żółte"

        await is_paused_and_goes_on(page)
        await composer_says_that_it_is_paused(console)
        await other_settings_are_saved(page)


async def is_paused_and_goes_on(page: Page) -> None:
    await page.get_by_role("link", name="Settings", exact=True).click()
    row = page.locator("[data-channel]").filter(has_text="Bot kwiaciarni")
    await expect(row).to_contain_text("Connected")
    await row.get_by_role("button", name="Pause Bot kwiaciarni").click()
    await expect(row).to_contain_text("Paused")
    await page.locator(".toasts").get_by_role("button", name="Undo").click()
    await expect(row).to_contain_text("Connected")
    await row.get_by_role("link", name="Edit Bot kwiaciarni").click()


async def composer_says_that_it_is_paused(console: Console) -> None:
    """The settings are open in another window."""
    page = console.page
    settings = await page.context.new_page()
    await settings.goto(page.url)
    pause = settings.get_by_role("button", name="Pause Bot kwiaciarni")
    resume = settings.get_by_role("button", name="Resume Bot kwiaciarni")
    await pause.click()
    await page.get_by_role("link", name="Inbox", exact=True).click()
    await console.open("Hanna Źrebak")
    await expect(console.composer).to_contain_text("This channel is paused")
    await expect(console.reply_field).to_have_count(0)
    await resume.click()
    await expect(console.reply_field).to_be_enabled()
    await page.goto(settings.url)
    await settings.close()


async def other_settings_are_saved(page: Page) -> None:
    await page.get_by_label("Bot token").fill("7104822905:revoked")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_test_id("channel-result")).to_contain_text("Saved")
    # The running server uses it at once, and says that it does not work.
    await expect(page.get_by_role("region", name="Health")).to_contain_text("does not accept the bot's token")
    await page.get_by_label("Bot token").fill(TOKEN)
    await page.get_by_role("button", name="Check", exact=True).click()
    await expect(page.get_by_test_id("channel-result")).to_contain_text("It works.")


async def test_every_kind_has_its_steps_and_fits_a_phone(desk: Desk) -> None:
    page = (await desk.console("adam", **PHONE)).page
    kinds = dict.fromkeys(("Telegram", "Viber", "Messenger", "SMS (Twilio)"), "API address")
    for name, seldom in (kinds | {"SMS (SMPP)": "Alphabet of data coding 0"}).items():
        await page.goto(f"{desk.demo.url}/settings/channels/new")
        await page.get_by_role("link", name=name).tap()
        await expect(page.get_by_role("heading", name="Connect")).to_be_visible()
        assert await page.get_by_role("region", name="Steps").get_by_role("listitem").count() >= 3
        drawn = page.get_by_role("region", name="Steps").get_by_role("img", name="Drawing: ")
        await expect(drawn.first).to_be_visible()
        await page.get_by_text("More settings").tap()
        await expect(page.get_by_label(seldom)).to_be_visible()
        await fits(page)


async def test_a_gateway_is_checked_as_far_as_that_goes_and_a_test_sms_shows_the_rest(desk: Desk) -> None:
    number = "+48221234567"
    async with Simulator() as simulator:
        simulator.add_account(
            "gateway", webhook_url="http://127.0.0.1:9/", token="secret-gateway", sender=number
        )
        page = (await desk.console("adam", **PHONE)).page
        await page.goto(f"{desk.demo.url}/settings/channels/new")
        await page.get_by_role("link", name="SMS (HTTP gateway)").tap()
        fields = {
            "Address for sending": f"{simulator.api_base('gateway')}/send",
            "Sender": number,
            "Callback key": "gateway-callback-key",
            "Headers": "Authorization: Bearer {secret}",
            "Body": '{"to": "{to}", "from": "{from}", "text": "{text}", "reference": "{id}"}',
            "Password or token": "secret-gateway",
            "Message number in JSON": "/message/id",
        }
        for label, value in fields.items():
            await page.get_by_label(label).first.fill(value)
        await page.get_by_label("Form of the request").select_option("json")
        result = page.get_by_test_id("channel-result")
        await page.get_by_role("button", name="Check", exact=True).tap()
        await expect(result).to_contain_text("What can be checked without sending an SMS is in order.")
        await expect(result).to_contain_text("Whether the login and the password are right")
        await result.get_by_text("What a message will look like").tap()
        await expect(result.locator("pre")).to_contain_text("Authorization: Bearer xxxxxxxx")
        await fits(page)

        await page.get_by_text("Send a test SMS").first.tap()
        await page.get_by_label("To (phone number)").fill("600 100 200")
        await page.get_by_label("To (phone number)").press("Enter")
        await expect(result).to_contain_text("The provider has accepted the SMS.")
        await page.get_by_label("Password or token").fill("another")
        await page.get_by_role("button", name="Send a test SMS").tap()
        await expect(result).to_contain_text("The SMS did not go:")


@pytest.mark.parametrize(
    ("name", "button", "said"),
    [
        ("Zielony Liść (Viber)", "Register webhook", "Done. Viber brings messages to this address."),
        ("Sklep Zielony Liść", "Register webhook", "Done. Now the steps above"),
        ("SMS +48 732 001 002", "See what SMS calls", "Done. SMS brings messages to this address."),
    ],
)
async def test_a_webhook_is_registered_or_its_address_copied(
    desk: Desk, name: str, button: str, said: str
) -> None:
    console = await desk.console("adam", permissions=["clipboard-read", "clipboard-write"])
    page = console.page
    await page.get_by_role("link", name="Settings", exact=True).click()
    await page.get_by_role("link", name=f"Edit {name}").click()
    webhook = page.get_by_role("region", name="Webhook")
    await webhook.get_by_role("button", name=button).click()
    await expect(page.get_by_test_id("webhook-result")).to_contain_text(said)
    await webhook.get_by_role("button", name="Copy").click()
    await expect(webhook).to_contain_text("Copied")
    address = await webhook.get_by_label("Webhook address").input_value()
    assert address.startswith(f"{desk.demo.url}/webhooks/")
    assert await page.evaluate("navigator.clipboard.readText()") == address


async def test_who_is_no_administrator_connects_nothing(desk: Desk) -> None:
    page = (await desk.console("ala")).page
    await page.get_by_role("link", name="Settings", exact=True).click()
    await expect(page.locator("[data-channel]").first).to_be_visible()
    await expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    await expect(page.get_by_role("link", name="Add channel")).to_have_count(0)
    await page.goto(f"{desk.demo.url}/settings/channels/new/telegram")
    await expect(page.get_by_text("Channels are connected by an administrator.")).to_be_visible()
    await expect(page.get_by_role("form")).to_have_count(0)


async def open_form(page: Page, simulator: Simulator) -> None:
    await page.get_by_role("link", name="Settings", exact=True).click()
    await page.get_by_role("link", name="Add channel").click()
    await page.get_by_role("link", name="Telegram").click()
    await page.get_by_text("More settings").click()
    await page.get_by_label("API address").fill(simulator.api_base("telegram"))
