"""WhatsApp: what it is sent, media, set-up."""

from typing import Any

import pytest

from connectors.contract import OutboundAttachment
from connectors.errors import FetchFailed, NotAccepted, Refused
from connectors.http import HTTPClient
from tests.connectors import samples
from tests.connectors.fake import Answer, Provider, opened, outbound, picture

NUMBER, PERSON, BSUID = "1122334455667", "48799123456", "PL.13491208655302741918"


# ------------------------------------------------------------------------------------------ outbound


async def test_a_text_goes_out_with_our_mark_and_what_it_answers(
    provider: Provider, http: HTTPClient
) -> None:
    provider.answers = [Answer(body=samples.body("whatsapp/api_send_ok.json"))]
    connector = opened("whatsapp", provider.base + "/v26.0", http)
    sent = await connector.send(outbound("Tak", peer_id=PERSON, tracker="d:1", reply_to="wamid.1"))
    (call,) = provider.calls
    assert sent.external_ids == ("wamid.HBgLNDg3OTkxMjM0NTYVAgARGBI",)
    assert call.path == f"/v26.0/{NUMBER}/messages"
    assert call.headers["authorization"] == "Bearer secret-access-token"
    assert call.json == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": PERSON,
        "type": "text",
        "text": {"body": "Tak", "preview_url": False},
        "context": {"message_id": "wamid.1"},
        "biz_opaque_callback_data": "d:1",
    }


async def test_a_person_without_a_number_is_a_recipient(provider: Provider, http: HTTPClient) -> None:
    provider.answers = [Answer(body=samples.body("whatsapp/api_send_ok.json"))]
    await opened("whatsapp", provider.base, http).send(outbound("Tak", peer_id=BSUID))
    assert provider.calls[0].json["recipient"] == BSUID
    assert not {"to", "context", "biz_opaque_callback_data"} & set(provider.calls[0].json)


async def test_only_the_first_part_is_an_answer(provider: Provider, http: HTTPClient) -> None:
    provider.answers = [Answer(body=samples.body("whatsapp/api_send_ok.json"))]
    connector = opened("whatsapp", provider.base, http)
    await connector.send(outbound("słowo " * 1000, reply_to="wamid.1"))
    assert ["context" in call.json for call in provider.calls] == [True, False]
    provider.calls.clear()
    await connector.send(outbound("słowo " * 1000, reply_to="wamid.1", done=frozenset({1})))
    assert ["context" in call.json for call in provider.calls] == [False]


async def test_a_picture_is_uploaded_and_then_sent_with_its_text(
    provider: Provider, http: HTTPClient
) -> None:
    provider.answers_json({"id": "1037543291543636"}, {"messages": [{"id": "wamid.1"}]})
    connector = opened("whatsapp", provider.base, http)
    sent = await connector.send(outbound("Tak", tracker="d:1", attachments=(picture(b"png"),)))
    assert sent.external_ids == ("wamid.1",)
    upload, message = provider.calls
    assert upload.path == f"/{NUMBER}/media"
    assert upload.headers["authorization"] == "Bearer secret-access-token"
    file = ("kot.png", "image/png", b"png")
    assert upload.form == {"messaging_product": "whatsapp", "type": "image/png", "file": file}
    assert message.json["image"] == {"id": "1037543291543636", "caption": "Tak"}
    assert message.json["biz_opaque_callback_data"] == "d:1"


@pytest.mark.parametrize(
    "answer", [Answer(drop=True), Answer(status=500), Answer(body=b"{}"), Answer(body=b"<")]
)
async def test_an_upload_that_fails_sent_nothing_and_may_be_repeated(
    answer: Answer, provider: Provider, http: HTTPClient
) -> None:
    provider.answers = [answer]
    with pytest.raises(NotAccepted):
        await opened("whatsapp", provider.base, http).send(outbound("", attachments=(picture(),)))
    assert len(provider.calls) == 1


