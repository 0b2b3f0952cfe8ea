"""SMSAPI: what proves its calls, batches of reports, consent, what it is sent, and set-up."""

from urllib.parse import urlencode

import pytest

from connectors.contract import (
    AnyItem,
    Consent,
    Ignored,
    InboundMessage,
    Receipt,
    Unknown,
    WebhookRequest,
    split_mark,
)
from connectors.errors import BadPayload, BadSignature
from connectors.http import HTTPClient
from connectors.sms.marks import idx_of, tracker_of
from connectors.sms.smsapi import SPEC
from tests.connectors import samples
from tests.connectors.fake import Answer, Provider, opened, outbound

KEY = "secret-smsapi-callback-key"
TRACKER = "centrala:7250123456789012345"


def got(query: str, **settings: str) -> tuple[AnyItem, ...]:
    return samples.connector("smsapi", **settings).receive(get(f"key={KEY}&{query}")).items


def get(query: str) -> WebhookRequest:
    return WebhookRequest(method="GET", url=f"{samples.WEBHOOK}?{query}", query=query)


def wrote(text: str, **fields: str) -> tuple[AnyItem, ...]:
    form = {"sms_to": "48732001002", "sms_from": "48799123456", "sms_text": text, "MsgId": "M1", **fields}
    return got(urlencode(form))


# ------------------------------------------------------------------------------------------ what proves a call


@pytest.mark.parametrize(
    "query", ["", "key=", "key=wrong", f"key={KEY}x", f"Key={KEY}", f"key=wrong&key={KEY}"]
)
def test_without_the_key_nothing_is_read(query: str) -> None:
    with pytest.raises(BadSignature):
        samples.connector("smsapi").receive(get(f"{query}&MsgId=1&status=404"))


def test_the_key_in_the_body_proves_nothing() -> None:
    request = WebhookRequest(
        method="POST", url=samples.WEBHOOK, body=f"key={KEY}&MsgId=1&status=404".encode()
    )
    with pytest.raises(BadSignature):
        samples.connector("smsapi").receive(request)


def test_the_username_is_checked_where_it_is_set() -> None:
    assert len(got("MsgId=1&status=404&username=firma", username="firma")) == 1
    for username in ("", "&username=", "&username=other"):
        with pytest.raises(BadSignature):
            got(f"MsgId=1&status=404{username}", username="firma")


def test_a_call_without_fields_is_a_test_of_the_address() -> None:
    received = samples.connector("smsapi", username="firma").receive(get(f"key={KEY}"))
    assert (received.items, received.reply.status, received.reply.body) == ((), 200, b"OK")


def test_what_is_kept_of_an_unknown_call_holds_no_key() -> None:
    received = samples.connector("smsapi").receive(get(f"key={KEY}&vms=1&x=%C5%82"))
    assert isinstance(received.items[0], Unknown)
    assert received.raw == b"vms=1&x=%C5%82"
    assert received.reply.body == b"OK"


# ------------------------------------------------------------------------------------------ messages and reports


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_message_comes_either_way(method: str) -> None:
    data = samples.body("smsapi/mo_text.form")
    query = f"key={KEY}" if method == "POST" else f"key={KEY}&{data.decode()}"
    body = data if method == "POST" else b""
    request = WebhookRequest(method=method, url=f"{samples.WEBHOOK}?{query}", query=query, body=body)
    (message,) = samples.connector("smsapi").receive(request).items
    assert isinstance(message, InboundMessage)
    assert (message.text, message.peer.phone, message.accounts) == (
        "Dzień dobry",
        "+48799123456",
        ("+48732001002",),
    )


@pytest.mark.parametrize(("text", "granted"), [("stop", False), (" Wypisz. ", False), ("START", True)])
def test_a_keyword_alone_is_consent_beside_the_message(text: str, granted: bool) -> None:
    message, consent = wrote(text)
    assert isinstance(message, InboundMessage)
    assert isinstance(consent, Consent)
    assert (message.text, consent.granted, consent.peer) == (text, granted, message.peer)
    assert len(wrote("stop it")) == 1


def test_a_message_without_an_id_has_the_same_key_again_and_another_for_another_text() -> None:
    first, again, other = (wrote(text, MsgId="")[0] for text in ("a", "a", "b"))
    assert first == again
    assert first.key != other.key


def test_odd_messages_cost_nothing() -> None:
    (empty,) = wrote("", sms_date="x")
    assert isinstance(empty, InboundMessage)
    assert (empty.note, empty.at_ms) == ("empty", None)
    assert isinstance(wrote("a", sms_from="")[0], Unknown)


def test_a_batch_is_read_column_by_column() -> None:
    items = got("MsgId=a,b,c&status=404,405&donedate=1785300100&idx=centrala-7-0,centrala-8-1,x&username=f")
    delivered, failed, unknown = items
    assert isinstance(delivered, Receipt)
    assert (delivered.state, delivered.at_ms, delivered.tracker) == ("delivered", 1785300100000, "centrala:7")
    assert isinstance(failed, Receipt)
    assert (failed.state, failed.at_ms, failed.tracker) == ("failed", 1785300100000, "centrala:8:2")
    assert isinstance(unknown, Unknown)


