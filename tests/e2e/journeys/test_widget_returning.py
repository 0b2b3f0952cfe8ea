"""Customers who have written before: the open dialog learns where they came from, and keeps the first answer."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.e2e.journeys.desk import Desk
from tests.e2e.journeys.phones import Phones
from tests.e2e.journeys.site import Site, running_site
from tests.e2e.journeys.test_widget import TOKEN_IN, come_by

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def site(desk: Desk) -> AsyncIterator[Site]:
    async with running_site(desk) as site:
        yield site


@pytest.mark.parametrize("kind", TOKEN_IN)
async def test_an_open_dialog_learns_its_source_once(
    desk: Desk, site: Site, phones: Phones, kind: str
) -> None:
    console, phone = await desk.console("ala"), phones[kind]
    await phone.write("Dzień dobry, to znowu ja")
    await console.open(phone.owner)
    await expect(console.facts).to_contain_text("Not known")

    await phone.start_by_link(await come_by(site, kind, "first"))
    await expect(console.facts).to_contain_text("first / cpc")
    await console.reply("Miło Panią widzieć")
    await expect(phone.received("Miło Panią widzieć")).to_have_count(1)

    await phone.start_by_link(await come_by(site, kind, "second"))
    await phone.write("Jeszcze jedno pytanie")
    await expect(console.message("Jeszcze jedno pytanie")).to_be_visible()
    await expect(console.facts).to_contain_text("first / cpc")
    await expect(console.facts).not_to_contain_text("second")
