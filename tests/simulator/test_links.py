"""Link buttons: checked as the provider does, shown on the phone, and told of where the provider tells."""

from typing import Any

import aiohttp
import pytest

from connectors.contract import InboundMessage, LinkButton, Outbound, QuickReply
from connectors.simulator import Customer, Simulator
from connectors.simulator.phone_views import phone_view
from tests.simulator.conftest import Business, Pair

CART = LinkButton(title="Koszyk", url="https://sklep.example.pl/koszyk?id=1")


async def test_a_link_is_shown_and_opening_it_tells_what_the_provider_tells(
    sim: Simulator, pair: Pair
) -> None:
    can = pair.connector.capabilities
    if can.link_buttons is None:
        assert pair.phone.kind == "sms"
        return
    phone, both = pair.phone, can.link_buttons.with_quick_replies
    await phone.write("Gdzie zapłacić?")
    message = Outbound(
        delivery_id="d1",
        attempt=1,
        peer_id=phone.address,
        text="Tutaj:",
        tracker="centrala:1",
        quick_replies=(QuickReply(title="Nie"),) if both else (),
        link_buttons=(CART,),
    )
    [message_id] = (await pair.connector.send(message)).external_ids
    await sim.settled()
    shown = phone_view(phone)["thread"][-1]
    assert (shown["id"], shown["text"]) == (message_id, "Tutaj:")
    assert shown["links"] == [{"title": CART.title, "url": CART.url}]
    assert shown["buttons"] == (["Nie"] if both else [])

    pair.business.hooks.clear()
    before = len(phone.thread)
    await phone.press(message_id, CART.title)
    told = [(item.text, item.answers) for item in pair.received() if isinstance(item, InboundMessage)]
    assert told == ([(CART.url, "centrala:1")] if can.link_buttons.sends_address else [])
    assert len(phone.thread) == before  # ours are silent

    await pair.connector.send(
        Outbound(delivery_id="d2", attempt=1, peer_id=phone.address, text="Coś jeszcze?")
    )
    left = phone_view(phone)["thread"][-2]
    assert left["links"] == ([] if can.link_buttons.fleeting else shown["links"])


def template(text: str = "Tutaj:", *buttons: dict[str, Any], **more: Any) -> dict[str, Any]:
    given = list(buttons) or [{"type": "web_url", "title": "Koszyk", "url": CART.url}]
    payload = {"template_type": "button", "text": text, "buttons": given} | more
    return {"attachment": {"type": "template", "payload": payload}}


BUTTON = {"type": "web_url", "title": "Koszyk", "url": CART.url}


async def test_templates_that_messenger_refuses(
    sim: Simulator, business: Business, http: aiohttp.ClientSession
) -> None:
    sim.add_account("messenger", page_id="1", app_secret="s", page_token="p", webhook_url=business.url)
    phone = sim.customer("messenger", name="Zofia Żółw")
    await phone.write("hello")

    async def status(message: dict[str, Any]) -> int:
        body = {"recipient": {"id": phone.address}, "messaging_type": "RESPONSE", "message": message}
        headers = {"Authorization": "Bearer p"}
        url = f"{sim.base_url}/v26.0/me/messages"
        async with http.post(url, json=body, headers=headers) as answer:
            return answer.status

    for wrong in (
        template("x" * 641),
        template(""),
        template("Tutaj:", *[BUTTON] * 4),
        template(buttons=[]),
        template("Tutaj:", BUTTON | {"title": "x" * 21}),
        template("Tutaj:", BUTTON | {"title": ""}),
        template("Tutaj:", BUTTON | {"url": "ftp://example.pl"}),
        template("Tutaj:", BUTTON | {"type": "phone_number"}),
        template(template_type="generic"),
        template() | {"text": "Tutaj:"},
    ):
        assert await status(wrong) == 400, wrong
    assert sim.ledger == []
    business.hooks.clear()
    assert await status(template("x" * 640, *[BUTTON] * 3)) == 200
    await sim.settled()
    echo = business.hooks[0].json["entry"][0]["messaging"][0]["message"]
    assert (echo["is_echo"], echo["attachments"][0]["type"], "text" in echo) == (True, "template", False)


