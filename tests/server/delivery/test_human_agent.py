"""Answers of a person after Messenger's 24 h: enabled by the channel, for 7 days, and by nobody else than a person."""

from collections.abc import AsyncIterator

import pytest

from connectors.errors import Refused
from connectors.http import HTTPClient
from connectors.registry import open_connector
from connectors.simulator import Customer, Simulator
from server.db import schema
from server.errors import Conflict
from tests.connectors.samples import SETTINGS
from tests.support.backend import Backend
from tests.support.delivery import Desk

DAY_MS = 86_400_000


class Page:
    """A page of ours, and somebody who wrote to it."""

    def __init__(self, desk: Desk, sim: Simulator, http: HTTPClient) -> None:
        self.desk = desk
        self._sim = sim
        self._http = http
        sim.add_account("messenger", **SETTINGS["messenger"])
        self.phone: Customer = sim.customer("messenger", name="Zofia")
        self.open(human_agent=True)

    def open(self, *, human_agent: bool) -> None:
        settings = {
            **SETTINGS["messenger"],
            "api_base": self._sim.api_base("messenger"),
            "human_agent": human_agent,
        }
        self.connector = open_connector("messenger", None, settings, self._http, "")
        self.desk.channels.connectors[self.desk.channel_id] = self.connector

    async def dialog(self) -> int:
        self.phone.touch()
        return await self.desk.dialog(self.phone.address)

    def pass_days(self, days: float) -> None:
        """For us and for Meta, whose 24 h count from when the customer wrote."""
        self.desk.backend.clock.move(hours=24 * days)
        self.phone.last_wrote_ms -= int(days * DAY_MS)


@pytest.fixture
async def page(backend: Backend) -> AsyncIterator[Page]:
    async with Simulator() as sim, HTTPClient() as http:
        yield Page(await Desk.make(backend), sim, http)


async def test_a_person_answers_for_seven_days_with_the_tag(page: Page) -> None:
    dialog = await page.dialog()
    for days, text in ((0, "od razu"), (2, "po dwóch dniach")):
        page.pass_days(days)
        await page.desk.write(dialog, text)
        [claimed] = await page.desk.claim()
        assert claimed.by_person
        sent = await page.connector.send(claimed)
        await page.desk.accept(claimed, *sent.external_ids)
    # Meta's fake refuses a plain response after 24 h, so the second one went with the tag.
    assert [entry.text for entry in page.phone.received] == ["od razu", "po dwóch dniach"]
    page.pass_days(5.5)
    with pytest.raises(Conflict, match="168 hours") as refused:
        await page.desk.write(dialog, "za późno")
    assert refused.value.code == "reply_window_closed"


async def test_it_is_off_unless_the_channel_enables_it(page: Page) -> None:
    page.open(human_agent=False)
    dialog = await page.dialog()
    await page.desk.write(dialog, "czeka")
    page.pass_days(2)
    with pytest.raises(Conflict, match="24 hours"):
        await page.desk.write(dialog, "za późno")
    # What waited until the window had closed is refused by Meta, with the reason: it gets no tag either.
    [claimed] = await page.desk.claim()
    with pytest.raises(Refused) as over:
        await page.connector.send(claimed)
    assert over.value.failure.code == "window_closed"


async def test_only_what_a_person_wrote_uses_it(page: Page) -> None:
    dialog = await page.dialog()
    written = await page.desk.write(dialog, "x")
    await page.desk.set(schema.message, int(written.id), origin="campaign")
    page.pass_days(2)
    [claimed] = await page.desk.claim()
    assert not claimed.by_person
    with pytest.raises(Refused) as over:
        await page.connector.send(claimed)
    await page.desk.end(claimed, error=over.value)
    with pytest.raises(Conflict, match="24 hours"):
        await page.desk.replies.retry(page.desk.access, dialog, int(written.id))
    await page.desk.set(schema.message, int(written.id), origin="agent")
    await page.desk.replies.retry(page.desk.access, dialog, int(written.id))
    [again] = await page.desk.claim()
    assert (await page.connector.send(again)).external_ids