async def test_a_picture_that_whatsapp_does_not_take_is_refused_without_a_call(
    provider: Provider, http: HTTPClient
) -> None:
    given = picture()
    webp = OutboundAttachment(
        kind=given.kind, name="kot.webp", mime="image/webp", size=1, read=given.read, link=given.link
    )
    with pytest.raises(Refused) as caught:
        await opened("whatsapp", provider.base, http).send(outbound("", attachments=(webp,)))
    assert caught.value.failure.code == "attachment_unsupported"
    assert provider.calls == []


# ------------------------------------------------------------------------------------------ media, set-up


async def test_media_are_fetched_by_their_id_with_the_token(provider: Provider, http: HTTPClient) -> None:
    link = {"url": provider.base + "/attachments/?mid=1", "mime_type": "image/jpeg", "id": "1"}
    connector = opened("whatsapp", provider.base, http)
    provider.answers_json(link)
    provider.answers.append(Answer(body=b"jpeg", headers={"Content-Type": "image/jpeg"}))
    media = await connector.fetch("65/../7", 10)
    assert (media.data, media.mime) == (b"jpeg", "image/jpeg")
    assert [call.path for call in provider.calls] == [
        f"/65%2F..%2F7?phone_number_id={NUMBER}",
        "/attachments/?mid=1",
    ]
    assert {call.headers["authorization"] for call in provider.calls} == {"Bearer secret-access-token"}
    provider.answers_json(link)
    provider.answers.append(Answer(body=b"x" * 11))
    with pytest.raises(FetchFailed, match="too large"):
        await connector.fetch("1", 10)


@pytest.mark.parametrize(
    ("answer", "temporary"),
    [
        ({"url": "http://lookaside.fbsbx.com/a"}, False),
        ({"url": "https://fbsbx.com.example.com/a"}, False),
        ({"url": "https://127.0.0.1/a"}, False),
        ({"url": "file:///etc/passwd"}, False),
        ({"url": 7}, False),
        ({}, False),
        ({"error": {"code": 100, "error_subcode": 33}}, False),
        ({"error": {"code": 130429}}, True),
        ({"error": {"code": 1}}, True),
    ],
)
async def test_media_that_cannot_be_had_say_whether_to_try_again(
    answer: Any, temporary: bool, provider: Provider, http: HTTPClient
) -> None:
    provider.answers_json(answer)
    with pytest.raises(FetchFailed) as caught:
        await opened("whatsapp", provider.base, http).fetch("1", 10)
    assert caught.value.temporary is temporary
    assert "secret" not in str(caught.value)
    assert len(provider.calls) == 1


async def test_nobody_is_asked_for_a_name(provider: Provider, http: HTTPClient) -> None:
    assert await opened("whatsapp", provider.base, http).profile(PERSON) is None
    assert provider.calls == []


async def test_the_app_is_subscribed_to_the_business_account(provider: Provider, http: HTTPClient) -> None:
    connector = opened("whatsapp", provider.base, http, waba_id="42")
    provider.answers_json({"success": True}, {"data": [{"whatsapp_business_api_data": {"id": "1"}}]})
    assert (await connector.register("https://x/")).error is None
    assert [(call.method, call.path) for call in provider.calls] == [
        ("POST", "/42/subscribed_apps"),
        ("GET", "/42/subscribed_apps"),
    ]
    provider.answers_json({"success": True}, {"data": []})
    assert "not subscribed" in ((await connector.register("https://x/")).error or "")


async def test_without_a_business_account_only_the_token_is_tried(
    provider: Provider, http: HTTPClient
) -> None:
    connector = opened("whatsapp", provider.base, http)
    provider.answers_json({"display_phone_number": "+48 732 001 002", "id": NUMBER})
    assert (await connector.register("https://x/")).error is None
    provider.answers_json({"error": {"code": 190, "message": "expired"}}, status=401)
    assert "190" in ((await connector.register("https://x/")).error or "")
