"""Link buttons on the wire, which address one may open, and where they stand in a message of several parts."""

import json
from typing import Any

import msgspec
import pytest

from connectors.contract import LinkButton, Outbound, QuickReply
from connectors.errors import Refused
from connectors.http import HTTPClient
from connectors.offers import ADDRESS_LONGEST, is_address
from connectors.sending import plan
from tests.connectors.fake import Provider, opened, outbound
from tests.connectors.test_outbound_content import PDF, sent

CART = LinkButton(title="Koszyk & kasa", url="https://sklep.example.pl/koszyk?id=1&x=%20#dalej")
RULES = LinkButton(title="Regulamin", url="https://sklep.example.pl/regulamin")
YES = QuickReply(title="Tak", payload="yes")


@pytest.mark.parametrize(
    "address",
    [
        "https://example.pl",
        "HTTPS://Example.PL",
        "https://www.xn--kw-fka0r.pl:8443/a/b;c?d=e&f[]=g%20h#i",
        "https://a_b.example.travel?x=1",
        "https://example.pl/" + "a" * (ADDRESS_LONGEST - len("https://example.pl/")),
    ],
)
def test_an_https_address_of_a_domain_can_be_opened(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.pl",
        "http://example.pl",
        "javascript:alert(1)",
        "https://",
        "https://localhost/a",
        "https://10.0.0.12/a",
        "https://[::1]/a",
        "https://bank.pl@evil.example/",
        "https://bank.pl:secret@evil.example/",
        "https://bank.pl\\@evil.example/",
        "https://example.pl/a b",
        "https://example.pl/a\nb",
        "https://example.pl/a\n",
        'https://example.pl/"onclick=',
        "https://example.pl/żółw",
        "https://żółw.pl/",
        "https://example.pl:port/",
        "https://example.pl/" + "a" * ADDRESS_LONGEST,
    ],
)
def test_nothing_else_can(address: str) -> None:
    assert not is_address(address)


async def test_they_are_worded_as_each_provider_wants(provider: Provider) -> None:
    message = outbound("Dziękujemy", link_buttons=(CART, RULES))
    [call] = await sent("telegram", provider, message)
    assert json.loads(call.form["reply_markup"]) == {
        "inline_keyboard": [
            [{"text": "Koszyk & kasa", "url": CART.url}],
            [{"text": "Regulamin", "url": RULES.url}],
        ]
    }
    call = (await sent("messenger", provider, message))[-1]
    assert call.json["message"] == {
        "attachment": {
            "type": "template",
            "payload": {
                "template_type": "button",
                "text": "Dziękujemy",
                "buttons": [
                    {"type": "web_url", "title": "Koszyk & kasa", "url": CART.url},
                    {"type": "web_url", "title": "Regulamin", "url": RULES.url},
                ],
            },
        }
    }
    call = (await sent("viber", provider, message))[-1]
    assert (call.json["min_api_version"], call.json["text"]) == (6, "Dziękujemy")
    assert call.json["keyboard"] == {
        "Type": "keyboard",
        "DefaultHeight": False,
        "Buttons": [viber("Koszyk &amp; kasa", CART.url), viber("Regulamin", RULES.url)],
    }
    call = (await sent("whatsapp", provider, outbound("Dziękujemy", link_buttons=(CART,))))[-1]
    assert call.json["type"] == "interactive"
    assert call.json["interactive"] == {
        "type": "cta_url",
        "body": {"text": "Dziękujemy"},
        "action": {"name": "cta_url", "parameters": {"display_text": "Koszyk & kasa", "url": CART.url}},
    }


def viber(text: str, url: str) -> dict[str, Any]:
    button = {"Columns": 6, "Rows": 1, "ActionType": "open-url", "ActionBody": url, "Text": text}
    return button | {"Silent": True}


async def test_quick_replies_stand_beside_them_where_the_provider_has_both(provider: Provider) -> None:
    message = outbound("Pasuje?", quick_replies=(YES,), link_buttons=(RULES,))
    [call] = await sent("telegram", provider, message)
    assert json.loads(call.form["reply_markup"])["inline_keyboard"] == [
        [{"text": "Tak", "callback_data": "yes"}],
        [{"text": "Regulamin", "url": RULES.url}],
    ]
    call = (await sent("messenger", provider, message))[-1]
    assert call.json["message"]["attachment"]["payload"]["template_type"] == "button"
    assert call.json["message"]["quick_replies"] == [
        {"content_type": "text", "title": "Tak", "payload": "yes"}
    ]
    assert "text" not in call.json["message"]
    call = (await sent("viber", provider, message))[-1]
    buttons = call.json["keyboard"]["Buttons"]
    assert [(each["ActionType"], each.get("Silent")) for each in buttons] == [
        ("reply", None),
        ("open-url", True),
    ]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("whatsapp", outbound("Pasuje?", quick_replies=(YES,), link_buttons=(RULES,))),
        ("whatsapp", outbound("Pasuje?", link_buttons=(CART, RULES))),
        ("messenger", outbound("Pasuje?", link_buttons=(RULES,) * 4)),
        ("messenger", outbound(" ", link_buttons=(RULES,))),
        ("sms", outbound("Pasuje?", link_buttons=(RULES,))),
    ],
)
async def test_what_a_channel_does_not_have_is_not_sent(
    kind: str, message: Outbound, provider: Provider
) -> None:
    async with HTTPClient() as http:
        connector = opened(kind, provider.base, http)
        with pytest.raises(Refused) as refused:
            await connector.send(message)
    assert refused.value.failure.code == "link_buttons_unsupported"
    assert provider.calls == []


def test_they_are_on_the_last_part_whose_text_is_as_short_as_they_want() -> None:
    can = opened("messenger", "http://127.0.0.1:1", HTTPClient()).capabilities
    message = outbound(
        "słowo " * 300, attachments=(PDF,), reply_to="m_1", quick_replies=(YES,), link_buttons=(CART,)
    )
    file, *texts = plan(message, can)
    assert (file.attachment is not None, file.reply_to) == (True, "m_1")
    assert [len(piece.text) <= 640 for piece in texts] == [True] * 3
    assert " ".join(piece.text for piece in texts).split() == ["słowo"] * 300
    assert [piece.link_buttons for piece in texts] == [(), (), (CART,)]
    assert [piece.quick_replies for piece in texts] == [(), (), (YES,)]
    # Without buttons the channel's own limit holds.
    assert len(plan(msgspec.structs.replace(message, quick_replies=(), link_buttons=()), can)) == 2
