"""Closing a dialog, finding it in the log, reading it there, and taking it along as CSV."""

import csv
import io

import pytest
from playwright.async_api import expect

from tests.e2e.journeys.console import Console
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phone, Phones

pytestmark = pytest.mark.asyncio(loop_scope="module")

BOM = b"\xef\xbb\xbf"
QUESTION = "Zażółć gęślą jaźń – kiedy paczka do Łodzi?"
ANSWER = 'Jutro; "na 100%", dziękuję'
FORMULA = "=HYPERLINK(1)"


async def test_a_closed_dialog_is_in_the_log_at_once_and_opens_from_there(desk: Desk, phones: Phones) -> None:
    console, phone = await desk.console("ala"), phones["messenger"]
    await answer_and_close(console, phone)
    await expect(console.row(phone.owner)).to_have_count(0)

    await console.open_log()
    row = console.log_rows.filter(has_text="Zofia Żółw")
    await expect(row).to_have_count(1)
    for words in ("gesla jazn lodzi", "zolw", "DZIEKUJE"):
        await console.search_log("nothing like this")
        await expect(row).to_have_count(0)
        await console.search_log(words)
        await expect(row).to_have_count(1)

    opener = row.get_by_role("link")
    await opener.click()
    await expect(console.modal).to_contain_text("Ala Kowalska closed the dialog")
    for text in (QUESTION, ANSWER):
        await expect(console.modal.locator("[data-message]").filter(has_text=text)).to_be_visible()
    await console.page.keyboard.press("Escape")
    await expect(console.modal).to_have_count(0)
    await expect(opener).to_be_focused()

    await expect(console.page.get_by_role("button", name="Columns")).to_be_visible()
    await expect(console.page.get_by_role("button", name="Export")).to_have_count(0)
    await console.was_not_reloaded()


async def test_a_supervisor_takes_dialogs_and_messages_along_as_csv(desk: Desk, phones: Phones) -> None:
    agent, leader, phone = await desk.console("ala"), await desk.console("sonia"), phones["viber"]
    await answer_and_close(agent, phone)

    await leader.open_log()
    await leader.search_log("sliwa")
    await expect(leader.log_rows).to_have_count(1)
    dialogs = rows(await leader.download("Dialogs as CSV"))
    assert [row["contact_name"] for row in dialogs] == ["Łucja Śliwa"], "the file has what the list shows"
    (dialog,) = dialogs
    assert (dialog["status"], dialog["channel"]) == ("closed", "viber")
    assert (dialog["responsible_agent"], dialog["closed_by"]) == ("Ala Kowalska", "Ala Kowalska")
    assert (dialog["messages_in"], dialog["messages_out"]) == ("2", "1")

    messages = rows(await leader.download("Messages as CSV"))
    said = [(row["direction"], row["author"], row["text"]) for row in messages if row["text"]]
    assert said == [
        ("inbound", "Łucja Śliwa", QUESTION),
        ("inbound", "Łucja Śliwa", f"'{FORMULA}"),
        ("outbound", "Ala Kowalska", ANSWER),
    ]
    assert {row["dialog_no"] for row in messages} == {dialog["dialog_no"]}


async def answer_and_close(console: Console, phone: Phone) -> None:
    await phone.write(QUESTION)
    await phone.write(FORMULA)
    await console.open(phone.owner)
    await expect(console.message(FORMULA)).to_be_visible()
    await console.reply(ANSWER)
    await expect(phone.received(ANSWER)).to_have_count(1)
    await console.close_dialog()


def rows(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(BOM), "spreadsheets take a file without a mark for the machine's own encoding"
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
