"""The simulator as a whole: faults, shuffling, bursts, isolation."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from connectors.simulator import Customer, Fault, Simulator, What
from connectors.simulator.faults import Faults
from tests.simulator.conftest import Business

VIBER = {"auth_token": "viber-token"}


@pytest.fixture
def phone(sim: Simulator, business: Business) -> Customer:
    sim.add_account("viber", webhook_url=business.url, **VIBER)
    return sim.customer("viber", name="Łucja Śliwa")


async def send(
    sim: Simulator, http: aiohttp.ClientSession, phone: Customer, text: str, timeout: float = 5
) -> Any:
    body = VIBER | {"receiver": phone.address, "type": "text", "text": text, "sender": {"name": "x"}}
    limit = aiohttp.ClientTimeout(total=timeout)
    async with http.post(f"{sim.base_url}/pa/send_message", json=body, timeout=limit) as response:
        return response.status, await response.read()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])
async def test_only_loopback(host: str) -> None:
    simulator = Simulator()
    with pytest.raises(ValueError, match="loopback"):
        await simulator.start(host=host)
    await simulator.stop()


async def test_a_foreign_host_name_is_refused(sim: Simulator, http: aiohttp.ClientSession) -> None:
    async with http.get(sim.base_url + "/", headers={"Host": "evil.example"}) as response:
        assert response.status == 403
    async with http.get(sim.base_url + "/", headers={"Host": "localhost:80"}) as response:
        assert response.status == 200


async def test_what_each_fault_leaves_behind(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await phone.write("hello")
    faults = sim.faults["viber"]
    faults.server_error(503)
    assert await send(sim, http, phone, "5xx") == (
        503,
        b"<html><body><center><h1>503 Server Error</h1></center></body></html>",
    )
    faults.reset()
    with pytest.raises(aiohttp.ClientConnectionError):
        await send(sim, http, phone, "reset")
    faults.stall(seconds=30)
    with pytest.raises(TimeoutError):
        await send(sim, http, phone, "stall", timeout=0.2)
    faults.stall(seconds=0.05)
    with pytest.raises(aiohttp.ClientConnectionError):
        await send(sim, http, phone, "stall")
    assert sim.ledger == []
    faults.timeout_after_accept(seconds=30)
    with pytest.raises(TimeoutError):
        await send(sim, http, phone, "late", timeout=0.2)
    faults.timeout_after_accept(seconds=0.05)
    assert (await send(sim, http, phone, "a little late"))[0] == 200
    faults.reset_after_accept()
    with pytest.raises(aiohttp.ClientConnectionError):
        await send(sim, http, phone, "accepted, reset")
    faults.cut_answer()
    with pytest.raises(aiohttp.ClientPayloadError):
        await send(sim, http, phone, "accepted, cut")
    faults.garbage_answer()
    assert await send(sim, http, phone, "accepted, garbage") == (200, b'{"ok":tru')
    accepted = ["late", "a little late", "accepted, reset", "accepted, cut", "accepted, garbage"]
    assert [line.text for line in sim.ledger] == accepted
    assert [entry.text for entry in phone.received] == accepted


async def test_a_fault_can_stay_until_cleared(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession
) -> None:
    await phone.write("hello")
    sim.faults["viber"].server_error(times=None)
    assert [(await send(sim, http, phone, "x"))[0] for _ in range(3)] == [502] * 3
    sim.faults["viber"].clear()
    assert (await send(sim, http, phone, "x"))[0] == 200


async def test_drawn_faults_are_the_same_for_the_same_seed() -> None:
    def drawn(seed: int) -> list[str]:
        faults = Faults(seed)
        faults.share(0.3, Fault(what=What.RESET), Fault(what=What.STALL))
        found = [faults.next("send") for _ in range(1000)]
        assert all(faults.next("poll") is None for _ in range(10))
        return [fault.what if fault else "" for fault in found]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 250 < sum(map(bool, drawn(1))) < 350


async def test_shuffled_webhooks_all_arrive(sim: Simulator, business: Business, phone: Customer) -> None:
    sim.faults["viber"].reorder = 10
    await phone.burst(25, "{n}")
    await sim.settled()
    texts = [hook.json["message"]["text"] for hook in business.hooks]
    written = [str(number) for number in range(1, 26)]
    assert texts != written
    assert sorted(texts, key=int) == written


async def test_duplicated_webhooks_are_identical(sim: Simulator, business: Business, phone: Customer) -> None:
    sim.faults["viber"].duplicate = 1.0
    await phone.burst(5, "{n}")
    await sim.settled()
    bodies = [hook.body for hook in business.hooks]
    assert (len(bodies), len(set(bodies))) == (10, 5)


async def test_a_burst_races_and_single_messages_do_not(
    sim: Simulator, business: Business, phone: Customer
) -> None:
    business.slow = 0.05
    await phone.burst(10)
    assert business.most_running > 1
    business.most_running = 0
    await asyncio.gather(*(phone.write(str(number)) for number in range(5)))
    assert business.most_running == 1


async def test_an_unreachable_server_is_recorded(sim: Simulator) -> None:
    sim.add_account("viber", auth_token="t", webhook_url="http://127.0.0.1:9/hook")
    phone = sim.customer("viber", name="x")
    await phone.write("hello")
    assert (phone.exchanges[0].status, phone.exchanges[0].unconnected) == (None, True)
    await sim.settled()
    assert [exchange.attempt for exchange in phone.exchanges] == [1, 2, 3, 4]


async def test_a_public_address_can_be_reached_elsewhere(sim: Simulator, business: Business) -> None:
    sim.reach("https://inbox.example.com", business.url)
    sim.add_account("viber", auth_token="t", webhook_url="https://inbox.example.com/hook?x=1")
    await sim.customer("viber", name="x").write("hello")
    assert business.hooks[0].target == "/hook?x=1"


async def test_the_same_person_is_the_same_phone(sim: Simulator, phone: Customer) -> None:
    assert sim.customer("viber", name="Łucja Śliwa") is phone
    assert sim.customer("viber", address=phone.address) is phone
    assert sim.customer("viber", name="Inna") is not phone
    with pytest.raises(LookupError):
        sim.customer("telegram", name="Jan")
    with pytest.raises(ValueError, match="Unknown channel kind"):
        sim.add_account("fax")
    with pytest.raises(TypeError):
        sim.add_account("viber", token="x")


async def test_stop_ends_what_is_under_way(business: Business) -> None:
    simulator = Simulator()
    await simulator.start()
    simulator.add_account("viber", webhook_url=business.url, **VIBER)
    phone = simulator.customer("viber", name="x")
    business.slow = 30
    writing = asyncio.create_task(phone.burst(5))
    await business.wait_for(3)
    async with asyncio.timeout(2):
        await simulator.stop()
    under_way = {getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()}
    assert not {name for name in under_way if name.startswith("Courier.")}
    assert not writing.done(), "nobody answers any more"
    writing.cancel()


async def test_the_page_drives_the_phones(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    async with http.ws_connect(sim.base_url + "/phones/live/socket") as socket:
        (shown,) = (await socket.receive_json())["phones"]
        assert (shown["name"], shown["online"], shown["thread"]) == ("Łucja Śliwa", True, [])
        async with http.post(
            f"{sim.base_url}/phones/{phone.id}/write", json={"text": "Dzień dobry"}
        ) as response:
            assert response.status == 202
        while not shown["webhook"]:
            (shown,) = (await socket.receive_json())["phones"]
        assert [entry["text"] for entry in shown["thread"]] == ["Dzień dobry"]
        assert (shown["webhook"]["event"], shown["webhook"]["status"]) == ("message", 200)
        for switch in ({"online": False}, {"reading": True}, {"blocked": True}):
            async with http.post(f"{sim.base_url}/phones/{phone.id}/switch", json=switch) as response:
                assert response.status == 202
        while not shown["blocked"]:
            (shown,) = (await socket.receive_json())["phones"]
        assert (shown["online"], shown["reading"]) == (False, True)
    await sim.settled()
    assert [json.loads(hook.body)["event"] for hook in business.hooks] == ["message", "unsubscribed"]


@pytest.mark.parametrize(
    ("path", "headers", "body", "status"),
    [
        ("write", {"Origin": "https://evil.example"}, {"text": "x"}, 403),
        ("write", {}, {"text": "  "}, 400),
        ("write", {}, [], 400),
        ("burst", {}, {"count": 100_000}, 400),
        ("switch", {}, {"unknown": True}, 400),
        ("write", {}, {"text": "x", "replyTo": "1"}, 400),
        ("file", {}, {}, 400),
        ("file?kind=voice", {}, {}, 400),
        ("file?kind=nonsense", {}, {}, 400),
        ("card", {}, {"own": True}, 400),
        ("edit", {}, {"message": "1", "text": "x"}, 400),
        ("delete", {}, {"message": "1"}, 400),
        ("react", {}, {"message": "1", "emoji": "👍"}, 400),
        ("nonsense", {}, {}, 404),
    ],
)
async def test_what_the_page_may_not_ask(
    sim: Simulator,
    phone: Customer,
    http: aiohttp.ClientSession,
    path: str,
    headers: dict[str, str],
    body: Any,
    status: int,
) -> None:
    async with http.post(f"{sim.base_url}/phones/{phone.id}/{path}", json=body, headers=headers) as response:
        assert response.status == status
    assert phone.thread == []


async def test_an_uploaded_page_has_no_power(sim: Simulator, http: aiohttp.ClientSession) -> None:
    blob = sim.world.blobs.add(b"<script>alert(1)</script>", name="x.html", mime="text/html")
    async with http.get(sim.base_url + blob.path) as response:
        assert response.headers["Content-Security-Policy"].startswith("sandbox")
        assert response.headers["Content-Disposition"] == "attachment"
        assert response.headers["X-Content-Type-Options"] == "nosniff"


async def test_malformed_requests_are_answered_not_broken(
    sim: Simulator, http: aiohttp.ClientSession
) -> None:
    sim.add_account("telegram", token="1:a")
    sim.add_account("viber", **VIBER)
    sim.add_account("messenger", page_id="1", app_secret="s", page_token="t")
    sim.add_account("sms", account_sid="AC1", auth_token="t", number="+48732001002")
    paths = (
        "/bot1:a/sendMessage",
        "/pa/send_message",
        "/v26.0/me/messages?access_token=t",
        "/2010-04-01/Accounts/AC1/Messages.json",
    )
    for path in paths:
        for data in (b"{", b"[]", b'"x"', b"\xff"):
            headers = {"Content-Type": "application/json", "Authorization": "Basic QUMxOnQ="}
            async with http.post(sim.base_url + path, data=data, headers=headers) as response:
                assert response.status < 500, path
                assert isinstance(await response.json(), dict)
