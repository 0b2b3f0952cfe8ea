"""What every connector's ``send`` promises: accepted, certainly not accepted, or unknown, and never a guess."""

import json
import logging
import socket
from typing import Any

import pytest

from connectors.contract import AttachmentKind, QuickReply
from connectors.errors import NotAccepted, Refused, SendError, Uncertain
from connectors.http import HTTPClient
from tests.connectors import fake, samples
from tests.connectors.fake import Answer, Provider, opened, outbound, picture


def sample(file: str) -> bytes:
    return samples.body(file)


KINDS = ("telegram", "viber", "messenger", "whatsapp", "sms", "smsapi", "gateway")
ACCEPTED: dict[str, tuple[Any, str]] = {
    "telegram": (
        {
            "ok": True,
            "result": {"message_id": 77, "date": 1785300000, "chat": {"id": 5123, "type": "private"}},
        },
        "77",
    ),
    "viber": (
        {"status": 0, "status_message": "ok", "message_token": 5741311803571721087},
        "5741311803571721087",
    ),
    "messenger": ({"recipient_id": "5123", "message_id": "m_1"}, "m_1"),
    "whatsapp": (json.loads(sample("whatsapp/api_send_ok.json")), "wamid.HBgLNDg3OTkxMjM0NTYVAgARGBI"),
    "sms": ({"sid": "SM1", "status": "queued", "error_code": None, "error_message": None}, "SM1"),
    "smsapi": (
        {
            "count": 1,
            "list": [
                {"id": "6A1C", "points": 0.1, "number": "48799123456", "status": "QUEUE", "error": None}
            ],
        },
        "6A1C",
    ),
    "gateway": ({"result": "ok", "message": {"id": "G1"}}, "G1"),
}
HTML = b"<html>502 Bad Gateway</html>"


@pytest.mark.parametrize("kind", KINDS)
async def test_an_accepted_message_has_the_providers_id(
    kind: str, provider: Provider, http: HTTPClient
) -> None:
    answer, message_id = ACCEPTED[kind]
    provider.answers_json(answer)
    sent = await opened(kind, provider.base, http).send(outbound())
    assert sent.external_ids == (message_id,)
    assert len(provider.calls) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_a_refused_connection_may_be_repeated(kind: str, http: HTTPClient) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{closed.getsockname()[1]}"
        error = await failure(kind, base, http)
    assert isinstance(error, NotAccepted)
    assert error.failure.code == "unreachable"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", [Answer(hang=True), Answer(drop=True)], ids=["hang", "drop"])
async def test_silence_after_the_request_is_uncertain(kind: str, answer: Answer, provider: Provider) -> None:
    provider.answers = [answer]
    async with HTTPClient(timeout=0.3) as http:
        error = await failure(kind, provider.base, http)
    assert isinstance(error, Uncertain)
    assert len(provider.calls) == 1


RATE_LIMITED = {
    "telegram": sample("telegram/api_429.json"),
    "viber": b"{}",
    "messenger": sample("messenger/api_err_rate_4.json"),
    "whatsapp": b'{"error":{"code":130429,"message":"(#130429) Rate limit hit"}}',
    "sms": sample("twilio/api_err_20429.json"),
    "smsapi": b'{"error":203,"message":"Too many requests"}',
    "gateway": b"slow down",
}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_rate_limit_names_when_to_go_on(kind: str, provider: Provider, http: HTTPClient) -> None:
    provider.answers = [Answer(status=429, body=RATE_LIMITED[kind], headers={"Retry-After": "7"})]
    error = await failure(kind, provider.base, http)
    assert isinstance(error, NotAccepted)
    assert (error.failure.code, error.retry_after) == ("rate_limited", 7.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [200, 408, 500, 502, 503])
async def test_an_answer_that_says_nothing_is_uncertain(
    kind: str, status: int, provider: Provider, http: HTTPClient
) -> None:
    provider.answers = [Answer(status=status, body=HTML)]
    assert isinstance(await failure(kind, provider.base, http), Uncertain)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b"{}", b'{"ok":true,"result":{}}', b'{"status":0}'])
async def test_ok_without_an_id_is_uncertain(
    kind: str, body: bytes, provider: Provider, http: HTTPClient
) -> None:
    provider.answers = [Answer(body=body)]
    assert isinstance(await failure(kind, provider.base, http), Uncertain)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [400, 405, 413, 422])
