"""The fake's message templates: listed page by page, rendered, and refused as Meta refuses them."""

from typing import Any

import aiohttp
import pytest

from connectors.simulator import Customer, Simulator, sample_picture
from connectors.simulator.whatsapp_events import WhatsAppAccount
from tests.simulator.conftest import Business
from tests.simulator.test_whatsapp import HEADERS, NUMBER, SECRET, TOKEN, WABA, call, sample, send, value

Json = dict[str, Any]


@pytest.fixture
def account(sim: Simulator, business: Business) -> WhatsAppAccount:
    made = sim.add_account(
        "whatsapp",
        phone_number_id=NUMBER,
        waba_id=WABA,
        app_secret=SECRET,
        access_token=TOKEN,
        webhook_url=business.url + "/webhooks/whatsapp",
    )
    assert isinstance(made, WhatsAppAccount)
    return made


@pytest.fixture
def phone(sim: Simulator, account: WhatsAppAccount) -> Customer:
    return sim.customer("whatsapp", name="Żaneta Ćwik")


def words(*texts: str, **named: str) -> list[Json]:
    numbered = [{"type": "text", "text": text} for text in texts]
    return numbered + [{"type": "text", "parameter_name": name, "text": text} for name, text in named.items()]


def body(*texts: str, **named: str) -> Json:
    return {"type": "body", "parameters": words(*texts, **named)}


def header(*parameters: Json) -> Json:
    return {"type": "header", "parameters": list(parameters)}


def button(index: int, kind: str, **parameter: str) -> Json:
    return {"type": "button", "sub_type": kind, "index": str(index), "parameters": [parameter]}


PLACE = {"name": "Salon", "address": "Długa 1", "latitude": "52.2", "longitude": "21"}
PARCEL = [header(*words("A-1")), body(imie="Anno", kiedy="jutro"), button(0, "url", type="text", text="A-1")]


async def listed(sim: Simulator, http: aiohttp.ClientSession, **query: str) -> Json:
    options = "&".join(f"{name}={text}" for name, text in query.items())
    _, answer = await call(sim, http, f"{WABA}/message_templates?{options}")
    assert isinstance(answer, dict)
    return answer


async def test_the_list_comes_page_by_page(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession
) -> None:
    first = await listed(sim, http, limit="5")
    assert {"name", "language", "status", "category", "components", "quality_score"} <= set(first["data"][0])
    assert "next" in first["paging"]
    rest = await listed(sim, http, limit="100", after=first["paging"]["cursors"]["after"])
    assert "next" not in rest["paging"]
    names = [each["name"] for each in first["data"] + rest["data"]]
    assert (len(names), names[0], "leaflet" in names) == (13, "hello", True)
    rejected = await listed(sim, http, status="REJECTED")
    assert [each["name"] for each in rejected["data"]] == ["sale"]
    assert (await call(sim, http, "1/message_templates"))[0] == 400


@pytest.mark.parametrize(
    ("name", "components", "code"),
    [
        ("visit_reminder", [body("Anno")], 132000),
        ("visit_reminder", [body("Anno", "jutro", "o 9")], 132000),
        ("visit_reminder", [body("Anno", "a\nb")], 132018),
        ("visit_reminder", [body("Anno", "a     b")], 132018),
        ("visit_reminder", [body("Anno", "jutro"), header(*words("x"))], 132000),
        ("parcel", [PARCEL[0], body("Anno", "jutro"), PARCEL[2]], 100),
        ("parcel", [PARCEL[0], body(imie="Anno", dzis="jutro"), PARCEL[2]], 100),
        ("parcel", PARCEL[:2], 132000),
        ("parcel", [*PARCEL[:2], button(0, "url", type="text", text="")], 100),
        ("parcel", [*PARCEL[:2], button(0, "copy_code", type="coupon_code", coupon_code="x")], 132012),
        ("leaflet", [], 132012),
        ("leaflet", [header(*words("x"))], 132012),
        ("new_offer", [body("Anno", "piątku"), header({"type": "document", "document": {"id": "1"}})], 132012),
        ("where_we_are", [header(*words("x"))], 132012),
        ("where_we_are", [header({"type": "location", "location": {"name": "Salon"}})], 100),
        ("discount", [body("25%"), button(0, "copy_code", type="coupon_code", coupon_code="x" * 16)], 100),
        ("hello", [button(0, "url", type="text", text="x")], 132000),
        ("winter", [], 132015),
        ("sale", [], 132001),
        ("nobody", [], 132001),
    ],
)  # fmt: skip
async def test_what_meta_refuses(
    sim: Simulator, phone: Customer, http: aiohttp.ClientSession, name: str, components: list[Json], code: int
) -> None:
    sent = {"name": name, "language": {"code": "pl"}, "components": components}
    status, answer = await send(sim, http, phone.address, type="template", template=sent)
    assert (status >= 400, answer["error"]["code"]) == (True, code)
    assert phone.received == []


