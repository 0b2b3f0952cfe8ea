"""Browser windows of one test, and everything in them that a browser complains about."""

import re
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Dialog, Page

from tests.e2e.journeys.console import Console
from tests.e2e.journeys.demo import Demo
from tests.e2e.journeys.phones import Phones

# The console asks who is signed in before anybody is; Chromium reports the answer by itself.
BEFORE_SIGN_IN = r"status of 401 .*/api/v1/session$"
OFFLINE = r"net::ERR_|WebSocket connection to"

_REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI} ${event.sample}`));
"""


class Desk:
    """Opens windows; what their consoles say is kept in ``trouble`` unless a test expects it."""

    def __init__(self, browser: Browser, demo: Demo) -> None:
        self.demo = demo
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._said: list[str] = []
        self._expected = [BEFORE_SIGN_IN]

    async def console(self, agent: str | None, *, base: str | None = None, **options: Any) -> Console:
        """The console in a browser of its own, signed in (None: at the sign-in page)."""
        console = Console(await self.page(base or self.demo.url, **options))
        if agent is not None:
            await console.sign_in(agent)
        return console

    async def phones(self) -> Phones:
        return Phones(await self.page(self.demo.phones_url), self.demo.url)

    def expect(self, pattern: str) -> None:
        """Something that a browser will say in this test, and rightly."""
        self._expected.append(pattern)

    @property
    def trouble(self) -> list[str]:
        return [line for line in self._said if not any(re.search(one, line) for one in self._expected)]

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()

    async def page(self, url: str, **options: Any) -> Page:
        chosen = {"viewport": {"width": 1360, "height": 800}, "locale": "en-GB", **options}
        context = await self._browser.new_context(**chosen)
        context.set_default_timeout(30_000)
        self._contexts.append(context)
        await context.add_init_script(_REPORT_VIOLATIONS)
        page = await context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._said.append(f"uncaught: {error.stack}"))
        page.on("dialog", self._dismiss)
        await page.goto(url)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._said.append(f"{message.type}: {message.text} {message.location['url']}")

    async def _dismiss(self, dialog: Dialog) -> None:
        self._said.append(f"{dialog.type} box: {dialog.message}")
        await dialog.dismiss()
