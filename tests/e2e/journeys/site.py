"""The company's website, on an origin of its own: a landing page, a contact page, and the widget's script."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from playwright.async_api import Locator, Page

from tests.e2e.journeys.desk import Desk

PROVIDERS = ("https://m.me/**", "https://t.me/**")

# The site's own looks would spoil the widget if they reached it.
_PAGE = """<!doctype html>
<html lang="{lang}"><title>Sklep Zielony Liść</title>
<style>a, button, p, h2 {{ display: none !important; color: red !important }} nav a {{ display: inline !important }}</style>
<h1>Sklep</h1><nav><a href="/kontakt">Kontakt</a></nav>
<script src="{inbox}/widget.js" async {attributes}></script></html>"""
_POLICY = "default-src 'none'; script-src {inbox}; connect-src {inbox}; style-src 'unsafe-inline'"


class Site:
    """``attributes`` are the script's; change them before a page is opened."""

    def __init__(self, desk: Desk, inbox: str, url: str) -> None:
        self.desk = desk
        self.inbox = inbox
        self.url = url
        self.lang = "en"
        self.attributes = ""

    async def serve(self, _request: web.Request) -> web.Response:
        text = _PAGE.format(lang=self.lang, inbox=self.inbox, attributes=self.attributes)
        policy = _POLICY.format(inbox=self.inbox)
        return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})

    async def visit(self, path: str, **options: Any) -> "Visitor":
        page = await self.desk.page(self.url + path, **options)
        for provider in PROVIDERS:  # nothing leaves this machine
            await page.context.route(
                provider,
                lambda route: route.fulfill(body="<title>provider</title>", content_type="text/html"),
            )
        return Visitor(page)


class Visitor:
    """Somebody on the site."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.button = page.get_by_role("button", name="Write to us")
        self.panel = page.get_by_role("dialog", name="Write to us")

    def channel(self, name: str) -> Locator:
        return self.panel.get_by_role("link", name=name)

    async def choose(self, name: str) -> str:
        """Click on a messenger; the address that the browser was sent to."""
        session = await self.page.context.new_cdp_session(self.page)
        await session.send("Page.enable")
        asked: list[str] = []
        session.on("Page.frameRequestedNavigation", lambda event: asked.append(event["url"]))
        async with self.page.expect_response("**/api/v1/widget/visits") as answered:
            if name == "Viber":
                await self.channel(name).click()
            else:
                async with self.page.expect_popup() as opened:
                    await self.channel(name).click()
                tab = await opened.value
                await tab.wait_for_url(re.compile(r"^https://"))
                assert await tab.evaluate("window.opener") is None
                asked.append(tab.url)
        given: dict[str, str] = await (await answered.value).json()
        for _ in range(100):
            if asked:
                break
            await self.page.wait_for_timeout(50)
        assert asked == [given["url"]]
        return asked[0]

    async def stored(self) -> int:
        """How much the site's pages keep in this browser."""
        kept: int = await self.page.evaluate(
            "sessionStorage.length + localStorage.length + document.cookie.length"
        )
        return kept + len(await self.page.context.cookies())


@asynccontextmanager
async def running_site(desk: Desk) -> AsyncIterator[Site]:
    site = Site(desk, desk.demo.url, "")
    application = web.Application()
    application.router.add_get("/{path:.*}", site.serve)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://localhost:{runner.addresses[0][1]}"
    try:
        yield site
    finally:
        await runner.cleanup()
