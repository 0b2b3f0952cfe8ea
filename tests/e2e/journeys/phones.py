"""The page of customers' phones, as its visitor uses it."""

import re
from typing import Literal

from playwright.async_api import Locator, Page, expect

from connectors.simulator.demo import CREDENTIALS
from tests.support.posting import signed

KIND_NAMES = {
    "sms": "SMS",
    "messenger": "Messenger",
    "telegram": "Telegram",
    "viber": "Viber",
    "whatsapp": "WhatsApp",
}
PEOPLE = {
    "sms": "+48601234567",
    "messenger": "Zofia Żółw",
    "telegram": "Їжак Олена",
    "viber": "Łucja Śliwa",
    "whatsapp": "Żaneta Ćwik",
}
"""What the console calls the owner of each phone."""


class Phones:
    def __init__(self, page: Page, server_url: str) -> None:
        self.page = page
        self.server_url = server_url

    def __getitem__(self, kind: str) -> "Phone":
        return Phone(self.page, kind, self.server_url)


class Phone:
    """One customer's phone."""

    def __init__(self, page: Page, kind: str, server_url: str) -> None:
        self.page = page
        self.kind = kind
        self.server_url = server_url
        self.owner = PEOPLE[kind]
        self.root = page.get_by_role("region", name=re.compile(f"^{KIND_NAMES[kind]}: "))

    def sent(self, text: str) -> Locator:
        return self.root.locator(".bubble.mine").filter(has_text=text)

    def received(self, text: str) -> Locator:
        return self.root.locator(".bubble.theirs").filter(has_text=text)

    @property
    def received_pictures(self) -> Locator:
        return self.root.locator(".bubble.theirs img")

    async def write(self, text: str) -> None:
        field = self.root.get_by_role("textbox", name="Message", exact=True)
        await field.fill(text)
        await field.press("Enter")
        await expect(self.sent(text).last).to_be_visible()

    async def start_by_link(self, token: str) -> None:
        """Open the chat as a deep link does."""
        await self.root.get_by_role("textbox", name="Reference in the link").fill(token)
        await self.root.get_by_role("button", name="Start by link").click()

    def received_file(self, name: str) -> Locator:
        return self.root.locator(".bubble.theirs").get_by_role("link", name=f"File {name}")

    async def press(self, question: str, answer: str) -> None:
        """Choose one of the answers that a message of the business offers."""
        await self.received(question).get_by_role("button", name=answer, exact=True).click()

    async def send_picture(self) -> None:
        await self.send("Picture")

    async def send(self, what: str) -> None:
        """One of the things that the phone has to send beside texts."""
        await self.root.get_by_role("button", name="Send something else").click()
        await self.page.locator(".menu").get_by_role("button", name=what, exact=True).click()

    async def do(self, bubble: Locator, deed: str) -> None:
        """Answer, change, delete a message, or react to it."""
        await bubble.get_by_role("button", name="With this message…").press("Enter")
        await self.page.locator(".menu").get_by_role("button", name=deed, exact=True).click()

    async def turn(self, switch: Literal["Reads the thread", "Out of coverage"], *, on: bool) -> None:
        await self.root.get_by_role("switch", name=switch).set_checked(on)

    async def webhook_path(self) -> str:
        """Where this phone's provider posts; known once it did."""
        call = self.root.get_by_text(re.compile(r"^POST /webhooks/"))
        return (await call.inner_text()).removeprefix("POST ")

    async def provider_posts(self, body: bytes) -> None:
        """What no phone can bring about, to where the provider posts and signed as it signs."""
        url = self.server_url + await self.webhook_path()
        post = signed(self.kind, body, url, CREDENTIALS[self.kind])
        answer = await self.page.request.post(url, data=post.body, headers=post.headers)
        assert answer.ok, await answer.text()
