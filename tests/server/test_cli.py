"""``centrala`` as operators and scripts run it: commands, their answers, and what they refuse."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.server.installation import PASSWORD, ROOT, Installation, add_telegram


def test_the_first_commands_work_on_an_empty_folder(installation: Installation) -> None:
    assert installation.run_anew("check-config").stdout == "The configuration is right.\n"
    assert not (installation.folder / "data").exists()
    agent = installation.add_agent(role="administrator")
    assert (agent["email"], agent["role"], agent["channelIds"]) == ("ala@example.com", "administrator", [])
    token = installation.done("agent", "token", "ALA@example.com")["token"]
    assert token.startswith("ct_")
    channel = add_telegram(installation)
    assert channel["webhook"] == f"/webhooks/{channel['id']}"
    listed = installation.run_anew("channel", "list", "--json")
    [found] = json.loads(listed.stdout)
    assert (found["id"], found["kind"], found["name"], found["health"]) == (
        channel["id"],
        "telegram",
        "Bot",
        "idle",
    )
    assert "canary" not in listed.stdout
    # The channel was granted to who was there; who comes later gets it as well, or only what is named.
    assert installation.done("agent", "list")[0]["channelIds"] == [channel["id"]]
    later = installation.add_agent("ola@example.com", "supervisor")
    assert later["channelIds"] == [channel["id"]]
    second = installation.done(
        "channel", "add", "viber", "--name", "V", "--set", "auth_token=x", "--no-grants"
    )
    restricted = installation.add_agent("ewa@example.com", "agent", "--channel", second["id"])
    assert restricted["channelIds"] == [second["id"]]
    assert (installation.folder / "data/centrala.db").stat().st_mode & 0o077 == 0


def test_all_kinds_can_be_added(installation: Installation) -> None:
    kinds = {
        ("viber",): ["auth_token=x"],
        ("messenger",): ["page_id=1", "app_secret=x", "verify_token=v", "page_token=p"],
        ("whatsapp",): ["phone_number_id=1", "app_secret=x", "verify_token=v", "access_token=a"],
        ("sms", "--provider", "twilio"): ["account_sid=AC1", "auth_token=x", "number=+48500100200"],
        ("telegram",): ["token=1:x", "secret_token=s", "mode=polling"],
    }
    for kind, settings in kinds.items():
        if kind == ("viber",):
            settings = [*settings, "media_hosts=viber.com, media.example"]
        sets = [part for pair in [*settings, "api_base=http://127.0.0.1:9"] for part in ("--set", pair)]
        added = installation.done("channel", "add", *kind, "--name", kind[0], *sets)
        assert added["webhook"] == f"/webhooks/{added['id']}"


def test_what_is_wrong_is_said_in_one_sentence(installation: Installation) -> None:
    refused = installation.refused
    new = ("agent", "add", "--email", "ala@example.com", "--name", "Ala", "--role", "agent")
    assert "12 to 256 characters" in refused(*new, "--password-stdin", stdin="short\n")
    assert "well known" in refused(*new, "--password-stdin", stdin="Password1234\n")
    assert "--password-stdin" in refused(*new, stdin=PASSWORD)
    assert "e-mail address" in refused(
        "agent", "add", "--email", "x", "--name", "A", "--role", "agent", "--password-stdin", stdin=PASSWORD
    )
    installation.add_agent()
    assert "already" in refused(*new, "--password-stdin", stdin=PASSWORD)
    assert (
        refused("agent", "token", "ola@example.com")
        == "There is no agent with the e-mail address ola@example.com."
    )
    said = refused("channel", "add", "telegram", "--name", "B", "--set", "tokn=canary")
    assert said.startswith(
        "tokn: unknown key; known are token, secret_token, mode, api_base, messages_per_second; token: required"
    )
    assert "canary" not in said
    assert "KEY=VALUE" in refused("channel", "add", "telegram", "--name", "B", "--set", "token")
    twice = ("--set", "token=1:a", "--set", "token=2:b")
    assert refused("channel", "add", "telegram", "--name", "B", *twice) == "token is given twice."
    assert "there are: telegram" in refused("channel", "add", "fax", "--name", "B")
    assert "there are: messenger, sms" in refused("connector", "telegram", "fax")
    assert "expected postgresql://" in refused("connector", "telegram")
    elsewhere = {"CENTRALA__DATABASE__URL": "postgresql://a:canary@127.0.0.1:9/x"}
    assert "expected redis://" in refused("connector", "telegram", **elsewhere)
    left_out = {"CENTRALA__CONNECTORS__LEAVE_OUT": "telegram,fax"}
    assert "connectors.leave_out: there is no channel kind 'fax'" in refused("serve", **left_out)
    (installation.folder / "data/secrets.key").write_text("geheim")
    said = refused("serve")
    assert "data/secrets.key: expected keys of 32 random bytes each" in said
    assert "geheim" not in said
    (installation.folder / "data/secrets.key").unlink()
    (installation.folder / "data/secrets.key").mkdir()
    assert refused("serve").endswith("data/secrets.key: Is a directory")
    assert (
        refused("check-config", CENTRALA__SERVER__PORT="x")
        == "server.port: expected a whole number from 0 to 65535"
    )
    assert refused("check-config", "--config", "none.toml") == "none.toml: there is no such file"
    assert "doctor" in refused("agent", "list", CENTRALA__DATABASE__URL="postgresql://a:canary@127.0.0.1:9/x")


def test_a_start_that_is_bound_to_fail_says_in_one_sentence_what_to_mend(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = installation.refused("serve", CENTRALA__SERVER__PORT=port)
        assert said == f"server.port: expected a free port; {port} is taken by another program"
    said = installation.refused("serve", CENTRALA__SERVER__HOST="no-such-host.invalid")
    assert said == "server.host: expected an address of this machine, got 'no-such-host.invalid'"
    (installation.folder / "file").touch()
    said = installation.refused("serve", CENTRALA__SERVER__PORT="0", CENTRALA__DATA__DIR="file")
    assert said.startswith("data.dir: file")
    away = {"CENTRALA__DATABASE__URL": "postgresql://a:canary@127.0.0.1:9/x", "CENTRALA__SERVER__PORT": "0"}
    found = installation.run_anew("serve", **away)
    assert (found.returncode, found.stdout) == (1, "")
    assert "the database can't be reached" in found.stderr
    assert "Traceback" not in found.stderr
    assert "canary" not in found.stderr


def test_the_command_of_a_checkout_works_in_any_folder(installation: Installation) -> None:
    environ = {name: value for name, value in installation.environ.items() if name != "PYTHONPATH"}
    command = Path(sys.executable).with_name("centrala")
    found = subprocess.run(
        [command, "channel", "list", "--json"],
        cwd=installation.folder, env=environ, capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert (found.returncode, found.stdout, found.stderr) == (0, "[]\n", "")


def test_wrong_usage_is_two(installation: Installation) -> None:
    for arguments in (
        [],
        ["agent"],
        ["fly"],
        ["agent", "add", "--role", "boss"],
        ["export", "people", "--output", "x"],
        ["channel", "add", "telegram", "--name", "x", "--reopen-within-hours", "-1"],
        ["channel", "add", "telegram", "--name", "x", "--reopen-within-hours", "9" * 20],
    ):
        found = installation.run_anew(*arguments)
        assert (found.returncode, found.stdout) == (2, ""), arguments
        assert "usage: centrala" in found.stderr


def test_check_config_and_help_need_nothing_but_the_configuration(installation: Installation) -> None:
    blocker = installation.folder / "blocked"
    for package in ("sqlalchemy", "litestar", "argon2", "aiohttp", "alembic"):
        (blocker / package).mkdir(parents=True)
        (blocker / package / "__init__.py").write_text("raise ImportError('broken on purpose')")
    path = f"{blocker}{os.pathsep}{ROOT}"
    assert installation.run("check-config", PYTHONPATH=path).returncode == 0
    assert installation.run("--help", PYTHONPATH=path).returncode == 0
    assert "installation is damaged" in installation.refused("agent", "list", PYTHONPATH=path)


def test_export_writes_files_and_standard_output(installation: Installation) -> None:
    assert installation.run("export", "dialogs", "--output", "dialogs.csv").returncode == 0
    head = (installation.folder / "dialogs.csv").read_bytes()
    assert head.startswith(b"\xef\xbb\xbf")
    shown = installation.run("export", "messages", "--output", "-")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith("\ufeff")


def test_the_doctor_says_what_is_wrong_and_how_to_mend_it(installation: Installation) -> None:
    fresh = installation.run("doctor")
    assert "no database" in fresh.stdout
    assert not (installation.folder / "data").exists()
    installation.run("migrate")
    found = installation.run("doctor")
    assert (found.returncode, found.stderr) == (0, "")
    assert "up to date" in found.stdout
    assert "There is no administrator." in found.stdout
    away = installation.run(
        "doctor",
        CENTRALA__BUS__URL="redis://:canary@127.0.0.1:9/0",
        CENTRALA__DATABASE__URL="postgresql://centrala:canary@127.0.0.1:9/centrala",
    )
    assert away.returncode == 1
    assert "WRONG The database" in away.stdout
    assert "Redis at" in away.stdout
    assert "canary" not in away.stdout + away.stderr
    (installation.folder / "file").write_text("in the way")
    (installation.folder / "other").mkdir()
    (installation.folder / "other/centrala.db").write_bytes(b"garbage" * 1_000)
    torn = installation.run("doctor", CENTRALA__DATA__DIR=str(installation.folder / "other"))
    assert "centrala.db can't be read as a database: file is not a database" in torn.stdout
    assert (torn.returncode, torn.stderr) == (1, "")
    blocked = installation.run("doctor", CENTRALA__DATA__DIR=str(installation.folder / "file/data"))
    assert (blocked.returncode, "can't be written" in blocked.stdout) == (1, True)
