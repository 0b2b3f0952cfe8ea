"""Messenger: what it is sent, profiles, and set-up."""

import json

import pytest

from connectors.errors import FetchFailed
from connectors.http import HTTPClient
from tests.connectors import samples
from tests.connectors.fake import Answer, Provider, opened, outbound, picture

PAGE = samples.SETTINGS["messenger"]["page_id"]


async def test_a_text_goes_out_with_our_mark(provider: Provider, http: HTTPClient) -> None:
    provider.answers = [Answer(body=samples.body("messenger/api_send_ok_no_recipient.json"))]
    sent = await opened("messenger", provider.base + "/v26.0", http).send(outbound("Tak", tracker="d:1"))
    (call,) = provider.calls
    assert sent.external_ids == ("mid.133",)
    assert call.path == f"/v26.0/{PAGE}/messages"
    assert call.headers["authorization"] == "Bearer secret-page-token"
    assert call.json == {
        "recipient": {"id": "5123"},
        "messaging_type": "RESPONSE",
        "message": {"text": "Tak", "metadata": "d:1"},
    }


@pytest.mark.parametrize(
    ("since", "kind"),
    [(None, "RESPONSE"), (24 * 3_600_000 - 1, "RESPONSE"), (24 * 3_600_000, "MESSAGE_TAG")],
)
async def test_the_human_agent_tag_is_only_for_after_24_hours(
    since: int | None, kind: str, provider: Provider, http: HTTPClient
) -> None:
    provider.answers_json({"message_id": "m_1"})
    connector = opened("messenger", provider.base, http, human_agent=True)
    await connector.send(outbound("Tak", by_person=True, since_inbound_ms=since))
    (call,) = provider.calls
    assert call.json["messaging_type"] == kind
    assert call.json.get("tag") == ("HUMAN_AGENT" if kind == "MESSAGE_TAG" else None)


async def test_a_picture_is_uploaded_after_its_text(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json({"message_id": "m_1"}, {"message_id": "m_2"})
    connector = opened("messenger", provider.base, http)
    sent = await connector.send(outbound("Tak", tracker="d:1", attachments=(picture(b"png"),)))
    assert sent.external_ids == ("m_1", "m_2")
    form = provider.calls[1].form
    assert form["filedata"] == ("kot.png", "image/png", b"png")
    assert json.loads(form["recipient"]) == {"id": "5123"}
    assert json.loads(form["message"])["metadata"] == "d:1:2"  # each part has a mark of its own


async def test_a_profile_may_be_partial_refused_or_late(provider: Provider, http: HTTPClient) -> None:
    connector = opened("messenger", provider.base, http)
    provider.answers = [Answer(body=samples.body("messenger/api_profile_partial.json"))]
    found = await connector.profile("7")
    assert found is not None
    assert found.name == "John"
    assert "profile_pic" in provider.calls[0].query["fields"]
    provider.answers_json({"first_name": "Jan", "profile_pic": "https://scontent.fbcdn.net/a?x=1"})
    found = await connector.profile("7")
    assert found is not None
    assert found.picture == "https://scontent.fbcdn.net/a?x=1"
    provider.answers = [Answer(status=400, body=samples.body("messenger/api_err_no_user.json"))]
    assert await connector.profile("7/../8") is None
    assert provider.calls[2].path.startswith("/7%2F..%2F8?")
    provider.answers = [Answer(status=500, body=samples.body("messenger/api_err_2.json"))]
    with pytest.raises(FetchFailed):
        await connector.profile("7")


async def test_the_app_is_subscribed_to_the_page(provider: Provider, http: HTTPClient) -> None:
    connector = opened("messenger", provider.base, http)
    provider.answers_json({"success": True}, {"data": [{"id": "1"}]})
    assert (await connector.register("https://x/")).error is None
    assert "message_echoes" in provider.calls[0].form["subscribed_fields"]
    provider.answers_json({"success": True}, {"data": []})
    assert (await connector.register("https://x/")).error is not None


async def test_a_check_tells_an_application_that_does_not_serve_the_page(
    provider: Provider, http: HTTPClient
) -> None:
    me, apps = {"id": PAGE, "name": "Sklep"}, {"data": [{"id": "900", "name": "Centrala"}]}
    for app_id, problems in (("", []), ("900", []), ("901", [("app_id", "other_app", "900")])):
        provider.answers_json(me, {"id": PAGE}, apps)
        found = await opened("messenger", provider.base, http, app_id=app_id).check()
        assert [(each.key, each.code, each.said) for each in found.problems] == problems
