"""What every connector makes of an error: the provider's documented ones by name, and no secret in any."""

import logging

import pytest

from connectors.errors import NotAccepted, Refused, SendError, Uncertain
from connectors.http import HTTPClient
from tests.connectors import samples
from tests.connectors.attempts import HTML, KINDS, failure, sample
from tests.connectors.fake import Answer, Provider, opened, outbound


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
