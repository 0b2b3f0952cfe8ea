"""What a check of an HTTP gateway finds out without an SMS, and that it says what it could not."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

import pytest

from connectors import registry
from connectors.contract import Checked, Checks
from connectors.http import HTTPClient
from tests.connectors import fake, samples
from tests.connectors.fake import Answer, Provider
from tests.support.certificates import Authority

SECRET = samples.SETTINGS["gateway"]["secret"]
ALWAYS = ["gateway_not_sent", "gateway_not_called"]


async def checked(provider: str, http: HTTPClient, **settings: Any) -> Checked:
    connector = fake.opened("gateway", provider, http, **settings)
    assert isinstance(connector, Checks)
    found = await connector.check()
    assert not any(secret in str(found) for secret in samples.SECRETS)
    return found


async def test_a_gateway_with_a_status_is_asked_with_its_credentials(
    provider: Provider, http: HTTPClient
) -> None:
    provider.answers = [Answer(body=b'{"balance": 12.5}')]
    status = f"{provider.base}/balance?login={{user}}&key={{secret}}"
    found = await checked(
        provider.base, http, user="sklep", status_url=status, status_match='"balance": [1-9]'
    )
    assert (found.problems, [each.code for each in found.unchecked]) == ((), ALWAYS)
    [call] = provider.calls
    assert (call.method, call.path) == ("GET", f"/balance?login=sklep&key={SECRET}")
    assert call.headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    ("answer", "code", "key", "said"),
    [
        (Answer(status=401), "not_authorised", "secret", None),
        (Answer(status=403), "not_authorised", "secret", None),
        (Answer(status=404), "gateway_status", "status_url", "http 404"),
        (Answer(body=b'{"balance": 0}'), "gateway_status_unlike", "status_match", None),
        (Answer(drop=True), "no_clear_answer", "status_url", None),
    ],
)
async def test_what_its_status_says_is_told_with_the_setting_to_look_at(
    provider: Provider, http: HTTPClient, answer: Answer, code: str, key: str, said: str | None
) -> None:
    provider.answers = [answer]
    found = await checked(
        provider.base, http, status_url=f"{provider.base}/balance", status_match='"balance": [1-9]'
    )
    assert [(each.code, each.key, each.said) for each in found.problems] == [(code, key, said)]


async def test_without_a_status_it_is_only_reached_and_that_is_said(
    provider: Provider, http: HTTPClient
) -> None:
    found = await checked(provider.base, http)
    assert (found.problems, [each.code for each in found.unchecked]) == ((), ["gateway_not_asked", *ALWAYS])
    assert provider.calls == [], "nothing was sent, and nothing asked"


@pytest.mark.parametrize("status", [False, True])
async def test_a_gateway_that_is_away_is_told(http: HTTPClient, status: bool) -> None:
    away = "http://127.0.0.1:9"
    found = await checked(away, http, status_url=f"{away}/balance" if status else "")
    assert [(each.code, each.key) for each in found.problems] == [
        ("unreachable", "status_url" if status else "send_url")
    ]


async def test_a_certificate_that_is_not_trusted_is_told(tmp_path: Path, http: HTTPClient) -> None:
    key, certificate = Authority().issue(tmp_path, "127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        at = f"https://127.0.0.1:{port}"
        found = [await checked(at, http), await checked(at, http, status_url=at)]
    problems = [(problem.code, problem.key) for each in found for problem in each.problems]
    assert problems == [("certificate_untrusted", "send_url"), ("certificate_untrusted", "status_url")]


async def test_a_preview_shows_the_request_and_hides_the_secret(provider: Provider, http: HTTPClient) -> None:
    found = await checked(provider.base, http)
    assert found.preview == (
        f"POST {provider.base}/send\nContent-Type: application/json\nAuthorization: Bearer xxxxxxxx\n\n"
        '{"to": "+48600100200", "from": "Sklep", "text": "Test: Centrala", "reference": "1"}'
    )
    url = f"{provider.base}/send?to={{to}}&text={{text}}&login={{user}}&key={{secret}}"
    form = {"method": "GET", "body": "", "headers": "", "user": "sklep", "plus": False}
    # Where the address holds all, nothing else is shown.
    by_address = await checked(provider.base, http, **form, send_url=url)
    assert by_address.preview == (
        f"GET {provider.base}/send?to=48600100200&text=Test%3A%20Centrala&login=sklep&key=xxxxxxxx"
    )


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"status_match": "ok"}, "status_match: status_url says where"),
        ({"status_url": "https://a.example/x?to={to}"}, r"status_url: unknown placeholder \{to\}"),
        ({"status_url": "http://a.example/x"}, "status_url: expected https://"),
        ({"status_url": "https://a.example/x", "status_match": "("}, "status_match: expected a regular"),
        ({"status_url": "ftp://a.example/x"}, "status_url: expected"),
    ],
)
def test_what_is_wrong_with_the_status_is_named(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(registry.BadSettings, match=problem):
        samples.connector("gateway", **settings)
