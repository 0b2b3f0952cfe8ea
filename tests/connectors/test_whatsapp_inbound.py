"""WhatsApp: the verification, routing between numbers, what customers write, reports, the account's own news."""

import json
import time
from typing import Any

import pytest

from connectors.contract import (
    ChannelAlert,
    Consent,
    Deletion,
    Echo,
    Ignored,
    InboundMessage,
    PeerChanged,
    Start,
    TemplateStatus,
    Unknown,
    WebhookRequest,
)
from connectors.errors import BadSignature
from connectors.whatsapp.inbound import parse_post
from tests.connectors import samples

NUMBER, PERSON, BSUID = "1122334455667", "48799123456", "PL.13491208655302741918"
CONTACT = {"profile": {"name": "Zofia Żółw"}, "wa_id": PERSON, "user_id": BSUID}
METADATA = {"display_phone_number": "48732001002", "phone_number_id": NUMBER}


def post(value: Any, field: str = "messages", **entry: Any) -> tuple[Any, ...]:
    whole = {"id": "102290129340398", "changes": [{"value": value, "field": field}], **entry}
    return parse_post(json.dumps({"object": "whatsapp_business_account", "entry": [whole]}).encode())


def conversation(field: str = "messages", **value: Any) -> tuple[Any, ...]:
    return post(
        {"messaging_product": "whatsapp", "metadata": METADATA, "contacts": [CONTACT], **value}, field
    )


def raw_message(**fields: Any) -> dict[str, Any]:
    return {"from": PERSON, "id": "wamid.1", "timestamp": "1785300000", **fields}


def message(**fields: Any) -> InboundMessage:
    item = conversation(messages=[raw_message(**fields)])[-1]
    assert isinstance(item, InboundMessage)
    return item


def status(**fields: Any) -> Any:
    (item,) = conversation(
        statuses=[{"id": "wamid.1", "status": "sent", "timestamp": "1785300000", **fields}]
    )
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


# ------------------------------------------------------------------------------------------ reports


def test_a_status_names_our_mark_and_why_it_failed() -> None:
    assert status(biz_opaque_callback_data="t1").tracker == "t1"
    failed = status(status="failed", errors=[{"code": 131047, "title": "Re-engagement message"}])
    assert (failed.failure.code, failed.failure.provider_code) == ("window_closed", "131047")
    for errors in ([{"code": "9" * 20}], [{"title": "t"}], [], None):
        assert status(status="failed", errors=errors).failure.code == "not_delivered"
    assert status(errors=[{"code": 1}]).failure is None


def test_a_status_names_who_got_it() -> None:
    assert status().peer is None
    assert status(recipient_id=PERSON).peer.id == PERSON
    assert status(recipient_user_id=BSUID).peer.id == BSUID
    assert status(recipient_id="120363", recipient_type="group").peer is None


def test_each_state_is_a_fact_of_its_own() -> None:
    states = ["sent", "delivered", "read", "played", "failed"]
    assert len({status(status=state).key for state in states}) == len(states)
    in_group = [status(status="read", recipient_participant_id=who).key for who in ("1", "2")]
    assert in_group[0] != in_group[1]
    assert isinstance(status(status="deleted"), Deletion)
    assert isinstance(status(status="teleported"), Unknown)
    assert isinstance(status(id=None), Unknown)


def test_a_colleagues_message_is_to_the_customer() -> None:
    echo = {"from": "48732001002", "id": "wamid.2", "type": "text", "text": {"body": "Tak"}}
    (item,) = conversation("smb_message_echoes", message_echoes=[{**echo, "to": PERSON}])
    assert isinstance(item, Echo)
    assert (item.peer.id, item.external_id, item.text, item.accounts) == (PERSON, "wamid.2", "Tak", (NUMBER,))
    (item,) = conversation("smb_message_echoes", message_echoes=[{**echo, "to_user_id": BSUID}])
    assert item.peer.id == BSUID
    (item,) = conversation("smb_message_echoes", message_echoes=[{**echo, "type": "reaction"}])
    assert isinstance(item, Ignored)


# ------------------------------------------------------------------------------------------ the account itself


