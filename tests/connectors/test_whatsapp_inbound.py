"""WhatsApp: the verification, routing between numbers, who writes, and what."""

import json
from typing import Any

import pytest

from connectors.contract import (
    Consent,
    Ignored,
    InboundMessage,
    PeerChanged,
    Start,
    Unknown,
    WebhookRequest,
)
from connectors.errors import BadSignature
from connectors.whatsapp.inbound import parse_post
from tests.connectors import samples
from tests.connectors.whatsapp_posts import BSUID, CONTACT, NUMBER, PERSON, conversation, raw_message


def message(**fields: Any) -> InboundMessage:
    item = conversation(messages=[raw_message(**fields)])[-1]
    assert isinstance(item, InboundMessage)
    return item


# ------------------------------------------------------------------------------------------ the callback


@pytest.mark.parametrize("dot", [".", "_"])
def test_the_verification_answers_the_bare_challenge(dot: str) -> None:
    query = f"hub{dot}mode=subscribe&hub{dot}challenge=1158201444&hub{dot}verify_token=secret-verify"
    reply = samples.connector("whatsapp").receive(_get(query)).reply
    assert (reply.status, reply.body) == (200, b"1158201444")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "hub.mode=subscribe&hub.challenge=1",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong",
        "hub.mode=subscribe&hub.verify_token=secret-verify",
        "hub.mode=other&hub.challenge=1&hub.verify_token=secret-verify",
    ],
)
def test_any_other_verification_is_refused(query: str) -> None:
    with pytest.raises(BadSignature):
        samples.connector("whatsapp").receive(_get(query))


def _get(query: str) -> WebhookRequest:
    return WebhookRequest(method="GET", url=f"{samples.WEBHOOK}?{query}", query=query)


def test_numbers_of_one_app_share_its_callback() -> None:
    one, two = samples.connector("whatsapp"), samples.connector("whatsapp", phone_number_id="2")
    assert one.account == NUMBER
    assert one.shares_callback(two)
    assert not one.shares_callback(samples.connector("whatsapp", app_secret="another"))
    page = samples.connector("messenger", app_secret=samples.SETTINGS["whatsapp"]["app_secret"])
    assert not one.shares_callback(page)


# ------------------------------------------------------------------------------------------ who


def test_each_change_names_the_number_that_it_is_for() -> None:
    changes = [
        {"field": "messages", "value": {"metadata": {"phone_number_id": number}, "messages": [raw_message()]}}
        for number in ("1", 2)
    ]
    body = {"object": "whatsapp_business_account", "entry": [{"changes": [change]} for change in changes]}
    assert [item.accounts for item in parse_post(json.dumps(body).encode())] == [("1",), ("2",)]


def test_a_person_is_known_by_the_whatsapp_id_and_where_it_is_hidden_by_the_business_scoped_one() -> None:
    shown = message(type="text", text={"body": "a"}).peer
    assert (shown.id, shown.name, shown.phone) == (PERSON, "Zofia Żółw", f"+{PERSON}")
    hidden = {"id": "wamid.1", "type": "text", "text": {"body": "a"}}
    contact = {"profile": {"username": "zofia"}, "user_id": BSUID}
    for fields in ({"from": BSUID}, {"from_user_id": BSUID}, {}):
        (item,) = conversation(contacts=[contact], messages=[{**hidden, **fields}])
        assert (item.peer.id, item.peer.name, item.peer.phone) == (BSUID, "zofia", None)
    (nobody,) = conversation(contacts=[], messages=[hidden])
    assert isinstance(nobody, Unknown)


def test_of_several_contacts_the_name_is_the_senders() -> None:
    others = [{"profile": {"name": "Inny"}, "wa_id": "1"}, CONTACT]
    (item,) = conversation(contacts=others, messages=[raw_message(type="text", text={"body": "a"})])
    assert item.peer.name == "Zofia Żółw"
    (item,) = conversation(contacts=others, messages=[{**raw_message(), "from": "2"}])
    assert item.peer.name is None
    (item,) = conversation(
        messages=[{**raw_message(), "from": "5521999"}]
    )  # Brazil's two forms of one number
    assert item.peer.name == "Zofia Żółw"


