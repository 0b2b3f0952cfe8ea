"""Templates: the way to write when WhatsApp's 24 hours are over, checked before they are queued, the same at every try."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest

from connectors.contract import Outbound
from connectors.errors import Refused
from connectors.http import HTTPClient
from connectors.registry import open_connector
from connectors.simulator import Customer, Simulator
from connectors.simulator.whatsapp_events import WhatsAppAccount
from connectors.templates import FilledTemplate
from server.db import schema
from server.delivery.api import ROUTES
from tests.connectors.samples import SETTINGS
from tests.support.backend import Backend
from tests.support.delivery import Desk, api_client

DAY_MS = 86_400_000
WABA = "102290129340398"
REMINDER = {"name": "visit_reminder", "language": "pl", "variables": ["Anno", "jutro o 9"]}
WORDS = "Wizyta\n\nDzień dobry Anno, przypominamy o wizycie jutro o 9. Do zobaczenia!\n\nSalon Centrala"


class Number:
    """A business number of ours, somebody who wrote to it yesterday, and the HTTP interface of agents."""

    def __init__(self, desk: Desk, sim: Simulator, http: HTTPClient, client: httpx.AsyncClient) -> None:
        self.desk = desk
        self.sim = sim
        self._http = http
        self._client = client
        self.account = sim.add_account("whatsapp", **SETTINGS["whatsapp"])
        self.phone: Customer = sim.customer("whatsapp", name="Zofia")
        self.open()

    def open(self, **changes: Any) -> None:
        settings = {**SETTINGS["whatsapp"], "waba_id": WABA, "api_base": self.sim.api_base("whatsapp")}
        self.connector = open_connector("whatsapp", None, settings | changes, self._http, "")
        self.desk.channels.connectors[self.desk.channel_id] = self.connector

    async def begin(self) -> None:
        """The customer writes, and then two days pass, for us and for Meta."""
        self.phone.touch()
        self.dialog = await self.desk.dialog(self.phone.address)
        self.desk.backend.clock.move(hours=48)
        self.phone.last_wrote_ms -= 2 * DAY_MS

    async def list(self) -> Any:
        return await self._client.get(f"/api/v1/dialogs/{self.dialog}/templates")

    async def send(self, key: str | None = None, **body: Any) -> Any:
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self._client.post(f"/api/v1/dialogs/{self.dialog}/messages", json=body, headers=headers)

    async def pump(self) -> Outbound:
        """What the channel's host does once."""
        [claimed] = await self.desk.claim()
        try:
            sent = await self.connector.send(claimed)  # type: ignore[attr-defined]
        except Refused as error:
            await self.desk.end(claimed, error=error)
        else:
            await self.desk.accept(claimed, *sent.external_ids)
        return claimed


@pytest.fixture
async def number(backend: Backend) -> AsyncIterator[Number]:
    desk = await Desk.make(backend)
    async with (
        Simulator() as sim,
        HTTPClient() as http,
        api_client(ROUTES, access=desk.access, replies=desk.replies) as client,
    ):
        number = Number(desk, sim, http, client)
        await number.begin()
        yield number


def problem(answer: Any) -> tuple[int, str, list[str]]:
    body = answer.json()
    return (
        answer.status_code,
        body["type"].rpartition(":")[2],
        [each["field"] for each in body.get("errors", [])],
    )


async def test_a_template_goes_when_the_time_for_replies_is_over(number: Number) -> None:
    assert problem(await number.send(text="za późno"))[:2] == (409, "reply_window_closed")
    answer = await number.list()
    items = {(item["name"], item["language"]): item for item in answer.json()["items"]}
    # Neither the one that was rejected nor the one that needs a file.
    assert sorted(items) == [("hello", "en_US"), ("hello", "pl"), ("visit_reminder", "pl")]
    assert items["visit_reminder", "pl"]["variables"] == 2
    sent = await number.send(key="k1", template=REMINDER)
    assert (sent.status_code, sent.json()["text"]) == (201, WORDS)
    # A repetition is the same message, although the template is gone meanwhile and nobody can be asked.
    number.open(api_base="http://127.0.0.1:1")
    again = await number.send(key="k1", template=REMINDER)
    assert (again.status_code, again.json()["id"]) == (201, sent.json()["id"])
    number.open()
    other = {**REMINDER, "variables": ["Anno", "w piątek"]}
    assert problem(await number.send(key="k1", template=other)) == (422, "invalid", ["Idempotency-Key"])
    claimed = await number.pump()
    assert claimed.template == FilledTemplate(
        name="visit_reminder", language="pl", variables=("Anno", "jutro o 9")
    )
    [shown] = number.phone.received
    assert shown.text == WORDS


async def test_a_wrong_template_is_refused_by_its_field(number: Number) -> None:
    cases: list[tuple[dict[str, Any], list[str]]] = [
        ({"variables": ["Anno"]}, ["template.variables"]),
        ({"variables": []}, ["template.variables"]),
        ({"variables": ["Anno", " "]}, ["template.variables[1]"]),
        ({"variables": ["An\nno", "a     b"]}, ["template.variables[0]", "template.variables[1]"]),
        ({"name": "sale"}, ["template.name"]),
        ({"name": "leaflet", "variables": []}, ["template.name"]),
        ({"language": "uk"}, ["template.language"]),
    ]
    for changes, fields in cases:
        answer = await number.send(template=REMINDER | changes)
        assert problem(answer) == (422, "invalid", fields), changes
    for beside in ({"text": "i jeszcze"}, {"kind": "note"}, {"quickReplies": [{"title": "Tak"}]}):
        assert problem(await number.send(template=REMINDER, **beside)) == (422, "invalid", ["template"])
    assert await number.desk.deliveries() == []


async def test_trouble_with_the_list_is_told(number: Number) -> None:
    number.sim.faults["whatsapp"].server_error(503, on="templates")
    assert problem(await number.list())[:2] == (503, "unavailable")
    assert (await number.list()).status_code == 200
    # For a minute the list is remembered; then, or with other settings at once, it is asked for again.
    number.sim.faults["whatsapp"].server_error(503, times=None, on="templates")
    assert (await number.list()).status_code == 200
    number.desk.backend.clock.move(seconds=61)
    assert problem(await number.list())[:2] == (503, "unavailable")
    number.open(waba_id="1")
    number.sim.faults["whatsapp"].clear()
    answer = await number.list()
    assert problem(answer)[:2] == (409, "templates_refused")
    assert "whatsapp_business_management" in answer.json()["detail"]
    number.open(waba_id="")
    assert problem(await number.list())[:2] == (409, "no_templates")
    stranger = msgspec.structs.replace(number.desk.access, channel_ids=frozenset())
    async with api_client(ROUTES, access=stranger, replies=number.desk.replies) as client:
        hidden = await client.get(f"/api/v1/dialogs/{number.dialog}/templates")
        assert problem(hidden)[:2] == (404, "not_found")


async def test_sending_again_sends_the_same_template(number: Number) -> None:
    sent = await number.send(template=REMINDER)
    account = number.account
    assert isinstance(account, WhatsAppAccount)
    kept, account.templates = account.templates, []
    first = await number.pump()
    message_id = int(sent.json()["id"])
    [row] = await number.desk.rows(schema.message, schema.message.c.id == message_id)
    assert (row["state"], "no such template" in row["failure"]) == ("failed", True)
    account.templates = kept
    await number.desk.replies.retry(number.desk.access, number.dialog, message_id)
    second = await number.pump()
    assert second.template == first.template
    assert [entry.text for entry in number.phone.received] == [WORDS]