@pytest.mark.parametrize(
    ("field", "value", "level", "words"),
    [
        ("account_update", {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "SCAM"}}, "error", "SCAM"),
        ("account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}, "error", "DISABLE"),
        ("account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}, "info", "REINSTATE"),
        ("account_update", {"event": "PARTNER_ADDED"}, "info", "PARTNER_ADDED"),
        ("account_update", {}, "info", "without an event"),
        ("account_alerts", {"alert_info": {"alert_severity": "CRITICAL", "alert_description": "No."}}, "error", "No."),
        ("account_alerts", {"alert_info": {"alert_severity": "WARNING", "alert_type": "LOST"}}, "warning", "LOST"),
        ("account_review_update", {"decision": "REJECTED"}, "error", "REJECTED"),
        ("phone_number_quality_update", {"event": "FLAGGED", "current_limit": "TIER_250"}, "warning", "TIER_250"),
        ("phone_number_quality_update", {"event": "UPGRADE"}, "info", "UPGRADE"),
        ("phone_number_name_update", {"decision": "REJECTED", "rejection_reason": "BAD"}, "warning", "BAD"),
    ],
)  # fmt: skip
def test_news_of_the_account_are_alerts(field: str, value: Any, level: str, words: str) -> None:
    (item,) = post(value, field, time=1785300000)
    assert isinstance(item, ChannelAlert)
    assert (item.level, item.at_ms, item.accounts) == (level, 1785300000000, ())
    assert words in item.text
    (again,) = post(value, field, time=1785300000)
    (later,) = post(value, field, time=1785300001)
    assert item.key == again.key != later.key


def test_a_template_has_a_name_and_a_state() -> None:
    value = {"event": "APPROVED", "message_template_name": "promo"}
    (item,) = post(value, "message_template_status_update")
    assert isinstance(item, TemplateStatus)
    assert (item.name, item.status) == ("promo", "APPROVED")


def test_errors_of_the_number_are_alerts_unless_they_are_about_a_message() -> None:
    errors = [{"code": 130429, "title": "Rate limit hit", "error_data": {"details": "Too fast."}}, {}]
    alerts = conversation(errors=errors)
    assert [(type(item), item.level) for item in alerts] == [(ChannelAlert, "error")] * 2
    assert alerts[0].text == "WhatsApp: Too fast. (130429)"
    assert alerts[0].accounts == (NUMBER,)
    items = conversation(errors=errors, messages=[raw_message(type="unsupported")])
    assert [type(item) for item in items] == [InboundMessage]


def test_what_is_new_is_kept_and_what_is_nothing_for_us_is_not() -> None:
    found = [
        type(item)
        for field, value in (("moon", {}), (None, {}), ("messages", 7), ("history", {}), ("messages", {}))
        for item in post(value, field)
    ]
    assert found == [Unknown, Unknown, Unknown, Ignored, Ignored]
    (other,) = parse_post(b'{"object":"page","entry":[{"id":"1"}]}')
    (empty,) = parse_post(b'{"object":"whatsapp_business_account","entry":[{"id":"1"}]}')
    assert isinstance(other, Ignored)
    assert isinstance(empty, Ignored)


def test_one_broken_item_costs_only_itself() -> None:
    text = {"type": "text", "text": {"body": "a"}}
    good = {"field": "messages", "value": {"metadata": METADATA, "messages": [raw_message(**text)] * 2}}
    mixed = {"field": "messages", "value": {"metadata": METADATA, "messages": [7, raw_message(**text)]}}
    entries = [{"changes": [good, 7, mixed]}, 7, {"changes": [good]}]
    body = json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()
    one, bad = InboundMessage, Unknown
    assert [type(item) for item in parse_post(body)] == [one, one, bad, bad, one, bad, one, one]


def test_a_full_batch_is_read_in_a_moment() -> None:
    many = [
        raw_message(type="text", text={"body": "a"}) | {"id": f"wamid.{number}"} for number in range(1000)
    ]
    body = json.dumps(
        {
            "object": "whatsapp_business_account",
            "entry": [{"changes": [{"field": "messages", "value": {"messages": many}}]}],
        }
    ).encode()
    begun = time.perf_counter()
    assert len({item.key for item in parse_post(body)}) == 1000
    assert time.perf_counter() - begun < 0.5
