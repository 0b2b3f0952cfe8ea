"""Twilio: consent, media, what it is sent, and set-up."""

from urllib.parse import urlencode

import msgspec
import pytest

from connectors.contract import AnyItem, Consent, InboundMessage, Receipt, Unknown, WebhookRequest
from connectors.errors import BadPayload, FetchFailed
from connectors.http import HTTPClient
from connectors.sms.payloads import _signature
from connectors.sms.twilio import SPEC
from tests.connectors import samples
from tests.connectors.fake import Answer, Provider, opened, outbound, picture


def parse(**fields: str) -> tuple[AnyItem, ...]:
    form = {"MessageSid": "SM1", "From": "+48799123456", "To": "+48732001002", **fields}
    return samples.parse("sms", urlencode(form).encode())


# ------------------------------------------------------------------------------------------ inbound


@pytest.mark.parametrize(
    ("body", "granted"),
    [
        ("stop", False),
        (" Wypisz. ", False),
        ("NIE", False),
        ("QUIT!", False),
        ("start", True),
        ("Unstop", True),
    ],
)
def test_a_keyword_alone_is_consent_beside_the_message(body: str, granted: bool) -> None:
    message, consent = parse(Body=body)
    assert isinstance(message, InboundMessage)
    assert isinstance(consent, Consent)
    assert (message.text, consent.granted) == (body, granted)


@pytest.mark.parametrize("body", ["nie wiem", "stop it", "yes", "tak", ""])
def test_other_words_are_not_consent(body: str) -> None:
    assert len(parse(Body=body)) == 1


def test_twilios_own_verdict_counts_before_the_words() -> None:
    assert isinstance(parse(Body="basta", OptOutType="STOP")[1], Consent)
    assert len(parse(Body="stop", OptOutType="HELP")) == 1


def test_the_words_can_be_set() -> None:
    connector = samples.connector("sms", stop_words=["koniec"])
    for body, count in (("Koniec", 2), ("stop", 1)):
        data = urlencode({"MessageSid": "SM1", "From": "+48799123456", "Body": body}).encode()
        assert len(connector.receive(samples.signed("sms", data)).items) == count


def test_pictures_and_other_media_come_with_the_message() -> None:
    (message,) = parse(
        NumMedia="2",
        MediaUrl0="https://api.twilio.com/m/0",
        MediaContentType0="image/jpeg",
        MediaUrl1="https://api.twilio.com/m/1",
        MediaContentType1="application/pdf",
    )
    assert isinstance(message, InboundMessage)
    assert [(found.kind, found.mime) for found in message.attachments] == [
        ("image", "image/jpeg"),
        ("file", "application/pdf"),
    ]
    assert message.note is None


def test_a_number_that_lies_about_its_media_costs_nothing() -> None:
    for count in ("99999999999", "-1", "x", "1e400"):
        (message,) = parse(NumMedia=count, Body="a")
        assert isinstance(message, InboundMessage)
        assert message.attachments == ()


def test_an_unknown_status_is_kept() -> None:
    assert isinstance(parse(MessageStatus="unheard-of")[0], Unknown)


@pytest.mark.parametrize(
    ("mark", "tracker"), [("d:7:2", "d:7:2"), ("", None), ("x" * 61, None)], ids=["ours", "blank", "too long"]
)
def test_a_report_brings_the_mark_of_the_address_it_was_sent_to(mark: str, tracker: str | None) -> None:
    query = urlencode({"mark": mark})
    signed = samples.signed("sms", b"MessageSid=SM1&MessageStatus=sent", f"{samples.WEBHOOK}?{query}")
    received = samples.connector("sms").receive(msgspec.structs.replace(signed, query=query))
    [report] = received.items
    assert isinstance(report, Receipt)
    assert report.tracker == tracker


def test_calls_whose_id_is_blank_are_kept_each_by_itself() -> None:
    (one,), (other,) = (parse(MessageSid="", SmsSid="", Body=text) for text in ("a", "b"))
    assert isinstance(one, Unknown)
    assert one.key != other.key


