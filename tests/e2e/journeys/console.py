"""The console, as an agent uses it: found by roles and names (web/DESIGN.md), English texts."""

from collections.abc import Sequence
from typing import Literal

from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.e2e.journeys.demo import PASSWORD

View = Literal["Mine", "Unassigned", "All"]
Tick = Literal["Sent", "Delivered", "Read"]


class Console:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.rows = page.get_by_test_id("dialog-list").get_by_role("option")
        self.thread = page.get_by_test_id("thread")
        self.composer = page.get_by_role("form", name="Answer")
        self.reply_field = page.get_by_role("textbox", name="Write a reply")
        self.take_button = page.get_by_role("button", name="Take", exact=True)
        self.close_button = page.get_by_role("button", name="Close dialog")
        self.facts = page.locator("aside.contact")
        self.connection = page.get_by_test_id("connection")
        self.notices = page.locator(".toasts")
        self.pending = page.get_by_test_id("pending-message")
        self.modal = page.get_by_role("dialog")
        self._born: float | None = None

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    # ------------------------------------------------------------------ coming in

    async def sign_in(self, agent: str) -> None:
        await self.page.get_by_label("E-mail").fill(f"{agent}@demo.local")
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_role("button", name="Sign in").click()
        await self.is_live()
        self._born = await self._time_origin()

    async def is_live(self) -> None:
        await expect(self.connection).to_have_attribute("data-state", "live")

    async def was_not_reloaded(self) -> None:
        assert await self._time_origin() == self._born

    async def _time_origin(self) -> float:
        origin: float = await self.page.evaluate("performance.timeOrigin")
        return origin

    # ------------------------------------------------------------------ the list

    async def show(self, view: View) -> None:
        await self.page.get_by_role("navigation", name="Views").get_by_role("link", name=view).click()

    def row(self, text: str) -> Locator:
        """The row of the dialog whose name or last line has this text."""
        return self.rows.filter(has_text=text)

    async def open(self, text: str, *, view: View = "All") -> None:
        await self.show(view)
        await self.row(text).click()
        await expect(self.thread).to_be_visible()

    # ------------------------------------------------------------------ the thread

    def message(self, text: str) -> Locator:
        return self.thread.locator("[data-message]").filter(has_text=text)

    async def expect_tick(self, text: str, state: Tick) -> None:
        tick = self.message(text).get_by_role("img", name=state, exact=True)
        await expect(tick, f"{text!r} should be marked {state}").to_be_visible()

    async def reply(self, text: str) -> None:
        """Also takes the dialog, if nobody has."""
        await self.reply_field.fill(text)
        await self.reply_field.press("Enter")
        await expect(self.reply_field).to_have_value("")

    async def add_note(self, text: str) -> None:
        await self.composer.get_by_role("button", name="Note", exact=True).click()
        await self.page.get_by_role("textbox", name="Write a note for your team").fill(text)
        await self.page.get_by_test_id("send").click()
        await expect(self.message(text)).to_be_visible()
        await self.composer.get_by_role("button", name="Reply", exact=True).click()

    async def send_picture(self, name: str, png: bytes) -> None:
        await self.send_file(name, "image/png", png)

    async def send_file(self, name: str, mime: str, data: bytes) -> None:
        await self.page.get_by_test_id("file-picker").set_input_files(
            {"name": name, "mimeType": mime, "buffer": data}
        )
        await self.page.get_by_test_id("send").click()

    async def ask(self, question: str, answers: Sequence[str]) -> None:
        """Send a question with quick replies."""
        await self.reply_field.fill(question)
        await self.page.get_by_role("button", name="Offer quick replies").click()
        for number, answer in enumerate(answers, start=1):
            if number > 1:
                await self.page.get_by_role("button", name="Add another").click()
            await self.page.get_by_role("textbox", name=f"Quick reply {number}", exact=True).fill(answer)
        await self.page.get_by_test_id("send").click()
        await expect(self.reply_field).to_have_value("")

    async def send_link(self, text: str, title: str, address: str) -> None:
        """Send a text with a link button."""
        await self.reply_field.fill(text)
        await self.page.get_by_role("button", name="Add link buttons").click()
        await self.page.get_by_role("textbox", name="Title of link button 1").fill(title)
        await self.page.keyboard.press("Enter")
        await self.page.keyboard.type(address)
        await self.page.get_by_test_id("send").click()
        await expect(self.reply_field).to_have_value("")

    async def close_dialog(self) -> None:
        await self.close_button.click()
        await expect(self.page.get_by_role("button", name="Reopen").first).to_be_visible()

    # ------------------------------------------------------------------ the log

    async def open_log(self) -> None:
        await self.page.get_by_role("link", name="Log", exact=True).click()
        await expect(self.page.get_by_role("heading", name="Log")).to_be_visible()

    @property
    def log_rows(self) -> Locator:
        return self.page.locator("[data-log-row]")

    async def choose_filter(self, name: str, option: str) -> None:
        filters = self.page.get_by_role("search", name="Filters")
        await filters.get_by_role("button", name=name).click()
        await self.page.get_by_role("menuitemradio", name=option, exact=True).click()

    async def search_log(self, text: str) -> None:
        await self.page.get_by_role("searchbox", name="Search names, numbers, texts").fill(text)

    async def download(self, item: Literal["Dialogs as CSV", "Messages as CSV"]) -> bytes:
        await self.page.get_by_role("button", name="Export").click()
        async with self.page.expect_download() as started:
            await self.page.get_by_role("menuitem", name=item).click()
        path = await (await started.value).path()
        return path.read_bytes()
