"""WhatsApp: reports about what we sent, the account's own news, and what of a batch is broken or new."""

import json
import time
from typing import Any

import pytest

from connectors.contract import (
    ChannelAlert,
    Deletion,
    Echo,
    Ignored,
    InboundMessage,
    TemplateStatus,
    Unknown,
)
from connectors.whatsapp.inbound import parse_post
from tests.connectors.whatsapp_posts import (
    BSUID,
    METADATA,
    NUMBER,
    PERSON,
    conversation,
    post,
    raw_message,
    status,
)

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
