"""config.toml is the defaults, every key is explained, and a wrong one is named with what was expected."""

import subprocess
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest

from server.config import Config, load
from server.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]


def test_config_toml_holds_every_key_with_its_default() -> None:
    written = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))
    defaults = msgspec.to_builtins(Config())
    lists = (("server", "trusted_proxies"), ("widget", "channels"), ("connectors", "leave_out"))
    for section, key in (*lists, *(("consent", key) for key in defaults["consent"])):
        defaults[section][key] = list(defaults[section][key])
    assert written == defaults
    assert [(name, list(keys)) for name, keys in written.items()] == [
        (name, list(keys)) for name, keys in defaults.items()
    ]


def test_each_key_has_a_comment_of_one_line() -> None:
    lines = (ROOT / "config.toml").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        if "=" in line and not line.startswith("#"):
            assert lines[number - 1].startswith("# "), line
            assert not lines[number - 2].startswith("# ") or number < 6, line


def test_the_page_about_configuration_is_current() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/generate_configuration.py", "--check"], check=False
    )
    assert done.returncode == 0


def read(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ or {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[server]\nprot = 1", "server.prot: there is no such key; keys are host, port"),
        ("[servr]\nport = 1", "servr: there is no such key; sections are server, database"),
        ('[server]\nport = "x"', "server.port: expected a whole number from 0 to 65535"),
        ("[server]\nport = 65536", "server.port: expected a whole number from 0 to 65535"),
        ("server = 1", "server: expected `object`, got `int`"),
        ('[log]\nlevel = "loud"', "log.level: expected one of 'debug', 'info', 'warning', 'error'"),
        ('[dialogs]\nagents_see = "all"', "dialogs.agents_see: expected one of 'own', 'team'"),
        (
            "[dialogs]\nreopen_within_hours = -1",
            "dialogs.reopen_within_hours: expected a whole number, 0 or more",
        ),
        ('[workspace]\ntime_zone = "Warszawa"', "workspace.time_zone: expected an IANA zone"),
        (
            '[database]\nurl = "mysql://x"',
            "database.url: expected an address that begins with one of sqlite://, postgresql://",
        ),
        ('[server]\npublic_url = "https://x.example?a"', "server.public_url: expected an address without ?"),
        ("[intake]\nwriter_process = 1", "intake.writer_process: expected true or false"),
        ("[server]\nhost = 1", "server.host: expected a text in quotes"),
        ('[bus]\nurl = "amqp://x"', "bus.url: expected an address that begins with"),
        (
            '[server]\npublic_url = "inbox.example.com"',
            "server.public_url: expected an address that begins with",
        ),
        ('[server]\ntrusted_proxies = ["proxy"]', "server.trusted_proxies: expected addresses or networks"),
        ("[delivery]\ncall_seconds = 30", "delivery.call_seconds: expected less than delivery.lease_seconds"),
        ("[server", "not valid TOML"),
        ('[database]\nurl_file = "/nowhere"', "database.url_file: can't read /nowhere"),
        ('[security]\nsecret_keys_file = "/dev/null"', "secret_keys_file: expected a value in /dev/null"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_what_was_expected(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CENTRALA__SERVER__PORT", "x", "server.port: expected a whole number from 0 to 65535"),
        ("CENTRALA__SERVER__PRT", "1", "server.prt: there is no such key"),
        ("CENTRALA__SERVR__PORT", "1", "CENTRALA__SERVR__PORT: there is no such section or key"),
        ("CENTRALA__SERVER", "1", "CENTRALA__SERVER: there is no such section or key"),
    ],
)
def test_a_wrong_variable_is_named(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "", {name: value})
    assert said in str(caught.value)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        '[server]\nport = 1\nhost = "::1"',
        {
            "CENTRALA__SERVER__PORT": "8123",
            "CENTRALA__SERVER__TRUSTED_PROXIES": "10.0.0.1, 192.168.0.0/16",
            "CENTRALA__BUS__URL": "redis://r",
            "OTHER": "x",
        },
    )
    assert (config.server.port, config.server.host) == (8123, "::1")
    assert config.server.trusted_proxies == ("10.0.0.1", "192.168.0.0/16")
    assert config.bus.url == "redis://r"


def test_a_value_can_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql://u:p@h/d\n")
    port = tmp_path / "port"
    port.write_text("9000\n")
    config = read(tmp_path, f'[server]\nport_file = "{port}"', {"CENTRALA__DATABASE__URL_FILE": str(secret)})
    assert config.database_url == "postgresql+asyncpg://u:p@h/d"
    assert config.server.port == 9000


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load(tmp_path / "none.toml", {})
