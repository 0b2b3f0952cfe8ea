"""``centrala`` as operators and scripts run it: real processes, a data folder of their own, a running server beside."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.connectors import samples
from tests.support import forks
from tests.support.process import free_port

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"


class Installation:
    """A data folder and the environment that names it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CENTRALA__")},
            "PYTHONPATH": str(ROOT),
            "CENTRALA__DATA__DIR": str(folder / "data"),
            "CENTRALA__SERVER__PORT": str(self.port),
        }

    def run(self, *arguments: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        """A process of its own, forked; by :meth:`run_anew` where it matters how Python starts."""
        if "PYTHONPATH" in environ:
            return self.run_anew(*arguments, stdin=stdin, **environ)
        return forks.run(
            arguments, cwd=self.folder, environment={**self.environ, **environ}, given=stdin, timeout=90
        )

    def run_anew(self, *arguments: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "server", *arguments],
            cwd=self.folder,
            env={**self.environ, **environ},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def done(self, *arguments: str, stdin: str = "") -> Any:
        """The JSON of a command that must succeed."""
        found = self.run(*arguments, "--json", stdin=stdin)
        assert (found.returncode, found.stderr) == (0, ""), found
        return json.loads(found.stdout)

    def refused(self, *arguments: str, stdin: str = "", **environ: str) -> str:
        """The one sentence of a command that must fail."""
        found = self.run(*arguments, stdin=stdin, **environ)
        assert (found.returncode, found.stdout) == (1, ""), found
        assert "Traceback" not in found.stderr
        [line] = found.stderr.splitlines()
        return line.removeprefix("centrala: ")

    def add_agent(self, email: str = "ala@example.com", role: str = "agent", *more: str) -> Any:
        return self.done(
            "agent", "add", "--email", email, "--name", "Ala", "--role", role, "--password-stdin", *more,
            stdin=PASSWORD + "\n",
        )  # fmt: skip


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


@pytest.fixture
def server(installation: Installation) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "serve"],
        cwd=installation.folder,
        env=installation.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", installation.port)) == 0:
                break
        time.sleep(0.1)
    yield process
    process.kill()
    process.communicate()


async def call(
    installation: Installation, method: str, path: str, token: str | None = None, body: Any = None
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession() as http,
        http.request(
            method, f"http://127.0.0.1:{installation.port}{path}", json=body, headers=headers
        ) as answer,
    ):
        text = await answer.text()
        return answer.status, json.loads(text) if "json" in answer.content_type else text


def add_telegram(installation: Installation) -> Any:
    secret = installation.folder / "token"
    secret.write_text("123:canary-of-the-token\n")
    return installation.done(
        "channel", "add", "telegram", "--name", "Bot", "--set-file", f"token={secret}",
        "--set", "secret_token=canary-of-the-secret", "--set", "api_base=http://127.0.0.1:9",
    )  # fmt: skip


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
    assert refused("check-config", CENTRALA__SERVER__PORT="x") == "server.port: expected `int`, got `str`"
    assert refused("check-config", "--config", "none.toml") == "none.toml: there is no such file"
    assert "doctor" in refused("agent", "list", CENTRALA__DATABASE__URL="postgresql://a:canary@127.0.0.1:9/x")


def test_wrong_usage_is_two(installation: Installation) -> None:
    for arguments in (
        [],
        ["agent"],
        ["fly"],
        ["agent", "add", "--role", "boss"],
        ["export", "people", "--output", "x"],
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
    blocked = installation.run("doctor", CENTRALA__DATA__DIR=str(installation.folder / "file/data"))
    assert (blocked.returncode, "can't be written" in blocked.stdout) == (1, True)


@pytest.mark.usefixtures("server")
async def test_a_running_server_takes_agents_and_channels_at_once(installation: Installation) -> None:
    await asyncio.to_thread(installation.add_agent)
    channel = await asyncio.to_thread(add_telegram, installation)
    token = (await asyncio.to_thread(installation.done, "agent", "token", "ala@example.com"))["token"]
    status, session = await call(installation, "GET", "/api/v1/session", token)
    assert (status, session["agent"]["name"]) == (200, "Ala")
    status, channels = await call(installation, "GET", "/api/v1/channels", token)
    assert [each["id"] for each in channels["items"]] == [channel["id"]]
    status, _ = await call(installation, "POST", channel["webhook"], body={"update_id": 1})
    assert status in (401, 403)
    second = (await asyncio.to_thread(installation.done, "agent", "token", "ala@example.com"))["token"]
    unused, used = await asyncio.to_thread(installation.done, "agent", "tokens", "ala@example.com")
    assert (unused["lastUsedAt"], used["lastUsedAt"] is None, used["expiresAt"]) == (None, False, None)
    await asyncio.to_thread(installation.done, "agent", "revoke-token", unused["id"])
    assert (await call(installation, "GET", "/api/v1/session", second))[0] == 401
    assert (await call(installation, "GET", "/api/v1/session", token))[0] == 200
    body = {"email": "ala@example.com", "password": PASSWORD}
    assert (await call(installation, "POST", "/api/v1/session", body=body))[0] == 200
    await asyncio.to_thread(
        installation.done,
        "agent", "reset-password", "ala@example.com", "--password-stdin",
        stdin="another long password\n",
    )  # fmt: skip
    assert (await call(installation, "POST", "/api/v1/session", body=body))[0] == 401
    await asyncio.to_thread(installation.done, "agent", "deactivate", "ala@example.com")
    assert (await call(installation, "GET", "/api/v1/session", token))[0] == 401
    await asyncio.to_thread(installation.done, "channel", "pause", channel["id"])
    await asyncio.sleep(1.1)
    assert (await call(installation, "POST", channel["webhook"], body={}))[0] == 403
    [paused] = await asyncio.to_thread(installation.done, "channel", "list", "--json")
    assert paused["health"] == "paused"
    await asyncio.to_thread(installation.done, "channel", "resume", channel["id"])

    refused = await asyncio.to_thread(installation.refused, "channel", "off", channel["id"])
    assert refused.startswith("Only a number of SMS is switched off")
    sets = [f"{key}={value}" for key, value in samples.SETTINGS["sms"].items()]
    number = await asyncio.to_thread(
        installation.done, "channel", "add", "sms", "--provider", "twilio", "--name", "Sklep",
        *(part for each in sets for part in ("--set", each)),
    )  # fmt: skip
    for word, on, health in (("off", False, "off"), ("on", True, "idle")):
        found = await asyncio.to_thread(installation.done, "channel", word, number["id"])
        assert (found["smsOn"], found["health"]) == (on, health)


def test_a_new_channel_is_registered_when_asked(installation: Installation) -> None:
    sets = ["--set", "auth_token=x", "--set", "api_base=http://127.0.0.1:1"]
    added = installation.done("channel", "add", "viber", "--name", "V", *sets, "--register")
    assert added["registration"]["error"] == "Viber could not be reached."
    assert installation.done("channel", "list")[0]["id"] == added["id"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_server_stops_cleanly(server: "subprocess.Popen[str]", number: signal.Signals) -> None:
    server.send_signal(number)
    output, _ = server.communicate(timeout=10)
    assert "Traceback" not in output
    assert server.returncode in (0, 130, -number)
