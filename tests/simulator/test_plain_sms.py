"""The SMS providers that sign nothing: our connectors and their fakes, written independently, understand each other."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors.contract import AnyItem, Connector, InboundMessage, Outbound, Receipt, WebhookRequest
from connectors.errors import NotAccepted, Refused, Uncertain
from connectors.http import HTTPClient
from connectors.registry import open_connector
from connectors.simulator import Customer, Simulator
from tests.simulator.conftest import Business

NUMBER = "+48732001002"
KEY = "key-of-sixteen-or-more"
SETTINGS: dict[str, dict[str, Any]] = {
    "smsapi": {"token": "t", "sender": NUMBER, "callback_key": KEY},
    "gateway": {
        "content_type": "json",
        "headers": "Authorization: Bearer {secret}",
        "body": '{"to": "{to}", "from": "{from}", "text": "{text}", "reference": "{id}"}',
        "secret": "t",
        "id_pointer": "/message/id",
        "sender": NUMBER,
        "callback_key": KEY,
        "in_to": "to",
        "in_time": "time",
    },
}
PROVIDERS = {"gateway": "http"}


class Pair:
    """A connector and a customer's phone at its provider."""

    def __init__(self, kind: str, sim: Simulator, business: Business, http: HTTPClient) -> None:
        self.business = business
        url = f"{business.url}/webhooks/{kind}"
        sim.add_account(kind, webhook_url=f"{url}?key={KEY}", token="t", sender=NUMBER)
        self.phone: Customer = sim.customer(kind, name="Zofia Żółw")
        base = sim.api_base(kind)
        at = {"send_url": f"{base}/send"} if kind == "gateway" else {"api_base": base}
        settings = {**SETTINGS[kind], **at}
        self.connector: Connector = open_connector("sms", PROVIDERS.get(kind, kind), settings, http, url)

    def received(self) -> list[AnyItem]:
        items: list[AnyItem] = []
        for hook in self.business.hooks:
            headers = {name.lower(): value for name, value in hook.headers.items()}
            request = WebhookRequest(
                method=hook.method,
                url=self.business.url + hook.target,
                query=urlsplit(hook.target).query,
                headers=headers,
                body=hook.body,
            )
            items += self.connector.receive(request).items
        return items

    def to(self, address: str, text: str = "Dzień dobry", delivery_id: str = "1") -> Outbound:
        return Outbound(
            delivery_id=delivery_id, attempt=1, peer_id=address, text=text, tracker=f"centrala:{delivery_id}"
        )


@pytest.fixture(params=SETTINGS)
async def pair(request: pytest.FixtureRequest, sim: Simulator, business: Business) -> AsyncIterator[Pair]:
    async with HTTPClient() as http:
        yield Pair(request.param, sim, business, http)


async def test_a_conversation(sim: Simulator, pair: Pair) -> None:
    await pair.phone.write("Zażółć gęślą & 100% 🐢")
    (message,) = pair.received()
    assert isinstance(message, InboundMessage)
    assert (message.text, message.peer.id) == ("Zażółć gęślą & 100% 🐢", pair.phone.address)
    await pair.phone.go_offline()
    long = " ".join(f"słowo{number}" for number in range(200))
    sent = await pair.connector.send(pair.to(pair.phone.address, long))
    assert len(sent.external_ids) > 1
    assert " ".join(entry.text for entry in pair.phone.received) == long
    await pair.phone.online()
    await sim.settled()
    states: dict[str, list[str]] = {each: [] for each in sent.external_ids}
    for item in pair.received()[1:]:
        assert isinstance(item, Receipt)
        for each in item.external_ids:
            states[each].append(item.state)
    assert set(map(tuple, states.values())) == {("sent", "delivered")}


async def test_a_keyword_and_a_number_that_nobody_has(sim: Simulator, pair: Pair) -> None:
    await pair.phone.block()
    assert [type(item).__name__ for item in pair.received()] == ["InboundMessage", "Consent"]
    await pair.connector.send(pair.to("+48600000000"))
    await sim.settled()
    failed = pair.received()[-1]
    assert isinstance(failed, Receipt)
    assert failed.state == "failed"


async def test_errors(sim: Simulator, pair: Pair) -> None:
    with pytest.raises(Refused) as caught:
        await pair.connector.send(pair.to("InPost"))
    assert not caught.value.channel
    sim.faults[pair.phone.kind].rate_limit(7)
    with pytest.raises(NotAccepted):
        await pair.connector.send(pair.to(pair.phone.address))
    assert sim.ledger == []


async def test_what_smsapi_has_already_is_not_sent_again(sim: Simulator, business: Business) -> None:
    async with HTTPClient() as http:
        pair = Pair("smsapi", sim, business, http)
        sim.faults["smsapi"].garbage_answer()
        for _ in range(2):
            with pytest.raises(Uncertain):
                await pair.connector.send(pair.to(pair.phone.address))
        await pair.connector.send(pair.to(pair.phone.address, delivery_id="2"))
        assert len(sim.ledger) == 2
        assert (await pair.connector.register(f"{business.url}/webhooks/smsapi")).error is None
