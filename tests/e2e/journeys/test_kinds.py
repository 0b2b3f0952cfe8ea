"""What customers send beside texts, as the agent sees it: played, opened, found on the map, quoted, changed, taken back."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from connectors.simulator.samples import sample
from tests.e2e.journeys.console import Console
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phone, Phones

pytestmark = pytest.mark.asyncio(loop_scope="module")

SENT = {
    "telegram": ["Voice message", "Video", "PDF", "Sticker", "Location", "My contact card"],
    "whatsapp": ["Voice message", "Video", "PDF", "Sticker", "Location", "Somebody's contact card"],
    "viber": ["Video", "PDF", "Sticker", "Location", "Somebody's contact card"],
    "messenger": ["Voice message", "Video", "PDF", "Sticker"],
}
EDITS, REACTS = {"telegram", "whatsapp", "messenger"}, {"telegram", "whatsapp", "messenger"}
PLAYS = """player => new Promise((done, broke) => {
    player.onplaying = () => { player.pause(); done(player.duration); };
    player.onerror = () => broke(player.error.message);
    player.muted = true;
    player.play();
})"""
# How much wider or taller the player is than the picture in it, in pixels.
BARS = """player => Math.round(Math.abs(
    player.clientWidth / player.clientHeight - player.videoWidth / player.videoHeight) * player.clientHeight)"""


@pytest.mark.parametrize("kind", SENT)
async def test_the_agent_sees_everything_that_a_customer_can_send(
    desk: Desk, phones: Phones, kind: str
) -> None:
    console, phone = await desk.console("ala"), phones[kind]
    await phone.write(f"Mam dwa pytania ({kind})")
    await console.open(phone.owner)
    for what in SENT[kind]:
        await phone.send(what)
    await expect(phone.root.locator(".bubble.mine")).to_have_count(len(SENT[kind]) + 1)
    await _shown(console, phone)
    await _talked_about(console, phone)
    if kind == "telegram":
        await _replaced(console, phone)


async def _replaced(console: Console, phone: Phone) -> None:
    """Another file in the place of one, a place that moves on: what was replaced can still be seen."""
    async with phone.page.expect_file_chooser() as chooser:
        await phone.do(phone.sent("order.pdf"), "Another file…")
    poem = {"name": "wiersz.pdf", "mimeType": "application/pdf", "buffer": sample("order.pdf") + b"%"}
    await (await chooser.value).set_files([poem])
    changed = console.message("wiersz.pdf")
    await expect(changed.get_by_role("link", name="wiersz.pdf")).to_be_visible()
    await changed.get_by_role("button", name="edited").click()
    await expect(changed.get_by_role("listitem").get_by_role("link", name="order.pdf")).to_be_visible()
    for here in ("Kawiarnia Pod Lipą", "52.23322, 21.01906"):
        await phone.do(phone.sent(here), "Move on")
    moved = console.message("52.23422, 21.01906")
    await expect(moved).to_be_visible()
    await moved.get_by_role("button", name="edited").click()
    await expect(moved.get_by_role("listitem")).to_have_count(1)
    await expect(moved.get_by_role("listitem")).to_contain_text("52.23222, 21.01906")


async def _shown(console: Console, phone: Phone) -> None:
    sent, thread = SENT[phone.kind], console.thread
    if "Voice message" in sent:
        assert await thread.locator("audio").evaluate(PLAYS) > 3
    video = thread.locator("video")
    assert await video.evaluate(PLAYS) > 2
    assert await video.evaluate(BARS) == 0
    async with console.page.expect_download() as opened:
        await thread.get_by_role("link", name="order.pdf").click()
    assert Path(await (await opened.value).path()).read_bytes() == sample("order.pdf")
    if "Location" in sent:
        place = thread.get_by_role("link", name="52.23222, 21.01906")
        if phone.kind != "viber":  # whose webhook has the coordinates only
            await expect(place).to_contain_text("Kawiarnia Pod Lipą")
            await expect(place).to_contain_text("Nowy Świat 41, Warszawa")
        assert "mlat=52.23222&mlon=21.01906" in (await place.get_attribute("href") or "")
    if "My contact card" in sent:
        await expect(console.facts.get_by_role("link", name="+48")).to_be_visible()
        await expect(thread.get_by_role("link", name="+48")).to_have_attribute(
            "href", re.compile(r"^tel:\+48\d{9}$")
        )
    if "Somebody's contact card" in sent:
        await expect(thread.get_by_text("Kasia Wójcik")).to_be_visible()
        await expect(thread.get_by_role("link", name="601")).to_have_attribute("href", "tel:+48601700800")


async def _talked_about(console: Console, phone: Phone) -> None:
    """Changed, answered with a quote, reacted to, taken back."""
    question, answer = f"Mam dwa pytania ({phone.kind})", f"Proszę pytać ({phone.kind})"
    await expect(phone.sent(question).locator("time")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    await console.reply(answer)
    said: Locator = phone.received(answer)
    if phone.kind in REACTS:
        await phone.do(said, "React with ❤️")
        await expect(console.message(answer).get_by_label("Reaction")).to_have_text("❤️")
        await phone.do(said, "Take back ❤️")
        await expect(console.message(answer).get_by_label("Reaction")).to_have_count(0)
        await phone.do(said, "React with 👍")
        await phone.do(said, "Answer it")
        await phone.write("Czy to jest zielone?")
        await expect(console.message("Czy to jest zielone?").get_by_role("blockquote")).to_have_text(answer)
    if phone.kind in EDITS:
        await phone.do(phone.sent(question), "Change it")
        await phone.write(f"Mam trzy pytania ({phone.kind})")
        changed = console.message(f"Mam trzy pytania ({phone.kind})")
        edited = changed.get_by_role("button", name="edited")
        # One line with the time.
        assert await edited.evaluate("e => e.parentElement.clientHeight < 2 * e.clientHeight")
        await edited.click()
        await expect(changed.get_by_role("listitem")).to_contain_text([question])
    if phone.kind == "whatsapp":
        await phone.do(phone.sent("Czy to jest zielone?"), "Delete it")
        await expect(console.message("deleted")).to_be_visible()