async def test_an_unexplained_4xx_is_final(
    kind: str, status: int, provider: Provider, http: HTTPClient
) -> None:
    provider.answers = [Answer(status=status, body=HTML)]
    error = await failure(kind, provider.base, http)
    assert isinstance(error, Refused)
    assert not error.channel


# kind, HTTP status, body, error, code of the failure, whether the channel is at fault
_ERRORS: list[tuple[str, int, bytes, type[SendError], str, bool]] = [
    ("telegram", 403, sample("telegram/api_403_deactivated.json"), Refused, "deactivated", False),
    (
        "telegram",
        403,
        b'{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}',
        Refused,
        "blocked",
        False,
    ),
    (
        "telegram",
        403,
        b'{"ok":false,"description":"Forbidden: bot can\'t initiate conversation with a user"}',
        Refused,
        "not_started",
        False,
    ),
    ("telegram", 400, sample("telegram/api_400_migrated.json"), Refused, "chat_moved", False),
    (
        "telegram",
        400,
        b'{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}',
        Refused,
        "no_such_address",
        False,
    ),
    (
        "telegram",
        400,
        b'{"ok":false,"error_code":400,"description":"Bad Request: message is too long"}',
        Refused,
        "rejected",
        False,
    ),
    (
        "telegram",
        401,
        b'{"ok":false,"error_code":401,"description":"Unauthorized"}',
        Refused,
        "not_authorised",
        True,
    ),
    (
        "telegram",
        404,
        b'{"ok":false,"error_code":404,"description":"Not Found"}',
        Refused,
        "not_authorised",
        True,
    ),
    (
        "telegram",
        500,
        b'{"ok":false,"error_code":500,"description":"Internal Server Error"}',
        Uncertain,
        "no_clear_answer",
        False,
    ),
    (
        "telegram",
        200,
        b'{"ok":false,"error_code":429,"parameters":{"retry_after":3}}',
        NotAccepted,
        "rate_limited",
        False,
    ),
    ("telegram", 200, b'{"ok":false}', Uncertain, "no_clear_answer", False),
    ("viber", 200, sample("viber/api_err_5.json"), Refused, "no_such_address", False),
    ("viber", 200, sample("viber/api_err_6.json"), Refused, "blocked", False),
    ("viber", 200, sample("viber/api_err_12_rate.json"), NotAccepted, "rate_limited", False),
    ("viber", 200, sample("viber/api_err_99.json"), NotAccepted, "provider_trouble", False),
    ("viber", 200, b'{"status":2,"status_message":"invalidAuthToken"}', Refused, "not_authorised", True),
    ("viber", 200, b'{"status":7}', Refused, "account_blocked", True),
    ("viber", 200, b'{"status":10}', Refused, "webhook_missing", True),
    ("viber", 200, b'{"status":3}', Refused, "rejected", False),
    ("messenger", 400, sample("messenger/api_err_window.json"), Refused, "window_closed", False),
    ("messenger", 400, sample("messenger/api_err_no_user.json"), Refused, "no_such_address", False),
    ("messenger", 400, sample("messenger/api_err_unavailable.json"), Refused, "blocked", False),
    ("messenger", 400, sample("messenger/api_err_rate_4.json"), NotAccepted, "rate_limited", False),
    ("messenger", 500, sample("messenger/api_err_2.json"), NotAccepted, "provider_trouble", False),
    ("messenger", 200, sample("messenger/api_err_window.json"), Refused, "window_closed", False),
    ("messenger", 500, b'{"error":{"code":1,"error_subcode":1357046}}', Uncertain, "no_clear_answer", False),
    ("messenger", 500, b'{"error":{"code":9999}}', Uncertain, "no_clear_answer", False),
    ("messenger", 400, b'{"error":{"code":190,"message":"expired"}}', Refused, "not_authorised", True),
    ("messenger", 400, b'{"error":{"code":10,"error_subcode":1893063}}', Refused, "account_blocked", True),
    ("messenger", 400, b'{"error":{"code":100,"message":"(#100) tag"}}', Refused, "rejected", False),
    ("whatsapp", 400, sample("whatsapp/api_err_window.json"), Refused, "window_closed", False),
    ("whatsapp", 200, sample("whatsapp/api_err_window.json"), Refused, "window_closed", False),
    ("whatsapp", 400, b'{"error":{"code":131026,"message":"m"}}', Refused, "no_such_address", False),
    ("whatsapp", 400, b'{"error":{"code":131053,"message":"m"}}', Refused, "rejected", False),
    ("whatsapp", 400, b'{"error":{"code":80007,"message":"m"}}', NotAccepted, "rate_limited", False),
    ("whatsapp", 400, b'{"error":{"code":131056,"message":"m"}}', NotAccepted, "rate_limited", False),
    ("whatsapp", 503, b'{"error":{"code":131016,"message":"m"}}', NotAccepted, "provider_trouble", False),
    ("whatsapp", 400, b'{"error":{"code":5,"is_transient":true}}', NotAccepted, "provider_trouble", False),
    ("whatsapp", 500, b'{"error":{"code":131000,"message":"m"}}', Uncertain, "no_clear_answer", False),
    ("whatsapp", 400, b'{"error":{"code":1,"message":"m"}}', Uncertain, "no_clear_answer", False),
    ("whatsapp", 500, b'{"error":{"code":"x"}}', Uncertain, "no_clear_answer", False),
    ("whatsapp", 401, b'{"error":{"code":190,"message":"expired"}}', Refused, "not_authorised", True),
    ("whatsapp", 403, b'{"error":{"code":210,"message":"m"}}', Refused, "not_authorised", True),
    ("whatsapp", 403, b'{"error":{"code":131031,"message":"m"}}', Refused, "account_blocked", True),
    ("whatsapp", 400, b'{"error":{"code":100,"error_subcode":33}}', Refused, "bad_sender", True),
    ("whatsapp", 400, b'{"error":{"code":100,"message":"(#100) tag"}}', Refused, "rejected", False),
    ("sms", 400, b'{"code":21211,"message":"m","status":400}', Refused, "no_such_address", False),
    ("sms", 400, b'{"code":21610,"message":"m","status":400}', Refused, "opted_out", False),
    ("sms", 400, b'{"code":21606,"message":"m","status":400}', Refused, "bad_sender", True),
    ("sms", 401, b'{"code":20003,"message":"m","status":401}', Refused, "not_authorised", True),
    ("sms", 201, b'{"sid":"SM1","status":"failed","error_code":21614}', Refused, "no_such_address", False),
    ("sms", 503, b'{"code":20503,"message":"m","status":503}', Uncertain, "no_clear_answer", False),
    ("smsapi", 200, sample("smsapi/api_send_to_invalid_number.json"), Refused, "no_such_address", False),
    ("smsapi", 201, sample("smsapi/api_remove_not_exists_sms.json"), Refused, "rejected", False),
    ("smsapi", 200, b"ERROR:105", Refused, "not_authorised", True),
    ("smsapi", 200, b'{"error":101,"message":"Authorization failed"}', Refused, "not_authorised", True),
    ("smsapi", 401, b'{"error":"authorization_failed","code":101}', Refused, "not_authorised", True),
    ("smsapi", 401, b'{"error":"authorization_failed"}', Refused, "not_authorised", True),
    ("smsapi", 200, b'{"error":103,"message":"No credits"}', Refused, "no_credit", True),
    ("smsapi", 200, b'{"error":14,"message":"Wrong sender"}', Refused, "bad_sender", True),
    ("smsapi", 200, b'{"error":12,"message":"Too many parts"}', Refused, "rejected", False),
    ("smsapi", 200, b'{"error":202,"message":"Too many requests"}', NotAccepted, "rate_limited", False),
    ("smsapi", 200, b'{"error":53,"message":"Not unique idx"}', Uncertain, "no_clear_answer", False),
    ("smsapi", 200, b'{"error":999,"message":"Internal"}', Uncertain, "no_clear_answer", False),
    ("smsapi", 500, b'{"error":1,"message":"m"}', Uncertain, "no_clear_answer", False),
    ("smsapi", 201, b'{"count":1,"list":[{"id":"1","error":13}]}', Refused, "no_such_address", False),
]