async def test_the_telephone_shows_what_is_filled_in(
    sim: Simulator, business: Business, phone: Customer, http: aiohttp.ClientSession
) -> None:
    form = aiohttp.FormData({"messaging_product": "whatsapp", "type": "image/jpeg"})
    form.add_field("file", sample_picture(), filename="o.jpg", content_type="image/jpeg")
    _, uploaded = await call(sim, http, f"{NUMBER}/media", data=form, headers=HEADERS)
    image = {"type": "image", "image": {"id": uploaded["id"]}}
    cases = [
        ("visit_reminder", [body("Anno", "jutro"), button(0, "quick_reply", type="payload", payload="tak")]),
        ("parcel", PARCEL),
        ("new_offer", [header(image), body("Anno", "piątku")]),
        ("where_we_are", [header({"type": "location", "location": PLACE})]),
        ("discount", [body("25%"), button(0, "copy_code", type="coupon_code", coupon_code="W25")]),
    ]
    for name, components in cases:
        sent = {"name": name, "language": {"code": "pl"}, "components": components}
        status, answer = await send(sim, http, phone.address, type="template", template=sent)
        assert status == 200, answer
    visit, parcel, offer, where, discount = phone.received
    assert (
        visit.text
        == "Wizyta\n\nDzień dobry Anno, przypominamy o wizycie jutro. Do zobaczenia!\n\nSalon Centrala"
    )
    assert parcel.text.splitlines()[0::2] == [
        "Paczka A-1",
        "Dzień dobry Anno, paczka będzie jutro.",
        "Śledź paczkę: https://centrala.example/p/A-1",
    ]
    assert offer.attachment is not None
    assert offer.attachment.kind == "image"
    assert where.text.startswith("📍 Salon, Długa 1")
    assert discount.text.endswith("\n\nW25")
    # The answer to a template's button has a form of its own.
    await sim.settled()
    await phone.press(visit.id, "Potwierdzam")
    message = value(business.hooks[-1])["messages"][0]
    assert message["button"] == {"payload": "tak", "text": "Potwierdzam"}
    assert (
        message.keys()
        == sample("callback_button_quick_reply.json")["entry"][0]["changes"][0]["value"]["messages"][0].keys()
    )


async def test_a_number_may_lead_to_another_id(
    sim: Simulator, account: WhatsAppAccount, phone: Customer, http: aiohttp.ClientSession
) -> None:
    account.other_numbers["551187654321"] = phone.address
    sent = {"name": "hello", "language": {"code": "pl"}}
    _, answer = await send(sim, http, "551187654321", type="template", template=sent)
    assert answer["contacts"] == [{"input": "551187654321", "wa_id": phone.address}]


async def test_meta_tells_what_became_of_a_template(
    sim: Simulator, business: Business, account: WhatsAppAccount
) -> None:
    told = await sim.change_template(account, "hello", "pl", "PAUSED", "low quality")
    assert told.status == 200
    real = sample("template_status_update_rejected.json")["entry"][0]["changes"][0]["value"]
    assert value(business.hooks[-1]).keys() <= real.keys()
    assert [each["status"] for each in account.templates if each["name"] == "hello"] == ["PAUSED", "APPROVED"]
    with pytest.raises(LookupError):
        await sim.change_template(account, "nobody", "pl", "PAUSED")
