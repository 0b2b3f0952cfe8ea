"""An alarm as an administrator meets it: a mark, a sentence, the way to its cause, and how it goes away."""

import json
import sqlite3
import time

import pytest
from playwright.async_api import expect

from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_was_not_understood_is_shown_known_and_over(desk: Desk, phones: Phones) -> None:
    phone = phones["viber"]
    await phone.write("Dzień dobry")
    for event in (b"of_tomorrow", b"webhook"):
        await phone.provider_posts(
            b'{"event": "%s", "timestamp": 1457764197627, "message_token": 491}' % event
        )
    _found_already(desk)

    console = await desk.console("adam")
    page = console.page
    settings = page.get_by_role("link", name="Settings", exact=True)
    await expect(settings).to_have_accessible_description("1 alarm")
    await settings.click()
    row = page.locator("[data-channel]").filter(has_text="Viber")
    await expect(row).to_contain_text("1 new thing is in quarantine.")
    await row.get_by_role("link", name="See the quarantine").press("Enter")
    heading = page.get_by_role("heading", name="Quarantine")
    unknown = page.get_by_text("Of a kind that we don't know: “of_tomorrow”")
    await expect(unknown).to_be_visible()
    await expect(heading).to_be_focused()
    await expect(heading).to_be_in_viewport()
    await page.reload()
    await expect(row).to_be_visible()
    await expect(heading).not_to_be_focused()
    await expect(unknown).to_be_visible()  # the list is there

    ignored = page.get_by_text("Understood, and nothing for a dialog: “webhook probe”").first
    await expect(ignored).to_have_count(0)
    switch = page.get_by_role("switch", name="Show what was ignored instead")
    await switch.press("Space")
    await expect(ignored).to_be_visible()
    await expect(page.get_by_text("“of_tomorrow”")).to_have_count(0)
    await switch.press("Space")
    await expect(page.get_by_text("“of_tomorrow”")).to_be_visible()

    await row.get_by_role("button", name="Acknowledge").press("Enter")
    await expect(row).not_to_contain_text("in quarantine")
    await expect(settings).to_have_accessible_description("")
    assert await page.evaluate("document.activeElement !== document.body")

    agents = (await desk.console("ala")).page
    await agents.get_by_role("link", name="Settings", exact=True).click()
    await expect(agents.locator("[data-channel]").first).to_be_visible()
    await expect(agents.locator(".alarms")).to_have_count(0)


def _found_already(desk: Desk) -> None:
    """The alarm that the next look, within half a minute, would raise by itself."""
    alarm = json.dumps([{"kind": "quarantine", "since": int(time.time() * 1000), "count": 1}])
    [file] = desk.demo.data.rglob("centrala.db")
    with sqlite3.connect(file, timeout=10) as database:
        database.execute("UPDATE channel SET alarms = ? WHERE kind = 'viber'", [alarm])
    database.close()
