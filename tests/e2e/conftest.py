"""The demo as people start it, customers' phones on one page, agents on others."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from tests.support.outside import Outside, OutsideServer
from tests.support.process import free_port

SECONDS = 30
NAMES = {"sms": "SMS", "messenger": "Messenger", "telegram": "Telegram", "viber": "Viber"}
expect.set_options(timeout=SECONDS * 1000)


class Demo:
    """``centrala serve --demo`` and a browser."""

    def __init__(self, server: OutsideServer, browser: Browser) -> None:
        self.server = server
        self.browser = browser
        self.url = server.url
        self.phones_url = f"http://127.0.0.1:{server.port + 1}/"
        self.trouble: list[str] = []
        """What the pages complained about."""
        self.phones: Page

    async def page(self, url: str, **options: Any) -> Page:
        """A new page in a context of its own; English unless asked otherwise."""
        context = await self.browser.new_context(**{"locale": "en-GB", **options})
        context.set_default_timeout(SECONDS * 1000)
        page = await context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        await page.goto(url)
        return page

    def _note(self, message: ConsoleMessage) -> None:
        # Chromium reports each refused request by itself; which of them are meant, the tests say.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.trouble.append(message.text)

    async def sign_in(self, who: str, **options: Any) -> Page:
        page = await self.page(self.url, **options)
        await page.get_by_label("E-mail").fill(f"{who}@demo.local")
        await page.get_by_label("Password").fill("centrala-demo")
        await page.get_by_role("button", name="Sign in").click()
        await expect(page.get_by_test_id("connection")).to_have_attribute("data-state", "live")
        return page

    def phone(self, kind: str) -> Locator:
        return self.phones.get_by_role("region", name=NAMES[kind])

    async def write(self, kind: str, text: str) -> None:
        """What a customer types and sends."""
        field = self.phone(kind).locator("input.text")
        await field.fill(text)
        await field.press("Enter")


async def close(*pages: Page) -> None:
    for page in pages:
        context: BrowserContext = page.context
        await context.close()


async def view(page: Page, name: str) -> None:
    await (
        page.get_by_role("navigation", name="Views").get_by_role("link", name=re.compile(f"^{name}")).click()
    )


async def open_dialog(page: Page, text: str, where: str = "All") -> None:
    """Click the dialog whose last line is this."""
    await view(page, where)
    await page.get_by_test_id("dialog-list").get_by_role("option").filter(has_text=text).click()
    await expect(page.get_by_test_id("thread").get_by_text(text)).to_be_visible()


def message(page: Page, text: str) -> Locator:
    return page.get_by_test_id("thread").locator("[data-message]").filter(has_text=text)


async def answer(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Write a reply").fill(text)
    await page.get_by_test_id("send").click()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    folder: Path = tmp_path_factory.mktemp("demo")
    outside = Outside(folder)
    del outside.environment["CENTRALA__SERVER__PUBLIC_URL"]
    server = OutsideServer(outside, _two_free_ports(), {}, "--demo")
    try:
        await server.start()
        made = Demo(server, browser)
        made.phones = await made.page(made.phones_url)
        await expect(made.phones.get_by_role("region")).to_have_count(4)
        yield made
        await close(made.phones)
    finally:
        await asyncio.to_thread(server.process.stop)


def _two_free_ports() -> int:
    import socket

    while True:
        port = free_port()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port + 1)) != 0:
                return port
