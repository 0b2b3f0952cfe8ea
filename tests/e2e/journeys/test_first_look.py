"""What a newcomer finds: people have written, and one was answered."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.journeys.demo import Demo
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import PEOPLE

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_demo_begins_with_conversations(browser: Browser, tmp_path: Path) -> None:
    demo = Demo(tmp_path, story=True)
    demo.process.start()
    desk = Desk(browser, demo)
    try:
        console = await desk.console("ala")
        await console.show("All")
        for name in PEOPLE.values():
            await expect(console.row(name)).to_have_count(1)
        await console.open(PEOPLE["messenger"], view="Mine")
        question = console.message("Którą odłożyć?")
        await expect(question.get_by_label("Reaction")).to_have_text("❤️")
        await console.expect_tick("Którą odłożyć?", "Read")
        await expect(console.thread.get_by_role("button", name="edited")).to_have_count(1)
        pressed = console.message("Zieloną").last
        await expect(pressed.get_by_role("blockquote")).to_contain_text("Którą odłożyć?")
    finally:
        await desk.close()
        demo.process.stop()
    assert desk.trouble == []
    assert "Traceback" not in demo.process.log.read_text()