@pytest.mark.parametrize(("kind", "status", "body", "error_type", "code", "channel"), _ERRORS)
async def test_a_documented_error_is_named(
    kind: str,
    status: int,
    body: bytes,
    error_type: type[SendError],
    code: str,
    channel: bool,
    provider: Provider,
    http: HTTPClient,
) -> None:
    provider.answers = [Answer(status=status, body=body)]
    error = await failure(kind, provider.base, http)
    assert type(error) is error_type
    assert error.failure.code == code
    assert getattr(error, "channel", False) is channel
    assert error.failure.text.endswith((".", "tag"))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_long_text_is_split_and_an_error_keeps_what_was_accepted(
    kind: str, provider: Provider, http: HTTPClient
) -> None:
    connector = opened(kind, provider.base, http)
    limit = connector.capabilities.text_limit
    message = outbound("słowo " * (limit // 6 * 2 + 20))
    answer, message_id = ACCEPTED[kind]
    provider.answers_json(answer)
    provider.answers += [provider.answers[0], Answer(status=413, body=HTML)]
    with pytest.raises(Refused) as caught:
        await connector.send(message)
    assert caught.value.accepted == (message_id, message_id)
    provider.calls.clear()
    provider.answers_json(answer)
    again = outbound(message.text, done=frozenset({1, 2}))
    assert (await connector.send(again)).external_ids == (message_id,)
    assert len(provider.calls) == 1  # only the part that was missing


@pytest.mark.parametrize("kind", KINDS)
async def test_what_cannot_be_sent_is_refused_without_a_call(
    kind: str, provider: Provider, http: HTTPClient
) -> None:
    connector = opened(kind, provider.base, http)
    huge = picture(size=200 * 1024 * 1024)
    foreign = fake.OutboundAttachment(
        kind=AttachmentKind.STICKER,
        name="v",
        mime="video/webm",
        size=1 << 30,
        read=huge.read,
        link="https://x",
    )
    many = tuple(QuickReply(title=str(number)) for number in range(30))
    refused = [outbound(" "), *(outbound(attachments=(file,)) for file in (huge, foreign))]
    for message in (*refused, outbound(quick_replies=many)):
        with pytest.raises(Refused):
            await connector.send(message)
    assert provider.calls == []


@pytest.mark.parametrize("kind", ["telegram", "messenger", "whatsapp"])
async def test_an_attachment_that_cannot_be_read_is_final(
    kind: str, provider: Provider, http: HTTPClient
) -> None:
    async def read() -> bytes:
        raise FileNotFoundError("/var/lib/x")

    lost = fake.OutboundAttachment(
        kind=AttachmentKind.IMAGE, name="kot.png", mime="image/png", size=1, read=read, link="https://x"
    )
    with pytest.raises(Refused) as caught:
        await opened(kind, provider.base, http).send(outbound("", attachments=(lost,)))
    assert caught.value.failure.code == "attachment_missing"


@pytest.mark.parametrize("kind", KINDS)
async def test_no_secret_is_in_an_error_or_a_log(
    kind: str, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = []
    async with HTTPClient(timeout=0.2) as http:
        for answer in (
            Answer(hang=True),
            Answer(body=HTML),
            Answer(status=502, body=HTML),
            Answer(status=400),
        ):
            provider.answers = [answer]
            seen.append(await failure(kind, provider.base, http))
        seen.append(await failure(kind, "http://127.0.0.1:1", http))
    for error in seen:
        chain = f"{error!r} {error.failure} {error.__cause__!r} {'' if error.__suppress_context__ else error.__context__!r}"
        assert not any(secret in chain for secret in samples.SECRETS)
    assert not any(secret in caplog.text for secret in samples.SECRETS)


async def failure(kind: str, base: str, http: HTTPClient) -> SendError:
    with pytest.raises(SendError) as caught:
        await opened(kind, base, http).send(outbound(tracker="t1"))
    return caught.value


@pytest.mark.parametrize(("kind", "key"), [("messenger", "page_token"), ("whatsapp", "access_token")])
async def test_a_token_that_meta_quotes_is_in_no_failure(
    kind: str, key: str, provider: Provider, http: HTTPClient
) -> None:
    token = samples.SETTINGS[kind][key]
    error = {"error": {"message": f"Malformed access token {token}", "type": "OAuthException", "code": 190}}
    provider.answers_json(error, error, status=400)
    connector = opened(kind, provider.base, http)
    with pytest.raises(Refused) as refused:
        await connector.send(outbound())
    assert refused.value.channel
    assert refused.value.failure.provider_code == "190"
    assert (await connector.register("https://inbox.example.pl/")).error == "190"