@pytest.mark.parametrize(
    ("system", "changed"),
    [
        ({"type": "user_changed_number", "wa_id": "2"}, (PERSON, "2")),
        ({"type": "customer_changed_number", "new_wa_id": "2"}, (PERSON, "2")),
        ({"type": "user_changed_number", "wa_id": "2", "user_id": "PL.2"}, (PERSON, "2")),
        ({"type": "user_changed_user_id", "user_id": "PL.2", "previous_user_id": BSUID}, (BSUID, "PL.2")),
    ],
)
def test_a_changed_number_names_the_old_one_and_the_new(
    system: dict[str, str], changed: tuple[str, str]
) -> None:
    (item,) = conversation(messages=[raw_message(type="system", system=system)])
    assert isinstance(item, PeerChanged)
    assert (item.old, item.new) == changed


@pytest.mark.parametrize("system", [None, {}, {"type": "moon"}, {"type": "user_changed_number"}])
def test_a_system_message_that_says_nothing_known_is_kept(system: Any) -> None:
    (item,) = conversation(messages=[raw_message(type="system", system=system)])
    assert isinstance(item, Unknown)


def test_messages_of_groups_are_no_customers() -> None:
    (item,) = conversation(messages=[raw_message(type="text", text={"body": "a"}, group_id="g")])
    assert isinstance(item, Ignored)


# ------------------------------------------------------------------------------------------ content


def test_content_that_cannot_be_shown_says_why() -> None:
    notes = [
        message(**fields).note
        for fields in (
            {"type": "hologram"},
            {"type": "image"},
            {"type": "interactive", "interactive": {"type": "call_permission_reply"}},
            {"type": "unsupported"},
            {"type": "text"},
            {},
        )
    ]
    assert notes == [
        "unsupported:hologram",
        "unsupported:image",
        "unsupported:call_permission_reply",
        "unsupported",
        "empty",
        "unsupported",
    ]


def test_every_card_of_a_message_is_shown() -> None:
    cards = [
        {"name": {"formatted_name": "Ala"}, "phones": [{"wa_id": "48600"}, {"phone": "x"}]},
        {"name": {"formatted_name": "Ola"}, "phones": [{"wa_id": "48600100200"}]},
        {},
    ]
    found = message(type="contacts", contacts=cards).attachments
    assert [(card.name, card.phone) for card in found] == [
        ("Ala", "x"),
        ("Ola", "+48600100200"),
        (None, None),
    ]


def test_a_filled_in_form_is_its_text_and_its_answers() -> None:
    form = {"type": "nfm_reply", "nfm_reply": {"body": "Sent", "response_json": '{"a":1}'}}
    item = message(type="interactive", interactive=form)
    assert (item.text, item.payload, item.note) == ("Sent", '{"a":1}', None)


def test_a_message_after_an_advertisement_tells_which() -> None:
    referral = {"source_type": "ad", "source_id": "120208", "ctwa_clid": "Aff-n8ZT", "headline": "Kup"}
    items = conversation(messages=[raw_message(type="text", text={"body": "a"}, referral=referral)])
    assert [type(item) for item in items] == [Start, InboundMessage]
    assert (items[0].ref, items[0].source, items[1].tracking) == ("120208", "ad", "Aff-n8ZT")


def test_what_comes_while_metas_agent_has_the_thread_cannot_be_answered() -> None:
    (item,) = conversation("standby", messages=[raw_message(type="text", text={"body": "a"})])
    assert item.standby
    assert not message(type="text", text={"body": "a"}).standby


@pytest.mark.parametrize(("value", "granted"), [("stop", False), ("resume", True), ("SIGNUP", True)])
def test_marketing_messages_are_consent_and_stop_no_answers(value: str, granted: bool) -> None:
    preference = {"wa_id": PERSON, "category": "marketing_messages", "value": value, "timestamp": 1785300000}
    (item,) = conversation("user_preferences", user_preferences=[preference])
    assert isinstance(item, Consent)
    assert (item.granted, item.peer.id, item.source.partition(":")[0]) == (granted, PERSON, "keyword")
