"""The registry: one entry per kind and provider, and settings that explain themselves."""

from importlib.metadata import EntryPoint
from typing import Any

import pytest

from connectors import registry
from connectors.http import HTTPClient
from tests.connectors import samples


def test_every_kind_is_there_with_its_settings() -> None:
    assert [(spec.kind, spec.provider) for spec in registry.specs()] == [
        ("telegram", None),
        ("viber", None),
        ("messenger", None),
        ("whatsapp", None),
        ("sms", "twilio"),
        ("sms", "smsapi"),
        ("sms", "smpp"),
        ("sms", "http"),
    ]
    for spec in registry.specs():
        assert set(spec.secrets) <= set(spec.settings.__struct_fields__)


@pytest.mark.parametrize(("kind", "provider"), [("fax", None), ("sms", "carrier-pigeon"), ("telegram", "x")])
def test_an_unknown_connector_names_those_there_are(kind: str, provider: str | None) -> None:
    with pytest.raises(registry.UnknownConnector, match="sms/twilio"):
        registry.spec(kind, provider)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"token": 5}, "token: expected `str`, got `int`"),
        ({"token": ""}, "token: expected a value, and it is empty"),
        ({"mode": "push"}, "mode: expected one of 'webhook', 'polling'"),
        ({"tokn": "secret-value"}, "tokn: unknown key; known are token, secret_token, mode, api_base"),
        ({"api_base": "telegram.org"}, "api_base: expected an address that begins with http:// or https://"),
        (
            {"secret_token": "zażółć secret-value"},
            "secret_token: expected up to 256 of A-Z, a-z, 0-9, _ and -",
        ),
    ],
)
def test_a_wrong_setting_names_its_key_and_what_was_expected(changes: dict[str, Any], words: str) -> None:
    settings = {**samples.SETTINGS["telegram"], **changes}
    with pytest.raises(registry.BadSettings) as caught:
        registry.open_connector("telegram", None, settings, HTTPClient())
    assert words in str(caught.value)
    assert "secret-value" not in str(caught.value)


def test_all_wrong_settings_are_named_at_once() -> None:
    with pytest.raises(registry.BadSettings) as caught:
        registry.open_connector("viber", None, {"name": 1}, HTTPClient())
    assert [problem.partition(":")[0] for problem in caught.value.problems] == ["auth_token", "name"]


def test_a_third_partys_connector_is_found_by_its_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = EntryPoint("broken", "no_such_module:SPEC", registry.GROUP)
    point = EntryPoint("fax", "tests.connectors.test_registry:FOREIGN", registry.GROUP)
    monkeypatch.setattr(registry, "entry_points", lambda group: [broken, point])
    assert registry.names()[-1] == ("fax", None)
    assert registry.spec("fax").label == "Fax"


FOREIGN = registry.ConnectorSpec(
    kind="fax",
    label="Fax",
    settings=registry.spec("viber").settings,
    secrets=(),
    open=registry.spec("viber").open,
)
