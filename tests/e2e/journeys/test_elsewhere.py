"""A conversation that another application takes and gives back, as the agent who has it open sees it."""

import json
import time
from typing import Any

import pytest
from playwright.async_api import expect

from connectors.simulator.demo import CREDENTIALS
from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_conversation_taken_by_another_application_is_locked_until_it_is_given_back(
    desk: Desk, phones: Phones
) -> None:
    phone = phones["messenger"]
    await phone.write("Dzień dobry, gdzie jest paczka?")
    console = await desk.console("ala")
    page = console.page
    await console.open(phone.owner)
    composer = console.reply_field
    await expect(composer).to_be_visible()

    answer = await page.request.get(desk.demo.url + "/api/v1/dialogs?view=all")
    [person] = [
        each["contact"]["address"]
        for each in (await answer.json())["items"]
        if each["channel"]["kind"] == "messenger"
    ]
    us = CREDENTIALS["messenger"]["page_id"]

    async def tell(**what: Any) -> None:
        now = int(time.time() * 1000)
        event = {"sender": {"id": person}, "recipient": {"id": us}, "timestamp": now, **what}
        entry = {"id": us, "time": now, "messaging": [event]}
        await phone.provider_posts(json.dumps({"object": "page", "entry": [entry]}).encode())

    await tell(take_thread_control={"previous_owner_app_id": "1", "new_owner_app_id": "263902037430900"})
    notice = page.get_by_role("status").filter(has_text="Another application has taken over")
    await expect(notice).to_be_visible()
    await expect(composer).to_have_count(0)
    await tell(pass_thread_control={"previous_owner_app_id": "263902037430900", "new_owner_app_id": "1"})
    await expect(composer).to_be_visible()
    await expect(notice).to_have_count(0)