def test_a_mark_given_once_is_not_the_mark_of_all() -> None:
    items = got(f"MsgId=a,b&status=404,404&idx={idx_of(TRACKER, 0)}")
    assert [item.tracker for item in items if isinstance(item, Receipt)] == [None, None]


@pytest.mark.parametrize("status", ["401", "408"])
def test_a_report_that_knows_nothing_changes_nothing(status: str) -> None:
    assert isinstance(got(f"MsgId=a&status={status}")[0], Ignored)


def test_countless_reports_are_refused() -> None:
    with pytest.raises(BadPayload):
        got(f"MsgId={'a,' * 200}&status=404")


def test_our_mark_survives_its_way_as_idx() -> None:
    assert idx_of(TRACKER, 3) == "centrala-7250123456789012345-3"
    assert len(idx_of(TRACKER, 99)) <= 36
    assert [tracker_of(idx_of(TRACKER, part)) for part in (0, 3)] == [TRACKER, f"{TRACKER}:4"]
    assert [tracker_of(other) for other in ("", "x", "a-b", "-1", "a-" + "9" * 5000)] == [None] * 5
    assert split_mark("d:7:2") == ("d:7", 2)
    assert split_mark("d:7:" + "9" * 5000)[1] == 1, "nobody's number of a part"


# ------------------------------------------------------------------------------------------ outbound


async def test_a_message_asks_for_reports_at_our_address(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json({"count": 1, "list": [{"id": 12345678901234567890, "status": "QUEUE"}]})
    sent = await opened("smsapi", provider.base, http).send(
        outbound("Cześć 😀", peer_id="+48799123456", tracker=TRACKER)
    )
    assert sent.external_ids == ("12345678901234567890",)
    (call,) = provider.calls
    assert (call.method, call.path) == ("POST", "/sms.do")
    assert call.headers["authorization"] == "Bearer secret-smsapi-token"
    assert call.form == {
        "to": "48799123456",
        "from": "Sklep",
        "message": "Cześć 😀",
        "format": "json",
        "encoding": "utf-8",
        "idx": "centrala-7250123456789012345-0",
        "check_idx": "1",
        "notify_url": f"{samples.WEBHOOK}?key={KEY}",
    }


async def test_each_part_of_a_long_text_has_a_mark_of_its_own_and_keeps_it(
    provider: Provider, http: HTTPClient
) -> None:
    provider.answers_json({"list": [{"id": "1"}]})
    connector = opened("smsapi", provider.base, http)
    message = outbound("słowo " * 200, tracker=TRACKER)
    await connector.send(message)
    marks = [call.form["idx"][-2:] for call in provider.calls]
    assert marks == ["-0", "-1"]
    await connector.send(outbound(message.text, tracker=TRACKER, done=frozenset({1})))
    assert provider.calls[-1].form["idx"].endswith("-1")


@pytest.mark.parametrize(
    ("sender", "number", "receive"),
    [("Sklep", "", False), ("7174", "", False), ("Sklep", "48732001002", True), ("48732001002", "", True)],
)
def test_a_name_or_a_short_number_only_sends(sender: str, number: str, receive: bool) -> None:
    connector = samples.connector("smsapi", sender=sender, number=number)
    assert connector.capabilities.receive is receive
    assert connector.account == ("+48732001002" if receive else None)


def test_only_channels_with_the_same_key_share_an_address() -> None:
    ours = samples.connector("smsapi")
    assert ours.shares_callback(samples.connector("smsapi", number="+48732001003"))
    assert not ours.shares_callback(samples.connector("smsapi", callback_key="x" * 16))
    assert not ours.shares_callback(samples.connector("sms"))


async def test_set_up_is_only_reported(provider: Provider, http: HTTPClient) -> None:
    connector = opened("smsapi", provider.base, http)
    callback = {"id": "1", "url": f"{samples.WEBHOOK}?key={KEY}", "type": "sms_mo", "active": True}
    provider.answers_json({"size": 1, "collection": [callback]})
    found = await connector.register(samples.WEBHOOK)
    assert (found.url, found.error) == (samples.WEBHOOK, None)
    assert provider.calls[0].path == "/callbacks"
    for changed in ({"type": "sms_dlr"}, {"active": False}, {"url": samples.WEBHOOK}):
        provider.answers_json({"size": 1, "collection": [{**callback, **changed}]})
        wrong = await connector.register(samples.WEBHOOK)
        assert wrong.error is not None
        assert KEY not in wrong.error
    provider.answers = [Answer(body=samples.body("smsapi/api_callbacks_list.json"))]
    assert (await connector.register(samples.WEBHOOK)).error is not None
    provider.answers = [Answer(status=401, body=b"<html>")]
    assert (await connector.register(samples.WEBHOOK)).error is not None
    only_sends = opened("smsapi", provider.base, http, number="")
    assert (await only_sends.register(samples.WEBHOOK)).error is None
    assert SPEC.secrets == ("token", "callback_key")