def test_reports_of_one_message_differ_by_status() -> None:
    keys = {parse(MessageStatus=status)[0].key for status in ("sent", "delivered", "failed", "undelivered")}
    assert len(keys) == 4
    (failed,) = parse(MessageStatus="undelivered", ErrorCode="30005")
    assert isinstance(failed, Receipt)
    assert failed.failure is not None
    assert (failed.failure.code, failed.failure.provider_code) == ("no_such_address", "30005")


def test_a_get_webhook_is_read_from_its_signed_address() -> None:
    query = "MessageSid=SM1&From=%2B48799123456&Body=a%20b"
    url = f"{samples.WEBHOOK}?{query}"
    signature = _signature("secret-twilio-token", url, []).decode()
    request = WebhookRequest(method="GET", url=url, query=query, headers={"x-twilio-signature": signature})
    (message,) = samples.connector("sms").receive(request).items
    assert isinstance(message, InboundMessage)
    assert message.text == "a b"


def test_nothing_is_answered_that_would_be_sent_to_the_customer() -> None:
    received = samples.connector("sms").receive(samples.signed("sms", samples.body("twilio/stop.form")))
    assert (received.reply.body, received.reply.content_type) == (b"<Response/>", "text/xml; charset=utf-8")


def test_a_form_of_countless_fields_is_refused() -> None:
    request = WebhookRequest(method="POST", url=samples.WEBHOOK, body=b"a=1&" * 2000)
    with pytest.raises(BadPayload):
        samples.connector("sms").receive(request)


def test_a_sender_name_cannot_be_answered() -> None:
    assert samples.connector("sms").capabilities.receive
    assert not samples.connector("sms", number="InPost").capabilities.receive


# ------------------------------------------------------------------------------------------ outbound


async def test_a_message_asks_for_reports_at_our_address(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json({"sid": "SM1"})
    await opened("sms", provider.base, http).send(outbound("Cześć", peer_id="+48799123456"))
    (call,) = provider.calls
    assert call.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert call.headers["authorization"] == "Basic QUMxOnNlY3JldC10d2lsaW8tdG9rZW4="
    assert call.form == {
        "To": "+48799123456",
        "From": "+48732001002",
        "Body": "Cześć",
        "StatusCallback": samples.WEBHOOK,
    }


async def test_a_messaging_service_and_pictures_are_settings(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json({"sid": "SM1"})
    connector = opened("sms", provider.base, http, messaging_service_sid="MG1", mms=True)
    await connector.send(outbound("a", attachments=(picture(),)))
    (call,) = provider.calls
    assert (call.form["MessagingServiceSid"], call.form["MediaUrl"]) == ("MG1", picture().link)
    assert "From" not in call.form


async def test_media_gets_our_credentials_only_at_the_api(provider: Provider, http: HTTPClient) -> None:
    connector = opened("sms", provider.base, http)
    provider.answers = [Answer(body=b"jpeg", headers={"Content-Type": "image/jpeg"})]
    media = await connector.fetch(provider.base + "/media/1", 100)
    assert (media.data, media.mime) == (b"jpeg", "image/jpeg")
    assert "authorization" in provider.calls[0].headers
    provider.answers = [Answer(status=307, headers={"Location": "http://127.0.0.1:9/secret"})]
    with pytest.raises(FetchFailed):
        await connector.fetch(provider.base + "/media/1", 100)


async def test_the_numbers_own_address_is_only_reported(provider: Provider, http: HTTPClient) -> None:
    connector = opened("sms", provider.base, http)
    provider.answers_json({"incoming_phone_numbers": [{"sms_url": samples.WEBHOOK}]})
    found = await connector.register(samples.WEBHOOK)
    assert (found.url, found.error) == (samples.WEBHOOK, None)
    assert provider.calls[0].query == {"PhoneNumber": "+48732001002"}
    assert (await connector.register("https://other/")).error is not None
    provider.answers_json({"incoming_phone_numbers": []})
    assert (await connector.register(samples.WEBHOOK)).error is not None
    assert all(call.method == "GET" for call in provider.calls)
    assert SPEC.secrets == ("auth_token",)