@pytest.fixture
def telegram(sim: Simulator) -> Customer:
    sim.add_account("telegram", token="1:a")
    return sim.customer("telegram", name="Їжак Олена")


async def test_links_that_telegram_refuses(
    sim: Simulator, telegram: Customer, http: aiohttp.ClientSession
) -> None:
    await telegram.write("hello")
    for button, why in (
        ({"text": "Koszyk", "url": "http://localhost/a"}, "Wrong HTTP URL"),
        ({"text": "Koszyk", "url": "plex://example.pl"}, "Unsupported URL protocol"),
        ({"text": "Koszyk", "url": "sklep"}, "Unsupported URL protocol"),
        ({"text": "", "url": CART.url}, "text buttons are unallowed"),
    ):
        body = {"chat_id": telegram.address, "text": "a", "reply_markup": {"inline_keyboard": [[button]]}}
        async with http.post(f"{sim.base_url}/bot1:a/sendMessage", json=body) as answer:
            assert (answer.status, why in (await answer.json())["description"]) == (400, True)
    assert sim.ledger == []


async def test_links_that_whatsapp_refuses(
    sim: Simulator, business: Business, http: aiohttp.ClientSession
) -> None:
    sim.add_account(
        "whatsapp", phone_number_id="1", app_secret="s", access_token="t", webhook_url=business.url
    )
    phone = sim.customer("whatsapp", name="Żaneta Ćwik")
    await phone.write("hello")

    async def status(text: str = "Tutaj:", title: str = "Koszyk", url: str = CART.url, **more: Any) -> int:
        action = {"name": "cta_url", "parameters": {"display_text": title, "url": url}}
        shown = {"type": "cta_url", "body": {"text": text}, "action": action} | more
        body = {"messaging_product": "whatsapp", "to": phone.address, "type": "interactive"}
        headers = {"Authorization": "Bearer t"}
        target = f"{sim.base_url}/whatsapp/v26.0/1/messages"
        async with http.post(target, json=body | {"interactive": shown}, headers=headers) as answer:
            return answer.status

    assert await status("x" * 1025) == 400
    assert await status("") == 400
    assert await status(title="x" * 21) == 400
    assert await status(title="") == 400
    assert await status(url="sklep.example.pl") == 400
    assert await status(action={"buttons": [{"type": "reply", "reply": {"id": "1", "title": "Tak"}}]}) == 400
    assert await status(type="flow") == 400
    assert sim.ledger == []
    assert await status("x" * 1024, "x" * 20) == 200


async def test_links_that_viber_refuses_and_one_that_is_not_silent(
    sim: Simulator, business: Business, http: aiohttp.ClientSession
) -> None:
    sim.add_account("viber", auth_token="t", webhook_url=business.url)
    phone = sim.customer("viber", name="Łucja Śliwa")
    await phone.write("hello")

    async def status(**button: Any) -> int:
        shown = {"ActionType": "open-url", "ActionBody": CART.url, "Text": "Koszyk"} | button
        body = {"receiver": phone.address, "type": "text", "text": "Tutaj:", "sender": {"name": "Sklep"}}
        body["keyboard"] = {"Type": "keyboard", "Buttons": [shown]}
        headers = {"X-Viber-Auth-Token": "t"}
        async with http.post(f"{sim.base_url}/pa/send_message", json=body, headers=headers) as answer:
            found: int = (await answer.json())["status"]
            return found

    assert await status(ActionBody="koszyk") == 3
    assert await status(ActionBody="") == 3
    assert sim.ledger == []
    assert await status() == 0
    await phone.press(phone.received[-1].id, "Koszyk")
    assert (phone.thread[-1].outgoing, phone.thread[-1].text) == (True, CART.url)
