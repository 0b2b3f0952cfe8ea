"""Links that open a chat with an entry token: what each provider's looks like, and when it is asked for its name."""

import re

import pytest

from connectors import registry
from connectors.contract import Connector, DeepLinks
from connectors.errors import FetchFailed
from connectors.http import HTTPClient
from tests.connectors import samples
from tests.connectors.fake import Provider, opened

TOKEN = "w-_Az09"


async def link(connector: Connector, token: str = TOKEN) -> str | None:
    assert isinstance(connector, DeepLinks)
    return await connector.deep_link(token)


def test_whoever_says_deep_link_can_make_one() -> None:
    for name, settings in samples.SETTINGS.items():
        connector = registry.open_connector(*samples.channel(name), settings, HTTPClient(), "")
        assert isinstance(connector, DeepLinks) == connector.capabilities.deep_link, name


async def test_messenger_knows_its_page(provider: Provider, http: HTTPClient) -> None:
    connector = opened("messenger", provider.base, http)
    assert await link(connector) == f"https://m.me/404217156637689?ref={TOKEN}"
    assert await link(connector, "") == "https://m.me/404217156637689"
    assert provider.calls == []


async def test_telegram_asks_once_for_the_bots_name(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json({"ok": True, "result": {"id": 1, "is_bot": True, "username": "sklep_bot"}})
    connector = opened("telegram", provider.base, http)
    assert await link(connector) == f"https://t.me/sklep_bot?start={TOKEN}"
    assert await link(connector, "") == "https://t.me/sklep_bot"
    assert [call.path.rpartition("/")[2] for call in provider.calls] == ["getMe"]


async def test_viber_asks_once_for_the_accounts_uri(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json({"status": 0, "status_message": "ok", "uri": "sklep&co"})
    connector = opened("viber", provider.base, http)
    assert await link(connector) == f"viber://pa?chatURI=sklep%26co&context={TOKEN}"
    assert await link(connector, "") == "viber://pa?chatURI=sklep%26co"
    assert [call.path for call in provider.calls] == ["/get_account_info"]


@pytest.mark.parametrize(
    ("kind", "nameless", "refusal"),
    [
        ("telegram", {"ok": True, "result": {"id": 1}}, {"ok": False, "error_code": 401, "description": "x"}),
        ("viber", {"status": 0, "status_message": "ok"}, {"status": 2, "status_message": "invalidAuthToken"}),
    ],
)
async def test_no_link_is_made_up(
    provider: Provider, http: HTTPClient, kind: str, nameless: object, refusal: object
) -> None:
    connector = opened(kind, provider.base, http)
    provider.answers_json(nameless)
    assert await link(connector) is None
    provider.answers_json(refusal, status=401)
    with pytest.raises(FetchFailed) as caught:
        await link(connector)
    assert not re.search("|".join(samples.SECRETS), str(caught.value))
